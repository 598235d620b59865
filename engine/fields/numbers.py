"""Reading and showing exact numbers, for every type that holds one: from JSON without coercion, from what people type without
guessing, and within a type's bounds."""

from __future__ import annotations

import re
from decimal import Context, Decimal
from functools import lru_cache
from math import isfinite
from typing import TYPE_CHECKING, Any

from engine.fields.base import ValueFault
from engine.fields.clean import malformed, plain_ascii, shortened, wrong_type
from engine.fields.numerals import chinese_number
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping


LIMIT = Decimal(10) ** 24  # results of expressions end here as well
LARGEST_INTEGER = 2**53 - 1  # every reader of JSON keeps integers up to here
DEEPEST = 12  # decimals of a number without a scale of its own: as many as the expression language keeps
_WIDE = Context(prec=80)
_PLAIN = re.compile(r"-?(?:0|[1-9][0-9]{0,39})(?:\.[0-9]{1,40})?")
_PLAINLY = re.compile(r"[0-9]{1,24}(\.[0-9]{1,24})?")
_TYPED = re.compile(r"([+-]?)([0-9][0-9,' ]*)?(\.[0-9]+)?")
_GROUPED = re.compile(r"[1-9][0-9]{0,2}(?:([,' ])[0-9]{3})(?:\1[0-9]{3})*")
_UNITS = {
    "万亿": Decimal(10) ** 12,
    "亿": Decimal(10) ** 8,
    "千万": Decimal(10) ** 7,
    "百万": Decimal(10) ** 6,
    "十万": Decimal(10) ** 5,
    "万": Decimal(10) ** 4,
    "千": Decimal(10) ** 3,
    "百": Decimal(10) ** 2,
    "w": Decimal(10) ** 4,  # as 万 is typed
    "k": Decimal(10) ** 3,
}
_POWER = re.compile(r"[0-9.]+e[+-]?[0-9]+", re.IGNORECASE)
_COMMA = re.compile(r"[0-9]{1,3}(?:[. ][0-9]{3})*,[0-9]+")
_WITH_MORE = re.compile(r"[+-]?[0-9][0-9,.]*\s*([^0-9\s,.+-]\S{0,9})")


def json_number(value: object) -> Decimal:
    """Return the exact number that JSON holds: a string in plain notation, or a number. A number that a reader of JSON may already
    have rounded is refused, as is everything else."""
    if isinstance(value, str):
        if _PLAIN.fullmatch(value) is None:
            raise malformed(
                '应为数字，如 "1234.50"，不带千分位和指数',
                'must be a number such as "1234.50", no separators, no exponent',
            )
        return Decimal(value)
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise wrong_type("数字或数字字符串", "a number or a string holding one")
    if isinstance(value, float):
        return _from_float(value)
    number = Decimal(value)
    if not number.is_finite():
        raise wrong_type("有限的数字", "a finite number")
    if number and number.adjusted() > 60:
        raise _too_big()
    if isinstance(exponent := number.as_tuple().exponent, int) and exponent < -60:
        raise ValueFault("TOO_DEEP", Text(zh="小数位数过多", en="has too many decimals"))
    return number


def _too_big() -> ValueFault:
    return ValueFault("TOO_BIG", Text(zh="数值过大", en="the number is too big"))


def _from_float(value: float) -> Decimal:
    if not isfinite(value):
        raise wrong_type("有限的数字", "a finite number")
    number = Decimal(repr(value))
    if abs(value) > LARGEST_INTEGER or len(number.normalize().as_tuple().digits) > 15:
        raise malformed(
            "位数过多，请以字符串发送以保证精确",
            "too many digits for a JSON number: send it as a string to keep it exact",
        )
    return number


def written_plainly(text: str) -> bool:
    """Whether a text is a number and nothing else: what files hold mostly, and what needs no second look."""
    return _PLAINLY.fullmatch(text) is not None


