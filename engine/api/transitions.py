"""Processes over the API: where a record stands, and the transitions that move it on."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import orjson

from engine.api.arguments import Nothing, read_arguments
from engine.api.bodies import read_object
from engine.api.etags import demand_current, etag, wanted_version
from engine.api.inputs import input_schema
from engine.api.operations import simple_operation
from engine.api.records import query_text, record_id, written_record
from engine.api.service import Answer
from engine.context import SYSTEM
from engine.processes.compile import Processes
from engine.processes.standing import machines_seen, standings
from engine.processes.transitions import Move, may_take, transition
from engine.records.query import Query, read_one, read_one_json, read_page
from engine.records.rights import Right
from engine.records.shape import USER
from engine.refusals import FieldError, Refusal
from metamodel.expressions.types import Base
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from engine.api.service import Call
    from engine.processes.compile import ProcessMachine
    from engine.processes.standing import Offer, Standing
    from engine.processes.stays import Stay
    from metamodel.definitions.processes import ProcessDef, TransitionDef

REASON = "reason"
LONGEST_REASON = 2000
_NO_TEXT = Text(zh=f"应为不超过 {LONGEST_REASON} 字的文本", en=f"must be a text of at most {LONGEST_REASON} characters")


def record_states(call: Call, name: str, number: str) -> Answer:
    """Answer where a record stands in each of its processes: states, steps, transitions with what is in their way, stays."""
    read_arguments(Nothing, query_text(call))
    row = read_one(call.context, name, record_id(number))
    found = standings(call.context, name, row)
    people = _people(call, found)
    return Answer(orjson.dumps({"items": [_standing(call, one, people) for one in found]}))


def take_transition(call: Call, name: str, number: str, transition_name: str) -> Answer:
    """Take a transition; answer the record. Where an approval has to decide first the record is as it was, and a Link header leads to
    the approval."""
    found = record_id(number)
    read_arguments(Nothing, query_text(call))
    version = wanted_version(call, name, found)
    try:
        move = _move(call, name, transition_name, Move(found, version=version))
        done = transition(call.context, name, transition_name, [move])
    except Refusal as refusal:
        if refusal.status == 422:
            demand_current(call, name, found, version)  # a condition comes before the content (RFC 9110, 13.2)
            read_one(call.context, name, found, ("id",))  # and nothing is said of what the caller may not see
        raise
    if done.written:
        return written_record(call, name, done.written[0])
    present, body = read_one_json(call.context, name, found)
    link = f'</api/v1/approvals/{done.submitted[found]}>; rel="approval"'
    return Answer(body, headers={"ETag": etag(present), "Link": link})


def _move(call: Call, name: str, transition_name: str, move: Move) -> Move:
    """Return the move that the body describes: fields by name, the reason, the target where one is to be chosen."""
    body = read_object(call.request, optional=True)
    known = call.context.runtime.part(Processes).find(name, transition_name)
    definition = known[1] if known else None
    asked = {*definition.ask, *definition.requires} if definition else set()
    texts: dict[str, str] = {}
    for key in dict.fromkeys((REASON, definition.choose if definition and definition.choose else "target")):
        value = body.get(key) if key in asked else body.pop(key, None)
        if value is not None and key not in asked and not (isinstance(value, str) and len(value) <= LONGEST_REASON):
            raise Refusal(422, "WRONG_TYPE", _NO_TEXT, (FieldError(key, "WRONG_TYPE", _NO_TEXT),))
        texts[key] = value if isinstance(value, str) else ""
    reason = texts.pop(REASON)
    return replace(move, values=body, reason=reason.strip(), target=next(iter(texts.values()), ""))


def _standing(call: Call, standing: Standing, people: Mapping[int, str]) -> dict[str, object]:
    process, language = standing.machine.definition, call.context.language
    return {
        "process": process.name,
        "label": process.label(language),
        "field": process.field,
        "state": standing.state or None,
        "since": standing.since.isoformat() if standing.since else None,
        "stale_at": standing.stale_at.isoformat() if standing.stale_at else None,
        "stale": standing.stale,
        "responsible": _person(standing.responsible, people),
        "states": [
            {
                **one,
                "phase": standing.phase(str(one["name"])),
            }
            for one in _states(process, language)
        ],
        "steps": [
            {
                "name": step.definition.name,
                "label": step.definition.label(language),
                "done": step.done,
                "fields": list(step.fields),
            }
            for step in standing.steps
        ],
        "transitions": [_offer(offer, language) for offer in standing.offers],
        "stays": [_stay(stay, people) for stay in standing.stays],
    }


def _offer(offer: Offer, language: str) -> dict[str, object]:
    return {
        "name": offer.definition.name,
        "label": offer.definition.label(language),
        "to": list(offer.targets),
        "choose": offer.definition.choose or None,
        "asks": [{"field": name, "needed": name in offer.needed} for name in offer.asks],
        "reason": offer.definition.reason == "required",
        "allowed": offer.allowed,
        "obstacles": [
            {"field": one.field, "code": one.code, "message": one.message(language)} for one in offer.obstacles
        ],
    }


def _stay(stay: Stay, people: Mapping[int, str]) -> dict[str, object]:
    return {
        "state": stay.state,
        "entered_at": stay.entered_at.isoformat(),
        "entered_by": _person(stay.entered_by, people),
        "left_at": stay.left_at.isoformat() if stay.left_at else None,
        "transition": stay.transition or None,
        "reason": stay.reason,
        "backfilled": stay.backfilled,
        "skipped": stay.skipped,
    }


def _person(number: int | None, people: Mapping[int, str]) -> dict[str, object] | None:
    return None if number is None else {"id": number, "label": people.get(number, "")}


def _people(call: Call, found: Iterable[Standing]) -> dict[int, str]:
    """Return the names of those who moved the record or have it now: colleagues' names are no secret to who may see what they did."""
    ids = {stay.entered_by for one in found for stay in one.stays} | {one.responsible for one in found}
    numbers = tuple(sorted(one for one in ids if one is not None))
    if not numbers:
        return {}
    title = call.records.objects[USER].title
    asked = Query(USER, fields=(title,), ids=numbers, limit=len(numbers))
    page = read_page(replace(call.context, actor=SYSTEM), asked)
    return {row["id"]: str(row.get(title) or "") for row in page.items}


