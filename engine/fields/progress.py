"""The field type `progress`: how far something is, from nothing to done. Value: Decimal, the fraction from 0 to 1 (45 % is 0.45)."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from engine.fields import percent
from engine.fields.base import Example, Field, Locale, Value, ValueFault
from engine.fields.bounds import check_default
from engine.fields.clean import malformed, plain_ascii, shortened
from engine.fields.numbers import fitted, json_number, typed_number
from metamodel.text import Text

if TYPE_CHECKING:
    from typing import Any

    from metamodel.definitions.model import Model
    from metamodel.definitions.objects import FieldDef
    from metamodel.faults import Faults


def _parse(_field: Field, value: object, _locale: Locale | None = None, /) -> Value:
    return _share(json_number(value))


def _share(number: Decimal) -> Decimal:
    if not 0 <= number <= 1:
        raise ValueFault(
            "TOO_SMALL" if number < 0 else "TOO_BIG",
            Text(zh="应在 0% 到 100% 之间", en="must be from 0% to 100%"),
        )
    return fitted(number, None, {})


def _parse_text(_field: Field, text: str, _locale: Locale) -> Value:
    """Take ``45%``, and ``45`` as well, which can be nothing else; 0.45 is 45 %. One alone is 1 % to some and all of it to others: spreadsheets
    hold 100 % as 1."""
    folded = plain_ascii(text)
    if folded.startswith("百分之"):
        folded = folded.removeprefix("百分之") + "%"
    if folded.endswith("%"):
        return _share(typed_number(folded[:-1]).scaleb(-2))
    number = typed_number(folded)
    if number == 1:
        raise malformed("1 读不准：请写明 1% 或 100%", "1 can be read in two ways: write 1% or 100%")
    if number > 1 and number != number.to_integral_value():
        raise malformed(f"请写明百分号：「{shortened(folded)}%」", f"write the sign: “{shortened(folded)}%”")
    return _share(number.scaleb(-2) if number > 1 else number)


def _draw(field: Field, value: Value, locale: Locale, /, *, brief: bool, links: bool) -> str | None:  # noqa: ARG001 - as a drawing is asked
    """Draw a bar before the number."""
    if not isinstance(value, Decimal):
        return None
    done = max(0, min(100, round(value * 100)))
    bar = f'<path class="groove" d="M0 3h100"/><path class="done" d="M0 3h{done}"/>'
    shown = percent.KIND.show(field, value, locale)
    return f'<span class="done-bar"><svg class="done-line" viewBox="0 0 100 6" aria-hidden="true">{bar}</svg>{shown}</span>'


def _schema(_field: Field) -> dict[str, Any]:
    return {"type": "string", "pattern": r"^(0(\.[0-9]+)?|1(\.0+)?)$"}


def _check(definition: FieldDef, model: Model, faults: Faults) -> None:
    check_default(KIND, definition, model, faults)


KIND = replace(
    percent.KIND,
    name="progress",
    label=Text(zh="进度", en="Progress"),
    help=Text(zh="完成了多少，0% 到 100%", en="How far it is, from 0% to 100%"),
    icon="progress",
    parse=_parse,
    parse_text=_parse_text,
    options={},
    json_schema=_schema,
    input_schema=None,
    check=_check,
    draw=_draw,
    examples=(
        Example(json="0.45", value="0.45", shown="45%"),
        Example(json=1, value="1", shown="100%"),
        Example(text="45%", value="0.45"),
        Example(text="４５", value="0.45"),
        Example(text="0.5", value="0.5"),
        Example(text="100", value="1"),
        Example(text="0", value="0", shown="0%"),
        Example(text="1", refused="MALFORMED"),
        Example(text="1%", value="0.01"),
        Example(text="99.9", refused="MALFORMED"),
        Example(json="1.01", refused="TOO_BIG"),
        Example(json="-0.1", refused="TOO_SMALL"),
        Example(text="101%", refused="TOO_BIG"),
        Example(text="一半", refused="MALFORMED"),
        Example(json=True, refused="WRONG_TYPE"),
    ),
    control="percent",
    widens_to=("percent", "decimal"),
)
