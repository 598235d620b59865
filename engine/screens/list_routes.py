"""The addresses of lists: showing them, choosing filters, columns and views, acting on picked rows."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

import orjson
from flask import jsonify, redirect, request

from engine.refusals import Refusal
from engine.screens import cell, kanban, lists
from engine.screens.address import Condition, read_address
from engine.screens.areas.views.calendar import calendar_page
from engine.screens.areas.views.cards import cards_page
from engine.screens.areas.views.places import map_page
from engine.screens.responses import caller_of, get, html_answer, post, toast
from engine.screens.site import visit
from engine.screens.texts import say

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from flask import Blueprint
    from werkzeug.wrappers import Response

    from engine.screens.address import ListAddress
    from engine.screens.site import Site, Visit

LONGEST_REST = 4000
PAGES: Mapping[str, Callable[..., str]] = MappingProxyType(
    {"kanban": kanban.board_page, "calendar": calendar_page, "cards": cards_page, "map": map_page}
)


def add(pages: Blueprint, site: Site) -> None:
    """Add the addresses to the blueprint."""
    _showing(pages, site)
    _choosing(pages)
    _acting(pages, site)


def _here(name: str) -> ListAddress:
    return read_address(name, request.args.items(multi=True))


def _rest(name: str, text: str) -> ListAddress:
    """Return the address that a small form carried along."""
    return read_address(name, parse_qsl(text[:LONGEST_REST]))


def _showing(pages: Blueprint, site: Site) -> None:
    @get(pages, "/o/<name>")
    def list_page(name: str) -> Response:
        part = request.headers.get("HX-Request") == "true" and "data-more" not in request.headers
        address = _here(name)
        try:
            return html_answer(visit(site, caller_of(), lambda one: view_page(one, address, part=part), reading=True))
        except lists.Elsewhere as way:
            return redirect(way.url, 302)

    @get(pages, "/o/<name>/board")
    def board_figures(name: str) -> Response:
        address = _here(name)
        return jsonify(visit(site, caller_of(), lambda one: kanban.lane_figures(one, address), reading=True))

    @get(pages, "/o/<name>/board/<lane>")
    def board_lane(name: str, lane: str) -> Response:
        address = _here(name)
        return html_answer(visit(site, caller_of(), lambda one: kanban.lane_part(one, address, lane), reading=True))

    @get(pages, "/o/<name>/summary")
    def summary(name: str) -> Response:
        address = _here(name)
        return html_answer(visit(site, caller_of(), lambda one: lists.summary(one, address), reading=True))


def view_page(one: Visit, address: ListAddress, *, part: bool) -> str:
    """Return the view at an address as what the packs say it is; what lies in the bin is always a list."""
    view = one.object(address.object).definition.views.get(address.view)
    kind = view.kind if view is not None and not address.binned else ""
    return PAGES.get(kind, lists.list_page)(one, address, part=part)


def _choosing(pages: Blueprint) -> None:
    @get(pages, "/o/<name>/filter")
    def choose_filter(name: str) -> Response:
        values = [request.args.get("value2", "")] if request.args.get("value2", "").strip() else []
        given = tuple(value.strip() for value in [*request.args.getlist("value"), *values] if value.strip())
        condition = Condition(request.args.get("field", ""), request.args.get("operator", ""), given)
        return redirect(_rest(name, request.args.get("rest", "")).with_condition(condition), 303)

    @get(pages, "/o/<name>/columns")
    def choose_columns(name: str) -> Response:
        columns = tuple(request.args.getlist("columns"))
        return redirect(_rest(name, request.args.get("rest", "")).url(columns=columns), 303)


def _acting(pages: Blueprint, site: Site) -> None:
    def ids() -> list[int]:
        return [int(value) for value in request.form.getlist("id") if value.isdecimal() and len(value) < 19]

    @get(pages, "/o/<name>/bulk/control/<field>")
    def bulk_control(name: str, field: str) -> Response:
        return html_answer(visit(site, caller_of(), lambda one: cell.bulk_control(one, name, field)))

    @post(pages, "/o/<name>/bulk/edit")
    def bulk_edit(name: str) -> Response:
        field, text = request.form.get("field", ""), request.form.get("value", "")

        def change(one: Visit) -> tuple[cell.Done, str]:
            return cell.bulk_change(one, name, ids(), field, text), one.language

        return _bulk(site, name, change, "bulk_done")

    @post(pages, "/o/<name>/bulk/delete")
    def bulk_delete(name: str) -> Response:
        return _bulk(site, name, lambda one: (cell.bulk_delete(one, name, ids()), one.language), "bulk_deleted")

    @post(pages, "/o/<name>/bulk/restore")
    def bulk_restore(name: str) -> Response:
        return _bulk(site, name, lambda one: (cell.bulk_restore(one, name, ids()), one.language), "bulk_restored")

    @post(pages, "/o/<name>/<int:number>/cell/<field>")
    def save_cell(name: str, number: int, field: str) -> Response:
        text, base = request.form.get("value", ""), _json(request.form.get("base", "null"))
        address = _rest(name, request.headers.get("HX-Current-URL", "").partition("?")[2])

        def save(one: Visit) -> tuple[str, str]:
            return cell.save_cell(one, address, number, field, text=text, base=base)

        row, undo = visit(site, caller_of(), save)
        answer = html_answer(row)
        if undo:
            answer.headers["X-Undo"] = undo
        return answer


def _bulk(site: Site, name: str, change: object, message: str) -> Response:
    """Run a change of picked rows; say on the list how it went."""
    assert callable(change)  # noqa: S101 - ours
    back = request.headers.get("Referer", "")
    target = f"/o/{name}" + (f"?{back.partition('?')[2]}" if f"/o/{name}?" in back else "")
    try:
        (count, undo), language = visit(site, caller_of(), change)
    except Refusal as refusal:
        if refusal.code == "SIGN_IN":
            raise
        language = caller_of().language or site.config.languages.default
        details = dict.fromkeys(error.message(language) for error in refusal.errors)
        toast(" ".join([refusal.message(language), *list(details)[:3]]), kind="bad")
    else:
        said, way = say(message, language, count=count), f"/o/{name}/undo/{undo}" if undo else ""
        toast(said, action=way, label=say("undo", language) if way else "")
    return redirect(target, 303)


def _json(text: str) -> object:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
