"""The addresses of files and comments on a record's page, and the pieces of that page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import jsonify, redirect, request

from engine.fields.record import pointer
from engine.files.exchange import FILE
from engine.records import commands
from engine.records.commands import Change
from engine.records.query import Query, read_one, read_page
from engine.refusals import Refusal
from engine.screens.area import Area
from engine.screens.areas.talk.files import drop, files_card, hang_on, take_in
from engine.screens.areas.talk.timeline import (
    SORTS,
    count_comments,
    has_comments,
    read_asked,
    read_timeline,
)
from engine.screens.html import Html
from engine.screens.record import read_record
from engine.screens.responses import caller_of, get, html_answer, post, toast
from engine.screens.site import visit
from engine.screens.texts import TEXTS, say
from engine.talk.mentions import COMMENT

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Blueprint
    from werkzeug.wrappers import Response

    from engine.records.compile import CompiledObject
    from engine.records.query import Row
    from engine.screens.site import Site, Visit

PEOPLE = 8


def add(pages: Blueprint, site: Site) -> None:
    """Add the addresses to the blueprint."""
    _comments(pages, site)
    _files(pages, site)

    @get(pages, "/o/<name>/<int:number>/timeline")
    def timeline(name: str, number: int) -> Response:
        asked = read_asked(request.args)

        def show(one: Visit) -> str:
            compiled = one.object(name)
            read_record(one, compiled, number)
            entries, more = read_timeline(one, compiled, number, asked)
            return one.part("talk/entries.html", entries=entries, more=more, base=f"/o/{name}/{number}/comments")

        return html_answer(visit(site, caller_of(), show))

    @get(pages, "/talk/people")
    def people() -> Response:
        text = request.args.get("q", "")[:40]
        found = visit(site, caller_of(), lambda one: _people(one, text), reading=True)
        return jsonify(found)


def _people(one: Visit, text: str) -> list[dict[str, Any]]:
    """Return colleagues whose name begins as a mention does; their names are known to everybody who is signed in."""
    asked = Query("user", ("name", "login"), filter="frozen <> TRUE", search=text, sort=("name",), limit=PEOPLE)
    rows = read_page(one.as_system(), asked).items
    return [{"name": row["name"], "login": row["login"]} for row in rows]


def _comments(pages: Blueprint, site: Site) -> None:
    @post(pages, "/o/<name>/<int:number>/comments")
    def say_something(name: str, number: int) -> Response:
        body = request.form.get("body", "")

        def work(one: Visit) -> str:
            _demand(one, name, number, body)
            commands.create(one.context, COMMENT, [{"about": pointer(name, number), "body": body}])
            return "talk_said"

        return _done(site, work, f"/o/{name}/{number}#talk")

    @post(pages, "/o/<name>/<int:number>/comments/<int:comment>")
    def change(name: str, number: int, comment: int) -> Response:
        body = request.form.get("body", "")

        def work(one: Visit) -> str:
            _demand(one, name, number, body)
            _own(one, COMMENT, comment, name, number)
            commands.update(one.context, COMMENT, [Change(comment, {"body": body})])
            return "talk_changed"

        return _done(site, work, f"/o/{name}/{number}#comment-{comment}")

    @post(pages, "/o/<name>/<int:number>/comments/<int:comment>/delete")
    def remove(name: str, number: int, comment: int) -> Response:
        def work(one: Visit) -> str:
            _own(one, COMMENT, comment, name, number)
            commands.delete(one.context, COMMENT, [(comment, None)])
            return "talk_deleted"

        return _done(site, work, f"/o/{name}/{number}#talk", undo=_undo(COMMENT, comment, name, number))


def _files(pages: Blueprint, site: Site) -> None:
    @post(pages, "/o/<name>/<int:number>/files")
    def upload(name: str, number: int) -> Response:
        caller = caller_of()
        visit(
            site, caller, lambda one: read_record(one, one.object(name), number), reading=True
        )  # nobody's are not read
        taken: list[Any] = []
        tag = request.form.get("tag", "").strip()

        def work(one: Visit) -> str:
            return hang_on(one, one.object(name), number, taken, tag)

        def receive() -> None:
            taken.extend(take_in(site.config, [one for one in request.files.getlist("file") if one.filename]))

        try:
            return _done(site, work, f"/o/{name}/{number}#files", before=receive, told=True)
        finally:
            drop(site.config, taken)

    @post(pages, "/o/<name>/<int:number>/files/<int:file>/tag")
    def label(name: str, number: int, file: int) -> Response:
        tag = request.form.get("tag", "").strip()

        def work(one: Visit) -> str:
            _own(one, FILE, file, name, number)
            commands.update(one.context, FILE, [Change(file, {"tag": tag or None})])
            return "talk_tagged"

        return _done(site, work, f"/o/{name}/{number}#files")

    @post(pages, "/o/<name>/<int:number>/files/<int:file>/delete")
    def remove(name: str, number: int, file: int) -> Response:
        def work(one: Visit) -> str:
            row = _own(one, FILE, file, name, number)
            commands.delete(one.context, FILE, [(file, None)])
            return say("talk_file_removed", one.language, record=row["name"])

        return _done(site, work, f"/o/{name}/{number}#files", told=True, undo=_undo(FILE, file, name, number))


def _demand(one: Visit, name: str, number: int, body: str) -> None:
    read_one(one.context, one.object(name).name, number, ("id",))
    if not body.strip():
        raise Refusal(422, "REQUIRED", TEXTS["talk_empty"])


def _own(one: Visit, object_name: str, number: int, name: str, record: int) -> Row:
    """Return a file or comment of this very record. Raises Refusal 404."""
    fields = ("about", "name") if object_name == FILE else ("about",)
    row = read_one(one.context, object_name, number, fields)
    if row["about"] != pointer(name, record):
        raise Refusal(404, "NOT_FOUND", TEXTS["error_404"])
    return row


def _undo(object_name: str, number: int, name: str, record: int) -> str:
    """Return the address that brings a file or comment back, and its reader to the record."""
    return f"/o/{object_name}/{number}/restore?next=/o/{name}/{record}"


def _done(
    site: Site,
    work: Callable[[Visit], str],
    back: str,
    *,
    before: Callable[[], None] | None = None,
    told: bool = False,
    undo: str = "",
) -> Response:
    """Do something and go back to the record, with a message of what came of it, be it a refusal."""
    caller = caller_of()
    try:
        if before is not None:
            before()
        said, language = visit(site, caller, lambda one: (work(one), one.language))
    except Refusal as refusal:
        if refusal.code == "SIGN_IN" or refusal.status == 404:
            raise
        language = caller.language or site.config.languages.default
        details = [error.message(language) for error in refusal.errors if error.message != refusal.message]
        toast(" · ".join((refusal.message(language), *details[:2])), kind="bad")
        return redirect(back, 303)
    if undo:
        toast(said if told else say(said, language), action=undo, label=say("undo", language))
    else:
        toast(said if told else say(said, language))
    return redirect(back, 303)


def panel(one: Visit, compiled: CompiledObject, row: Row, *, binned: bool) -> str:
    """Return the files of a record and what happened to it."""
    if binned or not has_comments(one, compiled):
        return ""
    number = row["id"]
    entries, more = read_timeline(one, compiled, number)
    return one.part(
        "talk/panel.html",
        files=Html(files_card(one, compiled, number)),
        entries=entries,
        more=more,
        count=count_comments(one, compiled, number),
        base=f"/o/{compiled.name}/{number}/comments",
        timeline=f"/o/{compiled.name}/{number}/timeline",
        sorts=("", *SORTS),
    )


AREA = Area("talk", add, Path(__file__).parent, panel=panel)
