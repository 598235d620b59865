"""kill -9 after every step of a publication that brings a process to an object, and of one that takes a state away: the next run goes
on, and every record has exactly one stay that lasts."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from engine.publishing.publish import publish
from engine.storage.database import create_engine
from tests.faults.test_publish_kill import _attempt_with, _ending, _ignore, _kill_after
from tests.publishing.support import Shop
from tests.publishing.test_states import PLAIN, STATES, shortened

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.conftest import Database

ROWS = 30


def _state(url: str) -> list[tuple[Any, ...]]:
    """Return records with their stays, moments left out."""
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        found = [
            tuple(row)
            for row in connection.execute(
                sa.text(
                    "SELECT d.id, d.stage, d.version, array_agg(s.state || ' ' || (s.left_at IS NULL) || ' ' || s.backfilled ORDER BY s.id) "
                    "FROM app.deal d LEFT JOIN tenon.stay s ON s.object = 'deal' AND s.record_id = d.id GROUP BY d.id ORDER BY d.id"
                )
            )
        ]
    engine.dispose()
    return found


def to_states(shop: Shop) -> None:
    """Publish the process."""
    publish(shop.press, shop.read(STATES))


def to_fewer(shop: Shop) -> None:
    """Publish it without one of its states."""
    publish(shop.press, shortened(shop))


@pytest.mark.parametrize(("change", "steps"), [(to_states, 2), (to_fewer, 2)])
def test_killed_after_every_step_in_turn_it_ends(
    system_database: Database,
    database_factory: Callable[..., Database],
    tmp_path: Path,
    change: Callable[[Shop], None],
    steps: int,
) -> None:
    engine = create_engine(system_database.url)
    shop = Shop(engine, tmp_path, options={"batch": 7, "rest": 0.0})
    shop.install(PLAIN)
    shop.insert("deal", *({"name": f"d{place}", "stage": ("talk", "offer", "won")[place % 3]} for place in range(ROWS)))
    if change is to_fewer:
        to_states(shop)
    engine.dispose()
    whole, broken = database_factory(system_database.name), database_factory(system_database.name)
    assert _ending(_attempt_with(whole.url, tmp_path, _ignore, change)) == 0
    kills = 0
    while (ended := _ending(_attempt_with(broken.url, tmp_path, _kill_after(1), change))) != 0:
        assert ended == -signal.SIGKILL
        kills += 1
    assert kills >= steps, "the flip, and the step over the records"
    found = _state(broken.url)
    assert found == _state(whole.url)
    assert len(found) == ROWS
    assert all(sum("true" in one.split()[1] for one in stays) == 1 for *_, stays in found)
