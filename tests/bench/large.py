"""``tenon web`` over a set of 500 objects with 30 fields, installed in its own place: how long until it answers, what it holds."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import psutil

from tests.bench.client import Client
from tests.bench.figures import write_large
from tests.bench.stage import ROOT, free_port, tenon, wait_for

STARTS = 3
READY, HELD = 4, 250  # seconds, MiB a worker


def large_web() -> list[str]:
    """Return one line a figure: installing, the first answer after ``tenon web`` is called (by the clock, and the processor time in
    it: on a busy machine the clock says little), memory of a worker after it has served fifty objects."""
    from engine.config import load_config
    from engine.storage.instance import open_instance

    with tempfile.TemporaryDirectory(prefix="tenon-bench-large-") as folder:
        port = free_port()
        # Without byte code kept no start says anything: an installation has it.
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        environment |= {"TENON_HOME": f"{folder}/home", "TENON_WEB_PORT": str(port)}
        write_large(Path(folder) / "large")
        with open_instance(load_config(environment)):
            began = time.perf_counter()
            tenon(environment, "install", f"{folder}/large")
            installed = time.perf_counter() - began
            token = tenon(environment, "user", "token", "admin").strip()
            starts = [_start(environment, port, token) for _ in range(STARTS)]
    ready, spent, held = (median(one[place] for one in starts) for place in range(3))
    return [
        f"{'500 x 30: tenon install, from nothing':<44} {installed:8.1f} s",
        f"{'500 x 30: tenon web, first record answered':<44} {ready:8.2f} s (<= {READY}; processor {spent:.2f})",
        f"{'500 x 30: memory of a web worker':<44} {held:8.0f} MiB (<= {HELD})",
    ]


def _start(environment: dict[str, str], port: int, token: str) -> tuple[float, float, float]:
    """Start and stop once; return seconds to the first record, processor seconds until then, MiB of the largest worker."""
    began = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-m", "app", "web"], env=environment, cwd=ROOT)
    try:
        wait_for(port, "/health/live", process)
        client = Client(port, {"Authorization": f"Bearer {token}"})
        _ask(client, 7)
        ready = time.perf_counter() - began
        master = psutil.Process(process.pid)
        workers = master.children(recursive=True)
        spent = sum(sum(one.cpu_times()[:2]) for one in (master, *workers))
        for number in range(0, 500, 10):
            _ask(client, number)
        return ready, spent, max(one.memory_info().rss / 2**20 for one in workers)
    finally:
        process.terminate()
        process.wait(20)


def _ask(client: Client, number: int) -> None:
    status, body = client.call("GET", f"/api/v1/records/thing_{number}?limit=1")
    if status != 200:
        raise AssertionError(f"{status} {body[:500]!r}")


if __name__ == "__main__":
    sys.exit(print("\n".join(large_web())))
