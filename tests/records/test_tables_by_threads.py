"""Tables and shapes are made when they are first asked for, by whichever thread: none takes what another is still making for all there is."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest

from engine.records.compile import compile_records
from tests.records.conftest import compile_pack

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.records.compile import Records
    from metamodel.expressions.typed import TypedExpression

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


def test_what_another_thread_is_working_out_is_no_circle(monkeypatch: pytest.MonkeyPatch) -> None:
    """The columns of an object hold its computed fields also where one is just being worked out elsewhere."""
    records = compile_pack("guests")
    whole = {name: set(records.shapes[name].columns) for name in records.objects}
    name, field = next((name, one) for name in whole for one in whole[name] if records.shapes[name].is_computed(one))
    fresh = compile_records(records.model, records.physical, records.kinds).shapes
    inside, go_on, check = threading.Event(), threading.Event(), fresh.check

    def wait(*given: Any, **named: Any) -> TypedExpression:
        if threading.current_thread() is not threading.main_thread():
            inside.set()
            go_on.wait(120)
        return check(*given, **named)

    monkeypatch.setattr(fresh, "check", wait)
    other = threading.Thread(target=lambda: fresh[name].computed(field))
    other.start()
    assert inside.wait(120)
    found = set(fresh[name].columns)
    go_on.set()
    other.join()
    assert found == whole[name]
    assert set(fresh[name].columns) == whole[name]
