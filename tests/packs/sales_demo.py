"""Makes the sales pack's demo data: a year of eight people in three regions, the same at every run.

Run as ``python tests/packs/sales_demo.py`` after a change here; the CSV files in ``packs/sales/demo`` are what ships.
"""

from __future__ import annotations

import csv
import random
from pathlib import Path
from typing import Any

DEMO = Path(__file__).parents[2] / "packs" / "sales" / "demo"
SEED = 20260105
Rows = list[dict[str, Any]]

DEPARTMENTS: Rows = [
    {"ref": "sales", "name": "销售中心", "part_of": ""},
    {"ref": "d_north", "name": "华北销售部", "part_of": "sales"},
    {"ref": "d_east", "name": "华东销售部", "part_of": "sales"},
    {"ref": "d_south", "name": "华南销售部", "part_of": "sales"},
]
PEOPLE: Rows = [
    {
        "ref": "chen",
        "login": "chen",
        "name": "陈国栋",
        "department": "sales",
        "manager": "",
        "region": "",
        "roles": "director",
    },
    {
        "ref": "li",
        "login": "li",
        "name": "李晓明",
        "department": "d_north",
        "manager": "chen",
        "region": "north",
        "roles": "manager",
    },
    {
        "ref": "zhao",
        "login": "zhao",
        "name": "赵敏",
        "department": "d_east",
        "manager": "chen",
        "region": "east",
        "roles": "manager",
    },
    {
        "ref": "wang",
        "login": "wang",
        "name": "王思琪",
        "department": "d_south",
        "manager": "chen",
        "region": "south",
        "roles": "manager",
    },
    {
        "ref": "liu",
        "login": "liu",
        "name": "刘洋",
        "department": "d_north",
        "manager": "li",
        "region": "north",
        "roles": "rep",
    },
    {
        "ref": "sun",
        "login": "sun",
        "name": "孙佳怡",
        "department": "d_east",
        "manager": "zhao",
        "region": "east",
        "roles": "rep",
    },
    {
        "ref": "zhou",
        "login": "zhou",
        "name": "周子豪",
        "department": "d_east",
        "manager": "zhao",
        "region": "east",
        "roles": "rep",
    },
    {
        "ref": "weber",
        "login": "weber",
        "name": "Anna Weber",
        "department": "d_south",
        "manager": "wang",
        "region": "south",
        "roles": "rep",
    },
]
PRODUCTS = [
    ("SW-100", "生产执行系统 MES 标准版", "software", "套", 180000, 62000),
    ("SW-110", "生产执行系统 MES 旗舰版", "software", "套", 420000, 140000),
    ("SW-200", "仓储管理系统 WMS", "software", "套", 150000, 51000),
    ("SW-300", "设备物联平台", "software", "套", 260000, 90000),
    ("SW-310", "数据中台", "software", "套", 380000, 150000),
    ("SW-400", "质量追溯模块", "software", "套", 68000, 20000),
    ("EQ-100", "边缘采集网关", "equipment", "台", 4800, 2900),
    ("EQ-110", "工业平板终端", "equipment", "台", 6200, 4100),
    ("EQ-200", "视觉检测工作站", "equipment", "台", 128000, 79000),
    ("EQ-300", "AGV 搬运小车", "equipment", "台", 96000, 66000),
    ("SV-100", "实施服务", "service", "人天", 2600, 1500),
    ("SV-110", "定制开发", "service", "人天", 3200, 1900),
    ("SV-200", "年度维保", "service", "年", 45000, 18000),
    ("SV-300", "现场培训", "service", "天", 5000, 2200),
]
CITIES = {
    "north": ["北京", "天津", "石家庄", "青岛", "济南", "太原"],
    "east": ["上海", "苏州", "杭州", "南京", "宁波", "无锡", "合肥"],
    "south": ["广州", "深圳", "东莞", "佛山", "厦门", "珠海"],
}
STEMS = [
    "华辰",
    "云图",
    "中科智联",
    "天府",
    "光谷",
    "海信达",
    "长安智能",
    "金龙",
    "滨海",
    "恒力",
    "远景",
    "瑞丰",
    "众诚",
    "嘉泰",
    "启明",
    "博远",
    "鼎盛",
    "新锐",
    "宏图",
    "联创",
]
TRADES = {
    "manufacturing": ["精密制造", "重工机械", "汽车零部件"],
    "electronics": ["电子科技", "半导体", "电气设备"],
    "energy": ["新能源", "电力设备", "储能技术"],
    "medical": ["生物医药", "医疗器械"],
    "logistics": ["供应链", "港口物流"],
    "software": ["信息技术", "软件"],
}
FOREIGN = [
    ("Acme Robotics GmbH", "manufacturing", "east"),
    ("Nordwind Logistics", "logistics", "north"),
    ("Blue Harbor Retail", "other", "south"),
    ("Kestrel Medical", "medical", "south"),
]
SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾"
GIVEN = [
    "伟",
    "芳",
    "娜",
    "敏",
    "静",
    "磊",
    "强",
    "洋",
    "艳",
    "勇",
    "军",
    "杰",
    "娟",
    "涛",
    "明",
    "超",
    "秀英",
    "文博",
    "雨桐",
    "子涵",
    "思远",
    "浩然",
    "欣怡",
    "志强",
    "建国",
    "晓彤",
]
POSITIONS = [
    ("总经理", "decider"),
    ("采购经理", "buyer"),
    ("信息部主任", "influencer"),
    ("生产总监", "decider"),
    ("设备工程师", "user"),
    ("财务总监", "influencer"),
]
TOPICS = [
    "MES 一期",
    "产线改造",
    "仓储升级",
    "设备联网",
    "数据中台二期",
    "年度维保续签",
    "质量追溯",
    "智能工厂规划",
    "视觉检测试点",
    "Annual licence renewal",
]
SUBJECTS = {
    "visit": ["现场调研产线", "拜访信息部", "方案汇报", "高层拜访"],
    "call": ["电话跟进预算", "确认招标时间", "了解试点反馈", "约下周拜访"],
    "mail": ["发送方案初稿", "发送报价单", "补充资质文件"],
    "chat": ["微信确认参会人", "同步实施计划"],
    "meeting": ["需求评审会", "技术交流会", "商务谈判"],
}
NEXT = ["约技术交流", "补充方案", "提交报价", "确认预算审批", "安排演示", "跟进合同条款"]
OBJECTIONS = ["", "", "", "价格偏高", "担心实施周期", "已有供应商", "需要集团审批"]


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
            "phone": f"0{dice.choice([10, 21, 22, 512, 571, 755, 20])}-{dice.randint(5000_0000, 8999_9999)}",
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


