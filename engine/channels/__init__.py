"""Channels: the ways by which people are told something, a file each that exports its ``KIND``; what waits to be sent, and the inbox.
What there is to tell is said by the floors that tell it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from engine.channels.base import ChannelKind
from metamodel.kinds import discover

if TYPE_CHECKING:
    from collections.abc import Mapping


def channel_kinds() -> Mapping[str, ChannelKind]:
    """Return every channel by name, read-only. Raises ValueError where two files claim one name."""
    return discover(sys.modules[__name__], ChannelKind)
