"""What people did and have to do: activities and tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.packs.sales_words import NEXT, OBJECTIONS, SUBJECTS, Rows

if TYPE_CHECKING:
    import random


def made_activities(dice: random.Random, opportunities: Rows, leads: Rows) -> Rows:
    """Return what was done about the deals, three to seven a deal, and a call for leads that were contacted."""
    rows: Rows = []
    for deal in opportunities:
        for _ in range(dice.randint(3, 7)):
            kind = dice.choices(list(SUBJECTS), [3, 5, 2, 3, 2])[0]
            rows.append({
                "subject": dice.choice(SUBJECTS[kind]),
                "kind": kind,
                "customer": deal["customer"],
                "contact": deal["contact"],
                "opportunity": deal["ref"],
                "lead": "",
                "happened_at": f"=NOW() - {dice.randint(1, 360)}d - {dice.randint(0, 480)}m",
                "minutes": dice.choice([10, 15, 25, 30, 45, 60, 90]),
                "objection": dice.choice(OBJECTIONS),
                "next_step": dice.choice(NEXT),
                "owner": deal["owner"],
            })  # fmt: skip
    for lead in leads:
        if lead["status"] != "new":
            rows.append({
                "subject": "首次联系",
                "kind": "call",
                "customer": lead["customer"],
                "contact": "",
                "opportunity": "",
                "lead": lead["ref"],
                "happened_at": f"=NOW() - {dice.randint(1, 200)}d - {dice.randint(0, 480)}m",
                "minutes": dice.choice([5, 10, 15]),
                "objection": "",
                "next_step": dice.choice(NEXT),
                "owner": lead["owner"],
            })  # fmt: skip
    return rows


def made_tasks(dice: random.Random, opportunities: Rows, customers: Rows) -> Rows:
    """Return open tasks about open deals and done ones about customers."""
    rows: Rows = []
    for deal in opportunities:
        if deal["stage"] in {"needs", "demo", "negotiation"}:
            rows.append({"name": dice.choice(NEXT), "about": f"opportunity:{deal['ref']}", "assignee": deal["owner"],
                         "due": f"=NOW() + {dice.randint(1, 20)}d", "priority": dice.choice(["high", "normal", "normal", "low"]),
                         "status": dice.choice(["todo", "todo", "doing"])})  # fmt: skip
    for customer in customers[:30]:
        rows.append({"name": dice.choice(["季度回访", "寄送资料", "核对开票信息"]), "about": f"customer:{customer['ref']}", "assignee": customer["owner"],
                     "due": f"=NOW() - {dice.randint(3, 120)}d", "priority": "normal", "status": "done"})  # fmt: skip
    return rows
