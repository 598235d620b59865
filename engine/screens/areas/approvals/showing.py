"""Values of approvals as people read them: JSON values of a record as it was or is, in the viewer's language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.fields.base import ValueFault
from engine.insight.compile import field_at, label_at
from engine.screens.stored import as_value
from engine.screens.texts import BY_LANGUAGE, say
from metamodel.expressions.lexer import read_tokens
from metamodel.expressions.types import Base

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.fields.base import Field
    from engine.records.compile import CompiledObject
    from engine.screens.site import Visit


_SIGNS = {">=": "≥", "<=": "≤", "<>": "≠"}


def shown(visit: Visit, field: Field, value: Any) -> str:
    """Return a JSON value as text."""
    if value is None:
        return ""
    if isinstance(value, dict):
        return str(value.get("label", ""))
    if isinstance(value, list):
        return say("approval_rows", visit.language, count=len(value))
    try:
        return field.kind.show(field, as_value(field, value, visit.locale), visit.locale)
    except (ValueFault, ValueError, TypeError, ArithmeticError):
        return str(value)


def pairs(
    visit: Visit, compiled: CompiledObject, values: Mapping[str, Any], names: Sequence[str]
) -> list[dict[str, Any]]:
    """Return label and text of plain fields that hold something."""
    return [
        {"label": field.label(visit.language), "value": text, "whole": not field.kind.one_line}
        for name in names
        if (field := compiled.fields.get(name)) is not None
        and field.type.base is not Base.ROWS
        and (text := shown(visit, field, values.get(name)))
    ]


def tables(
    visit: Visit, compiled: CompiledObject, values: Mapping[str, Any], names: Sequence[str]
) -> list[dict[str, Any]]:
    """Return the lines among fields as tables of texts."""
    children = dict(compiled.lines())
    found = []
    for name in names:
        rows = values.get(name)
        if name not in children or not isinstance(rows, list) or not rows:
            continue
        child = children[name]
        columns = [
            field
            for key, field in child.fields.items()
            if key != child.parent
            and field.type.base is not Base.ROWS
            and any(row.get(key) is not None for row in rows)
        ]
        found.append(
            {
                "label": compiled.fields[name].label(visit.language),
                "heads": [
                    {"label": one.label(visit.language), "css": "num" if one.type.base is Base.NUMBER else ""}
                    for one in columns
                ],
                "rows": [
                    [
                        {
                            "value": shown(visit, one, row.get(one.name)),
                            "css": "num" if one.type.base is Base.NUMBER else "",
                        }
                        for one in columns
                    ]
                    for row in rows
                ],
            }
        )
    return found


def condition_words(visit: Visit, compiled: CompiledObject, text: str) -> str:
    """Return a condition with fields by their labels and choices by theirs, as far as that is plain: ``金额 > 500000``."""
    found: list[str] = []
    last: Field | None = None
    tokens, place = read_tokens(text) if text else [], 0
    while place < len(tokens) and tokens[place].kind != "end":
        first = place
        if tokens[place].kind == "name":
            while tokens[place + 1].text == "." and tokens[place + 2].kind == "name":
                place += 2
        written = text[tokens[first].start : tokens[place].end]
        path = written.removeprefix("record.")
        if tokens[first].kind == "name" and tokens[place + 1].text != "(":
            last = field_at(compiled, path) or last
            written = label_at(compiled, path, visit.language)
        elif tokens[first].kind == "literal" and last is not None and written.strip('"') in last.choices:
            written = last.choices[written.strip('"')].label(visit.language)
        elif tokens[first].kind in {"symbol", "keyword"}:
            words = BY_LANGUAGE[visit.language]
            written = _SIGNS.get(written) or words.get(f"approval_sign_{written}", written)
        found.append(text[tokens[first - 1].end : tokens[first].start] if first else "")
        found.append(written)
        place += 1
    return "".join(found)


def differing_rows(before: Any, after: Any) -> list[tuple[Any, Any]]:
    """Return the rows of lines that differ, as (before, after) by their ids; None where one was added or taken away."""
    old = {row.get("id"): row for row in before or () if isinstance(row, dict)}
    new = {row.get("id"): row for row in after or () if isinstance(row, dict)}
    ids = dict.fromkeys((*old, *new))
    return [(old.get(one), new.get(one)) for one in ids if _plain(old.get(one)) != _plain(new.get(one))]


def _plain(row: Any) -> Any:
    return None if row is None else {key: value for key, value in row.items() if key not in {"version", "updated_at"}}
