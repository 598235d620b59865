"""Moments as people read them: relative ones with the exact one beside, days by the language's habit. Values of fields are shown
by their own kinds."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from babel import Locale as BabelLocale
from babel.dates import format_timedelta
from markupsafe import escape

from engine.fields.date import show_day

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

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
    """Return ``3 分钟前`` or ``3 minutes ago``; after a week the day."""
    passed = now - value
    if abs(passed.days) > DAYS_RELATIVE:
        return show_day(value.astimezone(zone).date(), language)
    return format_timedelta(
        -passed, granularity="second", add_direction=True, locale=babel_locale(language), threshold=1
    )


def ago(value: datetime, now: datetime, language: str, zone: ZoneInfo) -> str:
    """Return the same as a ``<time>`` element, the exact moment on hover."""
    exact = show_moment(value, language, zone)
    shown = show_ago(value, now, language, zone)
    return f'<time datetime="{value.isoformat()}" title="{escape(exact)}" data-ago>{escape(shown)}</time>'
