"""The pages of publishing: what would change and what the data have against it, how far it has come, the versions and the way back."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from flask import Response, redirect, request

from designer.bench import bar
from designer.drafts import edited
from designer.problems import problems
from designer.publication import load_state, reading
from designer.rebase import decided, site_files
from designer.told import told
from designer.words import WORDS
from designer.work import open_work, put_draft
from engine.people.auditing import note
from engine.publishing.publish import preview
from engine.publishing.versions import list_versions
from engine.records.query import Query, read_page
from engine.refusals import Refusal
from engine.screens.formats import show_moment
from engine.screens.responses import caller_of, get, html_answer, post
from engine.screens.site import visit
from metamodel.text import Text

if TYPE_CHECKING:
    from flask import Blueprint
    from werkzeug.wrappers import Response as AnyResponse

    from designer.candidate import Desk
    from designer.publication import Publisher
    from designer.work import Work
    from engine.screens.site import Site, Visit

STATE = "/designer/publish/state"


def add(pages: Blueprint, site: Site, desk: Desk, publisher: Publisher) -> None:
    """Register the addresses."""
    _publishing(pages, site, desk, publisher)
    _deciding(pages, site, desk)
    _versions(pages, site, desk, publisher)


def _publishing(pages: Blueprint, site: Site, desk: Desk, publisher: Publisher) -> None:
    @get(pages, "/designer/publish")
    def look() -> Response:
        def show(one: Visit) -> str:
            work = open_work(one, desk)
            values = _plan(work, publisher)
            if request.headers.get("HX-Request") == "true":
                return one.part("designer/publish_part.html", **values, dialog=True)
            return one.page("designer/publish.html", here="/designer", **values, dialog=False, bar=bar(work))

        return html_answer(visit(site, caller_of(), show))

    @post(pages, "/designer/publish")
    def begin() -> AnyResponse:
        def prepare(one: Visit) -> tuple[Any, ...]:
            work = open_work(one, desk, lock=True)
            if work.candidate.faults or work.draft.theirs or not work.changed:
                raise Refusal(
                    409,
                    "NOT_PUBLISHABLE",
                    Text(zh="草稿还有问题，或没有修改。", en="The draft has problems, or no changes."),
                )
            put_draft(work, work.draft)
            details = {"base": work.draft.base, "edits": [edit.words.zh for edit in work.draft.past[-50:]]}
            note(one.context, "publish", "", None, details)
            words = list(dict.fromkeys(edit.words(one.language) for edit in work.draft.past))
            return work.candidate.kinds, work.draft, one.context.actor.id, "；".join(words)[:400]

        kinds, draft, author, words = visit(site, caller_of(), prepare)
        publisher.publish(kinds, draft, author, words, accept_loss=request.form.get("accept_loss") == "true")
        return _begun()

    @get(pages, STATE)
    def state() -> Response:
        def show(one: Visit) -> str:
            work = open_work(one, desk)
            values = {"state": load_state(one.context.connection), "back": request.args.get("back", "/designer")}
            if request.headers.get("HX-Request") == "true":
                return one.part("designer/state_part.html", **values)
            return one.page("designer/state.html", here="/designer", bar=bar(work), **values)

        return html_answer(visit(site, caller_of(), show))


def _begun() -> AnyResponse:
    """Lead to where the progress is shown; a script takes the part from there."""
    return redirect(STATE, 303)


def _plan(work: Work, publisher: Publisher) -> dict[str, Any]:
    """Return what publishing would do. The database is asked, nothing changes."""
    candidate, draft, language = work.candidate, work.draft, work.visit.language
    values: dict[str, Any] = {
        "changed": work.changed,
        "problems": problems(work, candidate.faults),
        "warnings": problems(work, candidate.warnings),
        "theirs": list(draft.theirs),
        "changes": [],
        "steps": [],
        "rows": [],
        "total": 0,
        "lossy": False,
    }
    if candidate.faults or draft.theirs or not work.changed:
        return values
    values["changes"] = told(work)
    press = publisher.press(candidate.kinds)
    _, _, plan, found = preview(press, reading(draft, candidate.kinds, None, ""))
    if plan is not None:
        values["steps"] = [(one.sentence(language), one.risk) for one in plan.steps]
    if found is not None and found.problems:
        values["rows"] = [_row(one.to_json(), language) for one in found.problems[:20]]
        values["total"], values["lossy"] = found.total, all(one.lossy for one in found.problems)
    return values


def _row(data: dict[str, Any], language: str) -> dict[str, Any]:
    return {**data, "reason": data["reason"].get(language) or data["reason"]["zh"]}


def _deciding(pages: Blueprint, site: Site, desk: Desk) -> None:
    @post(pages, "/designer/conflicts")
    def decide() -> AnyResponse:
        def work(one: Visit) -> None:
            opened = open_work(one, desk, lock=True)
            path, mine = request.form.get("path", ""), request.form.get("keep") == "mine"
            if path not in opened.draft.theirs:
                return
            files = decided(opened.draft, path, mine=mine)
            words = Text(zh=f"解决 {path} 的冲突", en=f"conflict in {path} decided")
            draft = edited(opened.draft, files, words, opened.author)
            left = {name: text for name, text in opened.draft.theirs.items() if name != path}
            put_draft(opened, replace(draft, rev=draft.rev + 1, theirs=left))

        visit(site, caller_of(), work)
        return redirect("/designer/publish", 303)

    @post(pages, "/designer/discard")
    def discard() -> AnyResponse:
        def work(one: Visit) -> None:
            opened = open_work(one, desk, lock=True)
            files = site_files(one.context.connection, opened.draft.base)
            words = Text(zh="放弃全部修改", en="all changes discarded")
            put_draft(opened, edited(opened.draft, files, words, opened.author))

        visit(site, caller_of(), work)
        return redirect("/designer/history", 303)


def _called(note: str, language: str) -> str:
    """Return what a version says of itself: commands leave a verb and names, people their own words."""
    verb, _, names = note.partition(" ")
    word = f"dz_note_{verb}"
    if not names or word not in WORDS:
        return note
    zh, en = WORDS[word]
    return Text(zh=zh, en=en).format(names=names)(language)


def _versions(pages: Blueprint, site: Site, desk: Desk, publisher: Publisher) -> None:
    @get(pages, "/designer/versions")
    def versions() -> Response:
        def show(one: Visit) -> str:
            work = open_work(one, desk)
            listed = list_versions(one.context.connection)[:100]
            called = {info.number: _called(info.note, one.language) for info in listed}
            people = _names(one, {info.author for info in listed if info.author})
            when = {info.number: show_moment(info.created_at, one.language, one.locale.zone) for info in listed}
            values = {"versions": listed, "called": called, "people": people, "when": when}
            return one.page("designer/versions.html", here="/designer", bar=bar(work), **values)

        return html_answer(visit(site, caller_of(), show))

    @post(pages, "/designer/versions/<int:number>/rollback")
    def rollback(number: int) -> AnyResponse:
        def prepare(one: Visit) -> tuple[Any, ...]:
            open_work(one, desk)
            note(one.context, "rollback", "", None, {"version": number})
            return one.records.kinds, one.context.actor.id

        kinds, author = visit(site, caller_of(), prepare)
        publisher.rollback(kinds, number, author, accept_loss=request.form.get("accept_loss") == "true")
        return _begun()


def _names(one: Visit, ids: set[int]) -> dict[int, str]:
    """Return what people are called."""
    if not ids:
        return {}
    page = read_page(one.as_system(), Query("user", ("name",), ids=tuple(ids), limit=len(ids)))
    return {int(row["id"]): str(row["name"]) for row in page.items}
