"""The field type `file`: one uploaded file. Value: int, the id of a record of the object `file`; its content is engine/files'. It is uploaded
first and then named here, which makes it this record's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from engine.fields.base import Example, FieldKind
from engine.fields.link import (
    check_link_default,
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

TARGET = "file"


def _check(definition: FieldDef, model: Model, faults: Faults) -> None:
    if TARGET not in model.objects:
        message = Text(zh="缺少对象 file：请依赖 base 包", en="the object file is missing: require the pack base")
        faults.add("UNKNOWN_OBJECT", message, definition.mark)
    check_link_default(definition, faults)


KIND = FieldKind(
    name="file",
    label=Text(zh="文件", en="File"),
    help=Text(zh="一个附件，如合同扫描件", en="One attachment, such as the scan of a contract"),
    icon="paperclip",
    value_type=lambda _definition, _model: Type(Base.LINK, objects=(TARGET,)),
    column=lambda _definition: sa.BigInteger(),
    parse=parse_link,
    parse_text=parse_link_text,
    dump=dump_link,
    show=show_link,
    edit=edit_link,
    options={
        "on_delete": {
            "type": "string",
            "enum": ["restrict", "clear"],
            "description": "what happens here when the file is taken away (restrict)",
        }
    },
    json_schema=link_schema,
    input_schema=link_input_schema,
    targets=lambda _definition: (TARGET,),
    operators=("blank", "not_blank"),
    check=_check,
    examples=(
        Example(json=3, value=3),
        Example(json={"id": 3}, value=3),
        Example(text="12", value=12),
        Example(json="scan.pdf", refused="WRONG_TYPE"),
        Example(json=-1, refused="DANGLING_LINK"),
        Example(json={"path": "/etc/passwd"}, refused="MALFORMED"),
        Example(json=False, refused="WRONG_TYPE"),
    ),
    control="file",
    attached=True,
)
