"""The field type `file`: one uploaded file. Value: int, the id of a record of the object `file`; its content is engine/files'. It is uploaded
first and then named here, which makes it this record's."""

from __future__ import annotations

from dataclasses import replace

from engine.fields.base import Example
from engine.fields.fixed_link import link_to
from metamodel.text import Text

KIND = replace(
    link_to("file"),
    name="file",
    label=Text(zh="文件", en="File"),
    help=Text(zh="一个附件，如合同扫描件", en="One attachment, such as the scan of a contract"),
    icon="paperclip",
    options={
        "on_delete": {
            "type": "string",
            "enum": ["restrict", "clear"],
            "description": "what happens here when the file is taken away (restrict)",
        }
    },
    expressions=(),
    operators=("blank", "not_blank"),
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
