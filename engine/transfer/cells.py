"""From a row's cells to the values of a record: repairs, blanks, the apostrophe that exports put before formulas. No database."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.fields.base import ValueFault
from engine.transfer.jobs import Issue
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.fields.base import Locale, Value
    from engine.transfer.plan import Plan
    from engine.transfer.sources import SourceRow

# What a spreadsheet may take for a formula, whatever blanks and apostrophes stand before it; full-width signs are folded by some.
FORMULA = re.compile(r"[\s']*[=+\-@\t\r＝＋－＠]")


@dataclass(slots=True)
class Entry:
    """A row on its way in. ``values``: field → text as people type it, None to blank it; ``links``: cell → text still to be looked
    up; ``key``: what its record is known by (empty: by nothing)."""

    row: int
    values: dict[str, object]
    links: dict[int, str] = field(default_factory=dict)
    texts: dict[str, tuple[str, str]] = field(default_factory=dict)  # field → (column, text), for what is said of it
    key: tuple[Value, ...] = ()


def guarded(text: str) -> str:
    """Return a text so that a spreadsheet does not take it for a formula: with an apostrophe before it where it begins like one."""
    return "'" + text if FORMULA.match(text) else text


def unguarded(text: str) -> str:
    """Return the text that ``guarded`` was given."""
    return text[1:] if text.startswith("'") and FORMULA.match(text) else text


def entry_of(row: SourceRow, plan: Plan) -> Entry:
    """Return a row's entry: repaired, blanks left out (or set, where the mapping says so)."""
    entry = Entry(row.number, dict(plan.constants))
    for place, cell in enumerate(plan.cells):
        text = row.cells[cell.index]
        if not text.strip():
            if cell.clear:
                entry.values[cell.field.name] = None
            continue
        stripped = text.strip()
        if cell.repair and stripped in cell.repair:
            text = cell.repair[stripped]
            if not text:
                entry.values[cell.field.name] = None
                continue
        elif stripped[0] == "'":
            text = unguarded(text)
        entry.texts[cell.field.name] = (cell.column, text)
        if cell.target:
            entry.links[place] = text
        else:
            entry.values[cell.field.name] = text
    return entry


def issue_at(entry: Entry, name: str, code: str, message: Text) -> Issue:
    """Return what is wrong with a field of a row, at the column that it came from."""
    column, text = entry.texts.get(name, ("", ""))
    if not column and name:
        message = Text(zh=f"{name}：{message('zh')}", en=f"{name}: {message('en')}")
    return Issue(entry.row, column, text, code, message)


def read_key(entry: Entry, plan: Plan, locale: Locale) -> list[Issue]:
    """Set an entry's key from its values, as they will be stored. Return what is wrong with them; a key with a blank is none."""
    key: list[Value] = []
    issues: list[Issue] = []
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
            issues.append(issue_at(entry, name, fault.code, fault.message))
            continue
        if value is None:
            return issues
        key.append(value)
    if not issues:
        entry.key = tuple(key)
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
