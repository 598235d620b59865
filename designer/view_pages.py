"""The pages of an object's views and checks: plain forms that post one act each and come back to the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Response, redirect, request

from designer.bench import bar
from designer.preview import label_in, label_text
from designer.rule_acts import RULE_ACTS, rules_of
from designer.view_acts import VIEW_ACTS, views_of
from designer.view_looks import COLORS
from designer.work import Seen, change, open_work
from engine.refusals import Refusal
from engine.screens.responses import caller_of, get, html_answer, post
from engine.screens.site import visit
from engine.screens.texts import TEXTS
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from flask import Blueprint
    from werkzeug.datastructures import MultiDict
    from werkzeug.wrappers import Response as AnyResponse

    from designer.candidate import Desk
    from designer.changes import Changes
    from designer.work import Work
    from engine.screens.site import Site, Visit

    Acts = Mapping[str, Callable[[Work, Changes, str, MultiDict[str, str]], None]]


def add(pages: Blueprint, site: Site, desk: Desk) -> None:
    """Register the addresses."""
    _page(
        pages,
        site,
        desk,
        part="views",
        values=lambda work, name: {"views": views_of(work, name), "colors": COLORS},
        acts=VIEW_ACTS,
    )
    _page(pages, site, desk, part="rules", values=rules_of, acts=RULE_ACTS)


def _page(
    pages: Blueprint,
    site: Site,
    desk: Desk,
    *,
    part: str,
    values: Callable[[Work, str], dict[str, object]],
    acts: Acts,
) -> None:
    """Register a page of an object and what is done on it."""
    words = {
        "views": Text(zh="{object}：视图", en="{object}: a view"),
        "rules": Text(zh="{object}：校验", en="{object}: a check"),
    }[part]

    @get(pages, f"/designer/objects/<name>/{part}")
    def page(name: str) -> Response:
        def show(one: Visit) -> str:
            work = open_work(one, desk)
            data = work.candidate.data("object", name)
            if not data:
                raise Refusal(404, "NOT_FOUND", TEXTS["error_404"])
            label = label_in(data.get("label"), one.language, name)
            given = values(work, name)
            return one.page(f"designer/{part}.html", here="/designer", object=name, label=label, bar=bar(work), **given)

        return html_answer(visit(site, caller_of(), show))

    @post(pages, f"/designer/objects/<name>/{part}")
    def act(name: str) -> AnyResponse:
        def work(one: Visit) -> None:
            opened = open_work(one, desk, lock=True)
            make = acts.get(request.form.get("act", ""))
            data = opened.candidate.data("object", name)
            if make is None or not data:
                raise Refusal(404, "NOT_FOUND", TEXTS["error_404"])
            rev = request.form.get("rev", "")
            said = words.format(object=label_text(data.get("label"), name))
            seen = Seen(int(rev) if rev.isdecimal() else 0)
            change(opened, said, lambda changes: make(opened, changes, name, request.form), seen)

        visit(site, caller_of(), work)
        return redirect(f"/designer/objects/{name}/{part}{f'#{anchor()}' if anchor() else ''}", 303)


def anchor() -> str:
    """Return where on the page somebody was."""
    found = request.form.get("view", "") or request.form.get("check", "")
    return found if found.isidentifier() else ""
