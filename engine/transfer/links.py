"""Finding the records that links mean: by a field's text, set-based, once per distinct text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from engine.fields.base import ValueFault
from engine.records.lookup import find_records
from engine.refusals import FieldError
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from engine.context import Context
    from engine.fields.base import Locale, Value
    from engine.records.compile import Records
    from engine.transfer.cells import Entry
    from engine.transfer.plan import Cell

NUMBERED = re.compile(r"#(\d{1,18})")  # a record by its id, where its name is not its own
KEPT = 100_000  # texts remembered a column
NOTHING_MORE = Text()


class Links:
    """The lookups of one import. What was found is remembered; what was not is asked again, for it may come into being."""

    def __init__(self, records: Records, cells: Sequence[Cell]) -> None:
        self._records = records
        self._cells = cells
        self._known: dict[tuple[str, str], dict[str, int]] = {}

    def resolve(self, context: Context, entries: Iterable[Entry], locale: Locale) -> dict[int, list[FieldError]]:
        """Put ids into the values of ``entries`` where their links are found, and take them off what is still to be found.

        Returns row → what is wrong, for links that must be there by now; links that may wait for later rows stay in ``links``.
        """
        entries = list(entries)
        issues: dict[int, list[FieldError]] = {}
        for place, cell in enumerate(self._cells):
            if not cell.target:
                continue
            found = self.find(context, cell, {entry.links[place] for entry in entries if place in entry.links}, locale)
            for entry in entries:
                text = entry.links.get(place)
                if text is None:
                    continue
                outcome = found[text]
                if isinstance(outcome, int):
                    entry.values[cell.field.name] = self.written(cell, outcome)
                    del entry.links[place]
                elif not cell.deferred or outcome.code != "DANGLING_LINK":
                    error = FieldError(cell.field.name, outcome.code, outcome.message)
                    issues.setdefault(entry.row, []).append(error)
        return issues

    def find(self, context: Context, cell: Cell, texts: set[str], locale: Locale) -> dict[str, int | ValueFault]:
        """Return for each text the id of the one record meant, or what is wrong."""
        known = self._known.setdefault((cell.target, cell.by), {})
        found: dict[str, int | ValueFault] = {}
        asked: dict[Value, list[str]] = {}
        for text in texts:
            if text in known:
                found[text] = known[text]
                continue
            try:
                asked.setdefault(self._value(cell, text, locale), []).append(text)
            except ValueFault as fault:
                found[text] = fault
        if asked:
            matches = find_records(context, cell.target, (cell.by,), [(value,) for value in asked])
            for value, spelt in asked.items():
                ids = [one.id for one in matches.get((value,), ())]
                outcome = ids[0] if len(ids) == 1 else ValueFault(*self.unfound(cell, spelt[0], len(ids)))
                found |= dict.fromkeys(spelt, outcome)
                # A record of the very object may have come into being in this transaction, and may go with it.
                if isinstance(outcome, int) and cell.target != cell.field.object and len(known) < KEPT:
                    known |= dict.fromkeys(spelt, outcome)
        return found | self._numbered(context, cell, [text for text, one in found.items() if not isinstance(one, int)])

    def _numbered(self, context: Context, cell: Cell, texts: Iterable[str]) -> dict[str, int | ValueFault]:
        """Return the ids that texts such as ``#7`` name, as far as there are such records."""
        ids = {text: int(found[1]) for text in texts if (found := NUMBERED.fullmatch(text.strip()))}
        there = find_records(context, cell.target, ("id",), [(one,) for one in ids.values()])
        return {text: one for text, one in ids.items() if (one,) in there}

    def matching(self, context: Context, cell: Cell, text: str, locale: Locale) -> list[int]:
        """Return the ids of all records that ``text`` names."""
        try:
            value = self._value(cell, text, locale)
        except ValueFault:
            return []
        return [one.id for one in find_records(context, cell.target, (cell.by,), [(value,)]).get((value,), ())]

    def _value(self, cell: Cell, text: str, locale: Locale) -> Value:
        if cell.by == "id":
            if not text.strip().isdigit():
                raise ValueFault("WRONG_TYPE", Text(zh="应为记录编号", en="must be a record's id"))
            return int(text)
        field = self._records.objects[cell.target].fields[cell.by]
        return field.kind.parse_text(field, text, locale)

    @staticmethod
    def written(cell: Cell, record_id: int) -> object:
        """Return a link as the writing door takes it."""
        return {"object": cell.target, "id": record_id} if len(cell.field.targets) > 1 else record_id

    def unfound(self, cell: Cell, text: str, times: int = 0, more: Text = NOTHING_MORE) -> tuple[str, Text]:
        """Return the code and the words for a text that no record or several records have, in the words of the people."""
        linked = self._records.objects[cell.target]
        by = linked.fields[cell.by].label if cell.by in linked.fields else Text(zh=cell.by, en=cell.by)
        target = linked.definition.label
        if times:
            zh = f"有 {times} 条{target.zh}的“{by.zh}”是“{text}”{more.zh}"
            return "AMBIGUOUS_LINK", Text(
                zh=zh, en=f"{times} records of {target.en} have the {by.en} “{text}”{more.en}"
            )
        zh = f"没有“{by.zh}”为“{text}”的{target.zh}{more.zh}"
        return "DANGLING_LINK", Text(zh=zh, en=f"no {target.en} has the {by.en} “{text}”{more.en}")
