"""One chunk of rows through the door for writing, in the caller's transaction: links found, known records told from new ones, good
rows written, faulty ones noted."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from engine.fields.base import Locale
from engine.records.commands import Change, create, update
from engine.records.lookup import find_records
from engine.refusals import FieldError, Refusal
from engine.transfer.cells import Entry, entry_of, issue_at, read_key, waves
from engine.transfer.faulty import all_faults
from engine.transfer.jobs import Counts, Issue, Touched, Waiting
from engine.transfer.likely import hold_likely, told_likely
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from engine.context import Context
    from engine.records.commands import Written
    from engine.records.lookup import Found
    from engine.transfer.links import Links
    from engine.transfer.plan import Plan
    from engine.transfer.sources import SourceRow

HOME = ZoneInfo("Asia/Shanghai")
ROW_STATUS = frozenset({403, 404, 409, 412, 422})  # refusals that may concern one record; any other stops the import


@dataclass(slots=True)
class Settled:
    """What became of rows: counts, what is wrong, and which records still wait for links to rows further down. ``texts``: row →
    column's place or field → what stood there. ``touched``: the records written; ``warnings``: what is to be said of rows that are in."""

    counts: Counts = field(default_factory=Counts)
    issues: list[Issue] = field(default_factory=list)
    waiting: list[Waiting] = field(default_factory=list)
    touched: list[Touched] = field(default_factory=list)
    warnings: list[Issue] = field(default_factory=list)
    texts: Mapping[int, Mapping[str, str] | Sequence[str]] = field(default_factory=dict)

    def fail(self, issues: Sequence[Issue]) -> None:
        """Note one faulty row."""
        self.counts.failed += 1
        self.issues += issues


