"""The frame for areas: the record ``Area`` that each area's ``pages.py`` fills in, and how areas are collected. What an area shows is
known to it alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Protocol

from engine.screens import areas

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from flask import Blueprint

    from engine.context import Actor
    from engine.records.compile import CompiledObject, Records
    from engine.records.query import Row
    from engine.records.rights import Rights
    from engine.screens.site import Site, Visit

Words = dict[str, tuple[str, str]]  # name → (Chinese, English)
FOLDER = Path(areas.__file__).parent


class Panel(Protocol):
    """Draws an area's piece of a record's page."""

    def __call__(self, visit: Visit, compiled: CompiledObject, row: Row, /, *, binned: bool) -> str: ...


@dataclass(frozen=True, slots=True)
class Way:
    """A way into an area from the main menu, or from the menu of one's own account (``own``). ``text`` names its word; ``seen`` says whether
    somebody has any business there."""

    url: str
    icon: str
    text: str
    seen: Callable[[Records, Rights, Actor], bool] = lambda *_: True
    own: bool = False


@dataclass(frozen=True, slots=True)
class Area:
    """An area: ``add`` registers its addresses, ``ways`` stand in the main menu, ``folder`` holds ``templates/``, which pages name
    ``<area>/<file>``. ``words`` are given by an area outside of this package, whose words nobody collects. ``panel`` is what a record's page
    says of the area's subject, at its side, ``head`` at its head, beside what can be done with it; "" for nothing."""

    name: str
    add: Callable[[Blueprint, Site], None]
    folder: Path
    ways: tuple[Way, ...] = ()
    words: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    panel: Panel | None = None
    head: Panel | None = None


def own_areas() -> tuple[Area, ...]:
    """Return the areas of this package, in the order of their names."""
    found = []
    for info in iter_modules(areas.__path__):
        area = import_module(f"{areas.__name__}.{info.name}.pages").AREA
        if not isinstance(area, Area):
            raise TypeError(f"{info.name} exports no Area")
        found.append(area)
    return tuple(found)
