"""What the tests of the screens stand on: a pack compiled, its tables in a database of the test run, people with passwords, records
made through the writing door, and the pages as a Flask application."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask import Flask

from app import create_kinds
from engine.config import Config
from engine.context import SYSTEM, Context
from engine.people.credentials import set_password
from engine.people.roles import grant_roles
from engine.records import commands
from engine.records.compile import Records
from engine.runtime import AppRuntime, compile_app
from engine.screens.area import own_areas
from engine.screens.blueprint import make_blueprint
from engine.screens.render import Renderer
from engine.screens.site import Site
from engine.storage.database import in_transaction
from engine.storage.history import ensure_partitions
from engine.storage.physical import Physical
from metamodel.read import read_packs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

ROOT = Path(__file__).parents[2]
HOME = ZoneInfo("Asia/Shanghai")
PASSWORD = "a-long-password-1"


@dataclass
class Ground:
    """A compiled pack on a database. ``clock`` may be set; ``ids`` are the people's, by login; ``settings`` are sections of a configuration."""

    runtime: AppRuntime
    engine: sa.Engine
    home: Path
    ids: dict[str, int] = field(default_factory=dict)
    moment: datetime | None = None
    settings: dict[str, Any] = field(default_factory=dict)

    def now(self) -> datetime:
        """Return the moment that pages take as now."""
        return self.moment or datetime.now(UTC)

    def context(self, connection: sa.Connection) -> Context:
        """Return surroundings without limits."""
        return Context(SYSTEM, self.now(), connection, self.runtime, "zh", home=HOME, source="cli")

    def run(self, command: Callable[[Context], Any]) -> Any:
        """Run something in a transaction, as the system."""
        return in_transaction(self.engine, lambda connection: command(self.context(connection)))

    def create(self, name: str, *batch: Mapping[str, object]) -> list[int]:
        """Make records; return their ids."""
        written: Sequence[commands.Written] = self.run(lambda context: commands.create(context, name, batch))
        return [one.id for one in written]

    def update(self, name: str, number: int, /, **values: object) -> None:
        """Change a record as somebody else would."""
        self.run(lambda context: commands.update(context, name, [commands.Change(number, values)]))

    def value(self, statement: str) -> Any:
        """Return one value from behind the doors."""
        with self.engine.connect() as connection:
            return connection.execute(sa.text(statement)).scalar()

    def person(self, login: str, name: str, *roles: str, **values: object) -> int:
        """Make somebody who can sign in."""
        (number,) = self.create("user", {"login": login, "name": name, **values})

        def equip(context: Context) -> None:
            set_password(context.connection, number, PASSWORD, context.now)
            grant_roles(context.connection, number, roles, at=context.now)

        self.run(equip)
        self.ids[login] = number
        return number

    def site(self) -> Site:
        """Return what the pages stand on."""
        return Site(
            self.engine,
            Config(home=self.home, **self.settings),
            lambda: self.runtime,
            Renderer(areas=own_areas()),
            self.now,
            own_areas(),
        )

    def app(self) -> Flask:
        """Return the pages as an application."""
        application = Flask("tenon-test", static_folder=None, template_folder=None)
        application.secret_key = "only-for-tests" * 4
        application.register_blueprint(make_blueprint(self.site()))
        return application


def compile_pack(path: Path) -> AppRuntime:
    """Return a pack compiled, with those it requires."""
    kinds = create_kinds()
    found = read_packs([path], kinds, search=[ROOT / "packs", ROOT / "tests" / "packs"])
    assert found.model is not None, [(fault.code, fault.message.en, fault.mark) for fault in found.faults]
    return compile_app(1, "test", found.model, Physical(), kinds)


def make_tables(engine: sa.Engine, runtime: AppRuntime) -> None:
    """Make the tables of a compiled pack."""
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE SCHEMA IF NOT EXISTS app"))
        runtime.part(Records).tables().create_all(connection)
        ensure_partitions(connection, datetime.now(UTC))
