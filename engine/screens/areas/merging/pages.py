"""The addresses of duplicates and merging."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import redirect, request

from engine.records.duplicate_pairs import LAST, likely_pairs
from engine.records.duplicates import likely_duplicates
from engine.records.merge import demand_mergeable, merge_records
from engine.records.query import Query, read_one, read_page
from engine.refusals import Refusal
from engine.screens.area import Area
from engine.screens.areas.merging.likely import entered, listed, panel, why
from engine.screens.areas.merging.may import may_merge
from engine.screens.areas.merging.sides import draw_sides, merging_of, read_sides, said
from engine.screens.record import title_of
from engine.screens.responses import caller_of, get, html_answer, post, toast_done
from engine.screens.site import visit

if TYPE_CHECKING:
    from flask import Blueprint
    from werkzeug.wrappers import Response

    from engine.records.compile import CompiledObject
    from engine.records.duplicates import Match
    from engine.screens.site import Site, Visit

LONGEST = 18  # digits of an id
FOUND = 10  # records offered by a search
SHOWN = frozenset({409, 412, 422})  # refusals told on the page itself


def add(pages: Blueprint, site: Site) -> None:
    """Add the addresses to the blueprint."""

    @post(pages, "/o/<name>/duplicates/ask")
    def ask(name: str) -> Response:
        values = {key: value for key, value in request.form.items() if not key.startswith("_")}
        number = _number(request.form.get("_record", ""))
        return html_answer(visit(site, caller_of(), lambda one: _hint(one, name, values, number)))

    @get(pages, "/o/<name>/duplicates")
    def pairs(name: str) -> Response:
        below = _number(request.args.get("below", "")) or LAST
        return html_answer(visit(site, caller_of(), lambda one: _pairs(one, name, below)))

    @get(pages, "/o/<name>/<int:number>/merge")
    def choose(name: str, number: int) -> Response:
        asked = request.args.get("q", "").strip()[:100]
        return html_answer(visit(site, caller_of(), lambda one: _choose(one, name, number, asked)))

    @get(pages, "/o/<name>/merge")
    def side_by_side(name: str) -> Response:
        ids, into = _ids(request.args.getlist("id")), _number(request.args.get("into", ""))
        return html_answer(visit(site, caller_of(), lambda one: draw_sides(one, read_sides(one, name, ids, into))))

    @post(pages, "/o/<name>/merge")
    def merge(name: str) -> Response:
        return _merge(site, name)


def _number(text: str) -> int:
    """Return an id, 0 for what is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= LONGEST else 0


def _ids(texts: list[str]) -> list[int]:
    return [number for number in map(_number, texts) if number]


def _hint(one: Visit, name: str, values: dict[str, str], number: int) -> str:
    """Return what a form says while it is filled in; nothing where there is nothing to say."""
    compiled = one.object(name)
    act = "update" if number else "create"
    if not one.rights.grants(name, act):
        return ""
    found = entered(one, compiled, values, number)
    return one.part("merging/hint.html", likely=listed(one, compiled, found)).strip()


def _pairs(one: Visit, name: str, below: int) -> str:
    compiled = one.object(name)
    page = likely_pairs(one.context, name, below=below)
    ids = tuple(dict.fromkeys(number for number, _ in page.pairs))
    fields = tuple(dict.fromkeys(("id", compiled.title, *([compiled.owner] if compiled.owner else []))))
    rows = read_page(one.context, Query(name, fields, ids=ids, limit=max(len(ids), 1))).items if ids else []
    known = {int(row["id"]): row for row in rows}
    merges = may_merge(one, compiled)
    definition = compiled.definition
    return one.page(
        "merging/pairs.html",
        here=f"/o/{name}",
        object=name,
        plural=(definition.plural or definition.label)(one.language),
        pairs=[
            _pair(one, compiled, known[number], match, merges=merges) for number, match in page.pairs if number in known
        ],
        more_url=f"/o/{name}/duplicates?below={page.next}" if page.next else "",
    )


def _pair(one: Visit, compiled: CompiledObject, row: Any, match: Match, *, merges: bool) -> dict[str, Any]:
    base, owner = f"/o/{compiled.name}", row.get(compiled.owner) if compiled.owner else None
    owners = dict.fromkeys(name for name in (getattr(owner, "label", ""), match.owner) if name)
    return {
        "newer": {"url": f"{base}/{row['id']}", "label": title_of(compiled, row, one.language)},
        "older": {"url": f"{base}/{match.id}", "label": match.label},
        "why": why(one, compiled, match),
        "owners": " / ".join(owners),
        "merge": f"{base}/merge?id={match.id}&id={row['id']}" if merges else "",
    }


def _choose(one: Visit, name: str, number: int, asked: str) -> str:
    """Return the page that asks for the other record: likely ones, and a search."""
    compiled = one.object(name)
    demand_mergeable(compiled, one.rights)
    row = read_one(one.context, name, number, ("id", compiled.title))
    found = []
    if asked:
        page = read_page(one.context, Query(name, ("id", compiled.title), search=asked, limit=FOUND + 1))
        found = [each for each in page.items if each["id"] != number][:FOUND]
    definition = compiled.definition
    return one.page(
        "merging/choose.html",
        here=f"/o/{name}",
        object=name,
        plural=(definition.plural or definition.label)(one.language),
        id=number,
        label=title_of(compiled, row, one.language),
        asked=asked,
        likely=listed(one, compiled, likely_duplicates(one.context, name, [number]), number),
        found=[
            {
                "url": f"/o/{name}/{each['id']}",
                "label": title_of(compiled, each, one.language),
                "merge": f"/o/{name}/merge?id={number}&id={each['id']}",
            }
            for each in found
        ],
    )


def _merge(site: Site, name: str) -> Response:
    """Merge what was posted and go on to the record that stays; or show the page again with what is in the way."""
    form = request.form
    ids, into = _ids(form.getlist("id")), _number(form.get("into", ""))
    picks = {
        key.removeprefix("pick."): number
        for key, value in form.items()
        if key.startswith("pick.") and (number := _number(value)) in ids
    }
    versions = {number: found for number in ids if (found := _number(form.get(f"version.{number}", "")))}
    caller = caller_of()

    def work(one: Visit) -> tuple[str, str]:
        sides = read_sides(one, name, ids, into, picks)
        written = merge_records(one.context, merging_of(one, sides, versions))
        row = read_one(one.context, name, written.id, ("id", sides.compiled.title))
        return title_of(sides.compiled, row, one.language), one.language

    try:
        label, language = visit(site, caller, work)
    except Refusal as refusal:
        if refusal.status not in SHOWN or refusal.code in {"TWO_RECORDS", "NOT_MERGEABLE"}:
            raise
        bar = refusal

        def again(one: Visit) -> str:
            return draw_sides(one, read_sides(one, name, ids, into, picks), said(bar, one.language))

        return html_answer(visit(site, caller, again), refusal.status)
    toast_done("merge_done", language, record=label)
    return redirect(f"/o/{name}/{into}", 303)


AREA = Area("merging", add, Path(__file__).parent, panel=panel)
