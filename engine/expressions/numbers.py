"""The arithmetic of the language in Python: exact decimals, twelve decimals where division comes in, BLANK (None) for the impossible."""

from __future__ import annotations

import re
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal
from functools import lru_cache

ZERO = Decimal(0)
LIMIT = Decimal(10) ** 24
PLACES = 12
GUARD_PLACES = 30  # transcendental results are rounded here first, so that exact ties stay ties
TRANSCENDENTAL_PRECISION = 100
EXACT = Context(prec=50_000, rounding=ROUND_HALF_UP, Emin=-999_999, Emax=999_999, traps=[])
_TRUNCATED = Context(prec=80, rounding=ROUND_DOWN, Emin=-999_999, Emax=999_999, traps=[])
_WIDE = Context(prec=TRANSCENDENTAL_PRECISION, rounding=ROUND_HALF_EVEN, Emin=-999_999, Emax=999_999, traps=[])
_LEAST_PLACES, _MOST_PLACES = -30, 1000
_VALUE = re.compile(r"[+-]?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)?(?:\.([0-9]*))?(%?)")
_LONGEST_VALUE = 60


def fit(number: Decimal) -> Decimal | None:
    """Return the number, or BLANK where it lies beyond ±10^24 or is none."""
    if not number.is_finite() or not -LIMIT <= number <= LIMIT:
        return None
    return number or ZERO


def rounded(number: Decimal, places: int) -> Decimal:
    """Round to so many decimals, ties away from zero."""
    exponent = number.as_tuple().exponent
    if isinstance(exponent, int) and -exponent <= places:
        return number
    return EXACT.quantize(number, _last(places)) or ZERO


@lru_cache(maxsize=2048)
def _last(places: int) -> Decimal:
    """Return one in the last of so many decimals."""
    return Decimal(1).scaleb(-places)


def add(left: Decimal, right: Decimal) -> Decimal | None:
    """Add exactly."""
    return fit(EXACT.add(left, right))


def subtract(left: Decimal, right: Decimal) -> Decimal | None:
    """Subtract exactly."""
    return fit(EXACT.subtract(left, right))


def multiply(left: Decimal, right: Decimal) -> Decimal | None:
    """Multiply exactly."""
    return fit(EXACT.multiply(left, right))


def divide(left: Decimal, right: Decimal) -> Decimal | None:
    """Divide to twelve decimals, ties away from zero."""
    if not right:
        return None
    quotient = _TRUNCATED.divide(left, right)
    return fit(rounded(quotient, PLACES)) if fit(quotient) is not None else None


def power(base: Decimal, exponent: Decimal) -> Decimal | None:
    """Raise to a power, to twelve decimals."""
    if not base:
        return ZERO if exponent > 0 else None
    whole = exponent == exponent.to_integral_value()
    if base < 0 and not whole:
        return None
    return _settle(_WIDE.power(base, exponent))


def square_root(number: Decimal) -> Decimal | None:
    """Take the square root, to twelve decimals."""
    return None if number < 0 else _settle(_WIDE.sqrt(number))


def _settle(number: Decimal) -> Decimal | None:
    if fit(number) is None:
        return None
    return fit(rounded(rounded(number, GUARD_PLACES), PLACES))


def whole(number: Decimal, least: int = -(10**9), most: int = 10**9) -> int:
    """Return a number cut to whole and kept within bounds, for counts and places."""
    return int(max(Decimal(least), min(Decimal(most), number)))


def places_of(number: Decimal) -> int:
    """Return a number of decimals as rounding takes it: -30 to 1000."""
    return whole(number, _LEAST_PLACES, _MOST_PLACES)


def floor(number: Decimal) -> Decimal:
    """Round down to whole."""
    return number.to_integral_value("ROUND_FLOOR", EXACT) or ZERO


def modulo(number: Decimal, divisor: Decimal) -> Decimal | None:
    """Return the rest of a division, with the divisor's sign."""
    if not divisor:
        return None
    rest = EXACT.remainder(number, divisor)
    return EXACT.add(rest, divisor) if rest and (rest < 0) != (divisor < 0) else rest or ZERO


def multiple(number: Decimal, step: Decimal, *, up: bool) -> Decimal | None:
    """Round to a multiple of ``step``, as Excel's CEILING and FLOOR do."""
    if not step:
        return ZERO if up or not number else None
    if number > 0 > step:
        return None
    count = EXACT.divide_int(number, step)
    rest = EXACT.remainder(number, step)
    if rest and (rest < 0) == (step < 0):
        count = EXACT.add(count, Decimal(int(up)))
    elif rest and not up:
        count = EXACT.subtract(count, Decimal(1))
    return fit(EXACT.multiply(count, step))


def number_text(number: Decimal) -> str:
    """Write a number plainly: no exponent, no zeros at its end."""
    if not number:
        return "0"
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def read_number(text: str) -> Decimal | None:
    """Read a number a person wrote: ``1,234.5``, ``-7``, ``10%``; BLANK for anything else. More than twelve decimals are rounded."""
    text = text.strip(" ")
    match = _VALUE.fullmatch(text)
    digits = text.lstrip("+-").rstrip("%")
    if match is None or len(text) > _LONGEST_VALUE or digits in {"", "."}:
        return None
    number = Decimal(text.rstrip("%").replace(",", ""))
    return fit(rounded(number.scaleb(-2, EXACT) if match[2] else number, PLACES))
