"""What keeps the boards alive on whatever day the demo is installed, the first of a quarter among them: each person has won and lost deals,
received money and talked to customers these days; and records that belong to nobody, for the pool."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.packs.sales_words import CITIES, PEOPLE, STEMS, TRADES, Rows

if TYPE_CHECKING:
    import random

WON, LOST = (0, 8, 31), (0, 20)  # days ago that the latest deals of each person were closed
RECENT = 15  # days
THRESHOLD = 300_000  # of the approval of large quotes
LARGE = 1_000_000  # a deal that earns the badge
BADGES: Rows = [
    {"ref": "million", "code": "million", "name": "百万大单", "what_for": "单笔成交达到一百万元"},
    {"ref": "data_star", "code": "data_star", "name": "数据之星", "what_for": "完整跟进记录当月前三名"},
]
STARS = ("weber", "sun", "liu")  # who kept their records best last month
LEVELS: Rows = [
    {"ref": "bronze", "name": "青铜", "reach": 0, "rights": ""},
    {"ref": "silver", "name": "白银", "reach": 10, "rights": "优先报名培训"},
    {"ref": "gold", "name": "黄金", "reach": 50, "rights": "优先领取公海线索"},
    {"ref": "platinum", "name": "铂金", "reach": 200, "rights": "年度表彰候选"},
    {"ref": "diamond", "name": "钻石", "reach": 500, "rights": "年度激励旅行名额"},
]
POOL = 9  # customers
YOUNG = 120  # days that a contract is in force at least


def close_lately(opportunities: Rows) -> None:
    """Let each person's first deals end these days."""
    for one in PEOPLE:
        for stage, ages in (("won", WON), ("lost", LOST)):
            mine = [deal for deal in opportunities if deal["owner"] == one["ref"] and deal["stage"] == stage]
            for deal, age in zip(mine, ages, strict=False):
                deal |= {"closed_on": f"=TODAY() - {age}d", "close_on": f"=TODAY() - {age}d"}


def keep_below(quotes: Rows, lines: Rows) -> None:
    """Let nothing have gone round an approval: of the quotes that were sent and are too large, some are smaller, the others drafts still."""
    for place, quote in enumerate(quotes):
        mine = [line for line in lines if line["quote"] == quote["ref"]]
        mine.sort(key=lambda line: line["quantity"] * line["price"])
        while quote["status"] == "sent" and sum(line["quantity"] * line["price"] for line in mine) > THRESHOLD:
            if len(mine) > 1 and place % 3:
                lines.remove(mine.pop())
            else:
                quote["status"] = "draft"


def talk_lately(dice: random.Random, activities: Rows) -> None:
    """Let a third of what was done have been done these days, something of each person's today."""
    seen = set()
    for row in activities:
        if row["owner"] not in seen or dice.random() < 0.33:
            days = dice.randint(0, RECENT) if row["owner"] in seen else 0
            row["happened_at"] = f"=NOW() - {days}d - {dice.randint(1, 300 if days else 20)}m"
            seen.add(row["owner"])


def pay_lately(contracts: Rows, payments: Rows) -> None:
    """Let young contracts be in force, and each person's youngest have paid in advance today."""
    paid = set()
    for contract in contracts:
        age = int(contract["signed_on"].removeprefix("=TODAY() - ").removesuffix("d"))
        if age < YOUNG and contract["status"] == "finished":
            contract["status"] = "active"
    for row in payments:
        if row["stage"] == "advance" and row["owner"] not in paid and row["due_on"].startswith("=TODAY() - 0d"):
            row |= {"received_on": "=TODAY() - 0d", "received": row["due_amount"]}
            paid.add(row["owner"])


def leave_to_the_pool(dice: random.Random, customers: Rows, leads: Rows) -> Rows:
    """Return customers that nobody has; and take a third of the new leads away from their owners."""
    for lead in leads:
        if lead["status"] == "new" and dice.random() < 0.33:
            lead["owner"] = ""
    names = {row["name"] for row in customers}
    rows: Rows = []
    while len(rows) < POOL:
        region, trade = ("north", "east", "south")[len(rows) % 3], dice.choice(list(TRADES))
        name = dice.choice(CITIES[region]) + dice.choice(STEMS) + dice.choice(TRADES[trade]) + "有限公司"
        if name in names:
            continue
        names.add(name)
        rows.append(dict.fromkeys(customers[0], "") | {
            "ref": f"c{len(customers) + len(rows) + 1}", "name": name, "industry": trade, "region": region, "level": dice.choice("bcd"), "status": "active",
            "source": dice.choice(["exhibition", "web", "campaign"]), "phone": f"0{dice.choice([10, 21, 755])}-{dice.randint(5000_0000, 8999_9999)}",
            "employees": dice.choice([80, 150, 320]), "revenue": dice.randint(8, 90) * 1_000_000, "created_at": f"=NOW() - {dice.randint(35, 200)}d - {dice.randint(30, 400)}m",
        })  # fmt: skip
    return rows


def made_awards(opportunities: Rows) -> Rows:
    """Return the points of all deals won, and a badge for each person's first large one: as the pack's rule gives them."""
    rows: Rows = []
    badged: set[str] = set()
    won = [deal for deal in opportunities if deal["stage"] == "won"]
    for deal in won:
        age = int(deal["closed_on"].removeprefix("=TODAY() - ").removesuffix("d"))
        given = {"person": deal["owner"], "given_at": f"=NOW() - {age}d - 30m"}
        rows.append(
            {**given, "points": max(round(deal["amount"] / 10000), 1), "badge": "", "reason": f"成交 {deal['name']}"}
        )
        if deal["amount"] >= LARGE and deal["owner"] not in badged:
            badged.add(deal["owner"])
            rows.append({**given, "points": 0, "badge": "million", "reason": f"百万大单 {deal['name']}"})
    star = {"given_at": "=NOW() - 20d", "points": 30, "badge": "data_star", "reason": "月度数据之星"}
    return rows + [{"person": person, **star} for person in STARS]
