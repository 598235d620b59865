"""What a form posts, as data: texts by field, rows of lines, what the writer had seen (``_base``), and which of it has changed. Pure:
what the texts mean is for the commands to say."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson

from engine.fields.base import By, Reference, Target, ValueFault
from engine.fields.literals import members_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from engine.fields.base import Field, Locale, Value
    from engine.screens.form_layout import Place

MOST_ROWS = 2000
_CELL = re.compile(r"^(?P<lines>[a-z][a-z0-9_]*)\.(?P<row>\d{1,6})\.(?P<cell>[a-z][a-z0-9_]*)$")


@dataclass(slots=True)
class TypedRow:
    """A row of a lines grid as posted."""

    index: int
    id: int | None = None
    remove: bool = False
    texts: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class FormInput:
    """A posted form. ``keep`` says for fields in conflict whose value stands: ``mine`` or ``theirs``. ``orders``: of the fields of lines whose
    rows were put in another order, the indices of the rows as they stand; ``lines`` stand in it."""

    texts: dict[str, str] = field(default_factory=dict)
    lines: dict[str, list[TypedRow]] = field(default_factory=dict)
    base: dict[str, Any] = field(default_factory=dict)
    version: int | None = None
    keep: dict[str, str] = field(default_factory=dict)
    orders: dict[str, list[int]] = field(default_factory=dict)


def read_form(pairs: Iterable[tuple[str, str]]) -> FormInput:
    """Return what was posted. Of several values of one name the first counts. Never fails: nonsense reads as nothing."""
    found = FormInput()
    rows: dict[tuple[str, int], TypedRow] = {}
    for name, raw in pairs:
        value = raw.replace("\r\n", "\n").replace("\0", "")
        if name == "_base":
            found.base = _json(value)
        elif name == "_version":
            found.version = int(value) if value.isdecimal() and len(value) < 19 else None
        elif name.startswith("_keep."):
            found.keep[name.removeprefix("_keep.")] = value
        elif name.startswith("_order."):
            places = [int(one) for one in value.split(",")[:MOST_ROWS] if one.isdecimal() and len(one) < 10]
            if places:
                found.orders[name.removeprefix("_order.")] = places
        elif match := _CELL.match(name):
            if len(rows) < MOST_ROWS or (match["lines"], int(match["row"])) in rows:
                _read_cell(rows, match, value)
        elif not name.startswith("_"):
            found.texts.setdefault(name, value)
    for (lines, _index), row in sorted(rows.items()):
        found.lines.setdefault(lines, []).append(row)
    for lines in found.orders.keys() & found.lines.keys():
        found.lines[lines] = _arranged(found.lines[lines], found.orders[lines])
    return found


def _arranged(rows: Iterable[TypedRow], order: Iterable[int]) -> list[TypedRow]:
    at = {index: place for place, index in enumerate(order)}
    return sorted(rows, key=lambda row: at.get(row.index, len(at)))


def _read_cell(rows: dict[tuple[str, int], TypedRow], match: re.Match[str], value: str) -> None:
    index = int(match["row"])
    row = rows.setdefault((match["lines"], index), TypedRow(index))
    if match["cell"] == "id":
        row.id = int(value) if value.isdecimal() and len(value) < 19 else None
    elif match["cell"] == "remove":
        row.remove = value == "1"
    else:
        row.texts.setdefault(match["cell"], value)


def _json(value: str) -> dict[str, Any]:
    try:
        read = orjson.loads(value or b"{}")
    except orjson.JSONDecodeError:
        return {}
    return read if isinstance(read, dict) else {}


def plain_json(field_: Field, value: Value) -> Any:
    """Return a value as the base holds it: its JSON form, links by id alone (labels change by themselves)."""
    if value is None:
        return None
    if isinstance(value, Reference):
        return {"id": value.id, "object": value.object} if len(field_.targets) > 1 else value.id
    if isinstance(value, Target):
        return {"id": value.id, "object": value.object}
    if field_.associated:
        return [one if isinstance(one, By) else plain_json(field_, one) for one in members_of(value)]
    return field_.kind.dump(field_, value)


def is_changed(field_: Field, text: str, base: Any, locale: Locale) -> bool:
    """Whether a typed text means another value than the base holds. What can't be read has changed: the command will say so."""
    if not text.strip():
        return base is not None
    try:
        value = field_.kind.parse_text(field_, text, locale)
    except ValueFault:
        return True
    if field_.associated:  # their order is no part of it
        named = members_of(value)
        return any(isinstance(one, By) for one in named) or set(named) != set(base or ())
    if field_.kind.many:
        return set(value or ()) != set(base or ())
    return isinstance(value, By) or bool(plain_json(field_, value) != base)


