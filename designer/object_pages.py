"""The addresses of the object designer: its page, and what is done on it. A script asks for the changed parts alone; without one each act
leads back to the page."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from flask import Response, redirect, request

from designer.acts import perform
from designer.bench import Standing, bench
from designer.work import open_work
from engine.screens.responses import caller_of, get, html_answer, post
from engine.screens.site import visit

if TYPE_CHECKING:
    from flask import Blueprint
    from werkzeug.wrappers import Response as AnyResponse

    from designer.candidate import Desk
    from designer.work import Work
    from engine.screens.site import Site, Visit


def add(pages: Blueprint, site: Site, desk: Desk) -> None:
    """Register the addresses."""

    @get(pages, "/designer/objects/<name>")
    def object_page(name: str) -> Response:
        def show(one: Visit) -> str:
            return _draw(open_work(one, desk), name, standing_of())

        return html_answer(visit(site, caller_of(), show))

    @post(pages, "/designer/objects/<name>/do")
    def act(name: str) -> AnyResponse:
        standing = standing_of()

        def work(one: Visit) -> tuple[str, Standing]:
            opened = open_work(one, desk, lock=True)
            after = perform(opened, name, request.form, standing)
            return (_draw(opened, name, after) if wants_part() else ""), after

        text, after = visit(site, caller_of(), work)
        return html_answer(text) if wants_part() else redirect(address_of(name, after), 303)


def _draw(work: Work, name: str, standing: Standing) -> str:
    values = bench(work, name, standing)
    template = "designer/object_parts.html" if wants_part() else "designer/object.html"
    if wants_part():
        return work.visit.part(template, **values)
    return work.visit.page(template, here="/designer", **values)


def wants_part() -> bool:
    """Whether a script asks for the changed parts alone."""
    return request.headers.get("HX-Request") == "true"


def standing_of() -> Standing:
    """Return where the page stands, as its address or its forms tell."""
    values = request.values
    return Standing(
        values.get("at", "") or values.get("field", ""),
        values.get("seen", "") or values.get("tab", ""),
        values.get("phone", "") == "1",
    )


def address_of(name: str, standing: Standing) -> str:
    """Return the address of an object's page as it stands."""
    asked = {"field": standing.field, "tab": standing.tab, "phone": "1" if standing.phone else ""}
    query = urlencode({key: value for key, value in asked.items() if value})
    return f"/designer/objects/{name}{'?' if query else ''}{query}"
