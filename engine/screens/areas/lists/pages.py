"""The addresses of what is done on lists."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import orjson
from flask import Response, redirect, request

from engine.refusals import Refusal
from engine.screens.address import read_address
from engine.screens.area import Area
from engine.screens.areas.lists.everything import ACTS, Step, run_step
from engine.screens.areas.lists.pasting import paste, read_block
from engine.screens.areas.lists.undo import undo
from engine.screens.grouped import group_part
from engine.screens.list_routes import LONGEST_REST
from engine.screens.lists import ask
from engine.screens.responses import caller_of, get, html_answer, post, toast
from engine.screens.site import visit
from engine.screens.texts import TEXTS, say

if TYPE_CHECKING:
    from flask import Blueprint
    from werkzeug.wrappers import Response as AnyResponse

    from engine.screens.address import ListAddress
    from engine.screens.areas.lists.undo import Undone
    from engine.screens.site import Site


def add(pages: Blueprint, site: Site) -> None:
    """Add the addresses to the blueprint."""

    _acting(pages, site)

    @get(pages, "/o/<name>/group/<key>")
    def more_of_a_group(name: str, key: str) -> Response:
        address = here(name)
        return html_answer(visit(site, caller_of(), lambda one: group_part(one, ask(one, address), key), reading=True))


def _acting(pages: Blueprint, site: Site) -> None:
    @post(pages, "/o/<name>/paste")
    def paste_block(name: str) -> Response:
        given = request.get_json(silent=True)
        address = shown(name)
        answer = visit(site, caller_of(), lambda one: paste(one, address, read_block(given)))
        return as_json(answer, 422 if "faults" in answer else 200)

    @post(pages, "/o/<name>/undo/<token>")
    def undo_it(name: str, token: str) -> AnyResponse:
        given = request.get_json(silent=True)
        again = str(given.get("again", "")) if isinstance(given, dict) else ""
        done, language = _undo_some(site, name, token, again)
        while done.left and given is None:  # a plain form: all of it at once
            more, _ = _undo_some(site, name, token, done.again)
            done = replace(more, count=done.count + more.count, refused=[*done.refused, *more.refused])
        if given is not None:
            return as_json(asdict(done) | {"said": _said(done, language)})
        toast(_said(done, language), kind="bad" if done.refused else "")
        return redirect(_back(name), 303)

    @post(pages, "/o/<name>/everything/<act>")
    def act_on_everything(name: str, act: str) -> Response:
        given = request.get_json(silent=True)
        step = _step(act, given)
        address = shown(name)
        return as_json(visit(site, caller_of(), lambda one: run_step(one, address, step)))


def _undo_some(site: Site, name: str, token: str, again: str) -> tuple[Undone, str]:
    return visit(site, caller_of(), lambda one: (undo(one, name, token, again), one.language))


def _step(act: str, given: Any) -> Step:
    """Return the batch that a request asks for. Raises Refusal 404 for an act that is none, 400 for a body that is none."""
    if act not in ACTS:
        raise Refusal(404, "NOT_FOUND", TEXTS["error_404"])
    wanted = {"field": str, "text": str, "last": int, "after": str, "token": str}
    values = given if isinstance(given, dict) else {"": 0}
    if any(type(value) is not wanted.get(name) for name, value in values.items()):
        raise Refusal(400, "MALFORMED", TEXTS["error_400"])
    return Step(act, **values)


def _said(done: Undone, language: str) -> str:
    """Return what undoing came to, in words."""
    parts = [say("undo_done", language, count=done.count)] if done.count or not done.refused else []
    if done.refused:
        label, why = done.refused[0]
        parts.append(say("undo_kept", language, count=len(done.refused), record=label, why=why))
    return " ".join(parts)


def _back(name: str) -> str:
    """Return the list that a form was sent from."""
    back = request.headers.get("Referer", "")
    return f"/o/{name}" + (f"?{back.partition('?')[2]}" if f"/o/{name}?" in back else "")


def as_json(answer: Any, status: int = 200) -> Response:
    """Return an answer for a script."""
    return Response(orjson.dumps(answer), status, mimetype="application/json")


def shown(name: str) -> ListAddress:
    """Return the list that a script's request was sent from, as its header says."""
    query = request.headers.get("HX-Current-URL", "").partition("?")[2]
    return read_address(name, parse_qsl(query[:LONGEST_REST]))


def here(name: str) -> ListAddress:
    """Return the list that a request's address means."""
    return read_address(name, request.args.items(multi=True))


AREA = Area("lists", add, Path(__file__).parent)
