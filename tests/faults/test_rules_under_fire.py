"""Rules while workers, the clock and Redis are killed at random: every rule runs exactly once for what set it off, whatever dies."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING, Any

import pytest

from engine.records.commands import Change, create, update
from tests.automation.fire import Fire

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Database

PACK = {
    "objects/order.yaml": """
object: order
fields:
  name: {type: text, required: true}
  amount: {type: integer}
  steps: {type: integer, default: 0}
  total: {type: rollup, value: SUM(entries.amount)}
""",
    "objects/entry.yaml": """
object: entry
fields:
  order: {type: link, to: order, required: true, reverse: entries}
  amount: {type: integer}
  why: {type: text}
""",
    "automations/first.yaml": """
automation: first
object: order
trigger: created
do:
  entry: {create: {object: entry, set: {order: =record, amount: =amount, why: first}}}
  step: {set: {steps: =steps + 1}}
""",
    "automations/second.yaml": """
automation: second
object: order
trigger: {updated: {fields: [steps], when: steps = 1}}
do:
  entry: {create: {object: entry, set: {order: =record, amount: 1, why: second}}}
  step: {set: {steps: =steps + 1}}
""",
    "automations/third.yaml": """
automation: third
object: order
trigger: {becomes: steps = 2}
do: {entry: {create: {object: entry, set: {order: =record, amount: 10, why: third}}}}
""",
    "automations/slow.yaml": """
automation: slow
object: order
trigger: {updated: {fields: [amount], when: amount > old.amount}}
do:
  pause: {wait: 1s}
  entry: {create: {object: entry, set: {order: =record, amount: 100, why: slow}}}
""",
}


def under_fire(fire: Fire, orders: int, seed: int, at_once: int = 25) -> None:
    """Make orders, some at once, while everything is killed again and again, then let it come to rest and count."""
    chance = random.Random(seed)
    made: list[int] = []
    while len(made) < orders:
        rows: list[dict[str, Any]] = [
            {"name": f"o{len(made) + place}", "amount": 5} for place in range(min(at_once, orders - len(made)))
        ]
        made += [one.id for one in fire.write(lambda context, rows=rows: create(context, "order", rows))]
        changes = [Change(number, {"amount": 6}) for number in made[-len(rows) :]]
        fire.write(lambda context, changes=changes: update(context, "order", changes))
        fire.kill(chance.choice(("worker", "worker", "clock", "redis")))
        time.sleep(chance.uniform(0.1, 0.6))
    fire.rest()
    assert fire.rows('SELECT why, count(*), count(DISTINCT "order") FROM app.entry GROUP BY why ORDER BY why') == [
        (why, orders, orders) for why in ("first", "second", "slow", "third")
    ]
    assert fire.rows('SELECT count(*), min(steps), max(steps) FROM app."order"') == [(orders, 2, 2)]
    assert fire.rows("SELECT automation, state, count(*) FROM tenon.run GROUP BY 1, 2 ORDER BY 1") == [
        (rule, "done", orders) for rule in ("first", "second", "slow", "third")
    ]
    totals = fire.rows(
        'SELECT o.total::int, sum(e.amount)::int FROM app."order" o JOIN app.entry e ON e."order" = o.id GROUP BY o.id, o.total'
    )
    assert all(total == sum_ for total, sum_ in totals)


def test_two_hundred_runs(tmp_path: Path, database: Database) -> None:
    with Fire(tmp_path, PACK, database.url) as fire:
        under_fire(fire, 50, 7, at_once=10)


@pytest.mark.soak
def test_five_hundred_runs(tmp_path: Path, database: Database) -> None:
    with Fire(tmp_path, PACK, database.url) as fire:
        under_fire(fire, 125, 7)


@pytest.mark.soak
def test_five_thousand_runs(tmp_path: Path, database: Database) -> None:
    with Fire(tmp_path, PACK, database.url) as fire:
        under_fire(fire, 1250, 11)
        assert all(fire.killed[what] for what in ("redis", "worker", "clock"))
