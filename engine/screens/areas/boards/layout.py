"""How the widgets of a board lie: rows of twelve columns filled to the edge, small ones side by side in bands. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

COLUMNS = 12
BAND = 6  # small widgets side by side at most


@dataclass(frozen=True, slots=True)
class Size:
    """What a widget asks for."""

    name: str
    width: int
    small: bool


@dataclass(frozen=True, slots=True)
class Place:
    """A widget with the columns it is given."""

    name: str
    span: int


@dataclass(frozen=True, slots=True)
class Row:
    """Widgets side by side. ``band``: a row of small ones, which are loaded together."""

    places: tuple[Place, ...]
    band: bool = False


def arrange(sizes: Sequence[Size]) -> list[Row]:
    """Return the rows, in the order of the widgets."""
    rows: list[Row] = []
    waiting: list[Size] = []

    def close() -> None:
        if waiting:
            rows.append(Row(tuple(_filled(waiting)), waiting[0].small))
            waiting.clear()

    for size in sizes:
        full = sum(one.width for one in waiting) + size.width > COLUMNS
        if waiting and (waiting[0].small != size.small or (len(waiting) == BAND if size.small else full)):
            close()
        waiting.append(size)
    close()
    return rows


def _filled(sizes: Sequence[Size]) -> list[Place]:
    """Return places that fill the row: what is left over goes to all in turn, from the right; too many small ones shrink."""
    if sizes[0].small:
        count = len(sizes)
        return [Place(one.name, COLUMNS // count) for one in sizes]
    spans = [one.width for one in sizes]
    left, turn = COLUMNS - sum(spans), len(spans) - 1
    while left > 0:
        spans[turn] += 1
        left, turn = left - 1, (turn - 1) % len(spans)
    return [Place(one.name, span) for one, span in zip(sizes, spans, strict=True)]
