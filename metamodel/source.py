"""From the bytes of one file to a located tree: encoding, size and depth limits, then YAML or JSON. Never raises for its input:
whatever is wrong becomes a fault."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metamodel.faults import Mark
from metamodel.source_json import parse_json
from metamodel.source_limits import FORBIDDEN, SourceFault
from metamodel.source_yaml import parse_yaml
from metamodel.text import Text

if TYPE_CHECKING:
    from metamodel.faults import Faults
    from metamodel.nodes import Node

LARGEST = 2_000_000  # bytes of one definition file
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


def read_document(data: bytes, file: str, faults: Faults) -> Node | None:
    """Return the document in ``data`` (JSON where ``file`` ends in ``.json``, else YAML 1.2 core), or None after adding a fault."""
    text = decode(data, file, faults)
    if text is None:
        return None
    try:
        root = parse_json(text) if file.endswith(".json") else parse_yaml(text)
    except SourceFault as fault:
        for code, message, hint, line, column, path in fault.found:
            faults.add(code, message, Mark(file, line, column, path), hint=hint)
        return None
    root.file = file
    return root


def decode(data: bytes, file: str, faults: Faults) -> str | None:
    """Return the text of a definition file, without a byte order mark, or None after adding a fault."""
    if len(data) > LARGEST:
        message = Text(zh="文件太大：{size} 字节，上限 {most}", en="file too large: {size} bytes, at most {most}")
        faults.add("FILE_TOO_LARGE", message.format(size=len(data), most=LARGEST), Mark(file, 1, 1))
        return None
    if data.startswith(_UTF16) or b"\x00" in data[:4]:
        message = Text(zh="文件编码是 UTF-16 或 UTF-32", en="the file is encoded in UTF-16 or UTF-32")
        faults.add("ENCODING", message, Mark(file, 1, 1), hint=Text(zh="请存为 UTF-8", en="save it as UTF-8"))
        return None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line = before.count(b"\n") + 1
        column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8", "replace")) + 1
        message = Text(zh="不是有效的 UTF-8", en="not valid UTF-8")
        faults.add("ENCODING", message, Mark(file, line, column), hint=Text(zh="请存为 UTF-8", en="save it as UTF-8"))
        return None
    found = FORBIDDEN.search(text)
    if found:
        line = text.count("\n", 0, found.start()) + 1
        column = found.start() - text.rfind("\n", 0, found.start())
        message = Text(zh="控制字符 U+{code} 不允许出现", en="the control character U+{code} is not allowed")
        faults.add("CONTROL_CHARACTER", message.format(code=f"{ord(found.group()):04X}"), Mark(file, line, column))
        return None
    return text
