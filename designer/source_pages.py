"""The YAML editor with its drawing: a definition's own file in the draft, checked with all the others while it is typed; saved even with
faults, published only without."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Response, jsonify, redirect, request

from designer.bench import bar
from designer.changes import Changes
from designer.drawing.pictures import picture
from designer.hints import hints_of
from designer.kinds import GROUPS, OBJECTS
from designer.preview import label_in
from designer.problems import problems
from designer.starters import starter_of
from designer.told import gone
from designer.work import Work, keep, open_work
from engine.publishing.install import yaml_lines
from engine.refusals import Refusal
from engine.screens.responses import caller_of, get, html_answer, post
from engine.screens.site import visit
from engine.screens.texts import TEXTS
from metamodel.text import Text
from metamodel.vocabulary import KINDS

if TYPE_CHECKING:
    from flask import Blueprint
    from werkzeug.wrappers import Response as AnyResponse

    from designer.candidate import Desk
    from engine.screens.site import Site, Visit

LONGEST = 400_000  # characters of a file in the editor


def add(pages: Blueprint, site: Site, desk: Desk) -> None:
    """Register the addresses."""

    @get(pages, "/designer/source/<kind>/<name>")
    def source(kind: str, name: str) -> Response:
        return html_answer(visit(site, caller_of(), lambda one: _page(open_work(one, desk), kind, name)))

    @get(pages, "/designer/new/<kind>")
    def new(kind: str) -> Response:
        def show(one: Visit) -> str:
            work = open_work(one, desk)
            if kind not in GROUPS:
                raise Refusal(404, "NOT_FOUND", TEXTS["error_404"])
            name, text = starter_of(work, kind)
            return _draw(work, kind, name, text, fresh=True)

        return html_answer(visit(site, caller_of(), show))

    @post(pages, "/designer/source/<kind>/<name>")
    def save(kind: str, name: str) -> AnyResponse:
        def work(one: Visit) -> tuple[str, str]:
            opened = open_work(one, desk, lock=True)
            path = path_of(opened, kind, name)
            text, was = request.form.get("text", ""), request.form.get("was", "")
            who = _overtaken(opened, kind, name, path, was=was, text=text)
            if who:  # what was typed stays in the editor, beside the text as it is now
                return "", _draw(opened, kind, name, text, stale=who)
            return _save(opened, kind, name, path, text), ""

        saved, page = visit(site, caller_of(), work)
        return html_answer(page, 409) if page else redirect(f"/designer/source/{kind}/{saved}", 303)

    @post(pages, "/designer/check/<kind>/<name>")
    def check(kind: str, name: str) -> Response:
        def work(one: Visit) -> dict[str, Any]:
            return _check(open_work(one, desk), kind, name, request.form.get("text", ""))

        return jsonify(visit(site, caller_of(), work))

    @get(pages, "/designer/hints/<kind>")
    def hints(kind: str) -> Response:
        return jsonify(visit(site, caller_of(), lambda one: hints_of(open_work(one, desk), kind)))


def path_of(work: Work, kind: str, name: str) -> str:
    """Return the draft's file of a definition, there or not. Raises Refusal 404 for a kind that there is none of."""
    if kind not in KINDS or not name.replace("_", "").isalnum():
        raise Refusal(404, "NOT_FOUND", TEXTS["error_404"])
    return Changes(work.candidate).path_of(kind, name)[0]


def _page(work: Work, kind: str, name: str) -> str:
    path = path_of(work, kind, name)
    if (kind, name) not in work.candidate.merged and path not in work.draft.files:
        raise Refusal(404, "NOT_FOUND", TEXTS["error_404"])
    return _draw(work, kind, name, work.draft.files.get(path) or f"extend: {kind}/{name}\n")


def _draw(work: Work, kind: str, name: str, text: str, *, fresh: bool = False, stale: str = "") -> str:
    language = work.visit.language
    path = path_of(work, kind, name)
    below = work.candidate.below.get((kind, name))
    tried = _tried(work, path, text) if fresh or stale else work
    now = work.draft.files.get(path, f"extend: {kind}/{name}\n")
    label = label_in(tried.candidate.data(kind, name).get("label"), language, name)
    return work.visit.page(
        "designer/source.html",
        here="/designer",
        kind=kind,
        kind_label=(GROUPS[kind][0] if kind in GROUPS else OBJECTS)(language),
        name=name,
        label=label,
        path=path,
        fresh=fresh,
        text=text,
        was="" if fresh else now if stale else text,
        stale=stale,
        now=now,
        line=request.args.get("line", ""),
        below="\n".join(yaml_lines(below.node)) if below is not None else "",
        pack=below.pack if below is not None else "",
        problems=problems(tried, _faults(tried, path)),
        picture=picture(tried, kind, name),
        bar=bar(work),
    )


def _faults(work: Work, path: str) -> list[Any]:
    file = f"site/{path}"
    return [one for one in (*work.candidate.faults, *work.candidate.warnings) if one.mark.file == file]


def _tried(work: Work, path: str, text: str) -> Work:
    """Return the work as if a file of the draft had another text."""
    files = {**work.draft.files, path: text[:LONGEST]}
    return Work(work.visit, work.desk, type(work.draft)(work.draft.rev, work.draft.base, files))


def _check(work: Work, kind: str, name: str, text: str) -> dict[str, Any]:
    """Return the faults of a text that is being typed, those that it causes elsewhere, and its drawing."""
    path = path_of(work, kind, name)
    tried = _tried(work, path, text)
    own = problems(tried, _faults(tried, path))
    elsewhere = problems(tried, [one for one in tried.candidate.faults if one.mark.file != f"site/{path}"])
    return {
        "faults": [
            {
                "line": one.line,
                "column": one.column,
                "message": " ".join(filter(None, (one.message, one.hint))),
                "warning": one.warning,
                "code": one.code,
            }
            for one in own
        ],
        "elsewhere": [f"{one.place}: {one.message}" for one in elsewhere],
        "gone": gone(tried) if text != work.draft.files.get(path) and not tried.candidate.left_out else [],
        "picture": str(picture(tried, kind, name)),
    }


def _overtaken(work: Work, kind: str, name: str, path: str, *, was: str, text: str) -> str:
    """Return who has changed a file since its text ``was`` was shown, "" where nobody has, or to the very same."""
    now = work.draft.files.get(path, f"extend: {kind}/{name}\n" if (kind, name) in work.candidate.below else "")
    if not was or _plain(was) in {now, _plain(now)} or _plain(text) == _plain(now):
        return ""
    return next((edit.name for edit in reversed(work.draft.past) if path in edit.files), work.author.name)


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n")


def _save(work: Work, kind: str, name: str, path: str, text: str) -> str:
    """Keep a file's text; return the name of the definition: one that was given another in the editor moves to a file of that name."""
    text = _plain(text)[:LONGEST]
    files = {**work.draft.files, path: text}
    said = text.strip()
    if said == f"extend: {kind}/{name}" or not said:
        files.pop(path, None)
    first = said.partition("\n")[0].partition(":")
    if first[0].strip() == kind and path not in work.draft.files:
        given = first[2].strip()
        if given.isidentifier() and given != name:
            files[f"{KINDS[kind]}/{given}.yaml"] = files.pop(path, text)
            name = given
    label = label_in(work.candidate.data(kind, name).get("label"), work.visit.language, name)
    keep(work, files, Text(zh=f"YAML：{label}", en=f"YAML: {label}"))
    return name
