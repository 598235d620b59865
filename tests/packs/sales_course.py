"""How records came to where they are: stays in states, and when they were made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import random

    from tests.packs.sales_words import Rows

STAGES = ("contact", "needs", "demo", "negotiation")

USUAL = {"contact": (2, 10), "needs": (4, 22), "demo": (5, 24), "negotiation": (6, 34)}  # days in a stage

NEEDS = (
    "现有系统三处录入，希望一次录入、各处可用",
    "产线停机原因不清，需要采集并按班次统计",
    "年底前完成仓库合并，要支持扫码和批次追溯",
    "报价到交付没有统一的进度，客户总在催",
    "质量问题要能追溯到批次和供应商",
)
FEEDBACK = (
    "演示符合预期，要求补充同行业案例",
    "技术部门认可，采购要求分期付款",
    "关心与现有 ERP 的接口，需要书面说明",
    "对移动端满意，希望先做一条产线试点",
)
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
    _results(dice, deal, path)
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


def _results(dice: random.Random, deal: dict[str, Any], path: list[str]) -> None:
    """Fill in what the required actions of the stages behind have brought; now and then one of the present stage too."""
    deal |= {"need": "", "budget": "", "feedback": ""}
    if "demo" in path or (path[-1] == "needs" and dice.random() < 0.5):
        deal["need"] = dice.choice(NEEDS)
    if "demo" in path:
        deal["budget"] = round(deal["amount"] * dice.uniform(0.8, 1.3), -4)
    if "negotiation" in path or (path[-1] == "demo" and dice.random() < 0.4):
        deal["feedback"] = dice.choice(FEEDBACK)


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
