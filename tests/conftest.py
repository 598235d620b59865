"""What all tests share: a PostgreSQL and a Redis of the test run's own, fresh databases on it, and applications over them. Nothing here
knows the engine above its storage."""

from __future__ import annotations

import gc
import os
import re
import tempfile
import uuid
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
import redis as redis_client
from hypothesis import HealthCheck, settings
from psycopg import sql

from engine.storage.database import create_engine
from engine.storage.embedded import Addresses, Embedded
from engine.storage.migrate import migrate
from tests.chromium import find_chromium
from tests.commands import Commands
from tests.valkey import start_valkey

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import sqlalchemy as sa

    from tests.application import App, Applications

# How fast a machine is says nothing about what is tested. The suite draws the same examples each time, so that what it says of a change
# is about the change; `make soak` looks for new ones.
settings.register_profile("suite", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("search", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(os.environ.get("TENON_EXAMPLES", "suite"))

# A run keeps the packs that it has compiled: going through all of them for cycles at Python's own pace takes a twentieth of its time.
gc.set_threshold(10_000, 10, 10)

# The files that take longest, with the longest first: several workers take them before all others, so that none is left at work alone.
LONGEST = (
    "browser/test_quality.py",
    "cli/test_run.py",
    "browser/test_designer.py",
    "api/test_schemathesis.py",
    "browser/test_story.py",
    "scenarios/test_packs.py",
    "cli/test_services.py",
    "faults/test_publish_under_load.py",
    "browser/test_work.py",
    "cli/test_tutorial.py",
    "faults/test_publish_kill.py",
    "transfer/test_cli.py",
    "publishing/test_live.py",
    "publishing/test_commands.py",
    "transfer/test_resume.py",
    "browser/test_boards_live.py",
)
RUN = re.sub(r"[^a-z0-9]", "", os.environ.get("PYTEST_XDIST_TESTRUNUID", "") or uuid.uuid4().hex)[:12]
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")


def pytest_configure(config: pytest.Config) -> None:
    """Files go to the workers in the order in which they are collected, not by how many tests they hold."""
    if hasattr(config.option, "loadscopereorder"):
        config.option.loadscopereorder = False


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put the longest files first, for the workers of a run that has several."""
    if hasattr(config, "workerinput"):
        places = {Path(__file__).parent / name: place for place, name in enumerate(LONGEST)}
        items.sort(key=lambda item: places.get(item.path, len(places)))


@dataclass(frozen=True, slots=True)
class Database:
    """One fresh database of a test: its SQLAlchemy URL and an engine for it."""

    name: str
    url: str
    engine: sa.Engine


@dataclass(frozen=True, slots=True)
class Server:
    """The test run's own PostgreSQL."""

    addresses: Addresses

    def url(self, database: str) -> str:
        """Return the SQLAlchemy URL of ``database``."""
        return f"postgresql+psycopg://tenon@/{database}?host={self.addresses.sockets}"

    def execute(self, statement: sql.Composable) -> None:
        """Run a statement outside of any transaction."""
        with psycopg.connect(
            host=str(self.addresses.sockets), user="tenon", dbname="postgres", autocommit=True
        ) as connection:
            connection.execute(statement)

    def create(self, name: str, template: str = "template1") -> None:
        """Make the database ``name`` as a copy of ``template``."""
        self.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )

    def drop(self, name: str) -> None:
        """Drop the database ``name``, whoever is connected to it."""
        self.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture(scope="session")
def services() -> Iterator[Addresses]:
    """PostgreSQL and Valkey of this test run, shared by its xdist workers; they go with the last of them."""
    home = Path(tempfile.gettempdir()) / f"tenon-test-{RUN}"
    embedded = Embedded(home, temporary=True)
    try:
        yield embedded.start()
    finally:
        embedded.stop()


@pytest.fixture(scope="session")
def pg(services: Addresses) -> Server:
    """The PostgreSQL server of this test run: ``create``, ``drop``, ``url``."""
    return Server(services)


@pytest.fixture
def database_factory(pg: Server) -> Iterator[Callable[..., Database]]:
    """Return a function that makes a fresh database, empty or as a copy of ``template``; they go with the test."""
    with ExitStack() as stack:

        def create(template: str = "template1") -> Database:
            name = f"t_{WORKER}_{uuid.uuid4().hex[:12]}"
            pg.create(name, template)
            stack.callback(pg.drop, name)
            engine = create_engine(pg.url(name))
            stack.callback(engine.dispose)
            return Database(name, pg.url(name), engine)

        yield create


@pytest.fixture
def database(database_factory: Callable[..., Database]) -> Database:
    """A fresh, empty database."""
    return database_factory()


@pytest.fixture(scope="session")
def system_template(pg: Server) -> str:
    """The name of a database that holds the system tables, to be copied."""
    name = f"template_{WORKER}"
    pg.create(name)
    engine = create_engine(pg.url(name))
    migrate(engine)
    engine.dispose()
    return name


@pytest.fixture
def system_database(database_factory: Callable[..., Database], system_template: str) -> Database:
    """A fresh database with the system tables and no business table."""
    return database_factory(system_template)


@pytest.fixture(scope="session")
def filled() -> dict[tuple[int, object], tuple[str, App]]:
    """Applications that were made and filled once, to be copied."""
    return {}


@pytest.fixture
def applications(
    pg: Server,
    database_factory: Callable[..., Database],
    system_template: str,
    filled: dict[tuple[int, object], tuple[str, App]],
) -> Iterator[Applications]:
    """Applications over fresh databases: call it with a runtime and what fills it."""
    from tests.application import Applications  # only what needs the floors above loads them

    made = Applications(pg.create, pg.url, database_factory, system_template, filled)
    yield made
    made.close()


@pytest.fixture(scope="session")
def valkey() -> Iterator[str]:
    """The URL of this worker's own Valkey."""
    with tempfile.TemporaryDirectory(prefix="tenon-v-") as folder:
        server = start_valkey(Path(folder))
        try:
            yield f"unix://{folder}/valkey.sock?db=1"
        finally:
            server.terminate()
            server.wait()


@pytest.fixture
def redis_url(valkey: str) -> Iterator[str]:
    """The URL of a Redis of this worker's own, emptied before and after the test."""
    client = redis_client.Redis.from_url(valkey)
    client.flushdb()
    yield valkey
    client.flushdb()
    client.close()


@pytest.fixture
def redis(redis_url: str) -> Iterator[redis_client.Redis]:
    """A client of that Redis database."""
    client = redis_client.Redis.from_url(redis_url)
    yield client
    client.close()


@pytest.fixture(scope="session")
def commands() -> Iterator[Commands]:
    """Our commands in processes of their own, forked from one that has loaded them."""
    with Commands() as made:
        yield made


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of the machine's Chromium; `make test` has brought one in. Without one the test fails and says so."""
    found = find_chromium()
    assert found, "no Chromium: run `python tests/chromium.py`, or name one by TENON_CHROMIUM"
    return found