def made_opportunities(dice: random.Random, customers: Rows, contacts: Rows) -> Rows:
    """Return a year of opportunities: two thirds closed in the past, the rest to close in the next months."""
    rows: Rows = []
    taken: set[tuple[str, str]] = set()
    while len(rows) < 170:
        customer = dice.choice(customers)
        topic = dice.choice(TOPICS)
        if (customer["ref"], topic) in taken:
            continue
        taken.add((customer["ref"], topic))
        closed = dice.random() < 0.6
        age = dice.randint(5, 350)
        stage = (
            dice.choices(["won", "lost"], [5, 4])[0]
            if closed
            else dice.choices(["contact", "needs", "demo", "negotiation"], [4, 4, 3, 2])[0]
        )
        rows.append({
            "ref": f"o{len(rows) + 1}",
            "name": topic,
            "customer": customer["ref"],
            "contact": dice.choice([p["ref"] for p in contacts if p["customer"] == customer["ref"]]),
            "stage": stage,
            "amount": dice.choice([45, 68, 96, 120, 150, 185, 240, 310, 420, 580, 760, 1200]) * 1000,
            "close_on": f"=TODAY() - {age}d" if closed else f"=TODAY() + {dice.randint(3, 150)}d",
            "closed_on": f"=TODAY() - {max(age - dice.randint(-5, 20), 1)}d" if closed else "",
            "lost_reason": dice.choice(["price", "rival", "budget", "timing", "need"]) if stage == "lost" else "",
            "competitor": dice.choice(["", "", "用友", "金蝶", "Kestrel", "西门子"]),
            "next_step": "" if closed else dice.choice(NEXT),
            "owner": customer["owner"],
        })  # fmt: skip
    return rows


