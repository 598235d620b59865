"""Checks that several types share over a field's definition: bounds in order, a literal default that the field itself accepts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.fields.base import Field, FieldKind, ValueFault
from metamodel.definitions.common import Expression
from metamodel.expressions.types import ANY
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable

    from metamodel.definitions.model import Model
    from metamodel.definitions.objects import FieldDef
    from metamodel.faults import Faults


def check_order(read: Callable[[Any], Any], definition: FieldDef, faults: Faults) -> None:
    """Add a fault where ``min`` and ``max`` can't be read as the type's values, or stand the wrong way round."""
    found: dict[str, Any] = {}
    for name in ("min", "max"):
        option = definition.options.get(name)
        if option is None or isinstance(option, Expression):
            continue
        try:
            found[name] = read(option)
        except (ValueFault, ValueError, ArithmeticError):
            message = Text(zh=f"{name} 的值 {option} 不是该类型的值", en=f"{name}: {option} is no value of this type")
            faults.add("OPTION_VALUE", message, definition.mark)
    if len(found) == 2 and found["min"] > found["max"]:
        message = Text(zh="min 大于 max，没有值能满足", en="min is above max: no value could meet both")
        faults.add("OPTION_RANGE", message, definition.mark)


def check_default(kind: FieldKind, definition: FieldDef, model: Model, faults: Faults) -> None:
    """Add a fault where the default is a literal that the field would refuse if somebody entered it."""
    if (
        definition.default is None
        or definition.default.value is None
        or isinstance(definition.default.value, Expression)
    ):
        return
    field = Field(
        definition=definition,
        kind=kind,
        object="",
        type=kind.value_type(definition, model) or ANY,
        choices=kind.choices(definition, model) if kind.choices else {},
        targets=kind.targets(definition) if kind.targets else (),
    )
    try:
        kind.parse(field, definition.default.value)
    except ValueFault as fault:
        message = Text(zh=f"默认值不可用：{fault.message.zh}", en=f"the default is not usable: {fault.message.en}")
        faults.add("DEFAULT_VALUE", message, definition.mark)
