"""The page of targets: those that one may see, and a form for those that one may set."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.insight.compile import Insight
from engine.insight.figures import today_of
from engine.insight.periods import read_period
from engine.insight.targets import Whose, list_targets, may_set, set_target, target_names
from engine.records.measure import labels_of
from engine.records.rights import everything
from engine.screens.controls import Control, Linked, draw_control
from engine.screens.texts import say

if TYPE_CHECKING:
    from decimal import Decimal

    from engine.screens.site import Visit


def targets_page(visit: Visit) -> str:
    """Return the page."""
    insight, language = visit.context.runtime.part(Insight), visit.language
    names = target_names(insight)
    rows = list_targets(visit.context)
    people = labels_of(visit.context, "user", [row["user_id"] for row in rows if row["user_id"]])
    departments = labels_of(visit.context, "department", [row["department_id"] for row in rows if row["department_id"]])
    today = today_of(visit.context)
    shown = [
        {
            "name": row["metric"],
            "label": names[row["metric"]].definition.label(language),
            "period": row["period"],
            "period_label": read_period(row["period"], today).label(language),
            "whose": people.get(row["user_id"])
            or departments.get(row["department_id"])
            or say("targets_everybody", language),
            "user": row["user_id"] or "",
            "department": row["department_id"] or "",
            "shown": names[row["metric"]].unit.show(row["value"], language),
            "may": may_set(visit.context, Whose(row["user_id"], row["department_id"])),
        }
        for row in rows
        if row["metric"] in names
    ]
    offered = [(name, metric.definition.label(language)) for name, metric in names.items()]
    actor = visit.context.actor
    return visit.page(
        "boards/targets.html",
        here="/targets",
        rows=shown,
        names=offered,
        may=bool(offered) and (everything(actor) or bool(actor.reports)),
        period=read_period("this_quarter", today).key,
        pickers=_pickers(visit),
    )


def _pickers(visit: Visit) -> list[dict[str, Any]]:
    """Return the controls that choose a person or a department: pickers as forms have them."""
    user = visit.records.objects["user"].fields
    found = []
    for name, word in (("manager", "targets_person"), ("department", "targets_department")):
        if name in user:
            label, key = say(word, visit.language), "user" if name == "manager" else name
            linked = Linked(f"/o/user/pick/{name}", "")
            control = Control(field=user[name], value="", name=key, id=f"target-{key}", linked=linked)
            found.append({"label": label, "id": f"target-{key}", "control": draw_control(visit, control)})
    return found


def whose_of(user: str, department: str) -> Whose:
    """Return for whom a form says that a target is."""
    return Whose(*(int(one) if one.isdecimal() and len(one) < 19 else None for one in (user, department)))


def save(visit: Visit, name: str, period: str, whose: Whose, value: Decimal | None) -> None:
    """Set a target, or take it away."""
    set_target(visit.context, name, period, whose, value)