def described_processes(call: Call, name: str) -> list[dict[str, object]]:
    """Return an object's processes as this viewer may see them: part of the object's definition."""
    language = call.context.language
    return [
        {
            "name": one.definition.name,
            "label": one.definition.label(language),
            "field": one.field,
            "start": one.definition.start,
            "states": _states(one.definition, language),
            "transitions": [_transition(call, one, way) for way in one.definition.transitions.values()],
        }
        for one in machines_seen(call.context, name)
    ]


def _states(process: ProcessDef, language: str) -> list[dict[str, object]]:
    return [
        {
            "name": state.name,
            "label": state.label(language),
            "color": state.color,
            "final": state.final or None,
            "probability": f"{state.probability:f}" if state.probability is not None else None,
            "conversion": f"{state.conversion:f}" if state.conversion is not None else None,
            "stale_after": state.stale_after or None,
            "deliverable": state.deliverable(language),
            "guide": state.guide(language),
        }
        for state in process.states.values()
    ]


def _transition(call: Call, machine: ProcessMachine, definition: TransitionDef) -> dict[str, object]:
    return {
        "name": definition.name,
        "label": definition.label(call.context.language),
        "from": list(machine.definition.sources_of(definition)),
        "to": list(machine.definition.targets_of(definition)),
        "choose": definition.choose or None,
        "asks": [name for name in (*definition.ask, *definition.requires) if _shown(call, machine.object, name)],
        "reason": definition.reason == "required",
        "may": call.rights.grants(machine.object, "update") and may_take(call.context, definition),
    }


def _shown(call: Call, object_name: str, name: str) -> bool:
    return call.rights.field(object_name, name).most > Right.HIDDEN


def transition_paths(call: Call, name: str) -> dict[str, Any]:
    """Return the addresses of an object's processes for the OpenAPI document: where a record stands, and each transition."""
    machines = machines_seen(call.context, name)
    if not machines:
        return {}
    one, here = f"/records/{name}/{{id}}", [{"$ref": "#/components/parameters/id"}]
    answer = {
        "type": "object",
        "required": ["items"],
        "properties": {"items": {"type": "array", "items": {"$ref": "#/components/schemas/standing"}}},
    }
    paths: dict[str, Any] = {
        f"{one}/states": {"parameters": here, "get": simple_operation(f"states_{name}", name, answer)}
    }
    if not call.rights.grants(name, "update"):
        return paths
    parameters = [{"$ref": f"#/components/parameters/{each}"} for each in ("key", "if_match")]
    for machine in machines:
        for definition in machine.definition.transitions.values():
            if may_take(call.context, definition):
                operation = simple_operation(
                    f"transition_{name}_{definition.name}",
                    name,
                    {"$ref": f"#/components/schemas/{name}"},
                    parameters=parameters,
                    body=_body_schema(call, machine, definition),
                    etag=True,
                )
                operation["summary"] = definition.label(call.context.language)
                paths[f"{one}/transitions/{definition.name}"] = {"parameters": here, "post": operation}
    return paths


def _body_schema(call: Call, machine: ProcessMachine, definition: TransitionDef) -> dict[str, Any]:
    compiled = call.records.objects[machine.object]
    reason: dict[str, Any] = {"type": "string", "maxLength": LONGEST_REASON}
    needed = definition.reason == "required"
    properties: dict[str, Any] = {REASON: reason | ({"minLength": 1, "pattern": "[!-~]"} if needed else {})}
    required = [REASON] if needed else []
    if definition.choose:
        properties[definition.choose] = {
            "type": "string",
            "enum": list(machine.definition.targets_of(definition)),
        }
        required.append(definition.choose)
    for name in dict.fromkeys((*definition.ask, *definition.requires)):
        field = compiled.fields.get(name)
        right = call.rights.field(machine.object, name).most if field else Right.HIDDEN
        if field is not None and right is Right.EDIT and field.type.base is not Base.ROWS:
            properties[name] = input_schema(call, field, must=True)
    found: dict[str, Any] = {"type": "object", "properties": properties, "additionalProperties": False}
    return found | ({"required": required} if required else {})


_PERSON = {
    "anyOf": [
        {"type": "object", "properties": {"id": {"type": "integer"}, "label": {"type": "string"}}},
        {"type": "null"},
    ]
}
_NAMED = {"type": "object", "required": ["name", "label"], "properties": {"name": {"type": "string"}}}
STANDING: dict[str, Any] = {
    "type": "object",
    "required": ["process", "field", "state", "since", "states", "steps", "transitions", "stays"],
    "properties": {
        "process": {"type": "string"},
        "field": {"type": "string"},
        "state": {"type": ["string", "null"]},
        "since": {"type": ["string", "null"]},
        "stale": {"type": "boolean"},
        "responsible": _PERSON,
        "states": {"type": "array", "items": _NAMED},
        "steps": {"type": "array", "items": _NAMED},
        "transitions": {"type": "array", "items": _NAMED},
        "stays": {"type": "array", "items": {"type": "object", "required": ["state", "entered_at"]}},
    },
}
