"""Values between records and JSON of other systems: what a definition reads from an answer or a body, and how it comes to what a field
takes. A field of which the other side says nothing keeps what it has."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from engine.expressions.python import compile_python
from engine.expressions.roots import Known
from engine.records.compile import Records
from engine.records.compute import fitted
from engine.records.moments import moment_of
from metamodel.definitions.common import Expression, Template
from metamodel.expressions.durations import Duration, format_duration
from metamodel.expressions.types import Base
from metamodel.templates import fill, places

if TYPE_CHECKING:
    from engine.context import Context
    from engine.expressions.values import Reader, Value
    from engine.fields.base import Field
    from metamodel.expressions.scope import Scope
    from metamodel.expressions.typed import TypedExpression

DEEPEST = 20
_FREE = frozenset({Base.ANY, Base.ROWS, Base.BLANK})
_NUMBER = re.compile(r"-?[0-9]{1,24}(?:\.[0-9]{1,24})?\Z")


@dataclass(frozen=True, slots=True)
class TypedValues:
    """Values for fields of an object. ``expressions`` by their text, those of templates' places among them."""

    object: str
    given: Mapping[str, Any]
    expressions: Mapping[str, TypedExpression]


def leaves(value: Any) -> Iterator[Any]:
    """Give the values of a tree of maps and lists."""
    if isinstance(value, Mapping):
        for child in value.values():
            yield from leaves(child)
    elif isinstance(value, tuple):
        for child in value:
            yield from leaves(child)
    else:
        yield value


def typed_values(records: Records, object_name: str, given: Mapping[str, Any], scope: Scope) -> TypedValues:
    """Return the values of a definition with their expressions checked."""
    fields = records.objects[object_name].fields
    found: dict[str, TypedExpression] = {}
    for name, value in given.items():
        if isinstance(value, Expression):
            want = fields[name].type
            found[value.text] = records.shapes.check(value.text, scope, None if want.base in _FREE else want)
        elif isinstance(value, Template):
            found |= {one.path: records.shapes.check(one.path, scope) for one in places(value.text) if one.good}
    return TypedValues(object_name, given, found)


def written(
    context: Context, values: TypedValues, root: str, message: Mapping[str, Any], reader: Reader
) -> dict[str, Any]:
    """Return what a message (flat: ``order.id`` → value) writes, as the door for writing takes it. Fields that read a part of it that is
    not there are left out; ``null`` empties them."""
    records = context.runtime.part(Records)
    moment = moment_of(context, records).with_roots(**{root: Known(message)})
    fields = records.objects[values.object].fields
    found: dict[str, Any] = {}
    for name, value in values.given.items():
        field = fields[name]
        if isinstance(value, Expression):
            if not _is_told(value.text, root, message):
                continue
            said = compile_python(values.expressions[value.text])(reader, moment)
            found[name] = as_json(field, said)
        elif isinstance(value, Template):
            paths = [place.path for place in places(value.text) if place.good]
            texts = {path: plain_text(compile_python(values.expressions[path])(reader, moment)) for path in paths}
            found[name] = fill(value.text, texts.__getitem__) or None
        else:
            found[name] = as_json(field, value)
    return found


def _is_told(text: str, root: str, message: Mapping[str, Any]) -> bool:
    """Whether the message has what an expression reads, where that is a part of it and nothing else."""
    path = text.strip().removeprefix(f"{root}.")
    bare = path != text.strip() and re.fullmatch(r"[A-Za-z0-9_.]+", path) is not None
    return not bare or path in message


def flat(message: Any, prefix: str = "", depth: int = 0) -> dict[str, Value]:
    """Return a JSON message as expressions read it: paths joined by dots, numbers as decimals. Of lists there is nothing to read."""
    found: dict[str, Value] = {}
    if not isinstance(message, Mapping) or depth > DEEPEST:
        return found
    for key, value in message.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping):
            found |= flat(value, f"{name}.", depth + 1)
        elif isinstance(value, bool) or value is None:
            found[name] = value
        elif isinstance(value, int | Decimal):
            found[name] = Decimal(value)
        elif isinstance(value, str):
            found[name] = value or None
    return found


def read_message(body: bytes) -> dict[str, Any] | None:
    """Return a body's JSON object with its numbers exact; None where it is none."""
    try:
        found = json.loads(body, parse_float=Decimal)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def as_json(field: Field, value: Any) -> Any:
    """Return a value as the JSON that a field takes: figures for a text, a number for figures, names and ids as they are."""
    base = field.type.base
    if base is Base.TEXT and isinstance(value, Decimal | int) and not isinstance(value, bool):
        return plain_text(Decimal(value))
    if base is Base.NUMBER and isinstance(value, str) and _NUMBER.match(value.strip()):
        value = Decimal(value.strip())
    if base is Base.LINK and isinstance(value, Decimal) and value == value.to_integral_value():
        return int(value)
    if isinstance(value, Decimal | date):
        value = fitted(field, value)
    return plain_json(value)


def json_text(value: Any) -> str:
    """Return a tree of values as JSON for another system: decimals are numbers, written out to their last digit."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{json.dumps(str(key))}: {json_text(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(json_text, value)) + "]"
    if isinstance(value, Decimal):
        return format(value, "f")
    return json.dumps(plain_json(value), ensure_ascii=False)


def plain_json(value: Any) -> Any:
    """Return a value as our own JSON: decimals as texts, so that no digit is lost; days and moments by ISO 8601."""
    if isinstance(value, Decimal):
        return plain_text(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    return format_duration(value) if isinstance(value, Duration) else value


def plain_text(value: Any) -> str:
    """Return a value as a piece of text for another system; "" for a blank."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        shown = format(value, "f")
        return shown.rstrip("0").rstrip(".") if "." in shown else shown
    found = plain_json(value)
    return str(found)
