"""Publishing while records go through processes and approvals and rules run on them, with worker and clock: no request fails, no value and
no run is lost, none is doubled, and every process serves the new version within two seconds."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from tests.faults.at_work import Worker, rest, verify, write_at_work
from tests.faults.load import Watch
from tests.faults.stage import ROOT, free_port, run_rounds
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
        run_rounds(
            stage,
            tell,
            clients,
            watch,
            ports,
            token,
            rounds,
            lambda: f"{sum(sum(one.done.values()) for one in clients)} acts",
        )
        tell(verify_load(stage, clients, watch, rounds))
        assert watch.kinds >= {"web", "worker", "events"}
        rest(stage)
        tell(verify(stage, clients))
