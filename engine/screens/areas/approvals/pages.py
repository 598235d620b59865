"""The addresses of approvals: the boxes, one approval, what is done with it, submitting a record."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import redirect, request

from engine.approvals.boxes import BOXES, counts, read_box
from engine.approvals.decide import operate
from engine.approvals.instance import APPROVED
from engine.approvals.machine import OPERATIONS
from engine.approvals.operation import Given
from engine.approvals.reading import demand_seen
from engine.approvals.submit import submit
from engine.refusals import Refusal
from engine.screens.area import Area, Way
from engine.screens.areas.approvals import standing_in
from engine.screens.areas.approvals.one import TONES, one_page, panel
from engine.screens.formats import ago
from engine.screens.html import Html
from engine.screens.responses import caller_of, get, html_answer, post, toast
from engine.screens.site import visit
from engine.screens.texts import BY_LANGUAGE, TEXTS, say

if TYPE_CHECKING:
    from flask import Blueprint
    from werkzeug.wrappers import Response

    from engine.approvals.boxes import Item
    from engine.context import Actor
    from engine.records.compile import Records
    from engine.records.rights import Rights
    from engine.screens.site import Site, Visit

ROWS = 50
MOST = 200  # of one batch
TABS = {  # box → its word
    "todo": "approvals_todo",
    "done": "approvals_done",
    "mine": "approvals_mine",
    "copied": "approvals_copied",
}


def add(pages: Blueprint, site: Site) -> None:
    """Add the addresses to the blueprint."""
    standing_in.add(pages, site)

    @get(pages, "/approvals")
    def boxes() -> Response:
        box = request.args.get("box", "todo")
        after = request.args.get("after", "")
        number = int(after) if after.isdecimal() and len(after) < 19 else None
        chosen = box if box in BOXES else "todo"
        return html_answer(visit(site, caller_of(), lambda one: _boxes(one, chosen, number), reading=True))

    @get(pages, "/approvals/<int:number>")
    def show(number: int) -> Response:
        return html_answer(visit(site, caller_of(), lambda one: one_page(one, number)))

    @post(pages, "/approvals/batch")
    def batch() -> Response:
        numbers = [int(one) for one in request.form.getlist("id") if one.isdecimal() and len(one) < 19][:MOST]
        return _said(site, lambda one: _batch(one, numbers), "/approvals")

    @post(pages, "/approvals/<int:number>/<operation>")
    def act(number: int, operation: str) -> Response:
        form = request.form.to_dict()
        return _said(site, lambda one: _operate(one, number, operation, form), f"/approvals/{number}")

    @post(pages, "/o/<name>/<int:number>/submit")
    def send(name: str, number: int) -> Response:
        form = request.form.to_dict()
        return _said(site, lambda one: _submit(one, name, number, form), f"/o/{name}/{number}")


def _said(site: Site, work: Any, back: str) -> Response:
    """Do something and go back, with a message of what came of it, be it a refusal."""
    caller = caller_of()
    try:
        said, kind, where = visit(site, caller, work)
    except Refusal as refusal:
        if refusal.code == "SIGN_IN" or refusal.status == 404:
            raise
        language = caller.language or site.config.languages.default
        details = [error.message(language) for error in refusal.errors if error.message != refusal.message]
        said, kind, where = " · ".join((refusal.message(language), *details[:2])), "bad", back
    toast(said, kind=kind)
    return redirect(where, 303)


def _boxes(one: Visit, box: str, after: int | None) -> str:
    page = read_box(one.context, box, limit=ROWS, after=after)
    waiting = counts(one.context)
    tabs = [
        {
            "url": f"/approvals?box={name}",
            "label": say(TABS[name], one.language),
            "here": name == box,
            "count": waiting.get(name, 0),
        }
        for name in BOXES
    ]
    items = [_item(one, item, box) for item in page.items]
    more = f"/approvals?box={box}&after={page.next}" if page.next else ""
    return one.page("approvals/boxes.html", here="/approvals", tabs=tabs, box=box, items=items, more=more)


def _item(one: Visit, item: Item, box: str) -> dict[str, Any]:
    language, now = one.language, one.context.now
    definition = one.records.objects.get(item.object)
    state = BY_LANGUAGE[language].get(f"approval_state_{item.state}", item.state)
    person = item.submitted_name or say("approval_system", language)
    return {
        "id": item.id,
        "url": f"/approvals/{item.id}",
        "icon": definition.definition.icon if definition is not None else "file",
        "record": item.record_label or f"#{item.record_id}",
        "approval": item.label(language),
        "step": item.step_label(language) if box == "todo" else "",
        "kind": BY_LANGUAGE[language].get(f"approval_kind_{item.kind}", "") if box == "todo" else "",
        "person": person,
        "when": Html(ago(item.submitted_at, now, language, one.locale.zone)),
        "due": Html(ago(item.due, now, language, one.locale.zone)) if item.due and box == "todo" else "",
        "late": item.due is not None and item.due < now and box == "todo",
        "state": state if box != "todo" else "",
        "tone": TONES.get(item.state, ""),
        "unread": item.unread and box in {"todo", "copied"},
        "pick": box == "todo" and item.kind == "decide",
    }


def _batch(one: Visit, numbers: list[int]) -> tuple[str, str, str]:
    if not numbers:
        return say("approvals_batch_none", one.language), "bad", "/approvals"
    done, why = 0, []
    for number in numbers:
        try:
            with one.context.connection.begin_nested():
                demand_seen(one.context, number)
                operate(one.context, number, Given("approve", actor=one.context.actor.id))
            done += 1
        except Refusal as refusal:
            why.append(refusal.message(one.language))
    if why:
        return say("approvals_batch_failed", one.language, count=len(why), why=why[0]), "bad", "/approvals"
    return say("approvals_batch_done", one.language, count=done), "", "/approvals"


def _operate(one: Visit, number: int, operation: str, form: dict[str, str]) -> tuple[str, str, str]:
    held = demand_seen(one.context, number)
    kind = OPERATIONS.get(operation.replace("-", "_"))
    if kind is None or kind.name == "submit":
        raise Refusal(404, "NOT_FOUND", TEXTS["error_404"])
    to, task = form.get("to", ""), form.get("task", "")
    given = Given(
        kind.name,
        actor=one.context.actor.id,
        comment=form.get("comment", "")[:4000],
        to=(int(to),) if to.isdecimal() and len(to) < 19 else (),
        step=form.get("step", "")[:200],
        place=form.get("place", "")[:20],
    )
    values: dict[str, object] = {
        key.removeprefix("set."): text
        for key, text in form.items()
        if key.startswith("set.") and text != form.get(f"was.{key.removeprefix('set.')}")
    }
    where = int(task) if task.isdecimal() and len(task) < 19 else number
    if where != number:
        demand_seen(one.context, where)
    operate(one.context, where, given, values if kind.decides else None, text=True)
    said = say("approval_operated", one.language, operation=kind.label(one.language))
    following = "/approvals" if kind.decides or kind.name in {"return", "transfer"} else f"/approvals/{held.id}"
    return said, "", following


def _submit(one: Visit, name: str, number: int, form: dict[str, str]) -> tuple[str, str, str]:
    chosen = {
        key.removeprefix("chosen."): [int(text)]
        for key, text in form.items()
        if key.startswith("chosen.") and text.isdecimal() and len(text) < 19
    }
    held = submit(one.context, name, number, "", chosen)
    word = "approval_nothing" if held.state == APPROVED else "approval_submitted"
    return say(word, one.language), "", f"/o/{name}/{number}"


def _seen(records: Records, _rights: Rights, _actor: Actor) -> bool:
    """Whether anything is approved at all."""
    return bool(records.model.approvals)


AREA = Area(
    "approvals",
    add,
    Path(__file__).parent,
    ways=(Way("/approvals", "circle-check", "approvals", _seen),),
    panel=panel,
)
