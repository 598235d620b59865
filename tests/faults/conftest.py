"""What tests of faults share: an installation under load, and a voice for long runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.faults.stage import Stage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.commands import Commands
    from tests.conftest import Database


@pytest.fixture
def stage(database: Database, redis_url: str, tmp_path: Path, commands: Commands) -> Iterator[Stage]:
    """An installation under load, not yet filled."""
    found = Stage(database, redis_url, tmp_path, commands)
    yield found
    found.close()


@pytest.fixture
def tell(capfd: pytest.CaptureFixture[str]) -> Callable[[str], None]:
    """A function that prints past the capture: a long run shows how far it is."""

    def say(line: str) -> None:
        with capfd.disabled():
            print(line, flush=True)

    return say
