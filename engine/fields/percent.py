"""The field type `percent`: a share of one. Value: Decimal, the fraction (13 % is 0.13), trailing zeros off."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

import sqlalchemy as sa

from engine.fields.base import Example, Field, FieldKind, Locale, Value, ValueFault
from engine.fields.bounds import check_default, check_order
from engine.fields.clean import malformed, plain_ascii, shortened
from engine.fields.decimal import dump_number, number_schema, written_schema
from engine.fields.numbers import fitted, json_number, plain, typed_number
from metamodel.definitions.common import Expression
from metamodel.expressions.types import NUMBER
from metamodel.faults import Mark
from metamodel.text import Text

if TYPE_CHECKING:
    from metamodel.definitions.model import Model
    from metamodel.definitions.objects import FieldDef
    from metamodel.faults import Faults

_PARTS = {"百": Decimal("0.01"), "千": Decimal("0.001")}
_SPOKEN = re.compile("(百|千)分之(.+)")
_SIGNS = {"%": Decimal("0.01"), "‰": Decimal("0.001")}


def _parse(field: Field, value: object, _locale: Locale | None = None, /) -> Value:
    return fitted(json_number(value), None, _fractions(field))


def _fractions(field: Field) -> dict[str, Decimal | None]:
    return {name: read_bound(field.options[name]) for name in ("min", "max") if field.options.get(name) is not None}


def read_bound(option: object) -> Decimal:
    """Return a bound as a fraction: definitions write ``10%`` or ``0.1``."""
    if isinstance(option, str) and option.endswith("%"):
        return json_number(option[:-1].strip()).scaleb(-2)
    return json_number(option)


def _parse_text(field: Field, text: str, _locale: Locale) -> Value:
    folded = plain_ascii(text)
    for sign, factor in _SIGNS.items():
        if folded.endswith(sign):
            return fitted(typed_number(folded[:-1]) * factor, None, _fractions(field))
    spoken = _SPOKEN.fullmatch(folded)
    if spoken:
        return fitted(typed_number(spoken[2]) * _PARTS[spoken[1]], None, _fractions(field))
    number = typed_number(folded)
    if abs(number) >= 1:
        seen = shortened(folded)
        raise malformed(f"请写明百分号：「{seen}%」，或写成小数", f"write the sign: “{seen}%”, or a fraction below one")
    return fitted(number, None, _fractions(field))


def _in_hundred(_field: Field, value: Value, _locale: Locale) -> str:
    return "" if value is None else f"{plain(value * 100):,f}%"


def _edit(_field: Field, value: Value, _locale: Locale) -> str:
    return "" if value is None else f"{plain(value * 100):f}%"


def _check(definition: FieldDef, model: Model, faults: Faults) -> None:
    check_order(read_bound, definition, faults)
    check_default(KIND, definition, model, faults)
    _warn_large(definition, faults)


def _warn_large(definition: FieldDef, faults: Faults) -> None:
    """Warn of ``default: 10`` where 10 % was meant: a share above one, unless ``max`` says that there are such."""
    for name in ("max", "min", "default"):
        option = definition.options.get(name)
        if name == "default" and definition.default is not None:
            option = definition.default.value
        try:
            share = None if option is None or isinstance(option, Expression) else read_bound(option)
        except ValueFault:
            continue  # a fault of its own
        if share is None or share <= 1:
            continue
        if name == "max" and (isinstance(option, str) or share % 1):
            return  # 150% and 1.5 are meant, 150 hardly
        shown, meant = f"{plain(share * 100):f}%", f"{plain(share):f}%"
        message = Text(zh=f"{name} 的值是 {shown}", en=f"{name} means {shown}")
        hint = Text(
            zh=f"若要 {meant}，请带上百分号；确实要超过 100%，请写明 max: {shown}",
            en=f"write {meant} with its sign if that is meant, else say so: max: {shown}",
        )
        mark = definition.mark
        at = Mark(mark.file, mark.line, mark.column, f"{mark.path}/{name}")
        faults.warn("PERCENT_LARGE", message, at, hint=hint)
        return


KIND = FieldKind(
    name="percent",
    label=Text(zh="百分比", en="Percent"),
    help=Text(
        zh="折扣、税率、概率等比例；保存为小数", en="A rate: a discount, a tax, a probability; kept as a fraction"
    ),
    icon="percentage",
    value_type=lambda _definition, _model: NUMBER,
    column=lambda _definition: sa.Numeric(),
    parse=_parse,
    parse_text=_parse_text,
    dump=dump_number,
    show=_in_hundred,
    edit=_edit,
    options={"min": {"type": ["number", "string"]}, "max": {"type": ["number", "string"]}},
    json_schema=number_schema,
    input_schema=lambda field: written_schema(field, _fractions(field)),
    operators=("eq", "ne", "gt", "ge", "lt", "le", "between", "blank", "not_blank"),
    check=_check,
    examples=(
        Example(json="0.13", value="0.13", shown="13%"),
        Example(json=0.5, value="0.5"),
        Example(json="0.1300", value="0.13"),
        Example(json=1, value="1", shown="100%"),
        Example(text="13%", value="0.13"),
        Example(text="１２．５％", value="0.125", shown="12.5%"),
        Example(text="3‰", value="0.003"),
        Example(text="-5 %", value="-0.05"),
        Example(text="0.13", value="0.13"),
        Example(text="0", value="0"),
        Example(json="13%", refused="MALFORMED"),
        Example(json=False, refused="WRONG_TYPE"),
        Example(text="13", refused="MALFORMED"),
        Example(text="1", refused="MALFORMED"),
        Example(text="一半", refused="MALFORMED"),
        Example(text="13%%", refused="MALFORMED"),
        Example(text="120%", options={"max": "100%"}, refused="TOO_BIG"),
        Example(json="-0.1", options={"min": 0}, refused="TOO_SMALL"),
    ),
    control="percent",
    numeric=True,
    widens_to=("decimal",),
)
