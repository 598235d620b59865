"""The addresses of rules: pressing a button, the lists for administrators."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from flask import redirect, request

from engine.automation.buttons import buttons_on, press_button
from engine.automation.rules import Automations
from engine.records.granted import granted
from engine.refusals import Refusal
from engine.screens.area import Area, Way
from engine.screens.areas.automations.listing import HERE, again, rule_page, rules_page
from engine.screens.responses import caller_of, get, html_answer, post, toast, toast_done, told
from engine.screens.site import visit
from engine.screens.texts import say

if TYPE_CHECKING:
    from flask import Blueprint
    from werkzeug.wrappers import Response

    from engine.records.compile import CompiledObject
    from engine.records.query import Row
    from engine.screens.site import Site, Visit

LONGEST = 366  # days that a rule is tried on


def _panel(one: Visit, compiled: CompiledObject, row: Row, /, *, binned: bool) -> str:
    """Return the buttons that the viewer may press on a record."""
    if binned or not one.context.runtime.part(Automations).buttons(compiled.name):
        return ""
    rules = buttons_on(one.context, compiled.name, int(row["id"]))
    buttons = [
        {"url": f"/o/{compiled.name}/{row['id']}/run/{rule.name}", "label": rule.option("label")(one.language)}
        for rule in rules
    ]
    return one.part("automations/buttons.html", buttons=buttons) if buttons else ""


def add(pages: Blueprint, site: Site) -> None:
    """Add the addresses to the blueprint."""

    @post(pages, "/o/<name>/<int:number>/run/<automation>")
    def press(name: str, number: int, automation: str) -> Response:
        def work(one: Visit) -> tuple[str, str]:
            rule, made = press_button(one.context, name, number, automation)
            seen = made is not None and granted(one.context, made.object, [made.id], "read")
            there = f"/o/{made.object}/{made.id}" if made is not None and seen else ""
            return say("rules_pressed", one.language, label=rule.option("label")(one.language)), there

        caller, there = caller_of(), ""
        try:
            said, there = visit(site, caller, work)
            toast(said)
        except Refusal as refusal:
            if refusal.status not in {409, 422}:
                raise
            why = refusal
            toast(visit(site, caller, lambda one: told(why, one.language)), kind="bad")
        return redirect(there or f"/o/{name}/{number}", 303)

    @get(pages, HERE)
    def all_rules() -> Response:
        return html_answer(visit(site, caller_of(), rules_page))

    @get(pages, f"{HERE}/<path:automation>")
    def one_rule(automation: str) -> Response:
        state, before = request.args.get("state", ""), request.args.get("before", type=int)
        days = min(max(request.args.get("days", 0, type=int), 0), LONGEST)
        return html_answer(visit(site, caller_of(), lambda one: rule_page(one, automation, state, before, days)))

    @post(pages, f"{HERE}/<path:automation>/<int:number>/again")
    def run_once_more(automation: str, number: int) -> Response:
        toast_done("rules_again_done", visit(site, caller_of(), lambda one: again(one, automation, number)))
        return redirect(f"{HERE}/{automation}", 303)


AREA = Area(
    "automations",
    add,
    Path(__file__).parent,
    (Way(HERE, "bolt", "rules", lambda _records, rights, _actor: rights.full),),
    panel=_panel,
)
