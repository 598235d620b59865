"""Opportunities, quotes and contracts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.packs.sales_words import LINES, NEXT, PRODUCTS, TOPICS, Rows

if TYPE_CHECKING:
    import random


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
            "line": LINES.get(topic, "software"),
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


def total_of(quote: dict[str, Any], lines: Rows) -> float:
    """Return what a quote comes to: its lines less their discounts, less its own."""
    share = 1 - int(str(quote["discount"]).rstrip("%")) / 100
    mine = (line for line in lines if line["quote"] == quote["ref"])
    return round(sum(_amount(line) for line in mine) * share, 2)


def _amount(line: dict[str, Any]) -> float:
    return float(round(line["quantity"] * line["price"] * (1 - int(str(line["discount"] or "0").rstrip("%")) / 100), 2))


def agree(opportunities: Rows, quotes: Rows, lines: Rows) -> None:
    """Let a deal be worth what was quoted for it, and its contract with it."""
    totals = {quote["opportunity"]: total_of(quote, lines) for quote in quotes}
    for deal in opportunities:
        deal["amount"] = totals.get(deal["ref"]) or deal["amount"]


def contract_lines(contracts: Rows, lines: Rows) -> Rows:
    """Return the lines of contracts: those of their quotes."""
    names = ("product", "description", "quantity", "price", "discount")
    return [
        {"contract": contract["ref"], **{name: line[name] for name in names}}
        for contract in contracts
        for line in lines
        if contract["quote"] and line["quote"] == contract["quote"]
    ]


def made_contracts(dice: random.Random, opportunities: Rows, quotes: Rows) -> Rows:
    """Return the contracts of what was won."""
    accepted = {q["opportunity"]: q["ref"] for q in quotes if q["status"] == "accepted"}
    rows: Rows = []
    for deal in opportunities:
        if deal["stage"] != "won":
            continue
        age = int(deal["closed_on"].removeprefix("=TODAY() - ").removesuffix("d"))
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
