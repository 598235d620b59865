"""Commands over many records of which some may be refused: what can be written is written, of the rest it is told why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from engine.refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import sqlalchemy as sa

    from metamodel.text import Text

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Refused:
    """Why one record of a batch was refused, by its place in it."""

    place: int
    message: Text


def partly(
    connection: sa.Connection, items: Sequence[Item], run: Callable[[Sequence[Item]], object]
) -> tuple[list[int], list[Refused]]:
    """Run a command over as many items as it takes; return the places of those, and why each of the others was refused.

    A refusal that says which records it is about leaves those out; one that does not is narrowed down by halves.
    """
    done: list[int] = []
    refused: list[Refused] = []
    waiting = [list(range(len(items)))]
    while waiting:
        places = waiting.pop()
        if not places:
            continue
        try:
            with connection.begin_nested():
                run([items[place] for place in places])
            done += places
        except Refusal as refusal:
            bad = {error.row: error.message for error in reversed(refusal.errors) if error.row is not None}
            if len(places) == 1:
                said = refusal.errors[0].message if refusal.errors else refusal.message
                refused.append(Refused(places[0], said))
            elif bad:
                refused += [Refused(places[row], message) for row, message in bad.items() if row < len(places)]
                waiting.append([place for row, place in enumerate(places) if row not in bad])
            else:
                half = len(places) // 2
                waiting += [places[half:], places[:half]]
    return sorted(done), sorted(refused, key=lambda one: one.place)
