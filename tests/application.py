"""What tests of the floors above records share: an application of packs written into the test, compiled as a whole, its tables in a
database of its own, and people of several roles."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from app import create_kinds
from engine.context import SYSTEM, Actor, Context
from engine.records import commands
from engine.records.compile import Records
from engine.records.query import read_one
from engine.runtime import AppRuntime, compile_app
from engine.storage import tables
from engine.storage.database import create_engine, in_transaction
from engine.storage.physical import Physical
from metamodel.read import read_packs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.conftest import Database

NOW = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)  # Monday, 09:00 in Shanghai
PACKS = Path(__file__).parents[1] / "packs"


@dataclass
class App:
    """An application and the people in it. ``now`` may be moved on by the test."""

    engine: sa.Engine
    runtime: AppRuntime
    people: dict[str, Actor] = field(default_factory=dict)
    now: datetime = NOW

    def context(self, connection: sa.Connection, actor: Actor | str = SYSTEM, **options: Any) -> Context:
        """Return a context for somebody."""
        who = self.people[actor] if isinstance(actor, str) else actor
        return Context(
            actor=who, now=options.pop("now", self.now), connection=connection, runtime=self.runtime, **options
        )

    def run(self, work: Callable[[Context], Any], actor: Actor | str = SYSTEM, **options: Any) -> Any:
        """Run ``work`` in a transaction of its own, as requests do."""
        return in_transaction(self.engine, lambda connection: work(self.context(connection, actor, **options)))

    def create(self, object_name: str, values: Mapping[str, object], by: Actor | str = SYSTEM) -> int:
        """Create a record and return its id."""
        return int(self.run(lambda context: commands.create(context, object_name, [values]), by)[0].id)

    def update(self, object_name: str, number: int, values: Mapping[str, object], by: Actor | str = SYSTEM) -> None:
        """Change a record."""
        self.run(lambda context: commands.update(context, object_name, [commands.Change(number, values)]), by)

    def read(self, object_name: str, number: int, by: Actor | str = SYSTEM) -> Mapping[str, Any]:
        """Read a record."""
        found: Mapping[str, Any] = self.run(lambda context: read_one(context, object_name, number), by)
        return found

    def person(
        self, login: str, *roles: str, manager: str = "", department: int | None = None, **values: object
    ) -> Actor:
        """Add somebody with roles, below a manager."""
        above = self.people[manager].id if manager else None
        row = {"login": login, "name": login, "manager": above, "department": department, **values}
        number = self.create("user", row)
        with self.engine.begin() as connection:
            for role in roles:
                connection.execute(
                    sa.text("INSERT INTO tenon.user_role (user_id, role, granted_at) VALUES (:id, :role, :now)"),
                    {"id": number, "role": role, "now": self.now},
                )
        self.people[login] = Actor(number, login, login, frozenset(roles), department=department, manager=above)
        boss = manager
        while boss:
            chief = self.people[boss]
            self.people[boss] = replace(chief, reports=(*chief.reports, number))
            boss = next((one.login for one in self.people.values() if one.id == chief.manager), "")
        return self.people[login]

    def rows(self, statement: str, **values: Any) -> list[Any]:
        """Return what a statement finds, past every door: for tests to look behind the scenes."""
        with self.engine.begin() as connection:
            return list(connection.execute(sa.text(statement), values))


def write_pack(folder: Path, name: str, files: Mapping[str, str]) -> Path:
    """Write a pack: path → YAML, indented as it may be. ``pack.yaml`` comes by itself where it is not given."""
    root = folder / name
    for path, text in {"pack.yaml": f"pack: {name}\nversion: 1.0.0\n", **files}.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(textwrap.dedent(text), encoding="utf-8")
    return root


def compile_packs(*folders: Path) -> AppRuntime:
    """Return the runtime of packs. A faulty one fails the test with everything that is wrong."""
    kinds = create_kinds()
    found = read_packs(folders, kinds, search=[PACKS])
    assert found.model is not None, [f"{one.mark} {one.code} {one.message.en}" for one in found.faults]
    return compile_app(1, found.hash, found.model, Physical(), kinds)


def make_app(url: str, runtime: AppRuntime) -> App:
    """Make the tables of a runtime in the database at ``url``: empty, or with the system tables. The caller disposes of ``app.engine``."""
    engine = create_engine(url, pool_size=20, overflow=20)
    with engine.begin() as connection:
        if connection.execute(sa.text("SELECT to_regclass('tenon.history')")).scalar() is None:
            connection.execute(sa.text("CREATE SCHEMA IF NOT EXISTS tenon"))
            tables.METADATA.create_all(connection, checkfirst=False)
            connection.execute(sa.text("CREATE TABLE tenon.history_default PARTITION OF tenon.history DEFAULT"))
        connection.execute(sa.text("CREATE SCHEMA IF NOT EXISTS app"))
        runtime.part(Records).tables().create_all(connection, checkfirst=False)
    return App(engine, runtime)


def leave_empty(_: App) -> None:
    """Put nothing into an application."""


@dataclass
class Applications:
    """Applications over fresh databases of one test. Those of the same runtime and filling are copies of the first one: ``kept`` names it,
    and the people in it."""

    create: Callable[[str, str], None]
    url: Callable[[str], str]
    copy: Callable[[str], Database]
    system_template: str
    kept: dict[tuple[int, object], tuple[str, App]]
    opened: list[sa.Engine] = field(default_factory=list)

    def __call__(self, runtime: AppRuntime, fill: Callable[[App], object] = leave_empty) -> App:
        """Return an application that ``fill`` has put people and records into."""
        key = id(runtime), fill
        if key not in self.kept:
            name = f"{self.system_template}_{len(self.kept)}"
            self.create(name, self.system_template)
            first = make_app(self.url(name), runtime)
            try:
                fill(first)
            finally:
                first.engine.dispose()
            self.kept[key] = name, first
        name, first = self.kept[key]
        engine = create_engine(self.copy(name).url, pool_size=20, overflow=20)
        self.opened.append(engine)
        return App(engine, runtime, dict(first.people))

    def once(self, runtime: AppRuntime, fill: Callable[[App], object] = leave_empty) -> App:
        """Return an application of a runtime that no other test has."""
        made = make_app(self.copy(self.system_template).url, runtime)
        self.opened.append(made.engine)
        fill(made)
        return made

    def close(self) -> None:
        """Close what was opened."""
        for engine in self.opened:
            engine.dispose()