@dataclass(frozen=True, slots=True)
class Chunk:
    """How chunks are settled: the plan, the links' memory, what happens to rows whose record is there already."""

    plan: Plan
    links: Links
    on_duplicate: str
    hold: bool = False  # likely duplicates among new rows

    def settle(self, context: Context, rows: Sequence[SourceRow]) -> Settled:
        """Bring rows in. Raises Refusal only for what concerns all of them (no right to write, a lock that never came free)."""
        settled = Settled(texts={row.number: row.cells for row in rows})
        entries: list[Entry] = []
        for row in rows:
            if row.fault is None:
                entries.append(entry_of(row, self.plan))
            else:
                settled.fail([Issue(row.number, "", "", "WRONG_WIDTH", row.fault)])
        locale = locale_of(context)
        faults = self.links.resolve(context, entries, locale)
        if self.plan.key:
            for entry in entries:
                if unreadable := read_key(entry, self.plan, locale):
                    faults.setdefault(entry.row, []).extend(unreadable)
        good = [entry for entry in entries if not faults.get(entry.row)] if faults else entries
        for wave in waves(good):
            self._write(context, wave, settled)
        if faults:
            self._tell(context, [(entry, faults[entry.row]) for entry in entries if faults.get(entry.row)], settled)
        return settled

    def _tell(self, context: Context, faulty: list[tuple[Entry, list[FieldError]]], settled: Settled) -> None:
        """Note rows whose links or keys are wrong, and all else that is. The good rows are written by now, so that it is known
        which records there are already."""
        keys = [entry.key for entry, _ in faulty if entry.key]
        there = find_records(context, self.plan.object.name, self.plan.key, keys) if keys else {}
        known: dict[int, Found | None] = {}
        for entry, errors in faulty:
            found = there.get(entry.key, ()) if entry.key else ()
            keyless = any(error.field in self.plan.key for error in errors)
            if self.on_duplicate == "fail":
                known[entry.row] = None
                if found and not keyless:
                    errors.append(self._duplicate(entry, len(found)))
            elif not found and not keyless:
                known[entry.row] = None
            elif len(found) == 1 and self.on_duplicate == "update":
                known[entry.row] = found[0]
        self._note(context, faulty, known, settled)

    def _note(
        self,
        context: Context,
        faulty: list[tuple[Entry, list[FieldError]]],
        known: Mapping[int, Found | None],
        settled: Settled,
    ) -> None:
        told = all_faults(context, self.plan, faulty, known, locale_of(context))
        for (entry, _), errors in zip(faulty, told, strict=True):
            settled.fail(self._issues(entry, errors, settled))

    def _issues(self, entry: Entry, errors: Sequence[FieldError], settled: Settled) -> list[Issue]:
        return [issue_at(entry.row, self.plan, error, settled.texts.get(entry.row, ())) for error in errors]

    def _write(self, context: Context, entries: list[Entry], settled: Settled) -> None:
        """Create what is new and treat what is there as the duplicates' rule says."""
        name = self.plan.object.name
        keys = [entry.key for entry in entries if entry.key]
        known = find_records(context, name, self.plan.key, keys) if keys else {}
        fresh: list[Entry] = []
        present: list[tuple[Entry, Found]] = []
        doubled: list[tuple[Entry, list[FieldError]]] = []
        for entry in entries:
            found = known.get(entry.key, ()) if entry.key else ()
            if not found:
                fresh.append(entry)
            elif self.on_duplicate == "skip":
                settled.counts.skipped += 1
            elif self.on_duplicate == "fail" or len(found) > 1:
                doubled.append((entry, [self._duplicate(entry, len(found))]))
            else:
                present.append((entry, found[0]))
        if doubled:
            rows = [entry.row for entry, _ in doubled] if self.on_duplicate == "fail" else []
            self._note(context, doubled, dict.fromkeys(rows), settled)
        made = self._write_good(context, fresh, lambda batch: self._create(context, batch), settled)
        settled.counts.created += len(made)
        for entry, written in made:
            settled.touched.append(Touched(entry.row, written.id, written.version, created=True))
            self._await(entry, written.id, settled)
        versions = {entry.row: found for entry, found in present}
        changed = self._write_good(
            context,
            [entry for entry, _ in present],
            lambda batch: update(context, name, [Change(versions[one.row].id, one.values) for one in batch], text=True),
            settled,
        )
        for entry, written in changed:
            if written.version == versions[entry.row].version:
                settled.counts.skipped += 1
            else:
                settled.counts.updated += 1
                settled.touched.append(Touched(entry.row, written.id, written.version, created=False))
            self._await(entry, written.id, settled)
        self._warn(context, [*made, *changed], settled)

    def _create(self, context: Context, batch: list[Entry]) -> list[Written]:
        written = create(context, self.plan.object.name, [one.values for one in batch], text=True)
        if self.hold:
            hold_likely(context, self.plan.object.name, written)
        return written

    def _warn(self, context: Context, written: list[tuple[Entry, Written]], settled: Settled) -> None:
        """Tell of rows that are in and may be in twice."""
        found = told_likely(context, self.plan.object.name, [one for _, one in written])
        for place, errors in sorted(found.items()):
            settled.warnings += self._issues(written[place][0], errors, settled)

    def _await(self, entry: Entry, record_id: int, settled: Settled) -> None:
        if entry.links:
            links = {self.plan.cells[place].field.name: text for place, text in entry.links.items()}
            settled.waiting.append(Waiting(entry.row, record_id, links))

    def _duplicate(self, entry: Entry, times: int) -> FieldError:
        shown = ", ".join(str(value) for value in entry.key)
        if times > 1:
            message = Text(
                zh=f"已有 {times} 条记录是“{shown}”，无法确定更新哪一条",
                en=f"{times} records are “{shown}” already: it is not clear which to update",
            )
        else:
            message = Text(zh=f"“{shown}”已存在", en=f"“{shown}” is there already")
        return FieldError(self.plan.key[0], "DUPLICATE", message)

    def settle_waiting(self, context: Context, waiting: Sequence[Waiting]) -> Settled:
        """Set the links of records that waited for the end of the file. What is wrong then is what is still not found and what is
        refused. The records themselves are in already."""
        places = {cell.field.name: place for place, cell in enumerate(self.plan.cells)}
        settled = Settled(texts={one.row: one.links for one in waiting})
        entries = [Entry(one.row, {}, {places[name]: text for name, text in one.links.items()}) for one in waiting]
        errors = self.links.resolve(context, entries, locale_of(context))
        for entry in entries:
            missing = [self._missing(place, text) for place, text in entry.links.items()]
            wrong = errors.get(entry.row, [])
            known = {error.field for error in wrong}
            wrong = [*wrong, *(error for error in missing if error.field not in known)]
            settled.issues += self._issues(entry, wrong, settled)
        ids = {one.row: one.id for one in waiting}
        name = self.plan.object.name
        linked = self._write_good(
            context,
            [entry for entry in entries if entry.values],
            lambda batch: update(context, name, [Change(ids[entry.row], entry.values) for entry in batch], text=True),
            settled,
        )
        settled.touched += [Touched(entry.row, written.id, written.version, created=False) for entry, written in linked]
        return settled

    def _missing(self, place: int, text: str) -> FieldError:
        cell = self.plan.cells[place]
        more = Text(zh="；记录已导入，此关联为空", en="; the record is in, this link is blank")
        _, message = self.links.unfound(cell, text, more=more)
        return FieldError(cell.field.name, "DANGLING_LINK", message)

    def _write_good(
        self,
        context: Context,
        entries: list[Entry],
        write: Callable[[list[Entry]], list[Written]],
        settled: Settled,
    ) -> list[tuple[Entry, Written]]:
        """Write ``entries`` as one batch; where rows are refused, note them and write the rest. A refusal leaves nothing behind."""
        left = entries
        while left:
            try:
                with context.connection.begin_nested():
                    written = write(left)
            except Refusal as refusal:
                faulty = {error.row for error in refusal.errors if error.row is not None}
                if not faulty:
                    return self._divided(context, left, write, settled, refusal)
                for place in sorted(faulty):
                    errors = [error for error in refusal.errors if error.row == place]
                    settled.fail(self._issues(left[place], errors, settled))
                left = [entry for place, entry in enumerate(left) if place not in faulty]
            else:
                return list(zip(left, written, strict=True))
        return []

    def _divided(
        self,
        context: Context,
        entries: list[Entry],
        write: Callable[[list[Entry]], list[Written]],
        settled: Settled,
        refusal: Refusal,
    ) -> list[tuple[Entry, Written]]:
        """Write halves of a batch that was refused without a word on which row: what one row alone is refused with is its own."""
        if refusal.status not in ROW_STATUS:
            raise refusal
        if len(entries) == 1:
            errors = refusal.errors or (FieldError("", refusal.code, refusal.message),)
            settled.fail(self._issues(entries[0], errors, settled))
            return []
        middle = len(entries) // 2
        first = self._write_good(context, entries[:middle], write, settled)
        return [*first, *self._write_good(context, entries[middle:], write, settled)]


def locale_of(context: Context) -> Locale:
    """Return how texts of this import are read."""
    home = context.home or HOME
    return Locale(context.language, context.zone or home, home)
