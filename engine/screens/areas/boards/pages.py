"""The addresses of boards and targets."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING

from flask import redirect, request
from werkzeug.wrappers import Response

from engine.screens.area import Area
from engine.screens.areas.boards import board, targets
from engine.screens.responses import caller_of, get, html_answer, post, toast_done
from engine.screens.site import visit

if TYPE_CHECKING:
    from flask import Blueprint

    from engine.screens.site import Site, Visit

MOST_WIDGETS = 60


def _given() -> dict[str, str]:
    """Return the filters of the address; a list of boxes comes as one name several times, a span of days in two parts."""
    found = {name: ",".join(part for part in request.args.getlist(name) if part) for name in request.args}
    first, last = found.pop("from", ""), found.pop("to", "")
    if first and last:
        found["period"] = f"{first}..{last}"
    return found


def add(pages: Blueprint, site: Site) -> None:
    """Add the addresses to the blueprint."""

    @get(pages, "/d/<name>")
    def show(name: str) -> Response:
        given, inline = _given(), bool(request.args.get("now"))
        if "from" in request.args:  # a span from the two inputs gets an address like any other period
            return redirect(board.address_of(name, given), 303)
        return html_answer(
            visit(site, caller_of(), lambda one: board.board_page(one, name, given, inline=inline), reading=True)
        )

    @get(pages, "/d/<name>/part")
    def part(name: str) -> Response:
        given = _given()
        names = given.pop("w", "").split(",")[:MOST_WIDGETS]
        return html_answer(
            visit(site, caller_of(), lambda one: board.board_part(one, name, given, names), reading=True)
        )

    @get(pages, "/d/<name>/state")
    def state(name: str) -> Response:
        body = visit(site, caller_of(), lambda one: board.board_state(one, name), reading=True)
        return Response(body, mimetype="application/json", headers={"Cache-Control": "no-store"})

    @get(pages, "/targets")
    def show_targets() -> Response:
        return html_answer(visit(site, caller_of(), targets.targets_page))

    @post(pages, "/targets")
    def set_target() -> Response:
        form = request.form
        value = _number(form.get("value", ""))

        def save(one: Visit) -> str:
            whose = targets.whose_of(form.get("user", ""), form.get("department", ""))
            targets.save(one, form.get("target", ""), form.get("period", "").strip(), whose, value)
            return one.language

        language = visit(site, caller_of(), save)
        toast_done("targets_gone" if value is None else "targets_saved", language)
        return redirect("/targets", 303)


def _number(text: str) -> Decimal | None:
    """Return the number typed, separators left out; None for an empty line, which takes a target away."""
    plain = text.replace(",", "").replace("，", "").replace("¥", "").strip()
    if not plain:
        return None
    scale = -2 if plain.endswith("%") else 0
    try:
        return Decimal(plain.rstrip("%")).scaleb(scale)
    except InvalidOperation:
        return Decimal("NaN")


AREA = Area("boards", add, Path(__file__).parent)
