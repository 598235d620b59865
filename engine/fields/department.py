"""The field type `department`: a part of the organisation. Value: int, the id of a record of the object `department`."""

from __future__ import annotations

from dataclasses import replace

from engine.fields.base import Example
from engine.fields.fixed_link import link_to
from engine.fields.link import ON_DELETE_OPTION, REVERSE_OPTION
from metamodel.text import Text

KIND = replace(
    link_to("department"),
    name="department",
    label=Text(zh="部门", en="Department"),
    help=Text(zh="组织中的一个部门", en="A part of the organisation"),
    icon="sitemap",
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
    widens_to=("link",),
)
