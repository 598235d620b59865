"""The field type `lookup`: a value of a record that this one links to (``customer.region``), shown here as it stands there. Sugar for a formula
that is a path and nothing else."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from engine.fields import formula
from engine.fields.base import Example
from metamodel.definitions.common import Expression
from metamodel.text import Text

if TYPE_CHECKING:
    from metamodel.definitions.model import Model
    from metamodel.definitions.objects import FieldDef
    from metamodel.faults import Faults

_PATH = re.compile(r"\s*[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)+\s*\Z")


def _check(definition: FieldDef, _model: Model, faults: Faults) -> None:
    value = definition.options.get("value")
    text = value.text if isinstance(value, Expression) else str(value or "")
    if text and not _PATH.match(text):
        message = Text(zh="lookup 的值应是一条路径", en="the value of a lookup is a path")
        hint = Text(zh="如 customer.region；要计算请用 formula", en="such as customer.region; to compute use a formula")
        faults.add("OPTION_VALUE", message, definition.mark, hint=hint)


KIND = replace(
    formula.KIND,
    name="lookup",
    label=Text(zh="引用", en="Lookup"),
    help=Text(zh="显示所关联记录上的一个字段", en="A field of a linked record, shown here"),
    icon="arrow-up-right",
    options={
        **formula.KIND.options,
        "value": {"type": "string", "minLength": 3, "description": "the path: customer.region"},
    },
    check=_check,
    examples=(
        Example(json="north", options={"value": "customer.region"}, refused="READONLY"),
        Example(text="5", options={"value": "customer.credit", "format": "money"}, refused="READONLY"),
    ),
)
