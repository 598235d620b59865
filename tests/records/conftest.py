"""What tests of the records floor share: a small application compiled from packs, its tables in a fresh database, and people of
several roles."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from app import create_kinds
from engine.context import SYSTEM, Actor, Context
from engine.records.commands import Change, update
from engine.records.compile import Records, compile_records
from engine.records.query import Query, read_page
from engine.refusals import Refusal
from engine.storage import tables
from engine.storage.database import create_engine
from engine.storage.physical import Physical
from metamodel.read import read_packs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PACKS = Path(__file__).parent / "packs"
NOW = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
KINDS = create_kinds()


@dataclass
class FakeRuntime:
    """A runtime with the records floor's part only."""

    records: Records
    version: int = 1

    def part(self, kind: type) -> Any:
        """Return the records."""
        assert kind is Records
        return self.records


@dataclass
class App:
    """An application on a database of its own."""

    engine: sa.Engine
    runtime: FakeRuntime
    people: dict[str, Actor] = field(default_factory=dict)
    now: datetime = NOW

    def run(self, work: Callable[[Context], Any], actor: Actor | str = SYSTEM, **options: Any) -> Any:
        """Run ``work`` in a transaction of its own."""
        with self.engine.begin() as connection:
            return work(self.context(connection, actor, **options))

    def context(self, connection: sa.Connection, actor: Actor | str = SYSTEM, **options: Any) -> Context:
        """Return a context for somebody."""
        who = self.people[actor] if isinstance(actor, str) else actor
        return Context(
            actor=who, now=options.pop("now", self.now), connection=connection, runtime=self.runtime, **options
        )


def compile_pack(*names: str) -> Records:
    """Return the records of test packs."""
    found = read_packs([PACKS / name for name in names], KINDS, search=[PACKS.parents[2] / "packs"])
    assert found.model is not None, [(f.code, f.message.en, f.mark) for f in found.faults]
    return compile_records(found.model, Physical(), KINDS)


def make_tables(engine: sa.Engine, records: Records) -> None:
    """Create the system tables and the application's."""
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE SCHEMA IF NOT EXISTS tenon"))
        connection.execute(sa.text("CREATE SCHEMA IF NOT EXISTS app"))
        tables.METADATA.create_all(connection)
        connection.execute(sa.text("CREATE TABLE tenon.history_default PARTITION OF tenon.history DEFAULT"))
        records.tables().create_all(connection)


@pytest.fixture(scope="session")
def templates(pg: Any) -> Iterator[dict[tuple[str, ...], tuple[str, Records]]]:
    """Databases with the tables of test packs, by the packs' names; each test works on a copy."""
    made: dict[tuple[str, ...], tuple[str, Records]] = {}
    yield made
    for name, _ in made.values():
        pg.drop(name)


@pytest.fixture
def make_app(pg: Any, templates: Any, database_factory: Callable[..., Any]) -> Iterator[Callable[..., App]]:
    """Return a function that makes an application of test packs."""
    engines: list[sa.Engine] = []

    def make(*names: str) -> App:
        if names not in templates:
            records, name = compile_pack(*names), f"records_{uuid.uuid4().hex[:12]}"
            pg.create(name)
            engine = create_engine(pg.url(name))
            make_tables(engine, records)
            engine.dispose()
            templates[names] = name, records
        name, records = templates[names]
        engine = create_engine(database_factory(name).url, pool_size=20, overflow=20)
        engines.append(engine)
        return App(engine, FakeRuntime(records))

    yield make
    for engine in engines:
        engine.dispose()


def person(app: App, login: str, *roles: str, manager: str = "", department: int | None = None) -> Actor:
    """Add a user with roles, below a manager."""
    above = app.people[manager].id if manager else None
    with app.engine.begin() as connection:
        number = connection.execute(
            sa.text(
                'INSERT INTO app."user" (created_at, updated_at, login, name, manager, department)'
                " VALUES (:now, :now, :login, :login, :manager, :department) RETURNING id"
            ),
            {"now": app.now, "login": login, "manager": above, "department": department},
        ).scalar_one()
    app.people[login] = Actor(number, login, login, frozenset(roles), department=department, manager=above)
    boss = manager
    while boss:
        chief = app.people[boss]
        app.people[boss] = Actor(
            chief.id,
            chief.login,
            chief.name,
            chief.roles,
            chief.department,
            chief.manager,
            (*chief.reports, number),
            chief.departments,
        )
        boss = next((one.login for one in app.people.values() if one.id == chief.manager), "")
    return app.people[login]


__all__ = ["App", "compile_pack", "make_tables", "person"]


def missions_found(app: App, text: str) -> list[int]:
    """Return the missions of the guild that a filter finds."""
    query = Query("mission", ("id",), filter=text, sort=("id",), limit=100)
    return [row["id"] for row in app.run(lambda c: read_page(c, query)).items]


def mission_refusal(app: App, values: dict[str, object], number: int) -> Refusal:
    """Return how a change of a mission is refused."""
    with pytest.raises(Refusal) as caught:
        app.run(lambda c: update(c, "mission", [Change(number, values)]))
    return caught.value
