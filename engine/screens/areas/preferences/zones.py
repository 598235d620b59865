"""The time zones that a person may choose, called by their cities in the person's language."""

from __future__ import annotations

from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, available_timezones

from babel.dates import get_timezone_location

from engine.screens.formats import babel_locale

if TYPE_CHECKING:
    from datetime import datetime

REGIONS = frozenset({"Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"})


@lru_cache(maxsize=1)
def names() -> frozenset[str]:
    """Return the names of the zones of places (not those of offsets, and not the old names of countries)."""
    return frozenset(name for name in available_timezones() if name.partition("/")[0] in REGIONS)


@lru_cache(maxsize=2)
def _cities(language: str) -> tuple[tuple[str, str], ...]:
    locale = babel_locale(language)
    found = ((name, get_timezone_location(name, locale=locale, return_city=True)) for name in names())
    return tuple(sorted(found, key=lambda one: one[1]))


def zones(language: str, now: datetime) -> tuple[tuple[str, str], ...]:
    """Return (name, label) of all zones by their present difference from UTC: ``UTC+08:00 上海``."""
    return _listed(language, now.replace(minute=now.minute // 30 * 30, second=0, microsecond=0))


@lru_cache(maxsize=2)
def _listed(language: str, now: datetime) -> tuple[tuple[str, str], ...]:
    apart = ((_minutes(name, now), name, city) for name, city in _cities(language))
    return tuple(
        (name, f"UTC{_offset(minutes)} {city}") for minutes, name, city in sorted(apart, key=lambda one: one[0])
    )


def _minutes(name: str, now: datetime) -> int:
    """Return a zone's present difference from UTC. It is read past the cache and let go: all zones together are megabytes."""
    difference = now.astimezone(ZoneInfo.no_cache(name)).utcoffset() or timedelta()
    return difference // timedelta(minutes=1)


def _offset(minutes: int) -> str:
    """Return ``+08:00``."""
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
