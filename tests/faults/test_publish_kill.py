"""kill -9 at every step of a publication, and at any moment between: the next run goes on, and the outcome is the same."""

from __future__ import annotations

import os
import random
import signal
import time
import traceback
from typing import TYPE_CHECKING, Any

import pypinyin
import pytest
import sqlalchemy as sa

from engine.publishing.publish import publish
from engine.storage.database import create_engine
from tests.publishing.changes import AFTER, BEFORE, create_rows
from tests.publishing.support import Shop

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from engine.publishing.steps import Step
    from tests.conftest import Database

ROWS = 40
_STATE = """
SELECT 'column', table_name, column_name, data_type, is_nullable, coalesce(column_default, '') FROM information_schema.columns
WHERE table_schema = 'app'
UNION ALL SELECT 'index', tablename, indexname, indexdef, '', '' FROM pg_indexes WHERE schemaname = 'app'
UNION ALL SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid), convalidated::text, '' FROM pg_constraint
WHERE connamespace = 'app'::regnamespace
UNION ALL SELECT 'trigger', tgrelid::regclass::text, tgname, '', '', '' FROM pg_trigger WHERE NOT tgisinternal
UNION ALL SELECT 'function', proname, '', '', '', '' FROM pg_proc WHERE pronamespace = 'app'::regnamespace ORDER BY 1, 2, 3
"""


assert pypinyin  # loaded before the forks: each of them would spend a second on it


@pytest.fixture
def before(system_database: Database, tmp_path: Path) -> Shop:
    """A database at the version before, with rows; made anew from this one for each attempt."""
    engine = create_engine(system_database.url)
    shop = Shop(engine, tmp_path)
    shop.install(BEFORE)
    create_rows(shop, ROWS)
    engine.dispose()
    return shop


def _attempt(url: str, folder: Path, after_step: Callable[[Step], None]) -> int:
    """Publish in a process of its own and return its id."""
    return _attempt_with(url, folder, after_step, lambda shop: publish(shop.press, shop.read(AFTER)))


def _attempt_with(url: str, folder: Path, after_step: Callable[[Step], None], change: Callable[[Shop], object]) -> int:
    """Change an installation in a process of its own and return its id."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            engine = create_engine(url)
            shop = Shop(engine, folder, options={"after_step": after_step, "batch": 7, "rest": 0.0})
            change(shop)
            code = 0
        except BaseException:
            traceback.print_exc()
            raise
        finally:
            os._exit(code)
    return child


def _ending(child: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _state(url: str) -> tuple[Any, ...]:
    """Return everything that a publication leaves in the schema, and the rows."""
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        schema = [tuple(row) for row in connection.execute(sa.text(_STATE))]
        rows = [
            tuple(row)
            for row in connection.execute(
                sa.text(
                    "SELECT id, name, fax, quantity, quantity_2, code, maker, shelf, price, double, whole, search_terms FROM app.item ORDER BY id"
                )
            )
        ]
        makers = [
            tuple(row)
            for row in connection.execute(sa.text("SELECT id, name, country, worth FROM app.maker ORDER BY id"))
        ]
        version = connection.execute(sa.text("SELECT version FROM tenon.current")).scalar_one()
    engine.dispose()
    return version, tuple(schema), tuple(rows), tuple(makers)


def _ignore(_: Step) -> None:
    """Go on."""


@pytest.fixture
def reference(
    before: Shop, system_database: Database, database_factory: Callable[..., Database], tmp_path: Path
) -> Iterator[tuple[Any, ...]]:
    """What an undisturbed publication leads to."""
    copy = database_factory(system_database.name)
    assert _ending(_attempt(copy.url, tmp_path, _ignore)) == 0
    return _state(copy.url)


def _kill_after(steps: int) -> Callable[[Step], None]:
    """Return what kills its process after so many steps."""
    left = steps

    def kill(_: Step) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    return kill


def test_killed_after_every_step_in_turn_it_ends(
    system_database: Database, reference: tuple[Any, ...], database_factory: Callable[..., Database], tmp_path: Path
) -> None:
    assert reference[0] == 2
    copy = database_factory(system_database.name)
    kills = 0
    while (ended := _ending(_attempt(copy.url, tmp_path, _kill_after(1)))) != 0:
        assert ended == -signal.SIGKILL
        kills += 1
    assert kills > 30, "every step, and the flip"
    assert _state(copy.url) == reference


@pytest.mark.soak
def test_killed_after_any_step_the_next_run_ends_it(
    system_database: Database, reference: tuple[Any, ...], database_factory: Callable[..., Database], tmp_path: Path
) -> None:
    kills = 1
    while True:
        copy = database_factory(system_database.name)
        ended = _ending(_attempt(copy.url, tmp_path, _kill_after(kills)))
        if ended == 0:
            break
        assert ended == -signal.SIGKILL
        assert _ending(_attempt(copy.url, tmp_path, _ignore)) == 0, f"after {kills} steps"
        assert _state(copy.url) == reference, f"after {kills} steps"
        kills += 1
    assert kills > 30


def test_killed_again_and_again_at_any_moment_it_ends(
    system_database: Database, reference: tuple[Any, ...], database_factory: Callable[..., Database], tmp_path: Path
) -> None:
    dice = random.Random(7)
    for _ in range(3):
        copy = database_factory(system_database.name)
        wait, attempts = 0.05, 0
        while True:
            child = _attempt(copy.url, tmp_path, _ignore)
            time.sleep(dice.uniform(0, wait))
            os.kill(child, signal.SIGKILL)
            if _ending(child) == 0:
                break
            wait *= 1.25
            attempts += 1
        assert attempts > 3
        assert _state(copy.url) == reference
