"""The addresses of single records: the page, the forms, the bin and back, earlier history, live rules."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from flask import jsonify, redirect, request
from werkzeug.wrappers import Response

from engine.records import commands
from engine.records.query import read_one
from engine.refusals import Refusal
from engine.screens import form_pages
from engine.screens.account import inside
from engine.screens.history import read_feed
from engine.screens.pasting import read_cells, read_typed
from engine.screens.record import read_record, record_page, title_of
from engine.screens.related import related_part
from engine.screens.responses import caller_of, check_token, get, html_answer, post, toast, toast_done
from engine.screens.rules import rules_module
from engine.screens.site import visit
from engine.screens.texts import say

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Blueprint

    from engine.screens.form_pages import Saved
    from engine.screens.site import Site, Visit

RESTORED = "form_restored"
YEAR = 365 * 24 * 3600


def add(pages: Blueprint, site: Site) -> None:
    """Add the addresses to the blueprint."""
    _showing(pages, site)
    _making(pages, site)
    _binning(pages, site)


def _showing(pages: Blueprint, site: Site) -> None:
    @get(pages, "/o/<name>/<int:number>")
    def record(name: str, number: int) -> Response:
        return html_answer(visit(site, caller_of(), lambda one: record_page(one, name, number)))

    @get(pages, "/o/<name>/<int:number>/history")
    def history(name: str, number: int) -> Response:
        moment, _, key = request.args.get("before", "").partition("-")

        def show(one: Visit) -> str:
            compiled = one.object(name)
            read_record(one, compiled, number)
            before = (datetime.fromtimestamp(float(moment), UTC), int(key)) if _is_place(moment, key) else None
            feed, more = read_feed(one, compiled, number, before)
            return one.part("history.html", history=feed, history_more=more)

        return html_answer(visit(site, caller_of(), show))

    @get(pages, "/o/<name>/<int:number>/related/<side>")
    def related(name: str, number: int, side: str) -> Response:
        after = request.args.get("after", "")
        return html_answer(visit(site, caller_of(), lambda one: related_part(one, name, number, side, after)))

    @get(pages, "/o/<name>/rules.js")
    def rules(name: str) -> Response:
        text = visit(site, caller_of(), lambda one: rules_module(one, one.object(name)))
        headers = {"Cache-Control": f"private, max-age={YEAR}, immutable"}
        return Response(text, mimetype="text/javascript", headers=headers)


def _is_place(moment: str, key: str) -> bool:
    return key.isdecimal() and len(key) < 19 and moment.replace(".", "", 1).isdecimal() and len(moment) < 20


def _making(pages: Blueprint, site: Site) -> None:
    @get(pages, "/o/<name>/new")
    def show_new(name: str) -> Response:
        given = {key: value for key, value in request.args.items() if key != "next"}
        following = inside(request.args["next"]) if "next" in request.args else ""
        return html_answer(visit(site, caller_of(), lambda one: form_pages.new_page(one, name, given, following)))

    @post(pages, "/o/<name>/new")
    def make(name: str) -> Response:
        pairs = list(request.form.items(multi=True))
        return _save(site, name, None, lambda one: form_pages.create_record(one, name, pairs))

    @post(pages, "/o/<name>/lines/<field>")
    def read_pasted(name: str, field: str) -> Response:
        cells = request.form.get("cells", "")
        return jsonify({"rows": visit(site, caller_of(), lambda one: read_cells(one, name, field, cells))})

    @post(pages, "/o/<name>/typed")
    def read_fields(name: str) -> Response:
        cells = request.form.get("cells", "")
        return jsonify({"rows": visit(site, caller_of(), lambda one: read_typed(one, name, cells))})

    @get(pages, "/o/<name>/<int:number>/edit")
    def show_edit(name: str, number: int) -> Response:
        following = inside(request.args["next"]) if "next" in request.args else ""
        caller = caller_of()
        try:
            return html_answer(visit(site, caller, lambda one: form_pages.edit_page(one, name, number, following)))
        except Refusal as refusal:
            if refusal.code != "LOCKED":
                raise
            toast(refusal.message(caller.language or site.config.languages.default), kind="bad")
            return redirect(f"/o/{name}/{number}", 303)

    @post(pages, "/o/<name>/<int:number>/edit")
    def change(name: str, number: int) -> Response:
        pairs = list(request.form.items(multi=True))
        return _save(site, name, number, lambda one: form_pages.update_record(one, name, number, pairs))


def _save(site: Site, name: str, number: int | None, save: Callable[[Visit], Saved]) -> Response:
    """Save a form and go on to the record; or show the form again with all that was typed and what is wrong. Our own script is told where
    to go on to; it asks with ``_draft`` for a form that holds what was kept in the browser."""
    caller = caller_of()
    following = inside(request.form["_next"]) if request.form.get("_next") else ""
    refusal: Refusal | None = None
    note = "form_expired"
    pairs = list(request.form.items(multi=True))

    def attempt(one: Visit) -> tuple[str, Saved | None, str]:
        reason = _unsaved(one.context.actor.id or 0)
        return reason, None if reason else save(one), one.language

    if check_token(request):
        try:
            note, saved, language = visit(site, caller, attempt)
        except Refusal as error:
            if error.code == "SIGN_IN" or error.status in {403, 404}:
                raise
            refusal = error
        else:
            if saved is not None:
                return _saved(name, saved, language, following)

    def again(one: Visit) -> str:
        return form_pages.again_page(one, name, number, pairs, refusal=refusal, following=following, note=note)

    status = refusal.status if refusal else 200 if note == RESTORED else 400
    return html_answer(visit(site, caller, again), status)


def _unsaved(person: int) -> str:
    """Return the name of the text that says why a form is not saved yet: it was kept in the browser, or somebody else has signed in since."""
    if "_draft" in request.form:
        return RESTORED
    return "form_other_person" if request.form.get("_person", str(person)) != str(person) else ""


def _saved(name: str, saved: Saved, language: str, following: str) -> Response:
    address = following or f"/o/{name}/{saved.id}"
    short = form_pages.SHORT in request.form
    if not short:
        toast_done(saved.message, language, record=saved.label)
    if request.headers.get("HX-Request") == "true":
        return jsonify({"object": name, "id": saved.id, "label": saved.label, "next": address})
    return redirect(address, 303)


def _binning(pages: Blueprint, site: Site) -> None:
    @post(pages, "/o/<name>/<int:number>/delete")
    def delete(name: str, number: int) -> Response:
        version = request.form.get("version", "")

        def remove(one: Visit) -> tuple[str, str]:
            compiled = one.object(name)
            row = read_one(one.context, name, number, ("id", compiled.title))
            expected = int(version) if version.isdecimal() and len(version) < 19 else None
            commands.delete(one.context, name, [(number, expected)])
            return title_of(compiled, row, one.language), one.language

        caller = caller_of()
        try:
            label, language = visit(site, caller, remove)
        except Refusal as refusal:
            if refusal.status not in {409, 412}:
                raise
            said = caller.language or site.config.languages.default
            toast(refusal.message(said), kind="bad")
            return redirect(f"/o/{name}/{number}", 303)
        undo = f"/o/{name}/{number}/restore"
        toast(say("deleted", language, record=label), action=undo, label=say("undo", language))
        return redirect(f"/o/{name}", 303)

    @post(pages, "/o/<name>/<int:number>/restore")
    def restore(name: str, number: int) -> Response:
        def bring_back(one: Visit) -> tuple[str, str]:
            compiled = one.object(name)
            commands.restore(one.context, name, [number])
            row = read_one(one.context, name, number, ("id", compiled.title))
            return title_of(compiled, row, one.language), one.language

        label, language = visit(site, caller_of(), bring_back)
        toast_done("restored", language, record=label)
        return redirect(inside(request.args["next"]) if "next" in request.args else f"/o/{name}/{number}", 303)
