"""Customers, their contacts, and leads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.packs.sales_words import CITIES, FOREIGN, GIVEN, PEOPLE, POSITIONS, STEMS, SURNAMES, TRADES, Rows

if TYPE_CHECKING:
    import random


def made_customers(dice: random.Random) -> Rows:
    """Return sixty customers, each with an owner of its region."""
    rows: Rows = []
    used: set[str] = set()
    while len(rows) < 56:
        region = dice.choices(["north", "east", "south"], [3, 5, 3])[0]
        trade = dice.choice(list(TRADES))
        name = (
            dice.choice(CITIES[region])
            + dice.choice(STEMS)
            + dice.choice(TRADES[trade])
            + dice.choice(["有限公司", "股份有限公司", "集团"])
        )
        if name not in used:
            used.add(name)
            rows.append({"name": name, "industry": trade, "region": region})
    rows += [{"name": name, "industry": trade, "region": region} for name, trade, region in FOREIGN]
    for number, row in enumerate(rows, 1):
        level = dice.choices("abcd", [2, 3, 5, 1])[0]
        row |= {
            "ref": f"c{number}",
            "level": level,
            "status": dice.choices(["active", "dormant", "lost"], [16, 3, 1])[0],
            "source": dice.choice(["exhibition", "web", "referral", "cold_call", "campaign", "dealer"]),
            "phone": f"0{dice.choice([10, 21, 22, 512, 571, 755, 20])}-{dice.randint(5000_0000, 8999_9999)}".replace(
                "021-8000", "021-6000"
            ),
            "employees": dice.choice([80, 150, 320, 500, 860, 1200, 2600, 5400]),
            "revenue": dice.randint(8, 900) * 1_000_000,
            "owner": dice.choice([p["ref"] for p in PEOPLE if p["region"] == row["region"]]),
        }
    return rows


def person(dice: random.Random) -> str:
    """Return a made-up Chinese name."""
    return dice.choice(SURNAMES) + dice.choice(GIVEN)


def made_contacts(dice: random.Random, customers: Rows) -> Rows:
    """Return one to three contacts a customer, the first of them the main one."""
    rows: Rows = []
    for customer in customers:
        for place, (position, part) in enumerate(dice.sample(POSITIONS, dice.choice([1, 2, 2, 3]))):
            rows.append({
                "ref": f"p{len(rows) + 1}",
                "name": person(dice),
                "customer": customer["ref"],
                "position": position,
                "part": part,
                "mobile": f"1{dice.choice([38, 39, 50, 86, 88, 77])}{dice.randint(0, 99_999_999):08d}",
                "main": "true" if place == 0 else "false",
                "owner": customer["owner"],
            })  # fmt: skip
    return rows


def made_leads(dice: random.Random, customers: Rows) -> Rows:
    """Return a hundred leads of every status; the qualified ones became customers of the same region."""
    rows: Rows = []
    for number in range(1, 101):
        region = dice.choice(["north", "east", "south"])
        status = dice.choices(["new", "contacted", "qualified", "disqualified"], [3, 3, 2, 2])[0]
        target = dice.choice([c for c in customers if c["region"] == region])
        rows.append({
            "ref": f"l{number}",
            "name": person(dice),
            "company": dice.choice(CITIES[region]) + dice.choice(STEMS) + dice.choice(["科技", "实业", "装备", "食品", "材料"]) + "有限公司",
            "phone": f"1{dice.choice([38, 39, 50, 86])}{dice.randint(0, 99_999_999):08d}",
            "source": dice.choice(["exhibition", "web", "web", "referral", "cold_call", "campaign"]),
            "region": region,
            "status": status,
            "need": dice.choice(["想了解 MES 报价", "产线数据采集", "仓库盘点不准，想上系统", "设备老旧需要改造", "咨询维保服务"]),
            "budget": dice.choice(["", 100000, 200000, 350000, 600000]),
            "customer": target["ref"] if status == "qualified" else "",
            "reason": dice.choice(["无预算", "非目标行业", "空号", "已采购同类产品"]) if status == "disqualified" else "",
            "owner": dice.choice([p["ref"] for p in PEOPLE if p["region"] == region]),
        })  # fmt: skip
    return rows
