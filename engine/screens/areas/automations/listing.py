"""The pages of rules: all of them with how their runs went, and one with its runs, its kept failures and what it would have done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from engine.automation.keeping import DONE, FAILED, STOPPED, WAITING, counts, run_again, runs_of
from engine.automation.rules import Automations
from engine.automation.simulate import simulate
from engine.people.auditing import note
from engine.records.measure import labels_of
from engine.records.moments import HOME
from engine.refusals import Refusal
from engine.screens.formats import show_moment
from engine.screens.texts import TEXTS, say
from engine.storage.work_tables import schedule

if TYPE_CHECKING:
    from datetime import datetime

    from engine.automation.keeping import Run
    from engine.automation.rules import Rule
    from engine.screens.site import Visit

ROWS = 50
LISTED = 100
STATES = (FAILED, "retrying", WAITING, STOPPED, DONE)
TONES = {FAILED: "red", "retrying": "orange", WAITING: "blue", STOPPED: "gray", DONE: "green"}
HERE = "/admin/automations"


def demand_admin(visit: Visit) -> None:
    """Raise Refusal 403 for whoever is no administrator: a trace tells of all records."""
    if not visit.rights.full:
        raise Refusal(403, "FORBIDDEN", TEXTS["error_403"])


def rules_page(visit: Visit) -> str:
    """Return the list of all rules."""
    demand_admin(visit)
    found = counts(visit.context.connection)
    asked = sa.select(schedule.c.automation, schedule.c.next_at)
    coming = {row.automation: row.next_at for row in visit.context.connection.execute(asked)}
    rules = visit.context.runtime.part(Automations).rules
    others = sorted({name for name, _ in found} - rules.keys())
    rows = [
        {
            "name": name,
            "url": f"{HERE}/{name}",
            "label": rules[name].definition.label(visit.language) if name in rules else name,
            "trigger": rules[name].trigger.label(visit.language) if name in rules else "",
            "next": _at(visit, coming[name]) if name in coming and name in rules else "",
            "counts": [
                {"state": say(f"rules_{state}", visit.language), "tone": TONES[state], "n": found[name, state]}
                for state in STATES
                if found.get((name, state))
            ],
        }
        for name in (*rules, *others)
    ]
    return visit.page("automations/rules.html", here=HERE, rows=rows)


def rule_page(visit: Visit, name: str, state: str, before: int | None, days: int) -> str:
    """Return one rule with its runs. ``days``: also what it would have done in the last so many days."""
    demand_admin(visit)
    rule = visit.context.runtime.part(Automations).rules.get(name)
    runs = runs_of(
        visit.context.connection,
        automation=name,
        state=state if state in {FAILED, WAITING, STOPPED, DONE} else "",
        before=before,
        limit=ROWS + 1,
    )
    if rule is None and not runs:
        raise Refusal(404, "NOT_FOUND", TEXTS["error_404"])
    states = [
        {
            "url": f"{HERE}/{name}" + (f"?state={one}" if one else ""),
            "here": one == state,
            "label": say(f"rules_{one or 'all'}", visit.language),
        }
        for one in ("", FAILED, WAITING, STOPPED, DONE)
    ]
    return visit.page(
        "automations/rule.html",
        here=HERE,
        name=name,
        url=f"{HERE}/{name}",
        label=rule.definition.label(visit.language) if rule is not None else name,
        trigger=rule.trigger.label(visit.language) if rule is not None else "",
        simulates=rule is not None and rule.trigger.name in {"becomes", "updated", "created"},
        simulated=_simulated(visit, rule, days) if rule is not None and days else None,
        states=states,
        rows=[_row(visit, run) for run in runs[:ROWS]],
        more=f"{HERE}/{name}?state={state}&before={runs[ROWS - 1].id}" if len(runs) > ROWS else "",
    )


def again(visit: Visit, name: str, number: int) -> str:
    """Let a failed run run again; return the language to say so in."""
    demand_admin(visit)
    if not run_again(visit.context.connection, [number], visit.context.now):
        raise Refusal(404, "NOT_FOUND", TEXTS["error_404"])
    note(visit.context, "run_again", "", None, {"automation": name, "run": number})
    return visit.language


def _row(visit: Visit, run: Run) -> dict[str, Any]:
    state = "retrying" if run.state == WAITING and run.error else run.state
    return {
        "id": run.id,
        "state": say(f"rules_{state}", visit.language),
        "tone": TONES[state],
        "failed": run.state == FAILED,
        "record": f"{run.object} #{run.record_id}" if run.record_id is not None else "",
        "url": f"/o/{run.object}/{run.record_id}" if run.record_id is not None else "",
        "when": _at(visit, run.created_at),
        "next": say("rules_next", visit.language, when=_at(visit, run.next_at)) if run.next_at else "",
        "attempts": say("rules_attempts", visit.language, n=run.attempts) if run.attempts else "",
        "error": run.error,
        "chain": say("rules_chain", visit.language, rules=" → ".join(run.chain)) if run.chain else "",
        "trace": [{"path": entry["path"], "error": entry.get("error", ""), "did": _did(entry)} for entry in run.trace],
    }


def _at(visit: Visit, moment: datetime) -> str:
    return show_moment(moment, visit.language, visit.context.zone or visit.context.home or HOME)


def _did(entry: Any) -> str:
    """Return what an action did, in one line."""
    told = {key: value for key, value in entry.items() if key not in {"path", "do", "at", "error"}}
    shown = "  ".join(f"{key}: {value}" for key, value in told.items())
    return shown[:300]


def _simulated(visit: Visit, rule: Rule, days: int) -> dict[str, Any]:
    found = simulate(visit.context, rule, days)
    labels = labels_of(visit.context, rule.object, sorted({one.id for one in found.hits[:LISTED]}))
    return {
        "said": say("rules_simulated", visit.language, n=days, count=len({one.id for one in found.hits})),
        "more": say("rules_simulated_more", visit.language, n=LISTED) if len(found.hits) > LISTED else "",
        "hits": [
            {
                "url": f"/o/{rule.object}/{one.id}",
                "label": labels.get(one.id) or f"#{one.id}",
                "when": _at(visit, one.at),
            }
            for one in found.hits[:LISTED]
        ],
    }