def changed_values(
    given: FormInput, places: Iterable[Place], columns: Mapping[str, list[Place]], locale: Locale
) -> dict[str, Any]:
    """Return what the form changes, as texts for the update command: fields, and of lines the rows and cells that differ."""
    changes: dict[str, Any] = {}
    for place in places:
        name = place.field.name
        if not place.editable or given.keep.get(name) == "theirs":
            continue
        if place.rows_of is not None:
            rows = _changed_rows(given.lines.get(name, []), given.base.get(name), columns[name], locale)
            if place.order and name in given.orders:
                rows = _in_order(given.lines.get(name, []), rows, columns[name], locale, place.order)
            if rows:
                changes[name] = rows
        elif name in given.texts and is_changed(place.field, given.texts[name], given.base.get(name), locale):
            changes[name] = given.texts[name]
    return changes


def _changed_rows(
    rows: Iterable[TypedRow], base: Any, columns: Iterable[Place], locale: Locale
) -> list[dict[str, Any]]:
    seen = {row["id"]: row for row in base if isinstance(row, dict) and "id" in row} if isinstance(base, list) else {}
    places = {place.field.name: place for place in columns if place.editable}
    editable = {name: place.field for name, place in places.items()}
    found: list[dict[str, Any]] = []
    for row in rows:
        texts = {name: text for name, text in row.texts.items() if name in editable}
        if row.id is None:
            if _is_meant(row, places, locale):  # a default that the writer took out stays out
                found.append({name: text for name, text in texts.items() if text.strip() or places[name].begins})
        elif row.remove:
            found.append({"id": row.id, "remove": True})
        else:
            before = seen.get(row.id, {})
            changed = {
                name: text for name, text in texts.items() if is_changed(editable[name], text, before.get(name), locale)
            }
            if changed:
                found.append({"id": row.id, **changed})
    return found


def _in_order(
    rows: Iterable[TypedRow], changed: list[dict[str, Any]], columns: Iterable[Place], locale: Locale, order: str
) -> list[dict[str, Any]]:
    """Return the changed rows and those that stay, each with its place. What others put in order meanwhile is put in order anew: the base
    holds no places, so that there is nothing to be in conflict."""
    places = {place.field.name: place for place in columns if place.editable}
    known = {row["id"]: row for row in changed if "id" in row}
    new = iter([row for row in changed if "id" not in row])
    kept = [row for row in rows if row.id is not None or _is_meant(row, places, locale)]
    found = [(row, next(new) if row.id is None else known.get(row.id, {"id": row.id})) for row in kept]
    return [said if row.remove else {**said, order: str(place)} for place, (row, said) in enumerate(found, 1)]


def _is_meant(row: TypedRow, places: Mapping[str, Place], locale: Locale) -> bool:
    """Whether a new row is one: not one that was added and left as it began while it lacks what every row needs."""
    texts = {name: text for name, text in row.texts.items() if name in places}
    if row.remove or not any(text.strip() for text in texts.values()):
        return False
    if any(is_changed(places[name].field, text, places[name].begins, locale) for name, text in texts.items()):
        return True
    return all(text.strip() or not places[name].field.definition.required for name, text in texts.items())


def sent_rows(
    rows: Iterable[TypedRow], changed: list[dict[str, Any]], columns: Iterable[Place], locale: Locale
) -> list[int]:
    """Return for each row that was sent to the command its index in the form, so that errors find their way back."""
    by_id = {row.id: row.index for row in rows if row.id is not None}
    editable = {place.field.name: place for place in columns if place.editable}
    places = iter([row.index for row in rows if row.id is None and _is_meant(row, editable, locale)])
    return [by_id[row["id"]] if "id" in row else next(places) for row in changed]


def posted_path(
    given: FormInput, path: str, changes: Mapping[str, Any], columns: Mapping[str, list[Place]], locale: Locale
) -> str:
    """Return the path of a cell as the form numbers rows; the command numbers those that it was sent. Of a row as a whole: its field."""
    lines, _, rest = path.partition(".")
    if not rest or lines not in changes:
        return path
    place, _, cell = rest.partition(".")
    sent = sent_rows(given.lines.get(lines, []), changes[lines], columns.get(lines, ()), locale)
    index = sent[int(place)] if place.isdecimal() and int(place) < len(sent) else place
    return f"{lines}.{index}.{cell}" if cell else lines
