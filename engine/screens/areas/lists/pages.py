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
from engine.screens.areas.lists import habits
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
    from engine.screens.site import Site, Visit


def add(pages: Blueprint, site: Site) -> None:
    """Add the addresses to the blueprint."""

    _acting(pages, site)
    _keeping(pages, site)

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
        given, address = request.get_json(silent=True), shown(name)
        return as_json(visit(site, caller_of(), lambda one: run_step(one, address, _step(act, given))))


def _keeping(pages: Blueprint, site: Site) -> None:
    @post(pages, "/o/<name>/views")
    def keep_view(name: str) -> AnyResponse:
        title, address = request.form.get("name", ""), _rest(name, request.form.get("query", ""))
        whom = [habits.EVERYBODY] if request.form.get("shared") else request.form.getlist("role")

        def save(one: Visit) -> tuple[int, str]:
            return habits.keep(one, name, title, address.choices(), whom), one.language

        number, language = visit(site, caller_of(), save)
        toast(say("save_view_done", language, name=habits.read_title(title)))
        return redirect(address.url(saved=str(number)), 303)

    @post(pages, "/o/<name>/views/<int:number>/rename")
    def rename_view(name: str, number: int) -> AnyResponse:
        title = request.form.get("name", "")

        def change(one: Visit) -> str:
            habits.rename(one, name, number, title)
            return one.language

        toast(say("save_view_done", visit(site, caller_of(), change), name=habits.read_title(title)))
        return redirect(_back(name), 303)

    @post(pages, "/o/<name>/views/<int:number>/delete")
    def drop_view(name: str, number: int) -> AnyResponse:
        def remove(one: Visit) -> str:
            habits.drop(one, name, number)
            return one.language

        toast(say("delete_view_done", visit(site, caller_of(), remove)))
        return redirect(f"/o/{name}", 303)

    @post(pages, "/o/<name>/habits")
    def keep_habits(name: str) -> AnyResponse:
        given = request.get_json(silent=True)
        if given is None:  # a plain form, of somebody without scripts
            given = {key: int(value) if value.isdecimal() else value for key, value in request.form.items()}
            given.pop("csrf_token", None)
        if not isinstance(given, dict):
            raise Refusal(400, "MALFORMED", TEXTS["error_400"])
        visit(site, caller_of(), lambda one: habits.change(one, name, given))
        return as_json({}) if request.is_json else redirect(_back(name), 303)


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


def _rest(name: str, text: str) -> ListAddress:
    """Return the address that a small form carried along."""
    return read_address(name, parse_qsl(text[:LONGEST_REST]))


def shown(name: str) -> ListAddress:
    """Return the list that a script's request was sent from, as its header says."""
    return _rest(name, request.headers.get("HX-Current-URL", "").partition("?")[2])


def here(name: str) -> ListAddress:
    """Return the list that a request's address means."""
    return read_address(name, request.args.items(multi=True))


AREA = Area("lists", add, Path(__file__).parent)
