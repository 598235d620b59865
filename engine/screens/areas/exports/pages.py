"""The addresses of exporting: choosing what, writing a small file at once and a large one by a worker, getting it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from flask import redirect, request, send_file

from engine.refusals import Refusal
from engine.screens.address import read_address
from engine.screens.area import Area, Way
from engine.screens.areas.exports import asking, following
from engine.screens.responses import caller_of, get, html_answer, post, toast
from engine.screens.site import visit
from engine.transfer.export_orders import TYPES

if TYPE_CHECKING:
    from flask import Blueprint
    from werkzeug.wrappers import Response

    from engine.context import Actor
    from engine.records.compile import Records
    from engine.records.rights import Rights
    from engine.screens.address import ListAddress
    from engine.screens.site import Site, Visit

LONGEST_REST = 4000


def add(pages: Blueprint, site: Site) -> None:
    """Add the addresses to the blueprint."""
    _asking(pages, site)
    _following(pages, site)


def _list(name: str) -> ListAddress:
    """Return the list whose records are wanted, as the form carried it along."""
    return read_address(name, parse_qsl(request.values.get("rest", "")[:LONGEST_REST]))


def _asking(pages: Blueprint, site: Site) -> None:
    @get(pages, "/o/<name>/export")
    def ask(name: str) -> Response:
        return html_answer(visit(site, caller_of(), lambda one: asking.ask_page(one, _list(name), ()), reading=True))

    @post(pages, "/o/<name>/export/picked")
    def ask_picked(name: str) -> Response:
        ids = asking.read_ids(request.form.getlist("id"))
        return html_answer(visit(site, caller_of(), lambda one: asking.ask_page(one, _list(name), ids), reading=True))

    @post(pages, "/o/<name>/export")
    def order(name: str) -> Response:
        ids = asking.read_ids(request.form.getlist("id"))
        form, whole = request.form.get("format", ""), request.form.get("columns") == "all"
        caller = caller_of()

        def make(one: Visit) -> str:
            return asking.order(one, _list(name), ids, form, whole=whole)

        try:
            return redirect(visit(site, caller, make), 303)
        except Refusal as refusal:
            if refusal.code == "SIGN_IN" or refusal.status in {403, 404}:
                raise
            toast(refusal.message(caller.language or site.config.languages.default), kind="bad")
            return redirect(_list(name).url(), 303)


def _following(pages: Blueprint, site: Site) -> None:
    @get(pages, "/exports")
    def mine() -> Response:
        return html_answer(visit(site, caller_of(), following.list_page, reading=True))

    @get(pages, "/exports/<int:number>")
    def show(number: int) -> Response:
        return html_answer(visit(site, caller_of(), lambda one: following.export_page(one, number), reading=True))

    @get(pages, "/exports/<int:number>/progress")
    def progress(number: int) -> Response:
        return html_answer(visit(site, caller_of(), lambda one: following.progress_part(one, number), reading=True))

    @post(pages, "/exports/<int:number>/stop")
    def stop(number: int) -> Response:
        visit(site, caller_of(), lambda one: following.stop(one, number))
        return redirect(f"/exports/{number}", 303)

    @get(pages, "/exports/<int:number>/file")
    def content(number: int) -> Response:
        path, name, form, key = visit(site, caller_of(), lambda one: following.content(one, number), reading=True)
        answer = send_file(path, mimetype=TYPES[form], as_attachment=True, download_name=name, etag=key)
        answer.headers["Content-Security-Policy"] = (
            "sandbox; default-src 'none'; script-src 'self'; frame-ancestors 'none'"
        )
        return answer


def _exports_somewhere(records: Records, rights: Rights, _actor: Actor) -> bool:
    return any(rights.grants(name, "export") for name in records.objects)


AREA = Area(
    "exports",
    add,
    Path(__file__).parent,
    (Way("/exports", "table-export", "exports_mine", _exports_somewhere, own=True),),
)
