"""The field type `users`: several colleagues, links to the object `user` with filters for oneself. Value: the ids, a tuple in rising order."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from engine.fields import links
from engine.fields.base import Example
from engine.fields.fixed_link import link_to
from engine.fields.link import REVERSE_OPTION
from metamodel.expressions.types import Base, Type
from metamodel.text import Text

if TYPE_CHECKING:
    from metamodel.definitions.model import Model
    from metamodel.definitions.objects import FieldDef
    from metamodel.faults import Faults

_USER = link_to("user")


def _check(definition: FieldDef, model: Model, faults: Faults) -> None:
    assert _USER.check is not None  # noqa: S101 - links have one
    _USER.check(definition, model, faults)
    links.check_several(definition, faults)


KIND = replace(
    links.KIND,
    name="users",
    label=Text(zh="多名人员", en="Users"),
    help=Text(zh="几位同事，如参与人、抄送人", en="Several colleagues: who takes part, who is copied"),
    icon="users",
    value_type=lambda _definition, _model: Type(Base.LINKS, objects=("user",)),
    options={
        "on_delete": links.ON_DELETE_OPTION,
        "reverse": REVERSE_OPTION,
        "filter": {"type": "string", "description": "which users may be picked"},
        "show": {"type": "array", "items": {"type": "string"}, "description": "fields of the user shown while picking"},
    },
    required_options=(),
    targets=lambda _definition: ("user",),
    operators=("has_me", "has_any", "has_all", "has_none", "none", "some"),
    check=_check,
    examples=(
        Example(json=[3, 5], value=[3, 5]),
        Example(json=[{"by": {"login": "rita"}}], value=[{"by": {"login": "rita"}}]),
        Example(json={"add": [3]}, value={"add": [3], "remove": []}),
        Example(text="张三、李四；5", value=[{"text": "张三"}, {"text": "李四"}, 5]),
        Example(text="rita; max\n", value=[{"text": "rita"}, {"text": "max"}]),
        Example(json=["rita"], refused="WRONG_TYPE"),
        Example(json=3, refused="WRONG_TYPE"),
        Example(json=[-1], refused="DANGLING_LINK"),
        Example(json=[{"login": "rita"}], refused="MALFORMED"),
    ),
    control="users",
)
