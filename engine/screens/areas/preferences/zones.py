"""The time zones that a person may choose, called by their cities in the person's language."""

from __future__ import annotations

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


def zones(language: str, now: datetime) -> list[tuple[str, str]]:
    """Return (name, label) of all zones by their present difference from UTC: ``UTC+08:00 上海``."""
    found = [(now.astimezone(ZoneInfo(name)), name, city) for name, city in _cities(language)]
    found.sort(key=lambda one: one[0].replace(tzinfo=None))
    return [(name, f"UTC{_offset(local)} {city}") for local, name, city in found]


def _offset(local: datetime) -> str:
    """Return ``+08:00``."""
    written = f"{local:%z}"
    return f"{written[:3]}:{written[3:5]}"
