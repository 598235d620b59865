"""The names of uploads: what does no harm wherever it is shown or saved. What an upload is, its content tells (telling.py)."""

from __future__ import annotations

import re
import unicodedata
from pathlib import PurePosixPath

LONGEST = 200
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
