"""The action `award`: people are given points, a badge, or both. Every award is a record of the object `points`, so that ranking, rights and
history are those of any record; a badge is given once, and made when it is given for the first time."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

from engine.automation.frame import Action
from engine.automation.people import people_of
from engine.automation.values import message_of, value_of
from engine.records.commands import create
from engine.records.query import Query, read_page
from engine.refusals import Refusal
from metamodel.options import OptionSort, OptionSorts, Takes
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.automation.doing import Doing

POINTS, BADGE = "points", "badge"  # the objects that awards are kept in
SOME = 200  # people that are asked for at once
LARGEST = 1_000_000  # points of one award


def _run(doing: Doing, options: Mapping[str, Any], /) -> Mapping[str, Any]:
    people = people_of(doing, options["to"])
    points, code = _points(doing, options.get("points")), str(options.get("badge", ""))
    badge = _badge(doing, code) if code and people else None
    having = _having(doing, badge, people) if badge is not None else frozenset()
    given = [(person, badge if person not in having else None) for person in people]
    at = doing.context.now.isoformat()
    rows = [
        {"person": person, "points": points, "badge": new, "reason": _reason(doing, options, person), "given_at": at}
        for person, new in given
        if points or new
    ]
    create(doing.context, POINTS, rows)
    told = {"to": [row["person"] for row in rows], "points": points}
    return told | ({"badge": code, "badged": [person for person, new in given if new]} if code else {})


def _points(doing: Doing, given: Any) -> int:
    """Return how many points, rounded to a whole number. Raises Refusal for what is no number, or one that no award has."""
    value = value_of(doing, given)
    if value is None:
        return 0
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or abs(Decimal(value)) > LARGEST:
        said = Text(zh=f"积分应为不超过 {LARGEST:,} 的数", en=f"points are a number up to {LARGEST:,}")
        raise Refusal(422, "NO_POINTS", said)
    return int(Decimal(value).quantize(Decimal(1), ROUND_HALF_UP))


def _reason(doing: Doing, options: Mapping[str, Any], person: int) -> str | None:
    return message_of(doing, options["reason"], person)(doing.context.language) if "reason" in options else None


def _badge(doing: Doing, code: str) -> int:
    """Return the badge of a code."""
    quoted = code.replace('"', '""')
    found = read_page(doing.context, Query(BADGE, ("id",), filter=f'code = "{quoted}"', limit=1)).items
    return int(found[0]["id"]) if found else create(doing.context, BADGE, [{"code": code, "name": code}])[0].id


def _having(doing: Doing, badge: int, people: Sequence[int]) -> frozenset[int]:
    """Return those who have a badge already."""
    found: set[int] = set()
    for place in range(0, len(people), SOME):
        among = ", ".join(str(one) for one in people[place : place + SOME])
        asked = Query(POINTS, ("person",), filter=f"badge = {badge} and person in ({among})", limit=SOME)
        found |= {int(row["person"].id) for row in read_page(doing.context, asked).items}
    return frozenset(found)


KIND = Action(
    name="award",
    label=Text(zh="奖励", en="Award"),
    help=Text(
        zh="给人积分、勋章，或两者；记在对象 points 里，同一枚勋章每人只得一次",
        en="Give people points, a badge, or both; kept in the object points. A badge is given to each of them once",
    ),
    options=OptionSorts(
        {
            "to": OptionSort(Takes.PEOPLE, Text(zh="给谁", en="To whom"), required=True),
            "points": OptionSort(Takes.VALUE, Text(zh="积分", en="Points")),
            "badge": OptionSort(Takes.TEXT, Text(zh="勋章的代码", en="Code of the badge")),
            "reason": OptionSort(Takes.MESSAGE, Text(zh="为什么", en="What for")),
        },
        stores={POINTS: ("person", "points", "badge", "reason", "given_at"), BADGE: ("code", "name")},
    ),
    run=_run,
    examples=(
        "{award: {to: =owner, points: =amount / 10000, badge: closer, reason: {zh: '赢下 {name}', en: 'Won {name}'}}}",
    ),
)
