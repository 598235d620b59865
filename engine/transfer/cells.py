"""From a row's cells to the values of a record: repairs, blanks, the apostrophe that exports put before formulas. No database."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.fields.base import ValueFault
from engine.fields.links import parts_of
from engine.refusals import FieldError
from engine.transfer.jobs import Issue
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.fields.base import Locale, Value
    from engine.transfer.plan import Plan
    from engine.transfer.sources import SourceRow

# What a spreadsheet may take for a formula, whatever blanks, marks that nobody sees and apostrophes stand before it; full-width signs are
# folded by some.
FORMULA = re.compile(r"[\s'\x00-\x1f\x7f\u200b-\u200f\u2060\ufeff]*[=+\-@\t\r＝＋－＠]")


@dataclass(slots=True)
class Entry:
    """A row on its way in. ``values``: field → text as people type it, None to blank it, a link's id; ``links``: cell → text still to
    be looked up; ``key``: what its record is known by (empty: by nothing)."""

    row: int
    values: dict[str, object]
    links: dict[int, str] = field(default_factory=dict)
    key: tuple[Value, ...] = ()


def guarded(text: str) -> str:
    """Return a text so that a spreadsheet does not take it for a formula: with an apostrophe before it where it begins like one."""
    return "'" + text if FORMULA.match(text) else text


def unguarded(text: str) -> str:
    """Return the text that ``guarded`` was given."""
    return text[1:] if text.startswith("'") and FORMULA.match(text) else text


def entry_of(row: SourceRow, plan: Plan) -> Entry:
    """Return a row's entry: repaired, blanks left out (or set, where the mapping says so)."""
    values: dict[str, object] = dict(plan.constants)
    links: dict[int, str] = {}
    cells = row.cells
    for place, (index, name, repair, clear, by) in enumerate(plan.steps):
        text = cells[index].strip()
        if text and repair:
            text = repair.get(text, text)
        if not text:
            if clear or cells[index].strip():
                values[name] = None
        elif plan.cells[place].field.associated:
            values[name] = _several(unguarded(text), by)
        elif by:
            links[place] = unguarded(text)
        else:
            values[name] = unguarded(text) if text[0] == "'" else text
    return Entry(row.number, values, links)


def _several(text: str, by: str) -> object:
    """Return several links as the writing door takes them: as they are typed, or what each is looked up ``by``."""
    if by == "id":
        return ";".join(f"#{part.removeprefix('#')}" for part in parts_of(text))
    return [{"by": {by: part}} for part in parts_of(text)] if by else text


def issue_at(row: int, plan: Plan, error: FieldError, texts: Mapping[str, str] | Sequence[str]) -> Issue:
    """Return what is wrong with a field of a row, at the column that it came from, with what stood there (``texts``: a row's cells,
    or field → text)."""
    for cell in plan.cells:
        if cell.field.name == error.field:
            text = texts.get(error.field, "") if isinstance(texts, Mapping) else texts[cell.index]
            return Issue(row, cell.column, text, error.code, error.message)
    message = error.message
    if error.field:
        message = Text(zh=f"{error.field}：{message('zh')}", en=f"{error.field}: {message('en')}")
    return Issue(row, "", "", error.code, message)


def read_key(entry: Entry, plan: Plan, locale: Locale) -> list[FieldError]:
    """Set an entry's key from its values, as they will be stored. Return what is wrong with them; a key with a blank is none."""
    key: list[Value] = []
    issues: list[FieldError] = []
    fields = plan.object.fields
    for name in plan.key:
        text = entry.values.get(name)
        if text is None:
            return issues
        if not isinstance(text, str):
            key.append(text)
            continue
        try:
            value = fields[name].kind.parse_text(fields[name], text, locale)
        except ValueFault as fault:
            issues.append(FieldError(name, fault.code, fault.message))
            continue
        if value is None:
            return issues
        key.append(value)
    if not issues:
        entry.key = tuple(key)
    return issues


def misread(entry: Entry, plan: Plan, locale: Locale) -> list[FieldError]:
    """Return what is wrong with the texts of an entry that will not be written anyway, so that all its faults are told at once."""
    issues: list[FieldError] = []
    fields = plan.object.fields
    for name, text in entry.values.items():
        if not isinstance(text, str):
            continue
        try:
            fields[name].kind.parse_text(fields[name], text, locale)
        except ValueFault as fault:
            issues.append(FieldError(name, fault.code, fault.message))
    return issues


def waves(entries: Sequence[Entry]) -> list[list[Entry]]:
    """Return the entries in groups without a key twice, so that a later row of the same key meets what the earlier one became."""
    found: list[list[Entry]] = []
    times: dict[tuple[Value, ...], int] = {}
    for entry in entries:
        wave = 0
        if entry.key:
            wave = times.get(entry.key, 0)
            times[entry.key] = wave + 1
        while len(found) <= wave:
            found.append([])
        found[wave].append(entry)
    return found
