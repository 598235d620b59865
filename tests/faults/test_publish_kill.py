"""kill -9 at every step of a publication, and at any moment between: the next run goes on, and the outcome is the same."""

from __future__ import annotations

import os
import random
import signal
import time
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from engine.publishing.publish import publish
from engine.storage.database import create_engine
from tests.publishing.support import Shop, fields

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from engine.publishing.steps import Step
    from tests.conftest import Database

BEFORE = {
    "maker": fields("name: {type: text, required: true}"),
    "item": fields(
        """
        name: {type: text, required: true, index: true}
        fax: {type: text}
        quantity: {type: text}
        code: {type: text, unique: true}
        maker: {type: link, to: maker}
        price: {type: money}
        """
    ),
}
AFTER = {
    "maker": fields(
        "name: {type: text, required: true, unique: true}\ncountry: {type: text, required: true, default: CN}\n"
        "worth: {type: rollup, value: SUM(items.price)}"
    ),
    "shelf": fields("name: {type: text, required: true}"),
    "item": fields(
        """
        title: {type: text, required: true, was: name, index: true, search: true}
        quantity: {type: integer, required: true}
        code: {type: text, required: true, default: none}
        maker: {type: link, to: maker, required: true}
        shelf: {type: link, to: shelf}
        price: {type: money, index: true}
        double: {type: formula, value: price * 2}
        whole: {type: text, required: true, default: '=title & code'}
        """,
        title="title",
    ),
}
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


@pytest.fixture
def before(database: Database, tmp_path: Path) -> Shop:
    """A database at the version before, with rows; made anew from this one for each attempt."""
    engine = create_engine(database.url)
    shop = Shop(engine, tmp_path)
    shop.install(BEFORE)
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO app.maker (created_at, updated_at, name) SELECT now(), now(), 'm' || n FROM generate_series(1, 5) n"
        )
        connection.exec_driver_sql(
            "INSERT INTO app.item (created_at, updated_at, name, quantity, maker, price, fax) "
            f"SELECT now(), now(), 'i' || n, n::text, 1 + mod(n, 5), n, 'f' || n FROM generate_series(1, {ROWS}) n"
        )
    engine.dispose()
    return shop


def _attempt(url: str, folder: Path, after_step: Callable[[Step], None]) -> int:
    """Publish in a process of its own and return how it ended."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            engine = create_engine(url)
            shop = Shop(engine, folder, options={"after_step": after_step, "batch": 7, "rest": 0.1})
            publish(shop.press, shop.read(AFTER))
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
    before: Shop, database: Database, database_factory: Callable[..., Database], tmp_path: Path
) -> Iterator[tuple[Any, ...]]:
    """What an undisturbed publication leads to."""
    copy = database_factory(database.name)
    assert _ending(_attempt(copy.url, tmp_path, _ignore)) == 0
    yield _state(copy.url)


def test_killed_after_any_step_it_goes_on(
    database: Database, reference: tuple[Any, ...], database_factory: Callable[..., Database], tmp_path: Path
) -> None:
    assert reference[0] == 2
    kills = 0
    while True:
        copy = database_factory(database.name)
        left = kills

        def kill(_: Step) -> None:
            nonlocal left
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            left -= 1

        ended = _ending(_attempt(copy.url, tmp_path, kill))
        if ended == 0:
            break
        assert ended == -signal.SIGKILL
        assert _ending(_attempt(copy.url, tmp_path, _ignore)) == 0, f"after {kills + 1} steps"
        assert _state(copy.url) == reference, f"after {kills + 1} steps"
        kills += 1
    assert kills > 20


def test_killed_again_and_again_at_any_moment_it_ends(
    database: Database, reference: tuple[Any, ...], database_factory: Callable[..., Database], tmp_path: Path
) -> None:
    dice = random.Random(7)
    for _ in range(3):
        copy = database_factory(database.name)
        wait, attempts = 0.05, 0
        while True:
            child = _attempt(copy.url, tmp_path, _ignore)
            time.sleep(dice.uniform(0, wait))
            os.kill(child, signal.SIGKILL)
            if _ending(child) == 0:
                break
            wait *= 1.15
            attempts += 1
        assert attempts > 3
        assert _state(copy.url) == reference
