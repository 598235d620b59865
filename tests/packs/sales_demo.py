"""Makes the sales pack's demo data: a year of ten people in three regions, the same at every run.

Run as ``python -m tests.packs.sales_demo`` after a change here; the CSV files in ``packs/sales/demo`` are what ships.
"""

from __future__ import annotations

import csv
import random
from pathlib import Path

from tests.packs.sales_course import made_stays, spread
from tests.packs.sales_customers import made_contacts, made_customers, made_leads
from tests.packs.sales_deals import agree, contract_lines, made_contracts, made_opportunities, made_quotes
from tests.packs.sales_delivery import deliver_soon, made_orders, made_payments
from tests.packs.sales_hours import at_work, date_back, follow
from tests.packs.sales_lively import (
    BADGES,
    LEVELS,
    close_lately,
    keep_below,
    leave_to_the_pool,
    made_awards,
    pay_lately,
    talk_lately,
)
from tests.packs.sales_places import check_in, identify, settle
from tests.packs.sales_service import REQUESTS, decide, made_tickets, qualify
from tests.packs.sales_sound import deliver_after, pay_after, quote_within, talk_within
from tests.packs.sales_words import DEPARTMENTS, PEOPLE, PRODUCTS, Rows
from tests.packs.sales_work import made_activities, made_tasks, recount, today_and_before

DEMO = Path(__file__).parents[2] / "packs" / "sales" / "demo"
SEED = 20260105


def write(name: str, rows: Rows) -> None:
    """Write one object's CSV."""
    date_back(name, rows)
    at_work(rows)
    with (DEMO / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
        names = list(dict.fromkeys(name for row in rows for name in row))
        writer = csv.DictWriter(file, fieldnames=names, lineterminator="\n")
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
    close_lately(opportunities)
    keep_below(quotes, lines)
    agree(opportunities, quotes, lines)
    past = random.Random(SEED + 1)
    stays = made_stays(past, opportunities, quotes)
    quote_within(opportunities, quotes, stays)
    write("stay", stays)
    spread(past, customers, leads, opportunities)
    before = [dict(deal) for deal in opportunities]  # with moments not yet within working hours
    write("department", DEPARTMENTS)
    write("user", PEOPLE)
    write(
        "product",
        [
            dict(zip(("ref", "code", "name", "line", "unit", "price", "cost"), (p[0], *p), strict=True))
            for p in PRODUCTS
        ],
    )
    lately = random.Random(SEED + 3)
    everybody = [*customers, *leave_to_the_pool(lately, customers, leads)]
    placed = random.Random(SEED + 4)
    settle(placed, everybody)
    identify(placed, contacts)
    filed = random.Random(SEED + 5)
    qualify(filed, everybody)
    decide(filed, contacts)
    write("customer", [{"ref": c["ref"], **{name: c[name] for name in c if name != "ref"}} for c in everybody])
    follow(contacts, everybody, "customer")
    write("contact", contacts)
    write("lead", leads)
    write("opportunity", opportunities)
    write("badge", BADGES)
    write("level", LEVELS)
    write("points", made_awards(opportunities))
    write("quote", quotes)
    write("quote_line", lines)
    contracts = made_contracts(dice, opportunities, quotes)
    activities = made_activities(dice, opportunities, leads)
    talk_lately(lately, activities)
    talk_within(before, activities)
    check_in(placed, activities, everybody)
    recount(filed, activities)
    write("activity", activities)
    after = random.Random(SEED + 2)
    orders, order_lines = made_orders(after, contracts, quotes, lines)
    deliver_after(orders)
    deliver_soon(filed, orders)
    write("order", orders)
    write("order_line", order_lines)
    write("support_request", REQUESTS)
    write("ticket", made_tickets(filed, contacts, orders))
    payments = made_payments(after, contracts)
    pay_lately(contracts, payments)
    pay_after(contracts, payments)
    write("contract", contracts)
    write("contract_line", contract_lines(contracts, lines))
    write("payment", payments)
    tasks = made_tasks(dice, opportunities, customers)
    today_and_before(filed, tasks)
    write("task", tasks)


if __name__ == "__main__":
    main()
