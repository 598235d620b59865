"""Publishing while records go through processes and approvals and rules run on them, with worker and clock: no request fails, no value and
no run is lost, none is doubled, and every process serves the new version within two seconds."""

from __future__ import annotations

import threading
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from tests.faults.at_work import Worker, rest, verify, write_at_work
from tests.faults.load import Watch
from tests.faults.stage import ROOT, free_port, run_round
from tests.faults.test_publish_under_load import verify_load

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.faults.stage import Stage

CLIENTS = 4


@pytest.mark.soak
@pytest.mark.parametrize(("rows", "rounds"), [(100_000, 8), (1_000_000, 25)])
def test_publishing_while_processes_approvals_and_rules_work(
    stage: Stage, tell: Callable[[str], None], rows: int, rounds: int
) -> None:
    stage.tenon("install", str(ROOT / "packs" / "base"))
    stage.shared.started = 1
    stage.write = write_at_work
    stage.publish({})
    tell(f"filling {rows:,} rows …")
    stage.fill(rows, status="'draft'", steps="0")
    for login, role in (("load", "admin"), ("boss", "boss")):
        stage.tenon("user", "add", login, "--name", login, "--role", role)
    token, boss = (stage.tenon("user", "token", login) for login in ("load", "boss"))
    ports = (free_port(), free_port())
    with ExitStack() as stack:
        for port in ports:
            stack.enter_context(stage.process("web", port=port))
        for name in ("worker", "clock", "events"):
            stack.enter_context(stage.process(name))
        for port in ports:
            stage.await_ready(port)
        clients = [
            Worker(f"http://127.0.0.1:{ports[seed % 2]}", token, stage.shared, seed, boss=boss)
            for seed in range(CLIENTS)
        ]
        watch = Watch(stage.engine)
        threads = [threading.Thread(target=one.run) for one in (*clients, watch)]
        for thread in threads:
            thread.start()
        try:
            for number in range(rounds):
                spent = run_round(stage, clients, ports, token, number)
                begun = range(stage.shared.started - 2, stage.shared.started + 1)
                tell(
                    f"round {number + 1}/{rounds}: add, rename, remove {' '.join(f'{one:.1f}' for one in spent)} s; switched within "
                    f"{max(watch.seconds.get(version, 0) for version in begun):.2f} s; {sum(len(one.times) for one in clients)} "
                    f"requests, {sum(sum(one.done.values()) for one in clients)} acts"
                )
            time.sleep(0.5)
        finally:
            stage.shared.stop.set()
            watch.stop.set()
            for thread in threads:
                thread.join()
        tell(verify_load(stage, clients, watch, rounds))
        assert watch.kinds >= {"web", "worker", "events"}
        rest(stage)
        tell(verify(stage, clients))
