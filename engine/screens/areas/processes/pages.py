"""The addresses of processes: a transition's dialog, taking it, and the processes drawn."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from flask import redirect, request
from werkzeug.wrappers import Response

from engine.refusals import Refusal
from engine.screens.area import Area
from engine.screens.areas.processes import diagram, taking
from engine.screens.responses import caller_of, get, html_answer, post, toast
from engine.screens.site import visit

if TYPE_CHECKING:
    from flask import Blueprint

    from engine.screens.site import Site, Visit

SAID = "Tenon-Said"  # what to tell people, for a script that stays on its page


def _is_script() -> bool:
    return request.headers.get("HX-Request") == "true"


def add(pages: Blueprint, site: Site) -> None:
    """Add the addresses to the blueprint."""

    @get(pages, "/o/<name>/<int:number>/transitions/<transition>")
    def show_transition(name: str, number: int, transition: str) -> Response:
        given = {key: value for key, value in request.args.items() if key == taking.TARGET}
        asked = taking.Asked(name, number, transition, given)
        part = _is_script()
        return html_answer(visit(site, caller_of(), lambda one: taking.transition_page(one, asked, part=part)))

    @post(pages, "/o/<name>/<int:number>/transitions/<transition>")
    def take(name: str, number: int, transition: str) -> Response:
        asked = taking.Asked(name, number, transition, dict(request.form.items()), sent=True)
        caller, part = caller_of(), _is_script()

        def run(one: Visit) -> tuple[str, str]:
            return taking.take(one, asked), one.language

        try:
            said, _ = visit(site, caller, run)
        except Refusal as refusal:
            if refusal.code == "SIGN_IN" or refusal.status in {403, 404}:
                raise
            shown = refusal

            def again(one: Visit) -> str:
                return taking.transition_page(one, asked, part=part, refusal=shown)

            return html_answer(visit(site, caller, again), refusal.status)
        if part and request.headers.get("Tenon-Stays"):
            return Response(status=204, headers={SAID: quote(said)})
        toast(said)
        return Response(status=204) if part else redirect(f"/o/{name}/{number}", 303)

    @get(pages, "/processes")
    def processes() -> Response:
        return html_answer(visit(site, caller_of(), diagram.all_page))

    @get(pages, "/processes/<process>")
    def one_process(process: str) -> Response:
        return html_answer(visit(site, caller_of(), lambda one: diagram.process_page(one, process)))


AREA = Area("processes", add, Path(__file__).parent)
