"""What people did and have to do: activities and tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.packs.sales_words import CHANGES, NEXT, OBJECTIONS, SUBJECTS, SUMMARIES, Rows

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


def recount(dice: random.Random, activities: Rows) -> None:
    """Let some of what was done be told at length, and the latest say when they go on."""
    for row in activities:
        told = row["kind"] in {"visit", "meeting"} or dice.random() < 0.2
        row["summary"] = dice.choice(SUMMARIES) if told else ""
        row["need_change"] = dice.choice(CHANGES) if told else ""
        ago = int(row["happened_at"].removeprefix("=NOW() - ").partition("d")[0])
        row["next_on"] = f"=TODAY() + {dice.randint(-3, 9)}d" if ago <= 15 and dice.random() < 0.5 else ""


def today_and_before(dice: random.Random, tasks: Rows) -> None:
    """Let each person have a task that is late and one of today."""
    seen: dict[str, int] = {}
    for row in tasks:
        if row["status"] == "done":
            continue
        place = seen[row["assignee"]] = seen.get(row["assignee"], 0) + 1
        if place <= 2:
            row["due"] = f"=NOW() - {dice.randint(1, 4)}d" if place == 1 else "=TODAY() + 17h"


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
