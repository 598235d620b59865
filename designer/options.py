"""Options of kinds as controls of a panel, made from their JSON Schemas, and what was posted back as values. No kind is named here."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

Schema = dict[str, Any]
LABELS: Mapping[str, Text] = {
    "min": Text(zh="最小值", en="Minimum"),
    "max": Text(zh="最大值", en="Maximum"),
    "pattern": Text(zh="格式（正则）", en="Pattern"),
    "digits": Text(zh="总位数", en="Digits in all"),
    "kind": Text(zh="哪种号码", en="Which number"),
    "person": Text(zh="居民身份证号", en="a resident's identity number"),
    "company": Text(zh="统一社会信用代码", en="an organisation's credit code"),
    "points": Text(zh="得分项", en="Points"),
    "country": Text(zh="默认国家或地区", en="Default country"),
    "every": Text(zh="可关于所有具备", en="Of every object that has"),
    "add": Text(zh="添加需要的权限", en="Right to add"),
    "change": Text(zh="修改需要的权限", en="Right to change"),
    "of_field": Text(zh="所属字段", en="Field it is of"),
    "read": Text(zh="可查看", en="may read"),
    "update": Text(zh="可修改", en="may update"),
    "own": Text(zh="仅本人", en="own only"),
    "viewer": Text(zh="仅查看者可见的", en="what the viewer may see"),
    "decimal": Text(zh="小数", en="decimal"),
    "integer": Text(zh="整数", en="integer"),
    "scale": Text(zh="小数位", en="Decimals"),
    "currency": Text(zh="币种", en="Currency"),
    "format": Text(zh="格式", en="Format"),
    "reset": Text(zh="何时重新编号", en="Counting begins anew"),
    "choices": Text(zh="选项", en="Choices"),
    "to": Text(zh="关联到", en="Links to"),
    "of": Text(zh="明细对象", en="Rows of"),
    "on_delete": Text(zh="对方删除时", en="When the other is deleted"),
    "reverse": Text(zh="反向列表名", en="Name of the other side"),
    "filter": Text(zh="可选范围", en="Which may be picked"),
    "show": Text(zh="选择时显示", en="Shown while picking"),
    "parent": Text(zh="随对方增删", en="Lives with the other"),
    "value": Text(zh="算式", en="Formula"),
    "store": Text(zh="保存结果", en="Keep the value"),
    "unit": Text(zh="单位", en="Unit"),
    "process": Text(zh="流程", en="Process"),
    "required": Text(zh="必填", en="Required"),
    "readonly": Text(zh="只读", en="Read only"),
    "hidden": Text(zh="隐藏", en="Hidden"),
    "unique": Text(zh="不允许重复", en="Unique"),
    "index": Text(zh="加速查询", en="Index"),
    "search": Text(zh="参与搜索", en="Searchable"),
    "scoped": Text(zh="统计范围", en="Scope"),
    "restrict": Text(zh="不允许删除", en="refuse"),
    "clear": Text(zh="清空本字段", en="clear this field"),
    "cascade": Text(zh="一并删除", en="delete as well"),
    "money": Text(zh="金额", en="money"),
    "percent": Text(zh="百分比", en="percent"),
    "number": Text(zh="数字", en="number"),
    "year": Text(zh="每年", en="yearly"),
    "month": Text(zh="每月", en="monthly"),
    "day": Text(zh="每天", en="daily"),
    "never": Text(zh="从不", en="never"),
}


@dataclass(frozen=True, slots=True)
class Option:
    """An option as its control shows it. ``sort``: flag, pick, number, expression, names, object, text. ``many``: what a list has of
    ``choices``."""

    name: str
    label: str
    sort: str
    value: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    help: str = ""
    required: bool = False
    many: tuple[str, ...] = ()


def label_of(name: str, language: str) -> str:
    """Return what people call an option, or a value of one."""
    found = LABELS.get(name)
    return found(language) if found is not None else name.replace("_", " ")


def sort_of(name: str, schema: Schema, expressions: tuple[str, ...]) -> str:
    """Return which control an option gets."""
    kinds = [one.get("type") for one in schema.get("anyOf", [schema])]
    if name in expressions or schema.get("x-expression"):
        return "expression"
    if "enum" in schema:
        return "pick"
    if kinds == ["boolean"]:
        return "flag"
    if name in {"to", "of"}:
        return "object"
    if name == "process":
        return "process"
    if kinds == ["array"]:
        return "names"
    if kinds in (["integer"], ["number"], [["number", "string"]]):
        return "number"
    return "text"


def option_of(name: str, schema: Schema, expressions: tuple[str, ...], value: Any, language: str) -> Option:
    """Return an option with its present value as text."""
    sort = sort_of(name, schema, expressions)
    choices = tuple((str(one), label_of(str(one), language)) for one in schema.get("enum", ()))
    # What a schema says of its option is English; the label in Chinese has to do there.
    hint = str(schema.get("x-zh", "")) if language == "zh" else str(schema.get("description", ""))
    many = tuple(map(str, value)) if isinstance(value, list) else ()
    label = str(schema["x-label"][language]) if "x-label" in schema else label_of(name, language)
    return Option(name, label, sort, shown(value), choices, hint, many=many)


def shown(value: Any) -> str:
    """Return an option's value as text in a control."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else ""
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def parsed(sort: str, text: str) -> Any:
    """Return what was posted as the value of an option, None where it is to go. A number that is none stays a text, so that the checker
    says what is wrong at its place."""
    text = text.strip()
    if not text:
        return None
    if sort == "flag":
        return True if text == "true" else None
    if sort == "object" and "," in text:
        return [one.strip() for one in text.split(",") if one.strip()]
    if sort == "names":
        return [one.strip() for one in text.replace("，", ",").split(",") if one.strip()]
    if sort == "number":
        return _number(text)
    return text


def _number(text: str) -> Any:
    try:
        number = Decimal(text.replace(",", ""))
    except InvalidOperation:
        return text
    if not number.is_finite():
        return text
    return int(number) if number == number.to_integral_value() and "." not in text else number
