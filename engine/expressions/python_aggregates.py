"""The aggregates in Python: one value out of the values read from many records."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from engine.expressions import numbers

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def _sum(values: Sequence[Any]) -> Decimal | None:
    total = numbers.ZERO
    for value in values:
        total = numbers.EXACT.add(total, value)
    return numbers.fit(total)


def _average(values: Sequence[Any]) -> Decimal | None:
    total = _sum(values) if values else None
    return None if total is None else numbers.divide(total, Decimal(len(values)))


AGGREGATES: dict[str, Callable[[Sequence[Any]], Any]] = {
    "SUM": _sum,
    "COUNT": lambda values: Decimal(len(values)),
    "AVG": _average,
    "MIN": lambda values: min(values, default=None),
    "MAX": lambda values: max(values, default=None),
}


def first_of(values: Sequence[Any], keys: Sequence[Any] | None, *, last: bool) -> Any:
    """Return the first (last) of ``values``, by ``keys`` where given (blank keys come last), otherwise as they stand."""
    if not values:
        return None
    places = list(range(len(values)))
    if keys is not None:
        known = sorted(
            (place for place in places if keys[place] is not None), key=lambda place: (_order(keys[place]), place)
        )
        places = known + [place for place in places if keys[place] is None]
        if last and known:
            places = known
    return values[places[-1 if last else 0]]


def _order(key: Any) -> Any:
    return getattr(key, "length", key)
