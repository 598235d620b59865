"""Moments as people read them: relative ones with the exact one beside, days by the language's habit. Values of fields are shown
by their own kinds."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from babel import Locale as BabelLocale
from babel.dates import format_timedelta
from markupsafe import escape

from engine.fields.date import show_day
from engine.screens.texts import say

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

MOMENT = 60  # seconds that count as now
NUMBER_AND_WORD = re.compile(r"^(\d+)(?=\D)")  # Chinese sets a space between figures and characters
DAYS_RELATIVE = 7  # older than this, a day says more than a distance


@lru_cache(maxsize=4)
def babel_locale(language: str) -> BabelLocale:
    """Return Babel's locale of a language of the product."""
    return BabelLocale.parse("zh_Hans_CN" if language == "zh" else "en_US")


def show_moment(value: datetime, language: str, zone: ZoneInfo) -> str:
    """Return a moment in the viewer's zone, to the minute."""
    local = value.astimezone(zone)
    return f"{show_day(local.date(), language)} {local:%H:%M}"


def show_ago(value: datetime, now: datetime, language: str, zone: ZoneInfo) -> str:
    """Return ``3 分钟前`` or ``3 minutes ago``; within a minute that it was just now, after a week the day."""
    passed = now - value
    if abs(passed.total_seconds()) < MOMENT:
        return say("just_now", language)
    if abs(passed.days) > DAYS_RELATIVE:
        return show_day(value.astimezone(zone).date(), language)
    shown = format_timedelta(
        -passed, granularity="second", add_direction=True, locale=babel_locale(language), threshold=1
    )
    return NUMBER_AND_WORD.sub(r"\1 ", shown) if language == "zh" else shown


def ago(value: datetime, now: datetime, language: str, zone: ZoneInfo) -> str:
    """Return the same as a ``<time>`` element, the exact moment on hover."""
    exact = show_moment(value, language, zone)
    shown = show_ago(value, now, language, zone)
    return f'<time datetime="{value.isoformat()}" title="{escape(exact)}" data-ago>{escape(shown)}</time>'
