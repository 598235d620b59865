"""Two chunks on their way at once, in transactions of their own: while the database works on one, Python reads the next. They end
in the order of the file, and a chunk that fails takes the one behind it along. For objects whose chunks don't touch each other."""

from __future__ import annotations

import threading
import unicodedata
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar

from metamodel.expressions.types import Base

if TYPE_CHECKING:
    from collections.abc import Iterable

    from engine.records.compile import Records
    from engine.transfer.plan import Plan
    from engine.transfer.sources import SourceRow

Result = TypeVar("Result")

PATIENCE = 2.0  # seconds that a chunk holds its locks for the one before it; then it lets go of them and begins anew


# Settles rows that follow a position of the file in one transaction; calls its last argument before it notes its own place.
Settle = Callable[["list[SourceRow]", int, Callable[[], None]], Result]


class _TooEarly(Exception):
    """The chunk before is still under way: perhaps it waits for a lock of ours."""


class _Abandoned(Exception):
    """The chunk before has failed."""


@dataclass(slots=True)
class _Flight(Generic[Result]):
    rows: list[SourceRow]
    keys: frozenset[str]
    ended: threading.Event = field(default_factory=threading.Event)
    good: bool = False
    future: Future[Result] | None = None

    def result(self) -> Result:
        assert self.future is not None  # noqa: S101 - set when it was sent off
        return self.future.result()


def independent(records: Records, plan: Plan) -> bool:
    """Whether two chunks of an import may be under way at once: nothing sums the object up (both would want the same parents),
    draws its numbers in order, looks for likely duplicates (a chunk has to see those before it), or links its records to each other;
    and keys are texts, so that equal ones are seen beforehand."""
    target = plan.object
    return (
        not target.definition.duplicates
        and not records.dependents.above.get(target.name)
        and not target.rules.serials
        and all(cell.target != target.name for cell in plan.cells)
        and all(target.fields[name].type.base is Base.TEXT for name in plan.key)
    )


def run_in_two_lanes(
    parts: Iterable[list[SourceRow]],
    position: int,
    settle: Settle[Result],
    landed: Callable[[list[SourceRow], Result], None],
    plan: Plan,
) -> None:
    """Settle parts of a table, two at a time. ``landed`` hears of each in order; parts with a key in common wait for each other.
    Raises what the first part that failed raised; those before it are settled."""
    with ThreadPoolExecutor(2, thread_name_prefix="tenon-import") as pool:
        before: _Flight[Result] | None = None
        for rows in parts:
            flight: _Flight[Result] = _Flight(rows, _keys(rows, plan))
            if before is not None and not before.keys.isdisjoint(flight.keys):
                landed(before.rows, before.result())
                before = None
            flight.future = pool.submit(_fly, flight, before, settle, position)
            if before is not None:
                landed(before.rows, before.result())
            before, position = flight, rows[-1].number
        if before is not None:
            landed(before.rows, before.result())


def _fly(flight: _Flight[Result], before: _Flight[Result] | None, settle: Settle[Result], position: int) -> Result:
    def my_turn() -> None:
        if before is None:
            return
        if not before.ended.wait(PATIENCE):
            raise _TooEarly
        if not before.good:
            raise _Abandoned

    try:
        while True:
            try:
                result = settle(flight.rows, position, my_turn)
            except _TooEarly:
                if before is not None:
                    before.ended.wait()
            else:
                flight.good = True
                return result
    finally:
        flight.ended.set()


def _keys(rows: list[SourceRow], plan: Plan) -> frozenset[str]:
    """Return the keys of rows, so coarsely that whatever might be stored as the same key is the same here."""
    cells = [cell for cell in plan.cells if cell.field.name in plan.key]
    if not cells:
        return frozenset()
    found: set[str] = set()
    for row in rows:
        texts = [cell.repair.get(text, text) for cell in cells for text in (row.cells[cell.index].strip(),)]
        joined = "\x1f".join(texts)
        if not joined.isascii():
            joined = unicodedata.normalize("NFKC", joined)
        found.add(" ".join(joined.casefold().lstrip("'").split()))
    return frozenset(found)
