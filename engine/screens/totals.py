"""What a view's totals are shown as: a count is a whole number, a sum or an average a number with the unit of its field (money, percent),
whatever its values look like; the smallest and the largest are values of the field. One place for lists, groups and boards. Pure."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from engine.fields.money import symbol
from engine.fields.numbers import DEEPEST, without_zeros
from engine.fields.results import format_of, rounded

if TYPE_CHECKING:
    from engine.fields.base import Field, Value

PLACES = 2  # of an average
_COMPUTED = 4  # of a sum of computed numbers without a scale, as their values are shown


def figure(field: Field, how: str, value: Value) -> str | None:
    """Return a total as people read it; None where it is a value of the field and is drawn as one."""
    if how == "count":
        return f"{int(value):,}"
    if how not in {"sum", "avg"} or not isinstance(value, int | Decimal):
        return None
    number = Decimal(value)
    computed = field.kind.computed
    form = format_of(field.definition) if computed else field.kind.control
    if form == "money":
        places = field.options.get("scale", 2)
        amount = rounded(number, places)
        if amount == amount.to_integral_value():
            places = 0
        return f"{'-' if amount < 0 else ''}{symbol(field)}{abs(amount):,.{places}f}"
    if form == "percent":
        return f"{rounded(number * 100, PLACES if how == 'avg' or computed else _COMPUTED):,f}%"
    shown = rounded(number, PLACES) if how == "avg" else None
    return without_zeros(f"{shown or rounded(number, _places(field, form)):,f}")


def _places(field: Field, form: str) -> int:
    """Return the most decimals of a sum, and of an average of which fewer would leave nothing."""
    if not field.kind.computed:
        return int(field.options.get("scale", DEEPEST))
    return int(field.options.get("scale", 0 if form == "integer" else _COMPUTED))
