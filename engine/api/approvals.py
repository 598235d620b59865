"""Approvals over the API: submitting a record, the boxes, one approval, and the operations on it, of one or of several at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
from marshmallow import ValidationError, fields, validate

from engine.api.approvals_document import MOST
from engine.api.approvals_dumping import as_json, brief_answer, dump_item, dump_view
from engine.api.arguments import Arguments, BoxArguments, Nothing, field_errors, read_arguments
from engine.api.bodies import read_object
from engine.api.problems import of_refusal
from engine.api.records import LARGEST_ID, query_text, record_id
from engine.api.service import Answer
from engine.approvals.boxes import counts, read_box
from engine.approvals.decide import operate
from engine.approvals.machine import OPERATIONS
from engine.approvals.operation import SYSTEM, Given
from engine.approvals.reading import find_seen, read_view
from engine.approvals.submit import submit
from engine.records.hold import hold
from engine.refusals import FieldError, Refusal
from metamodel.text import Text

if TYPE_CHECKING:
    from engine.api.service import Call
    from engine.approvals.store import Held

LONGEST = 4000


class Id(fields.Integer):
    """An id: a whole number, no text."""

    def _deserialize(self, value: object, attr: str | None, data: Any, **more: Any) -> int:
        if type(value) is not int or not 0 < value <= LARGEST_ID:
            raise ValidationError("MALFORMED")
        return super()._deserialize(value, attr, data, **more) or 0


def _ids(most: int) -> fields.List[int]:
    return fields.List(Id(), validate=validate.Length(min=1, max=most, error="MALFORMED"))


class OneOrMore(fields.Field[tuple[int, ...]]):
    """One id, or a list of them."""

    def _deserialize(self, value: object, attr: str | None, data: Any, **more: Any) -> tuple[int, ...]:
        found = value if isinstance(value, list) else [value]
        return tuple(one for one in _ids(100).deserialize(found, attr, data, **more) if one is not None)


def _text(longest: int = LONGEST) -> fields.String:
    return fields.String(load_default="", validate=validate.Length(max=longest, error="TOO_LONG"))


class Body(Arguments):
    """What an operation is given."""

    comment = _text()
    to = OneOrMore(load_default=())
    step = _text(200)
    place = _text(20)
    task = Id(load_default=0)
    values = fields.Dict(keys=fields.String(), load_default=None)


class BatchBody(Body):
    """What several are given at once."""

    ids = fields.List(Id(), required=True, validate=validate.Length(min=1, max=MOST, error="MALFORMED"))
    operation = fields.String(required=True)


class SubmitBody(Arguments):
    """To which approval, and whom the submitter chose."""

    approval = _text(60)
    chosen = fields.Dict(keys=fields.String(), values=_ids(100), load_default=dict)


_BODY, _BATCH, _SUBMIT = (
    Body(),
    BatchBody(),
    SubmitBody(),
)  # made once: a schema copies all of its fields when it is made


def _load(schema: Arguments, given: dict[str, object]) -> dict[str, Any]:
    try:
        found: dict[str, Any] = schema.load(given)
    except ValidationError as error:
        raise Refusal(
            422, "INVALID", Text(zh="请求内容有误。", en="The body is wrong."), tuple(field_errors(error))
        ) from None
    return found


def submit_record(call: Call, name: str, number: str) -> Answer:
    """Submit a record for approval; answer the approval."""
    found = record_id(number)
    read_arguments(Nothing, query_text(call))
    try:
        body = _load(_SUBMIT, read_object(call.request, optional=True))
    except Refusal:
        hold(call.context, name, found, "update")  # nothing is said of a body to whoever may not submit the record
        raise
    return brief_answer(call, submit(call.context, name, found, body["approval"], body["chosen"]))


def list_box(call: Call) -> Answer:
    """Answer a page of one of the caller's boxes, and how many wait for them."""
    given = read_arguments(BoxArguments, query_text(call))
    page = read_box(call.context, given["box"], limit=given["limit"], after=given["after"])
    waiting = counts(call.context)
    body = {"items": [dump_item(call, one) for one in page.items], "next": str(page.next) if page.next else None}
    return Answer(as_json({**body, "waiting": waiting["todo"], "unread": waiting["copied"]}))


def read_approval(call: Call, number: str) -> Answer:
    """Answer one approval, by its id or that of one of its tasks."""
    read_arguments(Nothing, query_text(call))
    return Answer(as_json(dump_view(call, read_view(call.context, record_id(number)))))


def do_operation(call: Call, number: str, operation: str) -> Answer:
    """Do one operation; answer the approval as it then is."""
    read_arguments(Nothing, query_text(call))
    wanted, given = record_id(number), read_object(call.request, optional=True)
    found = find_seen(call.context, wanted)
    name = _operation(operation)
    body = _load(_BODY, given)
    return brief_answer(call, _operate(call, found, name, body))


def do_batch(call: Call) -> Answer:
    """Do one operation on several; each goes through or is refused by itself."""
    read_arguments(Nothing, query_text(call))
    body = _load(_BATCH, read_object(call.request))
    name = _operation(str(body["operation"]))
    if not OPERATIONS[name].decides:
        said = Text(zh="只能批量同意或驳回", en="only approve and reject go in batches")
        raise Refusal(422, "UNKNOWN_CHOICE", said, (FieldError("operation", "UNKNOWN_CHOICE", said),))
    items = [_one_of_batch(call, number, name, body) for number in dict.fromkeys(body["ids"])]
    return Answer(as_json({"items": items}))


def _one_of_batch(call: Call, number: int, name: str, body: dict[str, Any]) -> dict[str, Any]:
    try:
        with call.context.connection.begin_nested():
            held = _operate(call, find_seen(call.context, number), name, body)
    except Refusal as refusal:
        problem: dict[str, Any] = orjson.loads(of_refusal(refusal, call.context.language)[0])
        return {"id": number, "done": False, "problem": problem}
    return {"id": number, "done": True, "state": held.state}


def _operate(call: Call, found: tuple[Held, int], name: str, body: dict[str, Any]) -> Held:
    given = Given(
        name,
        actor=call.context.actor.id,
        comment=body["comment"],
        to=body["to"],
        step=body["step"],
        place=body["place"],
    )
    if body["task"]:
        found = find_seen(call.context, body["task"])
    return operate(call.context, found[0].id, given, body["values"], found=found)


def _operation(text: str) -> str:
    name = text.replace("-", "_")
    kind = OPERATIONS.get(name)
    if kind is None or "_" in text or kind.by == frozenset({SYSTEM}) or name == "submit":
        raise Refusal(404, "NOT_FOUND", Text(zh="没有这项操作。", en="There is no such operation."))
    return name
