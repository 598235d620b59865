"""Many changes in one transaction: all of them or none. One command a kind of change, however many records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
from marshmallow import RAISE, Schema, ValidationError, fields, validate

from engine.api.arguments import Nothing, read_arguments
from engine.api.bodies import read_object
from engine.api.records import LARGEST_ID, query_text
from engine.api.service import Answer
from engine.records import commands
from engine.records.commands import Change
from engine.refusals import FieldError, Refusal
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from engine.api.service import Call
    from engine.records.commands import Written

MOST = 1000
_RANGE = validate.Range(min=1, max=LARGEST_ID)
_VERSIONS = validate.Range(min=1, max=2**31 - 1)


def _read_integer(value: object) -> int:
    """Return a JSON integer: no text, no boolean."""
    if type(value) is not int:
        raise ValidationError("WRONG_TYPE")
    return value


def _integer(within: validate.Range, **more: Any) -> fields.Function:
    return fields.Function(deserialize=_read_integer, validate=within, **more)


class _Record(Schema):
    class Meta:
        unknown = RAISE

    id = _integer(_RANGE, required=True)
    version = _integer(_VERSIONS, load_default=None, allow_none=True)


class _Changed(_Record):
    values = fields.Dict(keys=fields.String(), required=True)
    base = fields.Dict(keys=fields.String(), load_default=None, allow_none=True)


class BulkBody(Schema):
    """The body: what to create, change, delete and restore, in this order."""

    class Meta:
        """Settings."""

        unknown = RAISE

    create = fields.List(fields.Dict(keys=fields.String()), load_default=list)
    update = fields.List(fields.Nested(_Changed), load_default=list)
    delete = fields.List(fields.Nested(_Record), load_default=list)
    restore = fields.List(_integer(_RANGE), load_default=list)


def change_many(call: Call, name: str) -> Answer:
    """Make all changes of the body; answer ids and versions in the order given."""
    read_arguments(Nothing, query_text(call))
    if name not in call.records.objects or not any(
        call.rights.grants(name, act) for act in ("read", "create", "update", "delete")
    ):
        raise Refusal(404, "UNKNOWN_OBJECT", Text(zh="没有这个对象。", en="There is no such object."))
    body = _read(read_object(call.request))
    steps: dict[str, Callable[[], list[Written]]] = {
        "create": lambda: commands.create(call.context, name, body["create"]),
        "update": lambda: commands.update(call.context, name, [Change(**one) for one in body["update"]]),
        "delete": lambda: commands.delete(call.context, name, [(one["id"], one["version"]) for one in body["delete"]]),
        "restore": lambda: commands.restore(call.context, name, body["restore"]),
    }
    done: dict[str, list[dict[str, object]]] = {}
    for step, run in steps.items():
        if body[step]:
            done[step] = [{"id": one.id, "version": one.version} for one in _placed(step, run, len(body[step]))]
    return Answer(orjson.dumps(done))


def _placed(step: str, run: Callable[[], list[Written]], size: int) -> list[Written]:
    """Run a step; say in each of its errors which list of the body it is of, and which place in it."""
    try:
        return run()
    except Refusal as refusal:
        only = 0 if size == 1 else None
        rows = [only if error.row is None else error.row for error in refusal.errors]
        errors = tuple(
            FieldError(_path(step, row, error.field), error.code, error.message, row)
            for row, error in zip(rows, refusal.errors, strict=True)
        )
        raise Refusal(refusal.status, refusal.code, refusal.message, errors) from refusal


def _path(step: str, row: int | None, field: str) -> str:
    return ".".join(part for part in (step, "" if row is None else str(row), field) if part)


def _read(given: Mapping[str, object]) -> dict[str, Any]:
    try:
        body: dict[str, Any] = BulkBody().load(given)
    except ValidationError as error:
        errors = tuple(_errors("", error.messages_dict))
        raise Refusal(422, "BAD_VALUES", Text(zh="请求内容有误。", en="The body has faults."), errors) from None
    count = sum(len(body[step]) for step in body)
    if count > MOST:
        text = Text(
            zh=f"一次最多 {MOST} 项改动，现有 {count} 项。", en=f"At most {MOST} changes at a time, not {count}."
        )
        raise Refusal(422, "BAD_VALUES", text)
    for step in ("update", "delete", "restore"):
        ids = [one if step == "restore" else one["id"] for one in body[step]]
        if len(set(ids)) != len(ids):
            text = Text(zh="同一条记录出现了两次", en="names one record twice")
            raise Refusal(422, "BAD_VALUES", text, (FieldError(step, "REPEATED", text),))
    return body


def _errors(path: str, found: object) -> list[FieldError]:
    if isinstance(found, dict):
        return [
            error
            for name, inner in found.items()
            for error in _errors(f"{path}.{name}" if path else str(name)[:100], inner)
        ]
    text = Text(zh="不是这里可用的内容", en="is not what can stand here")
    return [FieldError(path[:200], "MALFORMED", text)]
