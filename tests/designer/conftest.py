"""Fixtures of the designer's tests."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from tests.application import write_pack
from tests.designer.support import OBJECT, PACK, make_studio

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.conftest import Database
    from tests.designer.support import Studio


@pytest.fixture
def studio(system_database: Database, tmp_path: Path) -> Iterator[Studio]:
    """A small shop, published, with an administrator."""
    pack = write_pack(tmp_path, "shop", {"pack.yaml": PACK, "objects/deal.yaml": OBJECT})
    made = make_studio(system_database.url, tmp_path / "home", pack)
    made.person("boss", "admin")
    yield made
    for thread in threading.enumerate():  # a publication that the test began and did not wait for
        if thread.name == "tenon-publish":
            thread.join()
    made.live.stop()
    made.engine.dispose()
