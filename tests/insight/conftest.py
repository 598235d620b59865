"""An application of deals and activities with metrics and boards, people of several roles, and records made at random."""

from __future__ import annotations

import random
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from tests.application import App, compile_packs, make_app

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NOW = datetime(2026, 3, 18, 4, 0, tzinfo=UTC)  # Wednesday noon in Shanghai
PACK = Path(__file__).parent / "packs" / "board"
STAGES = ("contact", "needs", "talks", "won", "lost")
PEOPLE = ("dora", "mara", "mo", "rita", "ron", "rob")


@dataclass
class Ground:
    """The application, and what is in it as plain rows, so that a test can work everything out for itself."""

    app: App
    deals: list[dict[str, Any]]
    acts: list[dict[str, Any]]
    clients: list[dict[str, Any]]
    stays: list[dict[str, Any]]

    def sees(self, who: str, row: dict[str, Any]) -> bool:
        """Whether somebody may read a record."""
        actor = self.app.people[who]
        if "director" in actor.roles:
            return True
        if "manager" in actor.roles:
            return row["owner"] in {actor.id, *actor.reports}
        return "rep" in actor.roles and row["owner"] == actor.id


@pytest.fixture(scope="session")
def runtime() -> Any:
    """The application compiled, once for all tests."""
    return compile_packs(PACK)


@pytest.fixture(scope="session")
def template(pg: Any, system_template: str, runtime: Any) -> Iterator[tuple[str, Ground]]:
    """A database that is full, to be copied by tests that write."""
    name = f"insight_{system_template}"
    pg.create(name)
    made = make_app(pg.url(name), runtime)
    made.now = NOW
    ground = fill(made)
    made.engine.dispose()
    return name, ground


@pytest.fixture
def ground(database_factory: Callable[..., Any], template: tuple[str, Ground]) -> Iterator[Ground]:
    """The application over a copy of that database."""
    from engine.storage.database import create_engine

    name, full = template
    engine = create_engine(database_factory(name).url, pool_size=5)
    yield replace(full, app=App(engine, full.app.runtime, dict(full.app.people), NOW))
    engine.dispose()


@pytest.fixture(scope="session")
def still(pg: Any, template: tuple[str, Ground]) -> Iterator[Ground]:
    """The application over one copy that all tests share which change nothing."""
    from engine.storage.database import create_engine

    name, full = template
    pg.create(f"{name}_still", name)
    engine = create_engine(pg.url(f"{name}_still"), pool_size=5)
    yield replace(full, app=App(engine, full.app.runtime, full.app.people, NOW))
    engine.dispose()


@pytest.fixture
def statements() -> Callable[[Any], Any]:
    """A context manager that collects the statements of an engine."""

    @contextmanager
    def collecting(engine: Any) -> Iterator[list[str]]:
        found: list[str] = []

        def note(_c: Any, _cursor: Any, text: str, *_rest: Any) -> None:
            found.append(text)

        sa.event.listen(engine, "before_cursor_execute", note)
        try:
            yield found
        finally:
            sa.event.remove(engine, "before_cursor_execute", note)

    return collecting


def fill(app: App) -> Ground:
    """Make the people and some hundred records at random; a few are blank, deleted, or out of the ordinary."""
    east = app.create("department", {"name": "East"})
    west = app.create("department", {"name": "West"})
    app.person("dora", "director")
    app.person("mara", "manager", manager="dora", department=east)
    app.person("mo", "manager", manager="dora", department=west)
    app.person("rita", "rep", manager="mara", department=east)
    app.person("ron", "rep", manager="mara", department=east)
    app.person("rob", "rep", manager="mo", department=west)
    app.person("frida", "blind")
    chance = random.Random(7)
    owners = [app.people[name].id for name in PEOPLE]
    departments = {app.people[name].id: app.people[name].department for name in PEOPLE}
    clients = [
        {
            "id": number,
            "name": f"客户 {number}",
            "owner": chance.choice(owners),
            "kind": chance.choice(["big", "small", None]),
        }
        for number in range(1, 31)
    ]
    deals = [_deal(chance, number, owners, clients) for number in range(1, 401)]
    acts = [_act(chance, number, owners, deals) for number in range(1, 901)]
    for one in deals:
        one["department"] = departments[one["owner"]]
        one["contacts"] = sum(1 for act in acts if act["deal"] == one["id"] and not act["deleted"])
    stays = [stay for one in deals for stay in _stays(chance, one)]
    with app.engine.begin() as connection:
        for table, rows in (("client", clients), ("deal", deals), ("act", acts)):
            insert(connection, table, rows)
        placed = "place_latitude = 30 + id, place_longitude = 100 + id, place_accuracy = 0"
        connection.execute(sa.text(f"UPDATE app.client SET {placed} WHERE id % 3 > 0"))
        connection.execute(
            sa.text(
                "INSERT INTO tenon.stay (object, record_id, field, state, entered_at, left_at, transition, reason, backfilled, skipped)"
                " VALUES ('deal', :record, 'stage', :state, :entered, :left, '', '', :backfilled, false)"
            ),
            stays,
        )
    return Ground(app, deals, acts, clients, stays)