def typed_number(text: str) -> Decimal:
    """Return the number a person typed: full-width digits, separators in threes, 万 and 亿, (1,234) for a negative one. What could
    be read in two ways is refused."""
    if written_plainly(text):
        return Decimal(text)
    if any(sign in text.strip() for sign in "\t\r\n"):
        raise malformed(
            f"「{shortened(text)}」里不止一个单元格或一行，这里只能填一个数",
            f"“{shortened(text)}” holds several cells or lines: give one number",
        )
    folded = plain_ascii(text)
    negative = folded.startswith("(") and folded.endswith(")")
    if negative:
        folded = folded[1:-1].strip()
    unit = Decimal(1)
    for name, factor in _UNITS.items():
        if folded[-len(name) :].lower() == name:
            folded, unit = folded[: -len(name)].rstrip(), factor
            break
    match = _TYPED.fullmatch(folded) if len(folded) <= 60 else None
    if match is None or not (match[2] or match[3]) or (negative and match[1]):
        spelled = chinese_number(plain_ascii(text))
        if spelled is None:
            raise _unreadable(text)
        return spelled
    whole = (match[2] or "0").strip()
    if not whole.isdigit():
        if _GROUPED.fullmatch(whole) is None:
            raise malformed(
                f"「{shortened(text)}」的分隔符位置不明确，千分位应为每三位一个",
                f"the separators in “{shortened(text)}” can be read in two ways; thousands are separated every three digits",
            )
        whole = re.sub(r"[,' ]", "", whole)
    number = Decimal(f"{whole}{match[3] or ''}") * unit
    return -number if negative or match[1] == "-" else number


def _unreadable(text: str) -> ValueFault:
    seen, folded = shortened(text), plain_ascii(text)
    if _POWER.fullmatch(folded):
        return malformed(
            f"「{seen}」是科学计数法，可能已丢失位数，请写出全部数字",
            f"“{seen}” is a power of ten and may lack digits: write all of them",
        )
    if _COMMA.fullmatch(folded):
        return malformed(
            f"「{seen}」读不准：小数点用「.」，千分位用「,」",
            f"“{seen}” can be read in two ways: write the decimals behind a point",
        )
    more = _WITH_MORE.fullmatch(folded)
    if more:
        rest = shortened(more[1])
        return malformed(
            f"「{seen}」里多出「{rest}」，请只填数字", f"“{rest}” in “{seen}” is too much: only the number is wanted"
        )
    return malformed(f"「{seen}」不是数字", f"“{seen}” is not a number")


def fitted(number: Decimal, scale: int | None, options: Mapping[str, Any], *, unit: str = "") -> Decimal:
    """Return the number as stored: with ``scale`` decimals, or plain without one. Raises ValueFault where it has more decimals,
    is out of the field's ``min`` and ``max``, or beyond what any number may be."""
    deepest, limit, step = _bounds(scale)
    if abs(number) >= limit:
        raise _too_big()
    exact = number.quantize(step, context=_WIDE)
    if number != exact:
        raise ValueFault("TOO_DEEP", Text(zh=f"最多 {deepest} 位小数", en=f"at most {deepest} decimals"))
    number = exact if scale is not None else plain(number)
    low, high = option_number(options, "min"), option_number(options, "max")
    if low is not None and number < low:
        raise ValueFault(
            "TOO_SMALL", Text(zh=f"不能小于 {text_of(low)}{unit}", en=f"must be at least {text_of(low)}{unit}")
        )
    if high is not None and number > high:
        raise ValueFault(
            "TOO_BIG", Text(zh=f"不能大于 {text_of(high)}{unit}", en=f"must be at most {text_of(high)}{unit}")
        )
    return number or abs(number)  # no negative zero


@lru_cache(maxsize=64)
def _bounds(scale: int | None) -> tuple[int, Decimal, Decimal]:
    """Return the most decimals of a scale, what a number must stay below, and the smallest step."""
    deepest = DEEPEST if scale is None else scale
    return deepest, LIMIT if scale is None else LIMIT.scaleb(-scale), Decimal(1).scaleb(-deepest)


def plain(number: Decimal) -> Decimal:
    """Return the number without trailing zeros and without an exponent."""
    return Decimal(f"{number.normalize(_WIDE):f}")


def without_zeros(shown: str) -> str:
    """Return a number that is written out, with or without separators, without zeros at its decimals' end."""
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def text_of(number: Decimal | int) -> str:
    """Return plain notation without trailing zeros: ``1234.5``."""
    return f"{plain(Decimal(number)):f}"


def option_number(options: Mapping[str, Any], name: str) -> Decimal | None:
    """Return a numeric option, None where it is not given."""
    value = options.get(name)
    return None if value is None else _option_decimal(str(value))


@lru_cache(maxsize=1024)
def _option_decimal(text: str) -> Decimal:
    return Decimal(text)
