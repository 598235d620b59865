"""The field type `rollup`: a value computed over the records on the other side of a link, stored at the parent and exact under
concurrent writers; with `scoped: viewer` computed at reading over what the viewer may see."""

from __future__ import annotations

from engine.fields import results
from engine.fields.base import Example, Field, FieldKind, Locale, Value
from metamodel.text import Text


def _edit(field: Field, value: Value, locale: Locale) -> str:
    return results.show(field, value, locale)


KIND = FieldKind(
    name="rollup",
    label=Text(zh="汇总", en="Rollup"),
    help=Text(zh="对下级记录求和、计数等，自动更新", en="A sum, a count … over child records, always up to date"),
    icon="sum",
    value_type=lambda _definition, _model: None,
    column=lambda _definition: None,
    dump=results.dump,
    show=results.show,
    edit=_edit,
    options={
        "value": {"type": "string", "minLength": 1, "description": "an aggregate: SUM(lines.amount)"},
        "scoped": {
            "type": "string",
            "enum": ["viewer"],
            "description": "over what the viewer may see, computed at reading",
        },
        **results.OPTIONS,
    },
    required_options=("value",),
    expressions=("value",),
    json_schema=results.schema,
    operators=("eq", "ne", "gt", "ge", "lt", "le", "between", "blank", "not_blank"),
    examples=(
        Example(json=3, options={"value": "COUNT(lines)"}, refused="READONLY"),
        Example(text="3", options={"value": "SUM(lines.amount)", "format": "money"}, refused="READONLY"),
    ),
    control="computed",
    computed=True,
)
