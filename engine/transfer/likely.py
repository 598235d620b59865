"""Likely duplicates among the rows of an import: told of rows that are in, or the rows held back. What a rule blocks, the door refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.records.compile import Records
from engine.records.duplicate_words import likely
from engine.records.duplicates import likely_duplicates
from engine.refusals import FieldError, Refusal
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.context import Context
    from engine.records.commands import Written

TOLD = 3  # likely duplicates that are told of one row
HELD = Text(zh="可能重复，未导入", en="likely duplicates are held back")


def told_likely(context: Context, object_name: str, written: Sequence[Written]) -> Mapping[int, list[FieldError]]:
    """Return place in the batch → its likeliest duplicates, each at the field that was compared. Of two rows of one batch the later is
    told."""
    compiled = context.runtime.part(Records).objects[object_name]
    if not compiled.definition.duplicates or not written:
        return {}
    places = {one.id: place for place, one in enumerate(written)}
    found: dict[int, list[FieldError]] = {}
    for one in likely_duplicates(context, object_name, [each.id for each in written]):
        of_row = found.setdefault(one.row, [])
        if len(of_row) < TOLD and places.get(one.id or one.hidden, -1) < one.row:
            field = one.rule.definition.fields[0]
            of_row.append(FieldError(field, "LIKELY_DUPLICATE", likely(compiled, one), one.row))
    return {row: errors for row, errors in found.items() if errors}


def hold_likely(context: Context, object_name: str, written: Sequence[Written]) -> None:
    """Refuse rows just written that are likely duplicates, so that they are taken out again and told as faulty. Raises Refusal 422."""
    found = told_likely(context, object_name, written)
    if found:
        errors = tuple(error for errors in found.values() for error in errors)
        raise Refusal(422, "LIKELY_DUPLICATE", HELD, errors)
