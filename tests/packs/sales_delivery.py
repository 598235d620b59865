"""What follows a contract: orders with their lines, and payments by instalments."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random

    from tests.packs.sales_words import Rows

SHARES = (("advance", 0.3, 5), ("delivery", 0.5, 60), ("final", 0.2, 120))  # instalment, share, days after signing


def age_of(contract: dict[str, object]) -> int:
    """Return how many days ago a contract was signed."""
    return int(str(contract["signed_on"]).removeprefix("=TODAY() - ").removesuffix("d"))


def made_orders(dice: random.Random, contracts: Rows, quotes: Rows, lines: Rows) -> tuple[Rows, Rows]:
    """Return an order for each contract in force or finished, with the lines of its quote."""
    known = {quote["ref"] for quote in quotes}
    orders: Rows = []
    rows: Rows = []
    for contract in contracts:
        if contract["status"] == "signing":
            continue
        age, takes = age_of(contract), dice.randint(30, 90)
        done = contract["status"] == "finished" or age > takes + 10
        status = "delivered" if done else dice.choice(["placed", "producing", "producing", "shipped"])
        share = {"delivered": "100%", "shipped": "100%", "placed": "0%"}.get(status) or f"{dice.randint(2, 18) * 5}%"
        ref = f"d{len(orders) + 1}"
        orders.append({
            "ref": ref,
            "contract": contract["ref"],
            "customer": contract["customer"],
            "status": status,
            "placed_on": f"=TODAY() - {age}d",
            "deliver_on": f"=TODAY() - {age}d + {takes}d",
            "delivered_on": f"=TODAY() - {max(age - takes - dice.randint(-6, 8), 1)}d" if done else "",
            "production": share,
            "owner": contract["owner"],
        })  # fmt: skip
        mine = [line for line in lines if contract["quote"] in known and line["quote"] == contract["quote"]]
        for line in mine:
            rows.append({name: line[name] for name in ("product", "description", "quantity", "price")} | {"order": ref})
    return orders, [{"order": row["order"], **row} for row in rows]


def deliver_soon(dice: random.Random, orders: Rows) -> None:
    """Let every second order under way be due these days: some are late, some behind in production."""
    for row in [one for one in orders if one["status"] in {"placed", "producing", "shipped"}][::2]:
        row["deliver_on"] = f"=TODAY() + {dice.randint(-4 if age_of({'signed_on': row['placed_on']}) > 4 else 0, 12)}d"


def made_payments(dice: random.Random, contracts: Rows) -> Rows:
    """Return three instalments a contract: most of what is due has come in, some of it late."""
    rows: Rows = []
    for contract in contracts:
        if contract["status"] == "signing":
            continue
        age, left = age_of(contract), contract["amount"]
        for place, (stage, share, days) in enumerate(SHARES):
            amount = left if place == len(SHARES) - 1 else round(contract["amount"] * share, 2)
            left = round(left - amount, 2)
            since = age - days
            paid = since > 0 and (contract["status"] == "finished" or dice.random() < 0.85)
            rows.append({
                "contract": contract["ref"],
                "customer": contract["customer"],
                "stage": stage,
                "due_on": f"=TODAY() - {age}d + {days}d",
                "due_amount": amount,
                "received_on": f"=TODAY() - {max(since - dice.randint(-3, 25), 0)}d" if paid else "",
                "received": amount if paid else "",
                "owner": contract["owner"],
            })  # fmt: skip
    return rows
