"""The field type `long_text`: text of several lines. Value: str, NFC, lines ended by ``\\n``, never empty."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from engine.fields.base import Example, Field, FieldKind, Locale, Value
from engine.fields.bounds import check_default
from engine.fields.clean import stored_lines, typed, wrong_type
from engine.fields.text import as_it_is, check_text, fitting, lengths, same_text, text_schema
from metamodel.expressions.types import TEXT
from metamodel.text import Text

if TYPE_CHECKING:
    from metamodel.definitions.model import Model
    from metamodel.definitions.objects import FieldDef
    from metamodel.faults import Faults

LONGEST = 20_000


def _parse(field: Field, value: object, _locale: Locale | None = None, /) -> Value:
    if not isinstance(value, str):
        raise wrong_type("文字", "text")
    lines = stored_lines(value)
    return None if lines is None else fitting(field, lines, LONGEST)


def _parse_text(field: Field, text: str, _locale: Locale) -> Value:
    lines = stored_lines(typed(text))
    return None if lines is None else fitting(field, lines, LONGEST)


def _schema(field: Field) -> dict[str, Any]:
    return text_schema(field, LONGEST)


def _check(definition: FieldDef, model: Model, faults: Faults) -> None:
    check_text(definition, faults)
    check_default(KIND, definition, model, faults)


KIND = FieldKind(
    name="long_text",
    label=Text(zh="多行文字", en="Long text"),
    help=Text(zh="备注、纪要等多行文字", en="Several lines: notes, minutes"),
    icon="align-left",
    common=True,
    value_type=lambda _definition, _model: TEXT,
    column=lambda _definition: sa.Text(),
    parse=_parse,
    parse_text=_parse_text,
    dump=as_it_is,
    show=same_text,
    edit=same_text,
    options={
        **lengths(1_000_000, LONGEST),
    },
    json_schema=_schema,
    operators=("contains", "not_contains", "blank", "not_blank"),
    check=_check,
    examples=(
        Example(text="第一行\r\n第二行\r\n", value="第一行\n第二行", shown="第一行\n第二行"),
        Example(text="a\rb", value="a\nb"),
        Example(text="\t缩进", value="\t缩进"),
        Example(json=" \n ", value=None),
        Example(json=1, refused="WRONG_TYPE"),
        Example(json={"a": 1}, refused="WRONG_TYPE"),
        Example(json="a\x07b", refused="MALFORMED"),
        Example(json="a\x00", refused="MALFORMED"),
        Example(json="x" * 20_001, refused="TOO_LONG"),
        Example(text="四个字符", options={"max": 3}, refused="TOO_LONG"),
    ),
    control="long_text",
    one_line=False,
    sortable=False,
    searchable=True,
)
