"""What the API's tests share: the small test pack compiled and its tables made once, a copy of that database for each test, people of
several roles with tokens, and a client."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from flask import Flask

from app import create_kinds
from engine.api import Service, make_blueprint
from engine.config import Config
from engine.people.tokens import issue_token
from engine.records.compile import Records
from engine.runtime import AppRuntime, compile_app
from engine.storage.database import create_engine
from engine.storage.physical import Physical
from engine.storage.tables import user_role
from metamodel.read import read_packs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from werkzeug.test import TestResponse

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
PEOPLE = {  # login → roles, manager
    "boss": (("admin",), ""),
    "mara": (("manager",), ""),
    "rita": (("rep",), "mara"),
    "ron": (("rep",), ""),
    "clara": (("clerk",), ""),
    "nobody": ((), ""),
}
TEMPLATE = "api_template"


@dataclass
class Api:
    """A running API: ``as_`` whom, then ``get``, ``post`` …; ``sql`` looks behind it."""

    app: Flask
    engine: sa.Engine
    runtime: AppRuntime
    tokens: dict[str, str]
    ids: dict[str, int]
    who: str = "boss"
    language: str = "en"
    moment: list[datetime] = field(default_factory=lambda: [NOW])

    def as_(self, who: str, language: str = "en") -> Api:
        """Return the same API as another caller; "" is one without a token."""
        return replace(self, who=who, language=language)

    def call(self, method: str, path: str, *, headers: dict[str, str] | None = None, **options: Any) -> TestResponse:
        """Send a request."""
        sent = {"Accept-Language": self.language} | (
            {"Authorization": f"Bearer {self.tokens[self.who]}"} if self.who else {}
        )
        return self.app.test_client(use_cookies=False).open(
            f"/api/v1{path}", method=method, headers=sent | (headers or {}), **options
        )

    def get(self, path: str, **options: Any) -> TestResponse:
        """Send a GET."""
        return self.call("GET", path, **options)

    def post(self, path: str, json: object = None, **options: Any) -> TestResponse:
        """Send a POST of JSON."""
        return self.call("POST", path, **({"json": json} if json is not None else {}), **options)

    def patch(self, path: str, json: object, **options: Any) -> TestResponse:
        """Send a PATCH of JSON."""
        return self.call("PATCH", path, json=json, **options)

    def delete(self, path: str, **options: Any) -> TestResponse:
        """Send a DELETE."""
        return self.call("DELETE", path, **options)

    def sql(self, text: str, **values: Any) -> list[Any]:
        """Run a statement past the doors."""
        with self.engine.begin() as connection:
            result = connection.execute(sa.text(text), values)
            return list(result) if result.returns_rows else []

    def customer(self, name: str = "Acme", owner: str = "boss", **values: Any) -> int:
        """Insert a customer past the doors; return the id."""
        columns = {
            "name": name,
            "owner": self.ids[owner],
            "vip": False,
            "ordered": 0,
            "order_count": 0,
            "headroom": values.get("credit"),
            **values,
        }
        names = ", ".join(columns)
        places = ", ".join(f":{column}" for column in columns)
        rows = self.sql(
            f"INSERT INTO app.customer (created_at, updated_at, {names}) VALUES (:now, :now, {places}) RETURNING id",
            now=NOW,
            **columns,
        )
        return int(rows[0][0])


@pytest.fixture(scope="session")
def api_runtime() -> AppRuntime:
    """The test pack, compiled."""
    return compile_pack("mini")


def compile_pack(name: str) -> AppRuntime:
    """Return one of the test packs, compiled."""
    kinds = create_kinds()
    found = read_packs([ROOT / "tests" / "packs" / name], kinds, search=[ROOT / "packs", ROOT / "tests" / "packs"])
    assert found.model is not None, [(fault.code, fault.message.en, fault.mark) for fault in found.faults]
    return compile_app(1, "test", found.model, Physical(), kinds)


@pytest.fixture(scope="session")
def api_template(pg: Any, system_template: str, api_runtime: AppRuntime) -> dict[str, Any]:
    """A database with the pack's tables and its people, to be copied: its name, their tokens and ids."""
    return make_template(pg, f"{TEMPLATE}_{system_template}", system_template, api_runtime)


def make_template(pg: Any, name: str, system_template: str, runtime: AppRuntime) -> dict[str, Any]:
    """Make a database with a pack's tables and the people of these tests; return its name, their tokens and ids."""
    pg.create(name, system_template)
    engine = create_engine(pg.url(name))
    tokens, ids = {}, {}
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE SCHEMA IF NOT EXISTS app"))
        runtime.part(Records).tables().create_all(connection)
        for login, (roles, manager) in PEOPLE.items():
            statement = sa.text(
                'INSERT INTO app."user" (created_at, updated_at, login, name, manager, frozen)'
                " VALUES (:now, :now, :login, :login, :manager, false) RETURNING id"
            )
            number = connection.execute(
                statement, {"now": NOW, "login": login, "manager": ids.get(manager)}
            ).scalar_one()
            ids[login], tokens[login] = number, issue_token(connection, number, NOW)
            for role in roles:
                connection.execute(sa.insert(user_role).values(user_id=number, role=role, granted_at=NOW))
    engine.dispose()
    return {"name": name, "tokens": tokens, "ids": ids}


def make_api(url: str, template: dict[str, Any], runtime: AppRuntime, home: Path, **more: Any) -> Api:
    """Return an API over the database at ``url``."""
    engine = create_engine(url, pool_size=10)
    moment = [NOW]
    service = Service(engine, Config(home=home), lambda: runtime, lambda: moment[0], **more)
    app = Flask(__name__)
    app.register_blueprint(make_blueprint(service))
    return Api(app, engine, runtime, template["tokens"], template["ids"], moment=moment)


@pytest.fixture
def api(
    database_factory: Callable[..., Any], api_template: dict[str, Any], api_runtime: AppRuntime, tmp_path: Path
) -> Iterator[Api]:
    """An API on a fresh copy of that database."""
    made = make_api(database_factory(api_template["name"]).url, api_template, api_runtime, tmp_path)
    yield made
    made.engine.dispose()


@pytest.fixture(scope="module")
def make_shared(
    pg: Any, api_template: dict[str, Any], api_runtime: AppRuntime, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], Api]]:
    """Return a function that makes an API for several tests of a module: for requests that must change nothing."""
    made: dict[str, Api] = {}

    def make(what: str) -> Api:
        name = f"{api_template['name']}_{what}"
        pg.create(name, api_template["name"])
        made[name] = make_api(pg.url(name), api_template, api_runtime, tmp_path_factory.mktemp(what))
        return made[name]

    yield make
    for name, one in made.items():
        one.engine.dispose()
        pg.drop(name)


@pytest.fixture(scope="module")
def still(make_shared: Callable[[str], Api]) -> Api:
    """An API that a module's tests share, with the customer 1 (boss's) in it."""
    made = make_shared("still")
    assert made.customer("A", region="east", credit=77, phone="13800000000") == 1
    return made
