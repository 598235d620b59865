"""Fixtures of the publishing tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine.storage.database import create_engine
from tests.publishing.support import Shop

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.conftest import Database


@pytest.fixture
def shop(system_database: Database, tmp_path: Path) -> Iterator[Shop]:
    """An installation with the system tables and nothing in it."""
    engine = create_engine(system_database.url)
    yield Shop(engine, tmp_path)
    engine.dispose()
