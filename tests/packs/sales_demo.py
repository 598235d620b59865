"""Makes the sales pack's demo data: a year of eight people in three regions, the same at every run.

Run as ``python -m tests.packs.sales_demo`` after a change here; the CSV files in ``packs/sales/demo`` are what ships.
"""

from __future__ import annotations

import csv
import random
from pathlib import Path

from tests.packs.sales_course import made_stays, spread
from tests.packs.sales_customers import made_contacts, made_customers, made_leads
from tests.packs.sales_deals import made_contracts, made_opportunities, made_quotes
from tests.packs.sales_delivery import made_orders, made_payments
from tests.packs.sales_words import DEPARTMENTS, PEOPLE, PRODUCTS, Rows
from tests.packs.sales_work import made_activities, made_tasks

DEMO = Path(__file__).parents[2] / "packs" / "sales" / "demo"
SEED = 20260105


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
    contracts = made_contracts(dice, opportunities, quotes)
    write("contract", contracts)
    write("activity", made_activities(dice, opportunities, leads))
    after = random.Random(SEED + 2)
    orders, order_lines = made_orders(after, contracts, quotes, lines)
    write("order", orders)
    write("order_line", order_lines)
    write("payment", made_payments(after, contracts))
    write("task", made_tasks(dice, opportunities, customers))


if __name__ == "__main__":
    main()
