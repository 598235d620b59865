"""The hours of the demo, at whatever hour it is installed: what lies days back happened while people were at work, and a record was made when
what it tells of came up."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.packs.sales_words import Rows

LONGEST, DAY, CLOSES = (
    480,
    530,
    18 * 60,
)  # minutes: the latest that something is dated back within a day, a working day, its end
MOMENT = re.compile(r"=NOW\(\) ([-+]) (\d+)d(?: - (\d+)m)?")
DAYS = re.compile(r"=TODAY\(\) - (\d+)d")
FROM = {
    "activity": "happened_at",
    "points": "given_at",
    "ticket": "opened_at",
}  # object → when what it tells of came up


def at_work(rows: Rows) -> None:
    """Move moments of former and coming days into working hours, each as far from the end of its day as it was from the present; what is of
    today stays just before the present."""
    for place, row in enumerate(rows):
        for name, text in row.items():
            found = MOMENT.fullmatch(text) if isinstance(text, str) else None
            if found and found[2] != "0":
                back = int(found[3]) if found[3] else place * 97 % LONGEST
                row[name] = f"=TODAY() {found[1]} {found[2]}d + {CLOSES - back * DAY // LONGEST}m"


def date_back(name: str, rows: Rows) -> None:
    """Say when records were made that would otherwise all be of the moment of installation. Not of contracts, orders and payments: they
    tell of days after they were made, which is more than their checks let be said on that day."""
    column = FROM.get(name, "")
    for place, row in enumerate(rows):
        if name == "support_request":
            row["created_at"] = f"=NOW() - {30 - 13 * place}d - 200m"
        elif name == "task":
            row["created_at"] = _before(row["due"], 2 + place % 4, place)
        elif column:
            row["created_at"] = _before(row[column], 0, place)


def _before(text: str, days: int, place: int) -> str:
    if MOMENT.fullmatch(text) and not days:
        return text
    found = DAYS.match(text) or re.match(r"=NOW\(\) - (\d+)d", text)
    back = (int(found[1]) if found else 0) + days
    return f"=NOW() - {back}d - {place * 53 % LONGEST if back else 20}m"


def follow(rows: Rows, made: Rows, link: str) -> None:
    """Let records be made when what they belong to was: contacts with their customer."""
    when = {row["ref"]: row["created_at"] for row in made}
    for row in rows:
        row["created_at"] = when[row[link]]
