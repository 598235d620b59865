"""The area of views that are neither lists nor boards; it has no addresses of its own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from engine.screens.area import Area

if TYPE_CHECKING:
    from flask import Blueprint

    from engine.screens.site import Site


def add(_pages: Blueprint, _site: Site) -> None:
    """Add nothing: list_routes.py answers every view of an object."""


AREA = Area("views", add, Path(__file__).parent)
