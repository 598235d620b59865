"""What an upload is: a name that does no harm wherever it is shown or saved, and a type told by the content, never by what the sender says."""

from __future__ import annotations

import re
import unicodedata
from pathlib import PurePosixPath

import puremagic

LONGEST = 200
HEAD = 8192  # bytes that the type is told from
UNKNOWN, PLAIN = "application/octet-stream", "text/plain"
# What a browser may show by itself: pictures that hold no script. Everything else is saved as a file.
SHOWN = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
_RESERVED = re.compile(r"(?i)^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)")
_FORBIDDEN = re.compile(r'[<>:"|?*\x00-\x1f\x7f]')


def clean_name(given: str) -> str:
    """Return a file's name without folders, control and direction characters, and what file systems choke on; never empty."""
    name = unicodedata.normalize("NFC", given.encode("utf-8", "replace").decode("utf-8")).replace("\\", "/")
    name = name.rpartition("/")[2]
    name = "".join(one for one in name if unicodedata.category(one) not in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
    name = " ".join(_FORBIDDEN.sub("_", name).split()).strip(". ")
    if _RESERVED.match(name):
        name = f"_{name}"
    if len(name) > LONGEST:
        suffix = PurePosixPath(name).suffix[:20]
        name = name[: LONGEST - len(suffix)].rstrip(". ") + suffix
    return name or "file"


def told_type(head: bytes, name: str) -> str:
    """Return the media type that the first bytes of a file tell. Among what these bytes may be, the name's ending decides."""
    if not head:
        return PLAIN
    ending = PurePosixPath(name).suffix.lower()
    for start in (head, head.removeprefix(b"\xef\xbb\xbf").lstrip()):
        try:
            matches = puremagic.magic_string(start)
        except (puremagic.PureError, ValueError):
            continue
        found = next((one for one in matches if one.extension == ending), matches[0]).mime_type
        if found and re.fullmatch(r"[a-z0-9.+-]+/[a-z0-9.+-]+", found):
            return str(found)
    return PLAIN if _is_text(head) else UNKNOWN


def _is_text(head: bytes) -> bool:
    for encoding in ("utf-8", "gb18030"):
        for cut in range(4):  # the last character may be cut in two
            try:
                text = head[: len(head) - cut].decode(encoding)
            except UnicodeDecodeError:
                continue
            return not any(unicodedata.category(one) == "Cc" and one not in "\t\r\n\f" for one in text)
    return False
