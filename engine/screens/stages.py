"""The stage bar of a record: its states in order, what is done and missing in the present one, and the transitions to take. What holds
of the record is said by engine/processes/standing.py; taking a transition is the area's (areas/processes)."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from engine.processes.standing import standings
from engine.screens.columns import writable
from engine.screens.dwell import show_dwell
from engine.screens.formats import show_moment
from engine.screens.html import tone
from engine.screens.people import names_of
from engine.screens.texts import say

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.processes.standing import Offer, Standing
    from engine.records.compile import CompiledObject
    from engine.records.query import Row
    from engine.screens.site import Visit
    from metamodel.definitions.processes import ProcessDef, StateDef

PHASES: Mapping[str, str] = MappingProxyType(
    {"done": "stage_done", "current": "stage_current", "passed": "stage_passed", "ahead": "stage_ahead"}
)
STAYS = 12  # of the latest stays that are listed


def stage_bars(visit: Visit, compiled: CompiledObject, row: Row) -> list[dict[str, Any]]:
    """Return the bars of a record, one a process; none for an object without processes, at no cost."""
    found = standings(visit.context, compiled.name, row)
    if not found:
        return []
    people = {stay.entered_by for one in found for stay in one.stays[-STAYS:]} | {one.responsible for one in found}
    names = names_of(visit, {one for one in people if one is not None})
    return [_bar(visit, compiled, row, one, names) for one in found]


def shown_states(process: ProcessDef, present: str) -> list[StateDef]:
    """Return the states that a bar shows: the open ones, and at the end how it ended, or the first end to reach."""
    states = process.states
    ends = [one for one in states.values() if one.final]
    reached = [states[present]] if present in states and states[present].final else ends[:1]
    return [*(one for one in states.values() if not one.final), *reached]


def _bar(
    visit: Visit, compiled: CompiledObject, row: Row, standing: Standing, names: Mapping[int, str]
) -> dict[str, Any]:
    process, language = standing.machine.definition, visit.language
    present = process.states.get(standing.state)
    done = sum(step.done for step in standing.steps)
    steps = [
        {
            "label": step.definition.label(language),
            "done": step.done,
            "said": say(
                "stage_step_done" if step.done else "stage_step_missing", language, step=step.definition.label(language)
            ),
            "edit": "" if step.done else _edit_url(visit, compiled, row, step.fields),
        }
        for step in standing.steps
    ]
    dwell = show_dwell(visit.context.now - standing.since, language) if standing.since else ""
    offers = [_offer(visit, compiled, row, standing, one) for one in standing.offers if one.in_role]
    forward = next((one for one in offers if one["allowed"] and one["forward"]), None)
    if forward is not None:
        forward["primary"] = True
    return {
        "label": process.label(language),
        "process": process.name,
        "states": [
            {
                "label": one.label(language),
                "phase": standing.phase(one.name),
                "said": say(PHASES[standing.phase(one.name)], language),
                "tone": tone(one.color) if one.final else "",
            }
            for one in shown_states(process, standing.state)
        ],
        "dwell": say("stage_since", language, dwell=dwell) if dwell and present and not present.final else "",
        "since": show_moment(standing.since, language, visit.locale.zone) if standing.since else "",
        "stale": standing.stale and bool(present and not present.final),
        "steps": steps,
        "steps_said": say("stage_steps_done", language, done=done, all=len(steps)),
        "deliverable": present.deliverable(language) if present else "",
        "guide": present.guide(language) if present else "",
        "responsible": names.get(standing.responsible or 0, ""),
        "responsible_id": standing.responsible or 0,
        "offers": sorted(offers, key=lambda one: not one["primary"]),
        "stays": [_stay(visit, process, stay, names) for stay in reversed(standing.stays[-STAYS:])],
    }


def _offer(visit: Visit, compiled: CompiledObject, row: Row, standing: Standing, offer: Offer) -> dict[str, Any]:
    definition, process, language = offer.definition, standing.machine.definition, visit.language
    order, states = list(process.states), process.states
    target = states.get(offer.targets[0]) if offer.targets else None
    forward = (
        target is not None
        and not definition.choose
        and (not target.final or target.final not in {"lost", "cancelled"})
        and standing.state in order
        and order.index(target.name) > order.index(standing.state)
    )
    label = definition.label(language)
    return {
        "name": definition.name,
        "label": label,
        "url": f"/o/{compiled.name}/{row['id']}/transitions/{definition.name}",
        "allowed": offer.allowed,
        "direct": not offer.asks and definition.reason != "required" and not definition.choose,
        "forward": forward,
        "primary": False,
        "danger": target is not None and target.final == "lost",
        "why": [one.message(language) for one in offer.obstacles],
        "title": say("stage_why_not", language, label=label),
    }


def _stay(visit: Visit, process: ProcessDef, stay: Any, names: Mapping[int, str]) -> dict[str, Any]:
    language, state = visit.language, process.states.get(stay.state)
    way = process.transitions.get(stay.transition)
    until = stay.left_at or visit.context.now
    return {
        "label": state.label(language) if state else stay.state,
        "color": state.color if state else "",
        "way": way.label(language) if way else stay.transition,
        "who": names.get(stay.entered_by or 0, "") or say("system", language),
        "when": show_moment(stay.entered_at, language, visit.locale.zone),
        "dwell": "" if state is not None and state.final else show_dwell(until - stay.entered_at, language),
        "reason": stay.reason,
        "backfilled": stay.backfilled,
        "skipped": stay.skipped,
    }


def _edit_url(visit: Visit, compiled: CompiledObject, row: Row, fields: tuple[str, ...]) -> str:
    """Return where a missing step is filled in, "" where the viewer can't."""
    if not visit.rights.grants(compiled.name, "update"):
        return ""
    first = next((name for name in fields if name in compiled.fields and writable(compiled.fields[name])), "")
    return f"/o/{compiled.name}/{row['id']}/edit#f-{first}" if first else ""
