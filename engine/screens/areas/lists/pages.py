"""The addresses of what is done on lists."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from flask import request

from engine.screens.address import read_address
from engine.screens.area import Area
from engine.screens.grouped import group_part
from engine.screens.lists import ask
from engine.screens.responses import caller_of, get, html_answer
from engine.screens.site import visit

if TYPE_CHECKING:
    from flask import Blueprint
    from werkzeug.wrappers import Response

    from engine.screens.address import ListAddress
    from engine.screens.site import Site


def add(pages: Blueprint, site: Site) -> None:
    """Add the addresses to the blueprint."""

    @get(pages, "/o/<name>/group/<key>")
    def more_of_a_group(name: str, key: str) -> Response:
        address = here(name)
        return html_answer(visit(site, caller_of(), lambda one: group_part(one, ask(one, address), key), reading=True))


def here(name: str) -> ListAddress:
    """Return the list that a request's address means."""
    return read_address(name, request.args.items(multi=True))


AREA = Area("lists", add, Path(__file__).parent)
