"""The area of maps; it has no addresses of its own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from engine.screens.area import Area

if TYPE_CHECKING:
    from flask import Blueprint

    from engine.screens.site import Site


def add(_pages: Blueprint, _site: Site) -> None:
    """Add nothing: maps stand on the pages of lists and boards."""


AREA = Area("maps", add, Path(__file__).parent)
