"""The addresses of the inbox, and of what administrators see of deliveries and calls."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from flask import jsonify, redirect, request

from engine.screens.area import Area, Way
from engine.screens.areas.inbox import inbox, traffic
from engine.screens.responses import caller_of, get, html_answer, post, toast, toast_done
from engine.screens.site import visit
from engine.screens.texts import say

if TYPE_CHECKING:
    from flask import Blueprint
    from werkzeug.wrappers import Response

    from engine.screens.site import Site, Visit


def add(pages: Blueprint, site: Site) -> None:
    """Add the addresses to the blueprint."""
    _inbox(pages, site)
    _traffic(pages, site)


def _number(name: str) -> int | None:
    text = request.values.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _inbox(pages: Blueprint, site: Site) -> None:
    @get(pages, "/inbox")
    def show() -> Response:
        kind, before = request.args.get("kind", "")[:60], _number("before")
        return html_answer(visit(site, caller_of(), lambda one: inbox.inbox_page(one, kind, before), reading=True))

    @get(pages, "/inbox/news")
    def news() -> Response:
        after = _number("after")
        answer = jsonify(visit(site, caller_of(), lambda one: inbox.news(one, after), reading=True))
        answer.headers["Cache-Control"] = "no-store"
        return answer

    @get(pages, "/inbox/<int:number>")
    def open_one(number: int) -> Response:
        return redirect(visit(site, caller_of(), lambda one: inbox.open_one(one, number)), 303)

    @post(pages, "/inbox/<int:number>/turn")
    def turn_one(number: int) -> Response:
        visit(site, caller_of(), lambda one: inbox.turn_one(one, number))
        return redirect(_back(), 303)

    @post(pages, "/inbox/read")
    def read_all() -> Response:
        up_to = _number("up_to") or 0

        def mark(one: Visit) -> str:
            inbox.read_all(one, up_to)
            return one.language

        toast_done("inbox_marked", visit(site, caller_of(), mark))
        return redirect("/inbox", 303)


def _back() -> str:
    kind = request.form.get("kind", "")[:60]
    return f"/inbox?kind={kind}" if kind.isidentifier() else "/inbox"


def _traffic(pages: Blueprint, site: Site) -> None:
    def page(what: str) -> Response:
        state, before = request.args.get("state", ""), _number("before")
        return html_answer(
            visit(site, caller_of(), lambda one: traffic.traffic_page(one, what, state, before), reading=True)
        )

    def again(what: str, number: int) -> Response:
        def retry(one: Visit) -> tuple[bool, str]:
            return traffic.try_again(one, what, number), one.language

        done, language = visit(site, caller_of(), retry)
        toast(say("traffic_again_done" if done else "traffic_again_not", language), kind="" if done else "bad")
        return redirect(f"/admin/{what}?state=failed", 303)

    @get(pages, "/admin/deliveries")
    def deliveries() -> Response:
        return page("deliveries")

    @get(pages, "/admin/calls")
    def calls() -> Response:
        return page("calls")

    @get(pages, "/admin/inbound")
    def messages() -> Response:
        return page("inbound")

    @post(pages, "/admin/deliveries/<int:number>/again")
    def send_again(number: int) -> Response:
        return again("deliveries", number)

    @post(pages, "/admin/calls/<int:number>/again")
    def call_again(number: int) -> Response:
        return again("calls", number)


AREA = Area(
    "inbox",
    add,
    Path(__file__).parent,
    (
        Way("/inbox", "inbox", "inbox"),
        Way("/admin/deliveries", "send", "traffic", lambda _records, rights, _actor: rights.full),
    ),
)
