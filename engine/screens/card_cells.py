"""Which columns of a list a card on a phone shows: it has room for few, and those that say most go first. How they lie is the styles' matter."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from collections.abc import Set as AbstractSet

    from engine.screens.cells import Column

CARD_CELLS = 5  # what a card has room for; the other columns stay on the record's page


def columns_on_card(columns: Sequence[Column], title: str) -> AbstractSet[str]:
    """Return the names of the columns that a card shows: the title, states, one amount, then as they stand; what lies beyond a link last.
    Of numbers it is one, an amount of money where there is one: a second without its head says nothing."""
    numbers = [one.name for one in columns if one.numeric]
    number = next((one.name for one in columns if one.amount and "." not in one.name), "") or next(iter(numbers), "")

    def place(one: Column) -> int:
        if one.name == title:
            return 0
        return 3 if "." in one.name else 1 if one.css == "c-tag" or one.name == number else 2

    shown = [one for one in columns if not one.minor and (one.name == number or not one.numeric)]
    return {one.name for one in sorted(shown, key=place)[:CARD_CELLS]}
