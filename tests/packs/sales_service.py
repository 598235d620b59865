"""What makes a customer's file whole: qualifications, who decides and how they stand to us, and the service trail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.packs.sales_words import SERVICE

if TYPE_CHECKING:
    import random

    from tests.packs.sales_words import Rows

QUALIFICATIONS = ("高新技术企业", "专精特新", "上市公司", "国有企业", "ISO 9001", "已入其供应商名录")
RANKS = {"总经理": 0, "财务总监": 1, "生产总监": 1, "采购经理": 2, "信息部主任": 2, "设备工程师": 3}
TICKETS = 46
TROUBLES = {
    "question": (("报表怎么导出", "已远程演示导出步骤"), ("如何新增班组账号", "已发操作说明，客户已自行完成"), ("接口文档在哪里下载", "已发最新接口文档")),
    "fault": (("扫码枪连不上网关", "更换网关电源后恢复"), ("看板数据延迟十分钟", "升级采集程序后恢复正常"), ("视觉工站误判率偏高", "现场重新标定，误判率降到 0.3%")),
    "complaint": (("到货比约定晚了一周", "已致歉并说明原因，后续每周通报进度"), ("电话没有人回", "已由客服主管回访，约定二十四小时内答复")),
    "training": (("新员工操作培训", "现场培训一天，十二人参加"), ("二期上线前培训", "线上培训两场，已录屏")),
}  # fmt: skip


def qualify(dice: random.Random, customers: Rows) -> None:
    """Give two customers in three their qualifications, a service person, and some a site."""
    for place, row in enumerate(customers, 1):
        some = dice.sample(QUALIFICATIONS, dice.choice([0, 1, 2, 2]))
        row["qualifications"] = "、".join(one for one in QUALIFICATIONS if one in some)
        row["service_rep"] = SERVICE[0] if place % 5 else ""
        row["website"] = f"https://c{place}.example.com" if dice.random() < 0.5 else ""


def decide(dice: random.Random, contacts: Rows) -> None:
    """Say who decides at a customer: influence, attitude and who reports to whom; and how to write to them, and their birthdays."""
    for place, row in enumerate(contacts, 1):
        above = [
            one for one in contacts
            if one["customer"] == row["customer"] and RANKS[one["position"]] < RANKS[row["position"]]
        ]  # fmt: skip
        row["influence"] = {"decider": "high", "user": "low"}.get(row["part"]) or dice.choice(
            ["high", "medium", "medium", "low"]
        )
        row["attitude"] = dice.choice(["supports", "supports", "neutral", "neutral", "opposes", ""])
        row["reports_to"] = max(above, key=lambda one: RANKS[one["position"]])["ref"] if above else ""
        row["email"] = f"{row['ref']}@{row['customer']}.example.com" if place % 4 else ""
        row["birthday"] = (
            f"=EDATE(TODAY() + {dice.randint(0, 364)}d, -{12 * dice.randint(28, 58)})" if place % 3 else ""
        )


REQUESTS: Rows = [
    {"subject": "华东区九月展会物料与人手", "region": "east", "reason": "展会三天，需要展架、样机和两名讲解。", "status": "done", "owner": "zhao"},
    {"subject": "华北区行业研讨会邀约", "region": "north", "reason": "新增线索连续两周偏少，拟办一场制造业研讨会。", "status": "granted", "owner": "li"},
    {"subject": "华南区官网投放追加预算", "region": "south", "reason": "官网线索转化率高于平均，申请追加一个月投放。", "status": "open", "owner": "wang"},
]  # fmt: skip


def made_tickets(dice: random.Random, contacts: Rows, orders: Rows) -> Rows:
    """Return what customers with an order came back with: mostly solved, some open, one or two late."""
    rows: Rows = []
    for number in range(TICKETS):
        order = dice.choice(orders)
        kind = dice.choices(list(TROUBLES), [4, 4, 1, 2])[0]
        subject, solution = dice.choice(TROUBLES[kind])
        persons = [one["ref"] for one in contacts if one["customer"] == order["customer"]]
        solved = number % 4 != 0
        ago = dice.randint(4, 200) if solved else dice.randint(0, 4)
        status = "solved" if solved else dice.choice(["open", "doing", "doing", "waiting"])
        rows.append({
            "subject": subject,
            "customer": order["customer"],
            "contact": dice.choice(persons),
            "order": order["ref"],
            "kind": kind,
            "priority": "high" if kind == "complaint" else dice.choice(["normal", "normal", "high", "low"]),
            "status": status,
            "opened_at": f"=NOW() - {ago}d - {dice.randint(20, 400)}m",
            "solved_at": f"=NOW() - {max(ago - dice.randint(0, 3), 0)}d - {dice.randint(1, 19)}m" if solved else "",
            "owner": dice.choice(SERVICE),
            "description": f"客户反映：{subject}",
            "solution": solution if solved else "",
            "rating": dice.choice([3, 4, 5, 5]) if solved else "",
        })  # fmt: skip
    return rows
