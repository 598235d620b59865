"""What can't have been in the demo is put right: nothing is quoted, talked about, delivered or paid before it came up."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.packs.sales_words import Rows

BACK = re.compile(r"(=(?:NOW|TODAY)\(\) - )(\d+)(d)")


def ago(text: str) -> int:
    """Return how many days before today a moment or day is."""
    found = BACK.match(text)
    return int(found[2]) if found else 0


def moved(text: str, days: int) -> str:
    """Return a moment or day as one of so many days ago."""
    return BACK.sub(lambda found: f"{found[1]}{days}{found[3]}", text, count=1)


def quote_within(opportunities: Rows, quotes: Rows, stays: Rows) -> None:
    """Let a quote be made after its opportunity came up and before it was closed, with its stays."""
    deals = {deal["ref"]: deal for deal in opportunities}
    for quote in quotes:
        deal = deals[quote["opportunity"]]
        last, first, was = ago(deal["closed_on"] or ""), ago(deal["created_at"]), ago(quote["quoted_on"])
        if last <= was <= first:
            continue
        back = was - (last + (first - last) // 3)
        for row in (quote, *(one for one in stays if (one["object"], one["ref"]) == ("quote", quote["ref"]))):
            for name in ("quoted_on", "valid_until", "created_at", "entered_at"):
                if row.get(name):
                    row[name] = moved(row[name], max(ago(row[name]) - back, last))


def talk_within(opportunities: Rows, activities: Rows) -> None:
    """Let nothing have been said about an opportunity before it came up."""
    deals = {deal["ref"]: ago(deal["created_at"]) for deal in opportunities}
    for row in activities:
        first, was = deals.get(row["opportunity"]), ago(row["happened_at"])
        if first is not None and was > first:
            row["happened_at"] = moved(row["happened_at"], first - was % (first // 2 + 1))


def deliver_after(orders: Rows) -> None:
    """Let nothing be delivered before it was ordered and could be made."""
    for row in orders:
        if row["status"] == "delivered" and ago(row["placed_on"]) < 20:
            row |= {"status": "producing", "delivered_on": "", "production": "40%"}
        elif row["delivered_on"] and ago(row["delivered_on"]) > ago(row["placed_on"]) - 15:
            row["delivered_on"] = moved(row["delivered_on"], ago(row["placed_on"]) - 15)


def pay_after(contracts: Rows, payments: Rows) -> None:
    """Let nothing have been paid before it was signed for."""
    signed = {row["ref"]: ago(row["signed_on"]) for row in contracts}
    for row in payments:
        if row["received_on"] and ago(row["received_on"]) > signed[row["contract"]]:
            row["received_on"] = moved(row["received_on"], signed[row["contract"]])