def _moment(chance: random.Random) -> datetime:
    return datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=chance.randrange(0, 444 * 24 * 60))


def _deal(chance: random.Random, number: int, owners: list[Any], clients: list[dict[str, Any]]) -> dict[str, Any]:
    stage = chance.choice(STAGES)
    amount = chance.choice([None, round(chance.uniform(1, 500_000), 2)])
    return {
        "id": number,
        "name": f"商机 {number}",
        "client": chance.choice([None, *[one["id"] for one in clients]]),
        "owner": chance.choice(owners),
        "region": chance.choice(["north", "east", "south", None]),
        "stage": stage,
        "amount": amount,
        "cost": chance.choice([None, chance.randrange(1, 300)]),
        "rival": chance.choice(["Kestrel", '逗 "号", 与 引号', "O'Neil %", None]),
        "hot": chance.choice([True, False]),
        "closed_at": _moment(chance) if stage in {"won", "lost"} else None,
        "due": chance.choice([None, date(2026, 1, 1) + timedelta(days=chance.randrange(0, 200))]),
        "deleted": chance.random() < 0.05,
    }


def _act(chance: random.Random, number: int, owners: list[Any], deals: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "id": number,
        "subject": f"活动 {number}",
        "deal": chance.choice([None, chance.choice(deals)["id"]]),
        "owner": chance.choice(owners),
        "kind": chance.choice(["visit", "call", "mail", None]),
        "happened_at": _moment(chance),
        "minutes": chance.choice([None, chance.randrange(0, 90)]),
        "deleted": chance.random() < 0.03,
    }


def _stays(chance: random.Random, deal: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The way of a deal to the state that it is in: straight, over leaps, back and forth, or put there by an import."""
    at = _moment(chance)
    way = ["contact"]
    while way[-1] != deal["stage"] and len(way) < 6:
        way.append(chance.choice([deal["stage"], *STAGES[:3]]))
    if way[-1] != deal["stage"]:
        way.append(deal["stage"])
    backfilled = chance.random() < 0.1
    for place, state in enumerate(way):
        after = at + timedelta(hours=chance.randrange(1, 900))
        last = place == len(way) - 1
        yield {
            "record": deal["id"],
            "state": state,
            "entered": at,
            "left": None if last else after,
            "backfilled": backfilled and place == 0,
        }
        at = after


def insert(connection: Any, table: str, rows: list[dict[str, Any]]) -> None:
    """Insert rows past the doors."""
    names = [name for name in rows[0] if name not in {"deleted", "department"}]
    columns = ", ".join(names)
    places = ", ".join(f":{name}" for name in names)
    given = [{**row, "now": NOW, "gone": NOW if row.get("deleted") else None} for row in rows]
    connection.execute(
        sa.text(
            f"INSERT INTO app.{table} (created_at, updated_at, deleted_at, {columns}) OVERRIDING SYSTEM VALUE"
            f" VALUES (:now, :now, :gone, {places})"
        ),
        given,
    )
    connection.execute(sa.text(f"SELECT setval(pg_get_serial_sequence('app.{table}', 'id'), {len(rows)})"))
