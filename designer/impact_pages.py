"""The address that says what hangs on a definition or an entry of it, asked before it is taken away; and the taking away of what the
draft itself defines."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from flask import Response, redirect, request

from designer.impact import impact_of, parts_of
from designer.preview import label_in
from designer.work import change, open_work
from engine.refusals import Refusal
from engine.screens.responses import caller_of, get, html_answer, post
from engine.screens.site import visit
from engine.screens.texts import TEXTS
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Blueprint
    from werkzeug.wrappers import Response as AnyResponse

    from designer.candidate import Desk
    from designer.changes import Changes
    from designer.work import Work
    from engine.screens.site import Site, Visit


@dataclass(frozen=True, slots=True)
class Removal:
    """The form that takes an entry away. ``retires``: what is gone can come back, and its data stay."""

    action: str
    values: Mapping[str, str] = field(default_factory=dict)
    retires: bool = False


def add(pages: Blueprint, site: Site, desk: Desk) -> None:
    """Register the addresses."""

    @get(pages, "/designer/impact/<kind>/<name>")
    def impact(kind: str, name: str) -> Response:
        def show(one: Visit) -> str:
            work = open_work(one, desk)
            path = tuple(part for part in request.args.get("at", "").split("/") if part)
            _known(work, kind, name, path)
            values = {
                "impact": impact_of(work, kind, name, path),
                "removal": _removal(work, kind, name, path),
                "parts": [] if request.args.get("field") else parts_of(work, kind, name),
                "about": f"/designer/impact/{kind}/{name}",
                "at": "/".join(path),
                "rev": work.draft.rev,
                "below": (kind, name) in work.candidate.below and not path,
            }
            if request.headers.get("HX-Request") == "true":
                return one.part("designer/impact.html", **values)
            return one.page("designer/impact_page.html", here="/designer", **values)

        return html_answer(visit(site, caller_of(), show))

    @post(pages, "/designer/remove/<kind>/<name>")
    def remove(kind: str, name: str) -> AnyResponse:
        visit(site, caller_of(), lambda one: _take_out(open_work(one, desk, lock=True), kind, name))
        return redirect("/designer", 303)


def _known(work: Work, kind: str, name: str, path: tuple[str, ...]) -> None:
    """Raise Refusal 404 where there is no such entry."""
    data: object = work.candidate.data(kind, name)
    for part in path:
        data = data.get(part) if isinstance(data, dict) else None
    if not data:
        raise Refusal(404, "NOT_FOUND", TEXTS["error_404"])


def _removal(work: Work, kind: str, name: str, path: tuple[str, ...]) -> Removal | None:
    """Return how an entry is taken away on the designer's pages; None where only its YAML can say that."""
    to = f"/designer/objects/{name}"
    chosen = request.args.get("field", "")
    if len(path) == 2 and kind == "object":
        forms = {
            "fields": Removal(f"{to}/do", {"act": "retire", "field": path[1]}, retires=True),
            "views": Removal(f"{to}/views", {"act": "remove", "view": path[1]}),
            "checks": Removal(f"{to}/rules", {"act": "check_remove", "check": path[1]}),
        }
        return forms.get(path[0])
    if chosen and (path[2:3] == ("choices",) or (kind == "choices" and path[:1] == ("values",))):
        holder = request.args.get("on", "") or name
        values = {"act": "choice_remove", "field": chosen, "choice": path[-1]}
        return Removal(f"/designer/objects/{holder}/do", values, retires=True)
    own = work.candidate.documents.get((kind, name))
    if not path and kind != "pack" and own is not None and not own.extends:
        return Removal(f"/designer/remove/{kind}/{name}")
    return None


def _take_out(work: Work, kind: str, name: str) -> None:
    """Take a definition of the draft's own out of it, and out of the menu. Raises Refusal 409 for what a pack below defines."""
    own = work.candidate.documents.get((kind, name))
    if own is None or own.extends or kind == "pack":
        raise Refusal(
            409,
            "NOT_OWN",
            Text(
                zh="这是应用包定义的，不能删除；可以停用其中的内容。",
                en="A pack defines this: it can't be deleted, what is in it can be retired.",
            ),
        )
    label = label_in(work.candidate.data(kind, name).get("label"), work.visit.language, name)

    def make(changes: Changes) -> None:
        entry = name if kind == "object" else f"{kind}/{name}"
        for pack, merged in [(key[1], one) for key, one in work.candidate.merged.items() if key[0] == "pack"]:
            menu = merged.node.to_data().get("menu")
            for group, said in menu.items() if isinstance(menu, dict) else ():
                listed = said.get("items") if isinstance(said, dict) else None
                if isinstance(listed, list) and entry in listed:
                    _unlist(changes, pack, group, [one for one in listed if one != entry])
        del changes.files[own.path]

    change(work, Text(zh=f"删除「{label}」", en=f"{label} deleted"), make)


def _unlist(changes: Changes, pack: str, group: str, left: list[str]) -> None:
    path = ("menu", group, "items")
    if left:
        changes.put("pack", pack, path, left)
    else:
        changes.remove("pack", pack, path[:-1])
