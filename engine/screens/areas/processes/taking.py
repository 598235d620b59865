"""A transition as a dialog: what it asks, filled with what is stored or was typed; taking it; what is wrong at its fields."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from engine.processes.machine import Situation, plan_move
from engine.processes.machine import refusal as refused
from engine.processes.standing import Offer, standings
from engine.processes.transitions import Move, transition
from engine.records.query import read_one
from engine.records.rights import Right
from engine.refusals import Refusal
from engine.screens.controls import UNLINKED, Control, Linked, draw_control, edit_text, shown_text
from engine.screens.form_model import shape_of
from engine.screens.record import title_of
from engine.screens.texts import TEXTS, say
from metamodel.expressions.types import Base

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.fields.base import Field, Value
    from engine.processes.standing import Standing
    from engine.records.compile import CompiledObject
    from engine.records.query import Row
    from engine.screens.site import Visit

REASON, TARGET = "_reason", "_target"


@dataclass(frozen=True, slots=True)
class Asked:
    """A transition of a record, with what was typed or chosen beforehand; ``sent``: the form came back."""

    object: str
    id: int
    transition: str
    given: Mapping[str, str] = field(default_factory=dict)
    sent: bool = False


def take(visit: Visit, asked: Asked) -> str:
    """Take the transition with what was typed; return what to tell people. Raises Refusal."""
    compiled = visit.object(asked.object)
    row, standing, offer = _find(visit, compiled, asked)
    target = asked.given.get(TARGET, "") if offer.definition.choose else ""
    if offer.definition.choose and not target and len(offer.targets) == 1:
        target = offer.targets[0]
    values = {name: asked.given[name] for name in offer.asks if name in asked.given}
    move = Move(asked.id, values, target, asked.given.get(REASON, ""))
    done = transition(visit.context, asked.object, asked.transition, [move], text=True)
    label = title_of(compiled, row, visit.language)
    if done.submitted:
        return say("move_submitted", visit.language, record=label)
    state = target or offer.definition.to
    return say(
        "move_done", visit.language, record=label, state=standing.machine.definition.states[state].label(visit.language)
    )


def transition_page(visit: Visit, asked: Asked, *, part: bool, refusal: Refusal | None = None) -> str:
    """Return the form of a transition, as a page or (``part``) for a dialog. Raises Refusal 404 where it is none of this record's."""
    compiled = visit.object(asked.object)
    row, standing, offer = _find(visit, compiled, asked, lenient=refusal is not None)
    process, language = standing.machine.definition, visit.language
    errors = _errors(refusal, language)
    places = [
        _place(
            visit,
            compiled,
            compiled.fields[name],
            stored=row.get(name),
            typed=asked.given.get(name) if asked.sent else None,
            error=" ".join(errors.get(name, ())),
            row=row,
        )
        for name in _drawn(visit, compiled, offer)
    ]
    known = {place["name"] for place in places} | {"reason", offer.definition.choose or "target"}
    general = [text for name, texts in errors.items() if name not in known for text in texts]
    states = [
        {"name": name, "label": process.states[name].label(language), "chosen": name == asked.given.get(TARGET)}
        for name in offer.targets
    ]
    target = process.states[offer.targets[0]] if len(offer.targets) == 1 else None
    source = process.states.get(standing.state)
    danger = target is not None and target.final == "lost"
    why = general or ([] if offer.allowed or refusal else [one.message(language) for one in offer.obstacles])
    values = {
        "object": asked.object,
        "id": asked.id,
        "url": f"/o/{asked.object}/{asked.id}/transitions/{asked.transition}",
        "label": offer.definition.label(language),
        "plural": (compiled.definition.plural or compiled.definition.label)(language),
        "record_label": title_of(compiled, row, language),
        "source": source.label(language) if source else "",
        "target": target.label(language) if target else "",
        "targets": states if offer.definition.choose else [],
        "target_error": " ".join(errors.get(offer.definition.choose, ())) if offer.definition.choose else "",
        "places": places,
        "reason_needed": offer.definition.reason == "required",
        "reason": asked.given.get(REASON, ""),
        "reason_error": " ".join(errors.get("reason", ())),
        "danger": danger,
        "why": why,
        "ready": not (
            places or why or danger or refusal or offer.definition.choose or offer.definition.reason == "required"
        ),
    }
    form = visit.part("processes/transition_form.html", **values)
    if part:
        return form
    return visit.page("processes/transition.html", here=f"/o/{asked.object}", **values)


def _find(
    visit: Visit, compiled: CompiledObject, asked: Asked, *, lenient: bool = False
) -> tuple[Row, Standing, Offer]:
    """Return the record with its standing and the offer that is asked for. ``lenient``: one that another person's move has taken away
    meanwhile is shown once more with what is in the way."""
    row = read_one(visit.context, compiled.name, asked.id)
    for standing in standings(visit.context, compiled.name, row):
        for offer in standing.offers:
            if offer.definition.name == asked.transition:
                return row, standing, offer
        definition = standing.machine.definition.transitions.get(asked.transition)
        if definition is not None:
            targets = standing.machine.definition.targets_of(definition)
            obstacles = plan_move(standing.machine.definition, definition, Situation(standing.state, targets[0]))
            if lenient:
                return row, standing, Offer(definition, targets, (), frozenset(), obstacles, in_role=True)
            raise refused(obstacles)
    raise Refusal(404, "NOT_FOUND", TEXTS["error_404"])


def _drawn(visit: Visit, compiled: CompiledObject, offer: Offer) -> list[str]:
    """Return the asked fields that this viewer may fill in here."""
    return [
        name
        for name in offer.asks
        if name in compiled.fields
        and compiled.fields[name].type.base is not Base.ROWS
        and visit.rights.field(compiled.name, name).most is Right.EDIT
    ]


def _errors(refusal: Refusal | None, language: str) -> dict[str, list[str]]:
    """Return what a refusal says, by field; what belongs to none under ""."""
    if refusal is None:
        return {}
    found: dict[str, list[str]] = {}
    for error in refusal.errors:
        found.setdefault(error.field, []).append(error.message(language))
    return found or {"": [refusal.message(language)]}


def _place(
    visit: Visit, compiled: CompiledObject, one: Field, *, stored: Value, typed: str | None, error: str, row: Row
) -> dict[str, Any]:
    name = one.name
    linked = UNLINKED
    if one.type.base is Base.LINK:
        linked = Linked(f"/o/{compiled.name}/pick/{name}", shown_text(stored) if typed is None else typed)
    control = Control(
        field=one,
        value=typed if typed is not None else edit_text(visit, one, stored),
        name=name,
        id=f"t-{name}",
        error=error,
        required=True,
        described=True,
        record=row,
        linked=linked,
    )
    return {
        "name": name,
        "id": f"t-{name}",
        "label": one.label(visit.language),
        "base": one.type.base.value,
        "help": one.definition.help(visit.language),
        "required": True,
        "required_always": True,
        "hidden": False,
        "error": error,
        "conflict": None,
        "shape": shape_of(one),
        "control": draw_control(visit, control),
        "whole": True,
        "labelled": True,
        "bare": False,
    }
