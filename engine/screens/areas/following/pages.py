"""The addresses of following: the button at the head of a record's page, and the list of what one follows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import redirect, request

from engine.records.query import MOST, Query, read_page
from engine.refusals import Refusal
from engine.screens.area import Area, Way
from engine.screens.formats import ago
from engine.screens.html import Html
from engine.screens.record import title_of
from engine.screens.responses import caller_of, get, html_answer, post, toast, toast_done, told
from engine.screens.site import visit
from engine.screens.texts import say
from engine.talk.following import (
    follow,
    followed,
    follows,
    follows_talk,
    keep_following_talk,
    may_follow,
    unfollow,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from flask import Blueprint
    from werkzeug.wrappers import Response

    from engine.context import Context
    from engine.records.compile import CompiledObject
    from engine.records.query import Row
    from engine.screens.site import Site, Visit


def add(pages: Blueprint, site: Site) -> None:
    """Add the addresses to the blueprint."""

    @get(pages, "/following")
    def show() -> Response:
        return html_answer(visit(site, caller_of(), _page, reading=True))

    @post(pages, "/following")
    def keep() -> Response:
        wanted = request.form.get("talk") == "1"

        def work(one: Visit) -> str:
            keep_following_talk(one.context, wanted=wanted)
            return one.language

        toast_done("followed_talk_kept", visit(site, caller_of(), work))
        return redirect("/following", 303)

    @post(pages, "/o/<name>/<int:number>/follow")
    def begin(name: str, number: int) -> Response:
        return _turn(site, name, number, follow, "follow_begun")

    @post(pages, "/o/<name>/<int:number>/unfollow")
    def end(name: str, number: int) -> Response:
        return _turn(site, name, number, unfollow, "follow_ended_one")


def _turn(site: Site, name: str, number: int, work: Callable[[Context, str, int], None], said: str) -> Response:
    """Follow a record or stop; our own script gets the button anew, everybody else the page that they came from."""
    caller = caller_of()

    def inside(one: Visit) -> tuple[str, str]:
        work(one.context, name, number)
        return _button(one, name, number), one.language

    back = "/following" if request.form.get("back") == "list" else f"/o/{name}/{number}"
    try:
        button, language = visit(site, caller, inside)
    except Refusal as refusal:
        if refusal.status != 409:
            raise
        toast(told(refusal, caller.language or site.config.languages.default), kind="bad")
        return redirect(back, 303)
    if request.headers.get("HX-Request") == "true":
        return html_answer(button)
    toast_done(said, language)
    return redirect(back, 303)


def head(one: Visit, compiled: CompiledObject, row: Row, /, *, binned: bool) -> str:
    """Return the button at the head of a record's page; none on one in the bin, which nobody changes."""
    if binned or not may_follow(one.context, compiled.name):
        return ""
    return _button(one, compiled.name, row["id"])


def _button(one: Visit, name: str, number: int) -> str:
    return one.part("following/button.html", url=f"/o/{name}/{number}", on=follows(one.context, name, number))


def _page(one: Visit) -> str:
    return one.page("following/list.html", here="/following", rows=_rows(one), talk=follows_talk(one.context))


def _rows(one: Visit) -> list[dict[str, Any]]:
    """Return what one follows and may read, what was changed last first: a statement an object."""
    places: dict[str, list[int]] = {}
    for place in followed(one.context):
        if one.rights.grants(place.object, "read"):
            places.setdefault(place.object, []).append(place.id)
    found = [(row["updated_at"], _row(one, name, row)) for name, ids in places.items() for row in _read(one, name, ids)]
    return [row for _, row in sorted(found, key=lambda pair: pair[0], reverse=True)]


def _read(one: Visit, name: str, ids: Sequence[int]) -> list[Row]:
    fields = ("id", one.records.objects[name].title, "updated_at", "updated_by")
    return read_page(one.context, Query(name, fields, ids=tuple(ids[:MOST]), limit=min(len(ids), MOST))).items


def _row(one: Visit, name: str, row: Row) -> dict[str, Any]:
    compiled, language = one.records.objects[name], one.language
    label, who = title_of(compiled, row, language), row["updated_by"]
    return {
        "url": f"/o/{name}/{row['id']}",
        "icon": compiled.definition.icon,
        "object": compiled.definition.label(language),
        "label": label,
        "who": say("followed_changed", language, who=who.label if who is not None else say("system", language)),
        "when": Html(ago(row["updated_at"], one.context.now, language, one.locale.zone)),
        "stop": say("follow_stop", language, record=label),
    }


AREA = Area("following", add, Path(__file__).parent, ways=(Way("/following", "star", "followed", own=True),), head=head)
