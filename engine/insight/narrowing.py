"""What a board is narrowed to: values of paths (``region=east``, ``owner.department=3``), as conditions of each object that has them. An
object that has not goes without, and says so."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import TYPE_CHECKING

from engine.fields.literals import quoted
from engine.insight.compile import field_at
from engine.insight.periods import Period, read_period
from engine.records.filters import schema_of, storable
from engine.records.measure import Span
from engine.refusals import FieldError, Refusal
from metamodel.expressions.types import Base
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

    from engine.fields.base import Field
    from engine.records.rights import Rights

PERIOD = "period"
BLANK = "-"  # the value that stands for none
MOST_VALUES = 100
_LARGEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Narrowing:
    """Values by path, each as written in an address; several mean any of them. ``period`` says when."""

    values: tuple[tuple[str, tuple[str, ...]], ...] = ()
    period: Period | None = None


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What a narrowing comes to for one object. ``missing``: the paths that it does not have, for this viewer."""

    filters: tuple[str, ...] = ()
    spans: tuple[Span, ...] = ()
    missing: tuple[str, ...] = ()


def seen_field(rights: Rights, object_name: str, path: str) -> Field | None:
    """Return the field at a path that the viewer may filter and split by; None where there is none for them."""
    schema, here = schema_of(rights), object_name
    *links, last = path.split(".")
    for link in links:
        members = schema.members(here) or {}
        type_ = members.get(link)
        if type_ is None or type_.base is not Base.LINK or len(type_.objects) != 1:
            return None
        here = type_.objects[0]
    if last not in (schema.members(here) or {}):
        return None
    found = field_at(rights.records.objects[object_name], path)
    return None if found is None or found.type.base in {Base.ROWS, Base.ANY} else found


def narrow(rights: Rights, object_name: str, narrowing: Narrowing, today: date) -> Narrowed:
    """Return the conditions of a narrowing for one object; the period is each metric's own affair. Raises Refusal 400 for a value that
    a field can't have."""
    filters: list[str] = []
    spans: list[Span] = []
    missing: list[str] = []
    for path, values in narrowing.values:
        field = seen_field(rights, object_name, path)
        if field is None:
            missing.append(path)
        elif field.type.base in {Base.DATE, Base.DATETIME}:
            period = read_period(values[0], today)
            spans.append(Span(path, period.first, period.after))
        else:
            filters.append(one_of(path, field, values))
    return Narrowed(tuple(filters), tuple(spans), tuple(missing))


def one_of(path: str, field: Field, values: tuple[str, ...]) -> str:
    """Return the condition that a field has one of some values, as written in an address."""
    if len(values) > MOST_VALUES:
        raise _bad_value(path, f"{len(values)}")
    parts = [f"{path} = {_literal(path, field, value)}" for value in values if value != BLANK]
    if BLANK in values:
        parts.append(f"ISBLANK({path})")
    return parts[0] if len(parts) == 1 else f"({' or '.join(parts)})"


def _literal(path: str, field: Field, value: str) -> str:
    write = _WRITTEN.get(field.type.base)
    found = write(field, value) if write is not None else ""
    if not found:
        raise _bad_value(path, value)
    return found


def _link(_field: Field, value: str) -> str:
    if value == "me":
        return value
    is_id = value.isascii() and value.isdigit() and len(value) <= 19 and 0 < int(value) <= _LARGEST
    return str(int(value)) if is_id else ""


def _number(_field: Field, value: str) -> str:
    try:
        number = Decimal(value) if len(value) < 60 else Decimal("NaN")
    except InvalidOperation:
        return ""
    if not number.is_finite() or abs(number) >= Decimal(10) ** 24:
        return ""
    return f"({number:f})" if number < 0 else f"{number:f}"


_WRITTEN: Mapping[Base, Callable[[Field, str], str]] = MappingProxyType(
    {
        Base.LINK: _link,
        Base.CHOICE: lambda field, value: quoted(value) if value in field.choices else "",
        Base.BOOLEAN: lambda _field, value: value.upper() if value in {"true", "false"} else "",
        Base.NUMBER: _number,
        Base.TEXT: lambda _field, value: quoted(value) if len(value) <= 200 and storable(value) else "",
    }
)


def _bad_value(path: str, value: str) -> Refusal:
    said = Text(zh=f"{path[:60]} 不能是「{value[:40]}」。", en=f"{path[:60]} can't be “{value[:40]}”.")
    return Refusal(400, "BAD_VALUE", said, (FieldError(path[:100], "BAD_VALUE", said),))


def read_narrowing(given: Mapping[str, str], allowed: tuple[str, ...], today: date) -> Narrowing:
    """Return the narrowing of an address. Raises Refusal 400 for a period that is none."""
    values = []
    for path in allowed:
        if path != PERIOD and given.get(path, "").strip():
            parts = tuple(dict.fromkeys(part.strip() for part in given[path].split(",") if part.strip()))
            values += [(path, parts)] if parts else []
    period = given.get(PERIOD, "").strip()
    return Narrowing(tuple(values), read_period(period, today) if period and PERIOD in allowed else None)
