"""What is said of pictures without looking at one: the sizes of their copies, and that something is none."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

SIZES: Mapping[str, int] = MappingProxyType({"small": 240, "large": 1600})  # pixels of the longer side


class NoPictureError(Exception):
    """A content that is no picture we can show: of another kind, broken, or larger than is decoded here."""
