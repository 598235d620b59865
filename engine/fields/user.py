"""The field type `user`: a colleague, a link to the object `user` with filters for oneself. Value: int, the user's id."""

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

TARGET = "user"


def _check(definition: FieldDef, model: Model, faults: Faults) -> None:
    if TARGET not in model.objects:
        message = Text(zh="缺少对象 user：请依赖 base 包", en="the object user is missing: require the pack base")
        faults.add("UNKNOWN_OBJECT", message, definition.mark)
    check_on_delete(definition, faults)
    check_link_default(definition, faults)


KIND = FieldKind(
    name="user",
    label=Text(zh="人员", en="User"),
    help=Text(zh="一位同事，如负责人", en="A colleague, such as the owner"),
    icon="user",
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
        "filter": {"type": "string", "description": "which users may be picked"},
        "show": {"type": "array", "items": {"type": "string"}, "description": "fields of the user shown while picking"},
    },
    expressions=("filter",),
    json_schema=link_schema,
    input_schema=link_input_schema,
    targets=lambda _definition: (TARGET,),
    operators=("me", "eq", "ne", "in", "not_in", "blank", "not_blank"),
    check=_check,
    examples=(
        Example(json=3, value=3),
        Example(json={"by": {"login": "rita"}}, value={"by": {"login": "rita"}}),
        Example(text="12", value=12),
        Example(text="李雷", value={"text": "李雷"}),
        Example(json="rita", refused="WRONG_TYPE"),
        Example(json=-1, refused="DANGLING_LINK"),
        Example(json={"login": "rita"}, refused="MALFORMED"),
        Example(json=False, refused="WRONG_TYPE"),
    ),
    control="user",
    widens_to=("link",),
)
