"""The field type `file`: one uploaded file. Value: int, the id of a record of the object `file`; its content is engine/files'. It is uploaded
first and then named here, which makes it this record's."""

from __future__ import annotations

from dataclasses import replace

from engine.fields.base import Example
from engine.fields.fixed_link import link_to
from engine.fields.upload import LARGEST, ON_DELETE, SORTS, admits, draw_file
from metamodel.text import Text

KIND = replace(
    link_to("file"),
    name="file",
    label=Text(zh="文件", en="File"),
    help=Text(zh="一个附件，如合同扫描件", en="One attachment, such as the scan of a contract"),
    icon="paperclip",
    common=True,
    options={
        "accept": {
            "type": "array",
            "items": {"type": "string", "enum": list(SORTS)},
            "minItems": 1,
            "uniqueItems": True,
            "description": "which sorts of files are taken, told by their content (any)",
        },
        "largest": LARGEST,
        "on_delete": ON_DELETE,
    },
    expressions=(),
    operators=("blank", "not_blank"),
    examples=(
        Example(json=3, value=3),
        Example(json={"id": 3}, value=3, options={"accept": ["pdf", "word"], "largest": 20}),
        Example(text="12", value=12),
        Example(json="scan.pdf", refused="WRONG_TYPE"),
        Example(json=-1, refused="DANGLING_LINK"),
        Example(json={"path": "/etc/passwd"}, refused="MALFORMED"),
        Example(json=False, refused="WRONG_TYPE"),
    ),
    control="file",
    attached=True,
    draw=draw_file,
    admits=admits,
)
