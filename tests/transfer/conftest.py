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

    from tests.conftest import Database


@pytest.fixture
def app(database_factory: Callable[..., Database]) -> Iterator[App]:
    """The application, empty."""
    made = make_app(database_factory().url)
    yield made
    made.engine.dispose()
