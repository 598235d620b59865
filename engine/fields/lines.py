"""The field type `lines`: rows of another object edited inside their parent and saved with it. Value as written: list of ``Line``;
as read a list of rows (name → value). Nothing is stored at the parent; the rows' own fields parse what is in them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from engine.fields.base import Example, Field, FieldKind, Line, Locale, Value, ValueFault
from engine.fields.clean import malformed, wrong_type
from engine.fields.link import LARGEST_ID, an_id
from metamodel.expressions.types import Base, Type
from metamodel.faults import near_miss
from metamodel.text import Text

if TYPE_CHECKING:
    from metamodel.definitions.model import Model
    from metamodel.definitions.objects import FieldDef
    from metamodel.faults import Faults

MOST = 2000


def _most(field: Field) -> int:
    return int(field.options.get("max", MOST))


def _parse(field: Field, value: object, _locale: Locale | None = None, /) -> Value:
    if not isinstance(value, list):
        raise wrong_type("明细行的列表", "a list of rows")
    if len(value) > _most(field):
        raise ValueFault("TOO_LONG", Text(zh=f"最多 {_most(field)} 行", en=f"must have at most {_most(field)} rows"))
    lines = [_line(index, row) for index, row in enumerate(value)]
    named = [line.id for line in lines if line.id is not None]
    if len(named) != len(set(named)):
        raise malformed("同一行出现了两次", "names one row twice")
    return lines


def _line(index: int, row: object) -> Line:
    if not isinstance(row, Mapping) or not all(isinstance(name, str) for name in row):
        raise wrong_type(
            f"明细行，第 {index + 1} 行不是 {{字段: 值}}", f"rows of {{field: value}}; row {index + 1} is not"
        )
    values = {str(name): value for name, value in row.items() if name not in {"id", "remove"}}
    number = None if row.get("id") is None else an_id(row["id"])
    remove = row.get("remove", False)
    if not isinstance(remove, bool):
        raise wrong_type(
            f"明细行，第 {index + 1} 行的 remove 应为 true", f"rows; remove of row {index + 1} must be true"
        )
    if remove and (number is None or values):
        raise malformed(
            f"第 {index + 1} 行：移除时只写 id", f"row {index + 1}: a removal names the id and nothing else"
        )
    return Line(number, values, remove)


def _parse_text(_field: Field, _text: str, _locale: Locale) -> Value:
    raise malformed("明细不能作为文字输入", "rows can't be given as text")


def _count(_field: Field, value: Value, locale: Locale) -> str:
    if not value:
        return ""
    return f"{len(value)} row{'' if len(value) == 1 else 's'}" if locale.language == "en" else f"{len(value)} 行"


def source_of(definition: FieldDef) -> tuple[str, str]:
    """Return the link and the lines beyond it that the rows of a new form begin with; ("", "") where it begins without any."""
    link, _, lines = str(definition.options.get("from", "")).partition(".")
    return link, lines


def _check_source(definition: FieldDef, model: Model, faults: Faults) -> None:
    link, lines = source_of(definition)
    if not link:
        return
    own = next((one.fields for one in model.objects.values() if definition in one.fields.values()), {})
    target = model.objects.get(str(own[link].options.get("to", ""))) if link in own else None
    found = target.fields.get(lines) if target is not None else None
    if found is None or found.type != KIND.name:
        message = Text(
            zh=f"from 应为链接和那里的明细，{link}.{lines} 不是",
            en=f"from names a link and lines of what it leads to; {link}.{lines} is none",
        )
        known = [
            f"{name}.{far.name}"
            for name, one in own.items()
            for far in getattr(model.objects.get(str(one.options.get("to", ""))), "fields", {}).values()
            if far.type == KIND.name
        ]
        faults.add("UNKNOWN_FIELD", message, definition.mark, hint=near_miss(f"{link}.{lines}", known))


def order_of(definition: FieldDef) -> str:
    """Return the field of the rows that keeps the order people put them in; "" where rows stand as they were added."""
    return str(definition.options.get("order", ""))


def _check_order(definition: FieldDef, model: Model, faults: Faults) -> None:
    order = order_of(definition)
    rows = getattr(model.objects.get(str(definition.options.get("of", ""))), "fields", {})
    if order and (order not in rows or rows[order].type != "integer"):
        message = Text(
            zh=f"order 应为明细的一个整数字段，{order} 不是",
            en=f"order names a whole number of the rows; {order} is none",
        )
        known = [one.name for one in rows.values() if one.type == "integer"]
        faults.add("UNKNOWN_FIELD", message, definition.mark, hint=near_miss(order, known))


def _check(definition: FieldDef, model: Model, faults: Faults) -> None:
    _check_source(definition, model, faults)
    _check_order(definition, model, faults)
    of = definition.options.get("of", "")
    if of not in model.objects:
        message = Text(zh=f"没有名为 {of} 的对象", en=f"there is no object named {of}")
        faults.add("UNKNOWN_OBJECT", message, definition.mark, hint=near_miss(str(of), model.objects))
    if definition.default is not None:
        message = Text(zh="明细没有默认值", en="lines take no default")
        faults.add("DEFAULT_VALUE", message, definition.mark, hint=Text(zh="去掉 default", en="leave default out"))


_ROW: dict[str, Any] = {
    "type": "object",
    "properties": {"id": {"type": "integer", "minimum": 1, "maximum": LARGEST_ID}},
}
_OF = {"of": "quote_line"}

KIND = FieldKind(
    name="lines",
    label=Text(zh="明细", en="Lines"),
    help=Text(zh="随主记录一起填写和保存的多行", en="Rows entered and saved together with their parent"),
    icon="list-details",
    common=True,
    value_type=lambda definition, _model: Type(Base.ROWS, objects=(str(definition.options.get("of", "")),)),
    column=lambda _definition: None,
    parse=_parse,
    parse_text=_parse_text,
    dump=lambda _field, value: value,
    show=_count,
    edit=lambda _field, _value, _locale: "",
    options={
        "of": {"type": "string", "pattern": "^[a-z][a-z0-9_]{0,59}$", "description": "the object whose rows these are"},
        "max": {"type": "integer", "minimum": 1, "maximum": MOST, "description": f"rows at most ({MOST})"},
        "order": {
            "type": "string",
            "pattern": "^[a-z][a-z0-9_]{0,59}$",
            "description": "a whole number among the fields of the rows: keeps the order that people put them in",
        },
        "from": {
            "type": "string",
            "pattern": r"^[a-z][a-z0-9_]{0,59}\.[a-z][a-z0-9_]{0,59}$",
            "description": "the lines that a new form begins with, over a link of this object (`quote.lines`)",
        },
    },
    required_options=("of",),
    json_schema=lambda _field: {"type": "array", "items": {**_ROW, "required": ["id"]}},
    input_schema=lambda field: {"type": "array", "items": _ROW, "maxItems": _most(field)},
    check=_check,
    examples=(
        Example(
            json=[{"product": 1, "price": "9.5"}], value=[{"product": 1, "price": "9.5"}], shown="1 行", options=_OF
        ),
        Example(
            json=[{"id": 3, "price": "9.5"}, {"id": 4, "remove": True}],
            value=[{"id": 3, "price": "9.5"}, {"id": 4, "remove": True}],
            options=_OF,
        ),
        Example(json=[], value=[], shown="", options=_OF),
        Example(json={"product": 1}, refused="WRONG_TYPE", options=_OF),
        Example(json=["x"], refused="WRONG_TYPE", options=_OF),
        Example(json=[{"id": "3"}], refused="WRONG_TYPE", options=_OF),
        Example(json=[{"id": 3}, {"id": 3}], refused="MALFORMED", options=_OF),
        Example(json=[{"remove": True}], refused="MALFORMED", options=_OF),
        Example(json=[{"id": 3, "remove": True, "price": "1"}], refused="MALFORMED", options=_OF),
        Example(json=[{"id": 3, "remove": "yes"}], refused="WRONG_TYPE", options=_OF),
        Example(json=[{}] * 3, options={"of": "quote_line", "max": 2}, refused="TOO_LONG"),
        Example(text="a,b", refused="MALFORMED", options=_OF),
    ),
    control="lines",
    one_line=False,
    sortable=False,
)