STAGES = ("contact", "needs", "demo", "negotiation")
USUAL = {"contact": (2, 10), "needs": (4, 22), "demo": (5, 24), "negotiation": (6, 34)}  # days in a stage
NAMES = {"needs": "confirm_needs", "demo": "show", "negotiation": "negotiate", "won": "win", "lost": "lose"}


def made_stays(dice: random.Random, opportunities: Rows, quotes: Rows) -> Rows:
    """Return how each opportunity and quote came to where it is, and set on the records when they were made."""
    rows: Rows = []
    for deal in opportunities:
        rows += _course(dice, deal)
    for quote in quotes:
        age = int(quote["quoted_on"].removeprefix("=TODAY() - ").removesuffix("d"))
        sent = max(age - dice.randint(0, 3), 0)
        steps = [("draft", "", age), ("sent", "send", sent)]
        if quote["status"] in {"accepted", "declined"}:
            way = "accept" if quote["status"] == "accepted" else "decline"
            steps.append((quote["status"], way, max(sent - dice.randint(2, 18), 0)))
        steps = steps[:1] if quote["status"] == "draft" else steps
        quote["created_at"] = _ago(age, 240)
        for place, (state, way, days) in enumerate(steps):
            rows.append(_stay("quote", quote, state, _ago(days, 240 - 60 * place), way))
    return rows


def _course(dice: random.Random, deal: dict[str, Any]) -> Rows:
    """Return the stays of one opportunity, counted back from its end or from today."""
    stage = deal["stage"]
    if stage in {"won", "lost"}:
        reached = 4 if stage == "won" else dice.choices([1, 2, 3, 4], [3, 3, 3, 2])[0]
        end = int(deal["closed_on"].removeprefix("=TODAY() - ").removesuffix("d"))
        path, days = [*STAGES[:reached], stage], [end]
    else:
        path = list(STAGES[: STAGES.index(stage) + 1])
        low, high = USUAL[stage]
        days = [dice.randint(high, high * 3) if dice.random() < 0.25 else dice.randint(1, high)]
    for name in reversed(path[:-1]):
        low, high = USUAL[name]
        slow = 1.6 if deal["amount"] >= 400000 else 1
        days.append(days[-1] + round(dice.triangular(low, high, low + (high - low) / 3) * slow))
    days.reverse()
    minutes = dice.randint(30, 400)
    deal["created_at"] = _ago(days[0], minutes)
    return [
        _stay("opportunity", deal, state, _ago(ago, minutes), NAMES.get(state, "") if place else "")
        for place, (state, ago) in enumerate(zip(path, days, strict=True))
    ]


def spread(dice: random.Random, customers: Rows, leads: Rows, opportunities: Rows) -> None:
    """Set on customers and leads when they were made: a customer before its first deal."""
    for customer in customers:
        deals = [deal["created_at"] for deal in opportunities if deal["customer"] == customer["ref"]]
        first = max((int(at.removeprefix("=NOW() - ").partition("d")[0]) for at in deals), default=dice.randint(3, 300))
        customer["created_at"] = _ago(first + dice.randint(1, 30), dice.randint(30, 400))
    for lead in leads:
        lead["created_at"] = _ago(
            dice.randint(0, 25) if lead["status"] == "new" else dice.randint(5, 240), dice.randint(30, 400)
        )


def _ago(days: int, minutes: int) -> str:
    return f"=NOW() - {days}d - {minutes}m"


def _stay(name: str, record: dict[str, Any], state: str, at: str, way: str) -> dict[str, Any]:
    return {
        "object": name,
        "ref": record["ref"],
        "state": state,
        "entered_at": at,
        "by": record["owner"],
        "transition": way,
    }


