"""The page of one approval, and the piece on a record's page that leads there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.approvals import boxes, store
from engine.approvals.compile import Approvals
from engine.approvals.instance import APPROVED, COPY, OPEN, RUNNING
from engine.approvals.machine import OPERATIONS
from engine.approvals.reading import read_view
from engine.approvals.starting import due_again
from engine.records.shape import USER
from engine.screens.areas.approvals.showing import condition_words, differing_rows, pairs, shown, tables
from engine.screens.controls import Control, Linked, draw_control, edit_text
from engine.screens.formats import ago
from engine.screens.html import Html, avatar
from engine.screens.stored import as_value
from engine.screens.texts import BY_LANGUAGE, say
from metamodel.expressions.types import Base

if TYPE_CHECKING:
    from engine.approvals.operation import OperationKind
    from engine.approvals.reading import Difference, EventView, Place, StepView, View
    from engine.records.compile import CompiledObject
    from engine.records.query import Row
    from engine.screens.site import Visit

BAR = ("approve", "reject", "resubmit")  # within the thumb's reach; all else is behind "more"
TONES = {"approved": "green", "rejected": "red", "returned": "yellow", "running": "blue"}


def one_page(visit: Visit, number: int) -> str:
    """Return the page of an approval, by its id or that of a task. Raises Refusal 404."""
    view = read_view(visit.context, number)
    boxes.mark_read(visit.context, view.held.id)
    compiled = visit.records.objects[view.held.object]
    names = [name for name in view.shown if name in compiled.fields]
    acts = {one.name: _act(visit, view, one) for one in view.operations}
    return visit.page(
        "approvals/one.html",
        here="/approvals",
        title=view.label(visit.language),
        record_label=view.record_label,
        record_url=f"/o/{view.held.object}/{view.held.record_id}" if view.readable else "",
        id=number,
        state=view.held.state,
        state_label=_say(visit, "approval_state_", view.held.state),
        tone=TONES.get(view.held.state, ""),
        by=say(
            "approvals_by", visit.language, person=view.submitted_by or say("approval_system", visit.language), when=""
        ),
        at=_when(visit, view.held.submitted_at),
        due=_when(visit, view.held.due_at) if view.held.due_at and not view.held.finished_at else "",
        pairs=pairs(visit, compiled, view.values, names),
        tables=tables(visit, compiled, view.values, names),
        steps=[_step(visit, compiled, one) for one in view.steps],
        loose=[_place(visit, one) for one in view.loose],
        events=[_event(visit, view, one) for one in view.events],
        differences=[row for one in view.differences for row in _difference(visit, compiled, one)],
        editable=[_control(visit, compiled, view, name) for name in view.editable],
        bar=[acts[name] for name in BAR if name in acts],
        more=[act for name, act in acts.items() if name not in BAR],
    )


def _say(visit: Visit, prefix: str, name: str) -> str:
    return BY_LANGUAGE[visit.language].get(prefix + name, name)


def _when(visit: Visit, at: Any) -> Html:
    return Html() if at is None else Html(ago(at, visit.context.now, visit.language, visit.locale.zone))


def _act(visit: Visit, view: View, kind: OperationKind) -> dict[str, Any]:
    """Return an operation with what it asks for."""
    steps = []
    if "step" in kind.takes:
        here = view.step.partition(".")[0]
        for one in view.steps:
            if kind.name == "return" and (one.step == here or one.state not in {"approved", "skipped"}):
                continue
            steps.append({"name": one.step, "label": one.label(visit.language)})
    open_ = [
        {"id": place.task, "label": place.name} for place in _places(view) if place.state == OPEN and place.kind != COPY
    ]
    people = {"to", "people"} & set(kind.takes)
    return {
        "name": kind.name.replace("_", "-"),
        "label": kind.label(visit.language),
        "help": kind.help(visit.language),
        "tone": kind.tone,
        "person": person_control(visit, f"{kind.name}-to") if people else "",
        "place": "place" in kind.takes,
        "steps": steps,
        "to_submitter": kind.name == "return",
        "tasks": open_ if "task" in kind.takes else [],
        "comment": True,
        "must": "comment" in kind.needs,
    }


def _places(view: View) -> list[Place]:
    found = list(view.loose)
    left = list(view.steps)
    while left:
        one = left.pop()
        found += one.places
        left += one.branches
    return found


def person_control(visit: Visit, id_: str, name: str = "to") -> Html:
    """Return the control that picks a colleague."""
    field = visit.records.objects[USER].fields["manager"]
    label = say("approval_to", visit.language)
    linked = Linked(source=f"/o/{USER}/pick/manager")
    return draw_control(visit, Control(field=field, value="", name=name, id=id_, label=label, linked=linked))


def _control(visit: Visit, compiled: CompiledObject, view: View, name: str) -> dict[str, Any]:
    field, value = compiled.fields[name], view.values.get(name)
    text = (
        ""
        if value is None or isinstance(value, dict | list)
        else edit_text(visit, field, as_value(field, value, visit.locale))
    )
    linked = Linked(f"/o/{compiled.name}/pick/{name}", shown(visit, field, value)) if field.targets else Linked()
    if isinstance(value, dict):
        text = str(value.get("id", ""))
    control = draw_control(visit, Control(field=field, value=text, name=f"set.{name}", id=f"set-{name}", linked=linked))
    return {"name": name, "label": field.label(visit.language), "was": text, "control": control}


def _step(visit: Visit, compiled: CompiledObject, one: StepView) -> dict[str, Any]:
    decide = _say(visit, "approval_decide_", one.decide) if len(one.places) + len(one.expected) > 1 else ""
    expected = ""
    if one.state == "coming" and not one.branches:
        people = ("、" if visit.language == "zh" else ", ").join(person.name for person in one.expected)
        word = "approval_expected_copy" if one.copies else "approval_expected"
        expected = say(word, visit.language, people=people) if people else ""
    return {
        "label": one.label(visit.language),
        "state": one.state if one.over is None else "skipped",
        "state_label": _standing(visit, one),
        "over": "" if one.over is None else condition_words(visit, compiled, one.over.condition),
        "decide": decide,
        "people": [_place(visit, place) for place in one.places],
        "expected": expected,
        "branches": [_step(visit, compiled, branch) for branch in one.branches],
    }


def _standing(visit: Visit, one: StepView) -> str:
    """Return how far a step has come, in words."""
    if one.over is not None:
        return _say(visit, "approval_over_", one.over.reason)
    return _say(visit, "approval_step_", "copied" if one.copies and one.state == "skipped" else one.state)


def _place(visit: Visit, one: Place) -> dict[str, Any]:
    said = _say(visit, "approval_did_", one.decision) if one.decision else _say(visit, "approval_seat_", one.state)
    if one.kind != "decide" and (not one.decision or one.kind == COPY):
        said = _say(visit, "approval_kind_", one.kind)
    due = one.due if one.state == OPEN else None
    return {
        "name": one.name,
        "mark": Html(avatar(one.name, one.user)),
        "behalf": say("approval_behalf", visit.language, person=one.behalf_of.name) if one.behalf_of else "",
        "state": one.state,
        "decision": one.decision,
        "said": said,
        "at": _when(visit, one.at),
        "due": _when(visit, due),
        "late": due is not None and due < visit.context.now,
        "comment": one.comment,
    }


def _event(visit: Visit, view: View, one: EventView) -> dict[str, Any]:
    kind = OPERATIONS.get(one.operation)
    who = one.actor.name if one.actor is not None else say("approval_system", visit.language)
    labels = {step.step: step.label(visit.language) for step in view.steps}
    return {
        "who": who,
        "mark": Html(avatar(who, one.actor.id if one.actor is not None else 0)),
        "behalf": say("approval_behalf", visit.language, person=one.behalf_of.name) if one.behalf_of else "",
        "what": kind.label(visit.language) if kind is not None else one.operation,
        "step": labels.get(one.step.partition(".")[0], ""),
        "comment": one.comment,
        "at": _when(visit, one.at),
    }


def _difference(visit: Visit, compiled: CompiledObject, one: Difference) -> list[dict[str, Any]]:
    field = compiled.fields.get(one.field)
    if field is None:
        return []
    label = field.label(visit.language)
    if field.type.base is not Base.ROWS:
        return [{"label": label, "before": shown(visit, field, one.before), "after": shown(visit, field, one.after)}]
    child = dict(compiled.lines()).get(one.field)
    if child is None:
        return []

    def line(row: Any) -> str:
        if row is None:
            return ""
        texts = (shown(visit, part, row.get(key)) for key, part in child.fields.items() if key != child.parent)
        return " · ".join(text for text in texts if text)

    rows = differing_rows(one.before, one.after)
    return [{"label": label, "before": line(old), "after": line(new)} for old, new in rows]


def panel(visit: Visit, compiled: CompiledObject, row: Row, *, binned: bool) -> str:
    """Return what a record's page says of its approvals: those under way or past, and the button that submits it; "" for objects of which
    nothing is approved."""
    approvals = visit.context.runtime.part(Approvals)
    if binned or not approvals.of(compiled.name):
        return ""
    found = store.of_records(visit.context, compiled.name, [row["id"]])[::-1]
    running = [held for held in found if held.finished_at is None]
    asked = {
        seat.user for held in running for seat in held.instance.all_seats() if seat.state == OPEN and seat.kind != COPY
    }
    names = boxes.names_of(visit.context, asked)
    people = ("、" if visit.language == "zh" else ", ").join(names.values())
    machines = approvals.starting(compiled.name, "submit")
    chosen = [
        {
            "name": name,
            "label": step.label(visit.language),
            "control": person_control(visit, f"chosen-{name}", f"chosen.{name}"),
        }
        for machine in machines
        for name, step in machine.steps.items()
        if step.approvers is not None and step.approvers.kind == "chosen"
    ]
    may = bool(machines) and not running and visit.rights.grants(compiled.name, "update")
    if may and any(
        held.state == APPROVED for held in found
    ):  # one approval is enough while what it was of is as it was
        may = due_again(visit.context, machines, row["id"], visit.context.actor.id, found)
    if not found and not may:
        return ""
    return visit.part(
        "approvals/panel.html",
        items=[
            {
                "url": f"/approvals/{held.id}",
                "label": _label(visit, approvals, held.approval),
                "state": _say(visit, "approval_state_", held.state),
                "tone": TONES.get(held.state, ""),
                "waits": say("approval_waits", visit.language, people=people)
                if held.state == RUNNING and people
                else "",
                "at": _when(visit, held.finished_at or held.submitted_at),
            }
            for held in found[:5]
        ],
        submit_url=f"/o/{compiled.name}/{row['id']}/submit" if may else "",
        chosen=chosen,
    )


def _label(visit: Visit, approvals: Approvals, name: str) -> str:
    machine = approvals.machines.get(name)
    return machine.definition.label(visit.language) if machine is not None else name
