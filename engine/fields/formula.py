"""The field type `formula`: a value computed from an expression, when read or, with `store: true`, in the write that changes it."""

from __future__ import annotations

from engine.fields import results
from engine.fields.base import Example, Field, FieldKind, Locale, Value
from metamodel.text import Text


def _edit(field: Field, value: Value, locale: Locale) -> str:
    return results.show(field, value, locale)


KIND = FieldKind(
    name="formula",
    label=Text(zh="公式", en="Formula"),
    help=Text(zh="由其他字段计算得出，自动更新", en="Computed from other fields, always up to date"),
    icon="math-function",
    value_type=lambda _definition, _model: None,
    column=lambda _definition: None,
    dump=results.dump,
    show=results.show,
    edit=_edit,
    options={
        "value": {"type": "string", "minLength": 1, "description": "the expression"},
        "store": {"type": "boolean", "description": "keep the value, so that lists sort and filter by it quickly"},
        **results.OPTIONS,
    },
    required_options=("value",),
    expressions=("value",),
    json_schema=results.schema,
    operators=("eq", "ne", "gt", "ge", "lt", "le", "between", "blank", "not_blank"),
    examples=(
        Example(json="5", options={"value": "amount * probability"}, refused="READONLY"),
        Example(
            text="5", options={"value": "amount * probability", "store": True, "format": "money"}, refused="READONLY"
        ),
    ),
    control="computed",
    computed=True,
)
