"""The field type `boolean`: yes or no. Value: bool."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from engine.fields.base import Example, Field, FieldKind, Locale, Value
from engine.fields.bounds import check_default
from engine.fields.clean import malformed, plain_ascii, shortened, wrong_type
from engine.fields.text import as_it_is
from metamodel.expressions.types import BOOLEAN
from metamodel.text import Text

if TYPE_CHECKING:
    from metamodel.definitions.model import Model
    from metamodel.definitions.objects import FieldDef
    from metamodel.faults import Faults

_YES = frozenset({"是", "是的", "对", "有", "真", "yes", "y", "true", "t", "1", "on", "√", "✓", "✔", "☑", "✅"})
_NO = frozenset({"否", "不是", "错", "无", "没有", "假", "no", "n", "false", "f", "0", "off", "×", "✗", "✘", "☐", "❌"})
SHOWN = {True: Text(zh="是", en="Yes"), False: Text(zh="否", en="No")}


def _parse(_field: Field, value: object, _locale: Locale | None = None, /) -> Value:
    if not isinstance(value, bool):
        raise wrong_type(" true 或 false", "true or false")
    return value


def _parse_text(_field: Field, text: str, _locale: Locale) -> Value:
    word = plain_ascii(text).casefold()
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise malformed(f"应为「是」或「否」，而不是「{shortened(text)}」", f"must be yes or no, not “{shortened(text)}”")


def _show(_field: Field, value: Value, locale: Locale) -> str:
    return "" if value is None else SHOWN[value](locale.language)


def _edit(_field: Field, value: Value, _locale: Locale) -> str:
    return "" if value is None else "true" if value else "false"


def _check(definition: FieldDef, model: Model, faults: Faults) -> None:
    check_default(KIND, definition, model, faults)


KIND = FieldKind(
    name="boolean",
    label=Text(zh="是/否", en="Yes/no"),
    help=Text(zh="开关或勾选", en="A switch or a tick"),
    icon="checkbox",
    common=True,
    value_type=lambda _definition, _model: BOOLEAN,
    column=lambda _definition: sa.Boolean(),
    parse=_parse,
    parse_text=_parse_text,
    dump=as_it_is,
    show=_show,
    edit=_edit,
    json_schema=lambda _field: {"type": "boolean"},
    operators=("yes", "no", "blank", "not_blank"),
    check=_check,
    examples=(
        Example(json=True, value=True, shown="是"),
        Example(json=False, value=False, shown="否"),
        Example(text="是", value=True),
        Example(text=" NO ", value=False),
        Example(text="√", value=True),
        Example(text="１", value=True),
        Example(text="FALSE", value=False),
        Example(json=1, refused="WRONG_TYPE"),
        Example(json="true", refused="WRONG_TYPE"),
        Example(json="", refused="WRONG_TYPE"),
        Example(text="2", refused="MALFORMED"),
        Example(text="也许", refused="MALFORMED"),
    ),
    control="boolean",
)
