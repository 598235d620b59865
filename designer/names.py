"""Names for what people call by a label: pinyin for Chinese, the words for English, unique among those that are taken."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from metamodel.names import OWNED_FIELDS, PATTERN, SYSTEM_FIELDS, WORDS

if TYPE_CHECKING:
    from collections.abc import Container

LONGEST = 40  # characters of a name made from a label
RESERVED = WORDS | SYSTEM_FIELDS.keys() | OWNED_FIELDS.keys() | {"open"}
_RUN = re.compile(r"[a-z0-9]+")


def name_from(label: str, taken: Container[str], fallback: str) -> str:
    """Return a name for a label that is not in ``taken``: ``预算金额`` is yu_suan_jin_e. ``fallback`` where the label gives none."""
    stem = "_".join(_RUN.findall(_latin(label).lower()))[:LONGEST].strip("_")
    if stem and stem[0].isdigit():
        stem = f"{fallback}_{stem}"
    if stem in RESERVED:
        stem = f"{stem}_value"
    elif not re.fullmatch(PATTERN, stem):
        stem = fallback
    name, number = stem, 2
    while name in taken:
        name, number = f"{stem}_{number}", number + 1
    return name


def _latin(label: str) -> str:
    if label.isascii():
        return label
    from pypinyin import lazy_pinyin

    return " ".join(lazy_pinyin(label))
