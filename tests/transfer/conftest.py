"""An application with the sample pack and a small one, on a database of the test's own."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from support import App, make_app

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.conftest import Database, Server


@pytest.fixture(scope="session")
def template(pg: Server) -> Iterator[str]:
    """The name of a database with the application's tables in it, to be copied."""
    name = f"transfer_{id(pg):x}"
    pg.create(name)
    make_app(pg.url(name)).engine.dispose()
    yield name
    pg.drop(name)


@pytest.fixture
def database(database_factory: Callable[..., Database], template: str) -> Database:
    """A database with the application's tables, empty."""
    return database_factory(template)


@pytest.fixture
def app(database: Database) -> Iterator[App]:
    """The application, empty."""
    made = make_app(database.url, fresh=False)
    yield made
    made.engine.dispose()
