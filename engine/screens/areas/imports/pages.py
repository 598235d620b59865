"""The addresses of importing: each step changes the draft and goes to the next page, so that nothing is lost by a reload or a fault."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import redirect, request

from engine.refusals import Refusal
from engine.screens.area import Area, Way
from engine.screens.areas.imports import acting, columns, preview, report, starting
from engine.screens.responses import caller_of, get, html_answer, post, toast, toast_done
from engine.screens.site import visit

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Blueprint
    from werkzeug.wrappers import Response

    from engine.context import Actor
    from engine.records.compile import Records
    from engine.records.rights import Rights
    from engine.screens.site import Site, Visit

HERE = "/imports/<int:number>"


def add(pages: Blueprint, site: Site) -> None:
    """Add the addresses to the blueprint."""
    _start(pages, site)
    _showing(pages, site)
    _drafting(pages, site)
    _running(pages, site)


def _start(pages: Blueprint, site: Site) -> None:
    @get(pages, "/o/<name>/import")
    def start(name: str) -> Response:
        return html_answer(visit(site, caller_of(), lambda one: starting.start_page(one, name), reading=True))

    @post(pages, "/o/<name>/import")
    def take(name: str) -> Response:
        caller = caller_of()
        visit(site, caller, lambda one: starting.demand(one, name), reading=True)  # nobody's file is read
        try:
            taken = starting.receive(site, request)
            number = visit(site, caller, lambda one: starting.make(one, name, taken))
        except Refusal as refusal:
            if refusal.code == "SIGN_IN" or refusal.status in {403, 404}:
                raise
            return html_answer(_asked_again(site, name, refusal), refusal.status)
        finally:
            request.close()
        return redirect(f"/imports/{number}", 303)


def _showing(pages: Blueprint, site: Site) -> None:
    @get(pages, "/imports")
    def mine() -> Response:
        return html_answer(visit(site, caller_of(), report.list_page, reading=True))

    @get(pages, HERE)
    def show(number: int) -> Response:
        return html_answer(visit(site, caller_of(), lambda one: acting.order_page(one, number)))

    @get(pages, f"{HERE}/progress")
    def progress(number: int) -> Response:
        return html_answer(visit(site, caller_of(), lambda one: report.progress_part(one, number), reading=True))

    @get(pages, f"{HERE}/preview")
    def look(number: int) -> Response:
        row = request.args.get("row", "")
        wanted = int(row) if row.isascii() and row.isdigit() and len(row) < 12 else 0
        only = request.args.get("show") == "faulty"
        try:
            return html_answer(
                visit(site, caller_of(), lambda one: preview.preview_page(one, number, row=wanted, only=only))
            )
        except Refusal as refusal:
            if refusal.status not in {409, 422}:
                raise
            return html_answer(_columns(site, number, refusal))

    @get(pages, f"{HERE}/errors")
    def errors(number: int) -> Response:
        name, body = visit(site, caller_of(), lambda one: report.error_file(one, number), reading=True)
        answer = html_answer("")
        answer.set_data(body)
        answer.headers["Content-Type"] = "text/csv; charset=utf-8"
        answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
        return answer

    @get(pages, f"{HERE}/records")
    def records(number: int) -> Response:
        return redirect(visit(site, caller_of(), lambda one: report.records_address(one, number), reading=True), 303)


def _asked_again(site: Site, name: str, refusal: Refusal) -> str:
    """Return the first page with what was wrong; what was pasted stays."""
    text = request.form.get("text", "")[: starting.LONGEST_PASTE]
    return visit(site, caller_of(), lambda one: starting.start_page(one, name, refusal, text), reading=True)


def _columns(site: Site, number: int, refusal: Refusal) -> str:
    """Return the page of the columns with why they can't be gone on with."""
    return visit(site, caller_of(), lambda one: columns.columns_page(one, number, refusal))


def _drafting(pages: Blueprint, site: Site) -> None:
    def step(rule: str, work: Callable[[Visit, int, Any], str]) -> None:
        @post(pages, f"{HERE}/{rule}")
        def take(number: int) -> Response:
            return _done(site, number, lambda one: work(one, number, request.form))

    step("columns", columns.keep_columns)
    step("reading", columns.read_again)
    step("mend", preview.mend_row)
    step("repair", preview.repair_value)
    step("leave", preview.leave_row)


def _running(pages: Blueprint, site: Site) -> None:
    def act(rule: str, work: Callable[[Visit, int], str]) -> None:
        @post(pages, f"{HERE}/{rule}")
        def take(number: int) -> Response:
            return _done(site, number, lambda one: work(one, number))

    for rule, work in acting.ACTS.items():
        act(rule, work)

    @post(pages, f"{HERE}/discard")
    def discard(number: int) -> Response:
        name, language = visit(site, caller_of(), lambda one: (acting.discard(one, number), one.language))
        toast_done("imports_discarded", language)
        return redirect(f"/o/{name}/import", 303)


def _done(site: Site, number: int, work: Callable[[Visit], str]) -> Response:
    """Do something and go on; what is refused is told on the page one came from, and what was entered before stays."""
    caller = caller_of()
    try:
        return redirect(visit(site, caller, work), 303)
    except Refusal as refusal:
        if refusal.code == "SIGN_IN" or refusal.status == 404:
            raise
        language = caller.language or site.config.languages.default
        toast(refusal.message(language), kind="bad")
        return redirect(f"/imports/{number}", 303)


def _imports_somewhere(records: Records, rights: Rights, _actor: Actor) -> bool:
    return any(rights.grants(name, "import") and rights.grants(name, "create") for name in records.objects)


AREA = Area(
    "imports",
    add,
    Path(__file__).parent,
    (Way("/imports", "table-import", "imports_mine", _imports_somewhere, own=True),),
)
