"""The field type `user`: a colleague, a link to the object `user` with filters for oneself. Value: int, the user's id."""

from __future__ import annotations

from dataclasses import replace

from engine.fields.base import Example
from engine.fields.fixed_link import link_to
from engine.fields.link import ON_DELETE_OPTION, REVERSE_OPTION
from metamodel.text import Text

KIND = replace(
    link_to("user"),
    name="user",
    label=Text(zh="人员", en="User"),
    help=Text(zh="一位同事，如负责人", en="A colleague, such as the owner"),
    icon="user",
    common=True,
    options={
        "on_delete": ON_DELETE_OPTION,
        "reverse": REVERSE_OPTION,
        "filter": {"type": "string", "description": "which users may be picked"},
        "show": {"type": "array", "items": {"type": "string"}, "description": "fields of the user shown while picking"},
    },
    operators=("me", "eq", "ne", "in", "not_in", "blank", "not_blank"),
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
