"""The field type `department`: a part of the organisation. Value: int, the id of a record of the object `department`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from engine.fields.base import Example, FieldKind
from engine.fields.link import (
    ON_DELETE_OPTION,
    REVERSE_OPTION,
    check_link_default,
    check_on_delete,
    dump_link,
    edit_link,
    link_input_schema,
    link_schema,
    parse_link,
    parse_link_text,
    show_link,
)
from metamodel.expressions.types import Base, Type
from metamodel.text import Text

if TYPE_CHECKING:
    from metamodel.definitions.model import Model
    from metamodel.definitions.objects import FieldDef
    from metamodel.faults import Faults

TARGET = "department"


def _check(definition: FieldDef, model: Model, faults: Faults) -> None:
    if TARGET not in model.objects:
        message = Text(
            zh="缺少对象 department：请依赖 base 包", en="the object department is missing: require the pack base"
        )
        faults.add("UNKNOWN_OBJECT", message, definition.mark)
    check_on_delete(definition, faults)
    check_link_default(definition, faults)


KIND = FieldKind(
    name="department",
    label=Text(zh="部门", en="Department"),
    help=Text(zh="组织中的一个部门", en="A part of the organisation"),
    icon="sitemap",
    value_type=lambda _definition, _model: Type(Base.LINK, objects=(TARGET,)),
    column=lambda _definition: sa.BigInteger(),
    parse=parse_link,
    parse_text=parse_link_text,
    dump=dump_link,
    show=show_link,
    edit=edit_link,
    options={
        "on_delete": ON_DELETE_OPTION,
        "reverse": REVERSE_OPTION,
        "filter": {"type": "string", "description": "which departments may be picked"},
        "show": {
            "type": "array",
            "items": {"type": "string"},
            "description": "fields of the department shown while picking",
        },
    },
    expressions=("filter",),
    json_schema=link_schema,
    input_schema=link_input_schema,
    targets=lambda _definition: (TARGET,),
    operators=("eq", "ne", "in", "not_in", "blank", "not_blank"),
    check=_check,
    examples=(
        Example(json=3, value=3),
        Example(json={"by": {"name": "华东大区"}}, value={"by": {"name": "华东大区"}}),
        Example(text="12", value=12),
        Example(text=" 华东大区 ", value={"text": "华东大区"}),
        Example(json="华东大区", refused="WRONG_TYPE"),
        Example(json=-1, refused="DANGLING_LINK"),
        Example(json={"name": "华东大区"}, refused="MALFORMED"),
        Example(json=False, refused="WRONG_TYPE"),
    ),
    control="link",
    widens_to=("link",),
)
