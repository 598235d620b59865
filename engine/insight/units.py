"""How figures are shown: money, percents, days and plain numbers, in full and short enough for an axis. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from engine.fields.numbers import plain
from engine.fields.results import whole_number
from engine.records.units import WHOLE
from metamodel.text import Text

if TYPE_CHECKING:
    from engine.records.units import Unit as Found

KINDS = ("", "percent", "money", "days")
_DAYS = Text(zh="天", en="days")
_STEPS = {
    "zh": ((Decimal(10) ** 8, "亿"), (Decimal(10) ** 4, "万")),
    "en": ((Decimal(10) ** 9, "B"), (Decimal(10) ** 6, "M"), (Decimal(10) ** 3, "K")),
}


@dataclass(frozen=True, slots=True)
class Unit:
    """What a figure is a number of. ``kind``: one of KINDS, ``label`` what is counted where the definition says it in words, ``whole``:
    its figures are integers."""

    kind: str = ""
    symbol: str = "¥"
    label: Text = field(default_factory=Text)
    whole: bool = False

    def name(self, language: str) -> str:
        """Return what the API calls it."""
        return self.kind or self.label(language)

    def json(self, value: Decimal | None) -> int | str | None:
        """Return the figure as the API gives it: an integer as a number, all else as a text in plain notation without zeros at its end,
        but for the cents of money, which a zero has as well."""
        if value is None:
            return None
        exact = Decimal(value)
        if self.whole:
            return whole_number(exact)
        found = plain(exact)
        return f"{found:.{max(2 if self.kind == 'money' else 0, _decimals(found))}f}"

    def show(self, value: Decimal | None, language: str) -> str:
        """Return the figure in full, as people read it: a dash where there is none."""
        if value is None:
            return "–"
        match self.kind:
            case "percent":
                return f"{_rounded(value * 100, 1):,f}%"
            case "money":
                return _signed(value, f"{self.symbol}{_amount(abs(value))}")
            case "days":
                return f"{_rounded(value, 1):,f} {_DAYS(language)}"
        shown, label = f"{_rounded(value, 2):,f}", self.label(language)
        return f"{shown} {label}" if label else shown

    def brief(self, value: Decimal | None, language: str) -> str:
        """Return the figure in three or four digits: ¥3,067万, $1.2M."""
        if value is None or self.kind in {"percent", "days"}:
            return self.show(value, language)
        size = abs(value)
        for step, word in _STEPS[language]:
            if size >= step:
                scaled = size / step
                shown = f"{_rounded(scaled, 0 if scaled >= 100 else 1):,f}{word}"
                break
        else:
            shown = f"{_rounded(size, 2):,f}"
        return _signed(value, f"{self.symbol}{shown}" if self.kind == "money" else shown)


def unit_named(found: Found) -> Unit:
    """Return the unit that an expression was found to have."""
    return Unit(found.format if found.format in KINDS else "", whole=found == WHOLE)


def _decimals(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _signed(value: Decimal, shown: str) -> str:
    return f"-{shown}" if value < 0 else shown


def _amount(value: Decimal) -> str:
    exact = value.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
    return f"{exact.to_integral_value():,f}" if exact == exact.to_integral_value() else f"{exact:,f}"


def _rounded(value: Decimal, most: int) -> Decimal:
    """Return a number with at most so many decimals, zeros at the end off."""
    found = Decimal(value).quantize(Decimal(1).scaleb(-most), rounding=ROUND_HALF_UP)
    whole = found.to_integral_value()
    return whole if found == whole else found.normalize()


def show_time(days: Decimal | None, language: str) -> str:
    """Return a length of time given in days: ``3.5 天``, ``4 小时``."""
    if days is None:
        return "–"
    if days >= 1 or days == 0:
        return f"{_rounded(days, 1):,f} {_DAYS(language) if language == 'zh' or days != 1 else 'day'}"
    hours = _rounded(days * 24, 1)
    return f"{hours:,f} {'小时' if language == 'zh' else 'hours' if hours != 1 else 'hour'}"
