"""The designer as an area of the pages: its addresses, its way in, and the first page, which lists all that can be designed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Response, redirect, request

from designer import impact_pages, object_pages, publish_pages, source_pages, view_pages
from designer.bench import bar
from designer.candidate import Desk
from designer.drafts import redo, undo
from designer.kinds import GROUPS, entries_of
from designer.new_object import create_object, menu_groups
from designer.preview import label_in
from designer.publication import Publisher
from designer.words import WORDS
from designer.work import open_work, put_draft
from engine.screens.account import inside
from engine.screens.area import Area, Way
from engine.screens.formats import show_moment
from engine.screens.responses import caller_of, get, html_answer, post
from engine.screens.site import visit

if TYPE_CHECKING:
    from collections.abc import Callable

    import sqlalchemy as sa
    from flask import Blueprint
    from werkzeug.wrappers import Response as AnyResponse

    from designer.work import Work
    from engine.screens.site import Site, Visit


def make_area(engine: sa.Engine | None = None, wake: Callable[[int], object] | None = None) -> Area:
    """Return the designer's area. ``engine`` is what publishing works over where the pages' own goes through a pooler; ``wake`` tells other
    processes of a new version, which find it by themselves within a second."""

    def add(pages: Blueprint, site: Site) -> None:
        desk = Desk()
        publisher = Publisher(engine or site.engine, site.config, wake)
        _first(pages, site, desk)
        _history(pages, site, desk)
        object_pages.add(pages, site, desk)
        impact_pages.add(pages, site, desk)
        view_pages.add(pages, site, desk)
        source_pages.add(pages, site, desk)
        publish_pages.add(pages, site, desk, publisher)

    way = Way("/designer", "tools", "dz_title", lambda _records, rights, _actor: rights.full)
    return Area("designer", add, Path(__file__).parent, (way,), WORDS)


def _first(pages: Blueprint, site: Site, desk: Desk) -> None:
    @get(pages, "/designer")
    def overview() -> Response:
        def show(one: Visit) -> str:
            return _overview(open_work(one, desk))

        return html_answer(visit(site, caller_of(), show))

    @get(pages, "/designer/objects")
    def objects() -> AnyResponse:
        return redirect("/designer", 303)

    @post(pages, "/designer/objects")
    def new_object() -> AnyResponse:
        def make(one: Visit) -> str:
            work = open_work(one, desk, lock=True)
            return create_object(work, request.form.get("label", ""), request.form.get("menu", ""))

        name = visit(site, caller_of(), make)
        return redirect(f"/designer/objects/{name}" if name else "/designer", 303)


def _overview(work: Work) -> str:
    language = work.visit.language
    objects: list[dict[str, Any]] = []
    for (kind, name), merged in work.candidate.merged.items():
        if kind != "object":
            continue
        data = merged.node.to_data()
        objects.append(
            {
                "name": name,
                "label": label_in(data.get("label"), language, name),
                "icon": str(data.get("icon") or "table"),
                "fields": len(data.get("fields") or {}),
                "pack": merged.pack,
                "changed": (kind, name) in work.candidate.documents,
            }
        )
    groups = [
        {"kind": kind, "label": label(language), "icon": symbol, "entries": entries_of(work, kind)}
        for kind, (label, symbol) in GROUPS.items()
    ]
    return work.visit.page(
        "designer/overview.html",
        here="/designer",
        objects=objects,
        groups=groups,
        menus=menu_groups(work),
        bar=bar(work),
    )


def _history(pages: Blueprint, site: Site, desk: Desk) -> None:
    def turned(turn: Callable[..., Any]) -> AnyResponse:
        def work(one: Visit) -> None:
            opened = open_work(one, desk, lock=True)
            put_draft(opened, turn(opened.draft))

        visit(site, caller_of(), work)
        return redirect(inside(request.form.get("next", "/designer")), 303)

    @post(pages, "/designer/undo")
    def go_back() -> AnyResponse:
        return turned(undo)

    @post(pages, "/designer/redo")
    def go_on() -> AnyResponse:
        return turned(redo)

    @get(pages, "/designer/history")
    def history() -> Response:
        def show(one: Visit) -> str:
            work = open_work(one, desk)
            edits = [
                {
                    "words": edit.words(one.language),
                    "name": edit.name,
                    "at": edit.at,
                    "when": show_moment(edit.moment, one.language, one.locale.zone),
                }
                for edit in reversed(work.draft.past)
            ]
            return one.page("designer/history.html", here="/designer", edits=edits, bar=bar(work))

        return html_answer(visit(site, caller_of(), show))


AREA = make_area()
