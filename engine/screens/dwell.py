"""How long something has stayed, in words: minutes, hours, days. What stays where is engine/processes'."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.screens.texts import say

if TYPE_CHECKING:
    from datetime import timedelta

MINUTE, HOUR, DAY = 60, 3600, 86400


def show_dwell(span: timedelta, language: str) -> str:
    """Return a length of time in its largest sensible unit."""
    seconds = max(0, int(span.total_seconds()))
    if seconds < HOUR:
        return say("dwell_minutes", language, n=max(1, seconds // MINUTE))
    if seconds < DAY * 2:
        return say("dwell_hours", language, n=seconds // HOUR)
    return say("dwell_days", language, n=f"{seconds // DAY:,}")
