"""The field type `money`: an amount in one currency. Value: Decimal with the currency's decimals."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

import sqlalchemy as sa

from engine.fields.base import Example, Field, FieldKind, Locale, Value, ValueFault
from engine.fields.bounds import check_default, check_order
from engine.fields.clean import plain_ascii
from engine.fields.decimal import dump_number, edit_number, number_input_schema, number_schema
from engine.fields.numbers import fitted, json_number, typed_number, written_plainly
from engine.fields.numerals import chinese_number
from metamodel.expressions.types import NUMBER
from metamodel.text import Text

if TYPE_CHECKING:
    from metamodel.definitions.model import Model
    from metamodel.definitions.objects import FieldDef
    from metamodel.faults import Faults

DIGITS = 24
_SYMBOLS = {
    "CNY": "¥",
    "USD": "$",
    "EUR": "€",
    "GBP": "£",
    "JPY": "JP¥",
    "HKD": "HK$",
    "TWD": "NT$",
    "SGD": "S$",
    "KRW": "₩",
    "INR": "₹",
}
_WORDS = {
    "CNY": ("人民币", "RMB", "CNY", "CN¥", "¥", "元", "圆", "块"),
    "USD": ("美元", "US$", "USD", "$"),
    "EUR": ("欧元", "EUR", "€"),
    "GBP": ("英镑", "GBP", "£"),
    "JPY": ("日元", "JPY", "JP¥", "円", "¥"),
    "HKD": ("港币", "港元", "HK$", "HKD"),
    "TWD": ("新台币", "NT$", "TWD"),
    "SGD": ("新加坡元", "S$", "SGD"),
    "KRW": ("韩元", "KRW", "₩"),
    "INR": ("卢比", "INR", "₹"),
}
_ALL_WORDS = sorted({word for words in _WORDS.values() for word in words}, key=len, reverse=True)
# The codes of ISO 4217 in use: other letters beside an amount are no currency, so not a wrong one either.
_IN_USE = """
AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP CNY COP CRC
CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD
JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD
NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP
SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWG
"""
_CODES = frozenset(_IN_USE.split())
_ROUND = re.compile("(?<=[元圆])[整正]$")
_LETTERS = re.compile(r"[A-Z]+")


def currency_of(field: Field) -> str:
    """Return the ISO code of the field's currency."""
    return str(field.options.get("currency", "CNY"))


def symbol(field: Field) -> str:
    """Return the sign shown in front of an amount, or the code and a space where there is no usual sign."""
    code = currency_of(field)
    return _SYMBOLS.get(code, f"{code} ")


def _without_currency(field: Field, text: str) -> str:
    """Return what a person typed without the signs and words of the field's own currency. Raises ValueFault WRONG_CURRENCY for an
    amount in another one; what is no amount at all is left for the number's reading to refuse."""
    if (
        not any(map(str.isdecimal, text))
        and chinese_number(_ROUND.sub("", text).removeprefix("人民币").rstrip("元圆块")) is None
    ):
        return text
    code = currency_of(field)
    own = (*_WORDS.get(code, ()), code)
    folded = _ROUND.sub("", text)
    upper = folded.upper()
    for word in sorted((*own, *_ALL_WORDS), key=lambda one: (-len(one), one not in own)):
        before = folded
        if upper.startswith(("-" + word, "+" + word, "(" + word)):
            folded = folded[0] + folded[1 + len(word) :]
        elif upper.startswith(word):
            folded = folded[len(word) :]
        elif upper.endswith(word):
            folded = folded[: -len(word)]
        if folded != before and word not in own:
            break
        folded = folded.strip()
        upper = folded.upper()
    else:
        if _CODES.isdisjoint(_LETTERS.findall(upper)):
            return folded
    raise ValueFault("WRONG_CURRENCY", Text(zh=f"此处的货币是 {code}", en=f"must be in {code}"))


def _parse(field: Field, value: object, _locale: Locale | None = None, /) -> Value:
    return fitted(json_number(value), field.options.get("scale", 2), field.options)


def _parse_text(field: Field, text: str, _locale: Locale) -> Value:
    number = Decimal(text) if written_plainly(text) else typed_number(_without_currency(field, plain_ascii(text)))
    options = field.options
    return fitted(number, options.get("scale", 2), options)


def _show(field: Field, value: Value, _locale: Locale) -> str:
    return "" if value is None else f"{'-' if value < 0 else ''}{symbol(field)}{abs(value):,f}"


def _check(definition: FieldDef, model: Model, faults: Faults) -> None:
    check_order(json_number, definition, faults)
    check_default(KIND, definition, model, faults)


KIND = FieldKind(
    name="money",
    label=Text(zh="金额", en="Money"),
    help=Text(zh="一种货币的精确金额", en="An exact amount in one currency"),
    icon="coin-yuan",
    common=True,
    value_type=lambda _definition, _model: NUMBER,
    column=lambda definition: sa.Numeric(DIGITS, definition.options.get("scale", 2)),
    parse=_parse,
    parse_text=_parse_text,
    dump=dump_number,
    show=_show,
    edit=edit_number,
    options={
        "currency": {"type": "string", "pattern": "^[A-Z]{3}$", "description": "ISO 4217 code (CNY)"},
        "scale": {"type": "integer", "minimum": 0, "maximum": 6, "description": "decimals (2)"},
        "min": {"type": ["number", "string"]},
        "max": {"type": ["number", "string"]},
    },
    json_schema=number_schema,
    input_schema=number_input_schema,
    operators=("eq", "ne", "gt", "ge", "lt", "le", "between", "blank", "not_blank"),
    check=_check,
    examples=(
        Example(json="1234.5", value="1234.50", shown="¥1,234.50"),
        Example(json=1234.5, value="1234.50"),
        Example(json=300000, value="300000.00"),
        Example(json="-0.01", value="-0.01", shown="-¥0.01"),
        Example(text="￥１２，３４５．６７", value="12345.67"),
        Example(text="¥1,200", value="1200.00"),
        Example(text="-¥5", value="-5.00"),
        Example(text="1.2万", value="12000.00"),
        Example(text="3亿元", value="300000000.00"),
        Example(text="人民币 500 元", value="500.00"),
        Example(text="RMB 1,000.00", value="1000.00"),
        Example(text="(¥1,200.00)", value="-1200.00"),
        Example(text="$99", options={"currency": "USD"}, value="99.00", shown="$99.00"),
        Example(text="1000円", options={"currency": "JPY", "scale": 0}, value="1000"),
        Example(json=True, refused="WRONG_TYPE"),
        Example(json="¥5", refused="MALFORMED"),
        Example(json="1.234", refused="TOO_DEEP"),
        Example(json="NaN", refused="MALFORMED"),
        Example(json=1e30, refused="MALFORMED"),
        Example(json="1" + "0" * 22, refused="TOO_BIG"),
        Example(text="$99", refused="WRONG_CURRENCY"),
        Example(text="100 USD", refused="WRONG_CURRENCY"),
        Example(text="CHF 100", refused="WRONG_CURRENCY"),
        Example(text="abc", refused="MALFORMED"),
        Example(json="abc", refused="MALFORMED"),
        Example(text="100 pcs", refused="MALFORMED"),
        Example(text="1.234,56", refused="MALFORMED"),
        Example(text="面议", refused="MALFORMED"),
        Example(text="-1", options={"min": 0}, refused="TOO_SMALL"),
    ),
    control="money",
    numeric=True,
)