def made_quotes(dice: random.Random, opportunities: Rows) -> tuple[Rows, Rows]:
    """Return quotes for what came as far as a quote, and their lines."""
    quotes: Rows = []
    lines: Rows = []
    for deal in opportunities:
        if deal["stage"] not in {"won", "negotiation"} and not (
            deal["stage"] in {"lost", "demo"} and dice.random() < 0.5
        ):
            continue
        ref = f"q{len(quotes) + 1}"
        age = dice.randint(20, 340) if deal["stage"] in {"won", "lost"} else dice.randint(1, 25)
        status = {"won": "accepted", "lost": "declined"}.get(deal["stage"]) or dice.choice(["draft", "sent", "sent"])
        quotes.append({
            "ref": ref,
            "opportunity": deal["ref"],
            "customer": deal["customer"],
            "status": status,
            "quoted_on": f"=TODAY() - {age}d",
            "valid_until": f"=TODAY() - {age}d + 30d",
            "discount": dice.choice(["0%", "0%", "3%", "5%", "8%"]),
            "owner": deal["owner"],
        })  # fmt: skip
        for code, name, line, _unit, price, _cost in dice.sample(PRODUCTS, dice.randint(1, 4)):
            quantity = dice.choice([1, 1, 2]) if line == "software" else dice.choice([2, 4, 6, 10, 20])
            lines.append({
                "quote": ref,
                "product": code,
                "description": name,
                "quantity": quantity,
                "price": price,
                "discount": dice.choice(["", "", "5%", "10%"]),
            })  # fmt: skip
    return quotes, lines


def made_contracts(dice: random.Random, opportunities: Rows, quotes: Rows) -> Rows:
    """Return the contracts of what was won."""
    accepted = {q["opportunity"]: q["ref"] for q in quotes if q["status"] == "accepted"}
    rows: Rows = []
    for deal in opportunities:
        if deal["stage"] != "won":
            continue
        age = dice.randint(3, 340)
        rows.append({
            "ref": f"k{len(rows) + 1}",
            "name": f"{deal['name']} 合同",
            "customer": deal["customer"],
            "opportunity": deal["ref"],
            "quote": accepted.get(deal["ref"], ""),
            "status": dice.choices(["active", "finished", "signing"], [6, 3, 1])[0],
            "amount": deal["amount"],
            "cost": round(deal["amount"] * dice.uniform(0.45, 0.72), -2),
            "signed_on": f"=TODAY() - {age}d",
            "starts_on": f"=TODAY() - {age}d + 7d",
            "ends_on": f"=TODAY() - {age}d + 372d",
            "owner": deal["owner"],
        })  # fmt: skip
    return rows


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


def write(name: str, rows: Rows) -> None:
    """Write one object's CSV."""
    with (DEMO / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def main() -> None:
    """Write all files."""
    dice = random.Random(SEED)
    customers = made_customers(dice)
    contacts = made_contacts(dice, customers)
    leads = made_leads(dice, customers)
    opportunities = made_opportunities(dice, customers, contacts)
    quotes, lines = made_quotes(dice, opportunities)
    past = random.Random(SEED + 1)
    write("stay", made_stays(past, opportunities, quotes))
    spread(past, customers, leads, opportunities)
    write("department", DEPARTMENTS)
    write("user", PEOPLE)
    write(
        "product",
        [
            dict(zip(("ref", "code", "name", "line", "unit", "price", "cost"), (p[0], *p), strict=True))
            for p in PRODUCTS
        ],
    )
    write("customer", [{"ref": c.pop("ref"), **c} for c in customers])
    for customer, ref in zip(customers, range(1, len(customers) + 1), strict=True):
        customer["ref"] = f"c{ref}"
    write("contact", contacts)
    write("lead", leads)
    write("opportunity", opportunities)
    write("quote", quotes)
    write("quote_line", lines)
    write("contract", made_contracts(dice, opportunities, quotes))
    write("activity", made_activities(dice, opportunities, leads))
    write("task", made_tasks(dice, opportunities, customers))


if __name__ == "__main__":
    main()
