"""What the tests of the expression language share: the three machines ready to run, and a fixed moment."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from engine.expressions.node import Node
from engine.expressions.values import Calendar, Moment

if TYPE_CHECKING:
    from collections.abc import Iterator

    import sqlalchemy as sa

    from tests.conftest import Server

RUNTIME = Path(__file__).parents[2] / "engine/screens/frontend/src/tenon-runtime.js"


@pytest.fixture(scope="session")
def node() -> Iterator[Node]:
    """A node process with the browser's runtime."""
    with Node(RUNTIME) as process:
        yield process


@pytest.fixture(scope="session")
def connection(pg: Server) -> Iterator[sa.Connection]:
    """A connection to an empty database that expressions are evaluated on; nothing is ever written there."""
    from engine.storage.database import create_engine

    engine = create_engine(pg.url("postgres"))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as found:
        yield found
    engine.dispose()


@pytest.fixture(scope="session")
def moment() -> Moment:
    """Monday, 5 January 2026, 09:00 in Shanghai; New Year's Day off, a Saturday in February worked."""
    worked = Calendar(frozenset({date(2026, 1, 1)}), frozenset({date(2026, 2, 14)}))
    return Moment(now=datetime(2026, 1, 5, 1, 0, tzinfo=UTC), roles=frozenset({"rep"}), calendar=worked)
