"""Approvals in the API's JSON: in short, as items of boxes, and whole; people and records with what they are called."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Any

import orjson

from engine.api.service import Answer
from engine.approvals.boxes import label_now, names_of

if TYPE_CHECKING:
    from datetime import datetime

    from engine.api.service import Call
    from engine.approvals.boxes import Item
    from engine.approvals.reading import EventView, Place, StepView, View
    from engine.approvals.store import Held


def as_json(found: object) -> bytes:
    """Return the bytes of an answer."""
    return orjson.dumps(found, default=str)


def _moment(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).isoformat()


def brief_answer(call: Call, held: Held) -> Answer:
    """Answer an approval in short, with what its record and its submitter are called."""
    person = held.instance.submitter
    found = _brief(held)
    found["record"]["label"] = label_now(call.context, held)
    return Answer(as_json(found | {"submitted_by": _person(person, names_of(call.context, [person]).get(person, ""))}))


def _brief(held: Held) -> dict[str, Any]:
    return {
        "id": held.id,
        "approval": held.approval,
        "state": held.state,
        "record": {"object": held.object, "id": held.record_id},
        "submitted_at": _moment(held.submitted_at),
        "due": _moment(held.due_at),
        "finished_at": _moment(held.finished_at),
    }


def dump_item(call: Call, one: Item) -> dict[str, Any]:
    """Return a line of a box."""
    return {
        "id": one.id,
        "instance": one.instance,
        "approval": one.approval,
        "label": one.label(call.context.language),
        "step": one.step,
        "step_label": one.step_label(call.context.language),
        "kind": one.kind,
        "state": one.state,
        "record": {"object": one.object, "id": one.record_id, "label": one.record_label},
        "submitted_by": _person(one.submitted_by, one.submitted_name),
        "submitted_at": _moment(one.submitted_at),
        "due": _moment(one.due),
        "unread": one.unread,
    }


def _person(number: int | None, name: str) -> dict[str, Any] | None:
    return None if number is None else {"id": number, "label": name}


def dump_view(call: Call, view: View) -> dict[str, Any]:
    """Return an approval whole."""
    language = call.context.language
    found = _brief(view.held)
    found["record"]["label"] = view.record_label
    return found | {
        "label": view.label(language),
        "submitted_by": _person(view.held.instance.submitter, view.submitted_by),
        "task": view.task or None,
        "step": view.step,
        "fields": {name: view.values[name] for name in view.shown},
        "editable": list(view.editable),
        "steps": [_step(one, language) for one in view.steps],
        "others": [_place(one) for one in view.loose],
        "events": [_event(one) for one in view.events],
        "differences": [{"field": one.field, "before": one.before, "after": one.after} for one in view.differences],
        "operations": [
            {
                "name": one.name.replace("_", "-"),
                "label": one.label(language),
                "takes": list(one.takes),
                "needs": list(one.needs),
            }
            for one in view.operations
        ],
    }


def _step(one: StepView, language: str) -> dict[str, Any]:
    return {
        "step": one.step,
        "label": one.label(language),
        "state": one.state,
        "decide": one.decide,
        "people": [_place(place) for place in one.places],
        "expected": [_person(*person) for person in one.expected],
        "passed_over": None
        if one.over is None
        else {"reason": one.over.reason, "condition": one.over.condition or None},
        "branches": [_step(branch, language) for branch in one.branches],
    }


def _place(one: Place) -> dict[str, Any]:
    return {
        "task": one.task,
        "user": _person(one.user, one.name),
        "behalf_of": _person(*one.behalf_of) if one.behalf_of is not None else None,
        "kind": one.kind,
        "state": one.state,
        "decision": one.decision,
        "comment": one.comment,
        "at": _moment(one.at),
        "due": _moment(one.due),
    }


def _event(one: EventView) -> dict[str, Any]:
    return {
        "at": _moment(one.at),
        "actor": _person(*one.actor) if one.actor is not None else None,
        "behalf_of": _person(*one.behalf_of) if one.behalf_of is not None else None,
        "operation": one.operation.replace("_", "-"),
        "step": one.step,
        "comment": one.comment,
    }
