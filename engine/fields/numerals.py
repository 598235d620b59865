"""Numbers in Chinese characters, plain and as they stand on cheques, and those of figures and units mixed (``1万2千``). What can be read in two
ways (``一百二``) is no number here."""

from __future__ import annotations

import re
from decimal import Decimal

_DIGITS = {character: number for number, character in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_ON_CHEQUES = str.maketrans("壹贰叁肆伍陆柒捌玖拾佰仟萬億○兩", "一二三四五六七八九十百千万亿〇两")
_UNITS = (("亿", 8), ("万", 4), ("千", 3), ("百", 2), ("十", 1))
_CHARACTERS = re.compile("[零〇一二两三四五六七八九十百千万亿]{1,20}")
_MIXED = re.compile(
    r"(?:[0-9]{1,4}(?:\.[0-9]{1,4})?[亿万千百]){2,4}|[0-9]{1,4}[亿万千百](?:[0-9]{1,4}[万千百])*[0-9]{2,8}"
)
_TERM = re.compile(r"([0-9.]+)([亿万千百]?)")
_YEAR = re.compile("[零〇○一二三四五六七八九]{4}")


def chinese_number(text: str) -> Decimal | None:
    """Return the number that a text of Chinese numerals, or of figures with several units, is; None where it is none."""
    plain = text.translate(_ON_CHEQUES)
    if _CHARACTERS.fullmatch(plain):
        found = _below(plain, _UNITS)
        return None if found is None else Decimal(found)
    return _mixed(plain) if _MIXED.fullmatch(plain) else None


def chinese_year(text: str) -> int | None:
    """Return a year written digit by digit: 二〇二四."""
    return int("".join(str(_DIGITS[one]) for one in text.translate(_ON_CHEQUES))) if _YEAR.fullmatch(text) else None


def _below(text: str, units: tuple[tuple[str, int], ...]) -> int | None:
    for place, (unit, power) in enumerate(units):
        head, found, tail = text.rpartition(unit) if unit == "亿" else text.partition(unit)
        if not found:
            continue
        smaller = units[place + 1 :]
        left = (1 if unit == "十" else None) if not head else _below(head, smaller)
        right = _tail(tail, power, smaller)
        if left is None or right is None or left == 0:
            return None
        return int(left * 10**power + right)
    return _DIGITS.get(text)


def _tail(text: str, power: int, units: tuple[tuple[str, int], ...]) -> int | None:
    """Return what stands behind a unit. A lone digit behind 百 and above may be of the next unit or of ones: 一百二."""
    rest = text.lstrip("零〇")
    if not rest:
        return None if text else 0
    if len(rest) == 1 and power > 1 and rest == text and rest != "十":
        return None
    found = _below(rest, units)
    return found if found is not None and 0 < found < 10**power else None


def _mixed(text: str) -> Decimal | None:
    powers = dict(_UNITS)
    total, above = Decimal(0), 99
    for number, unit in _TERM.findall(text):
        power = powers.get(unit, 0)
        term = Decimal(number).scaleb(power)
        if power >= above or term >= Decimal(10) ** above or (not unit and len(number) != above):
            return None
        total, above = total + term, power
    return total
