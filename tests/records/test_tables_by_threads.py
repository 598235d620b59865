"""Tables are made when they are first asked for, by whichever thread: none meets one that another is still making."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING

import pytest

from engine.records.compile import compile_records
from tests.records.conftest import compile_pack

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.records.compile import Records

TIMES, THREADS = 40, 6


@pytest.fixture
def hasty() -> Iterator[None]:
    """Threads take turns as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("hasty")
def test_every_thread_finds_whole_tables() -> None:
    records = compile_pack("guests")
    failures: list[Exception] = []
    names = list(records.objects)

    def read(fresh: Records, start: threading.Barrier, first: int) -> None:
        start.wait()
        try:
            for place in range(len(names)):
                compiled = fresh.objects[names[(first + place) % len(names)]]
                assert "id" in compiled.table.alias().c
                for one in compiled.associations.values():
                    assert "id" in one.table.alias().c
        except Exception as error:  # noqa: BLE001 - told by the thread that asks
            failures.append(error)

    for _ in range(TIMES):
        fresh = compile_records(records.model, records.physical, records.kinds)
        start = threading.Barrier(THREADS)
        threads = [threading.Thread(target=read, args=(fresh, start, first)) for first in range(THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not failures, failures[0]
