"""``make bench``: prints every ratio and figure, and exits 1 where one is below what is wanted. ``--quick`` asks fewer times."""

from __future__ import annotations

import re
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from tests.bench.boards import board_figures
from tests.bench.client import Client, Measured, compared, timed
from tests.bench.figures import figures
from tests.bench.large import large_web
from tests.bench.stage import Stage, opened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LIST = (
    "/api/v1/records/opportunity?filter=stage%20%3D%20%22needs%22&sort=-amount&limit=20"
    "&fields=number,name,customer,stage,amount,probability,owner,close_on"
)
NEXT = re.compile(rb',"next":(?:null|"[^"]*")\}$')


def same_bodies(stage: Stage, engine: Client, reference: Client, key: int) -> None:
    """Fail unless both sides answer the same bytes (but for the cursor, which only one of them needs)."""
    pairs = (
        (LIST, "/opportunities?stage=needs&limit=20"),
        (f"/api/v1/records/opportunity/{key}", f"/opportunities/{key}"),
    )
    for mine, theirs in pairs:
        ours, hand = NEXT.sub(b"}", engine.call("GET", mine)[1]), reference.call("GET", theirs)[1]
        if ours != hand:
            raise AssertionError(f"the bodies differ:\n{ours[:1500]!r}\n{hand[:1500]!r}")


def compare(stage: Stage, count: int) -> Iterator[Measured]:
    """Measure the API against the reference, one comparison after the other."""
    headers = {"Authorization": f"Bearer {stage.token}", "Content-Type": "application/json"}
    engine, reference = Client(stage.engine, headers), Client(stage.reference, headers)
    page = orjson.loads(engine.call("GET", LIST)[1])["items"]
    first = page[0]["id"]
    same_bodies(stage, engine, reference, first)
    customers = [item["customer"]["id"] for item in page]
    keys = [
        item["id"]
        for item in orjson.loads(engine.call("GET", "/api/v1/records/opportunity?limit=1000&fields=id")[1])["items"]
    ]

    def created(client: Client, path: str) -> Callable[[int], tuple[int, bytes]]:
        def call(number: int) -> tuple[int, bytes]:
            body = {
                "name": f"{path} {time.monotonic_ns()}",
                "customer": customers[number % len(customers)],
                "amount": "1250.50",
                "close_on": "2027-12-01",
            }
            return client.call("POST", path, orjson.dumps(body))

        return call

    def updated(client: Client, path: str) -> Callable[[int], tuple[int, bytes]]:
        def call(number: int) -> tuple[int, bytes]:
            body = {"amount": f"{number % 90000}.25", "next_step": f"call {number}"}
            return client.call("PATCH", f"{path}/{keys[number % len(keys)]}", orjson.dumps(body))

        return call

    keys = [
        key
        for key in keys
        if orjson.loads(engine.call("GET", f"/api/v1/records/opportunity/{key}")[1])["stage"] not in {"won", "lost"}
    ][:500]
    api = "/api/v1/records/opportunity"
    one = lambda client, path: lambda n: client.call("GET", f"{path}/{keys[n % len(keys)]}")  # noqa: E731
    hand, bare = "/opportunities", "/bare/opportunities"
    page_of = f"{hand}?stage=needs&limit=20"
    for name, mine, theirs, wanted in (
        (
            "list of 20, filter, sort, customer's name",
            lambda _: engine.call("GET", LIST),
            lambda _: reference.call("GET", page_of),
            0.9,
        ),
        ("read one", one(engine, api), one(reference, hand), 0.9),
        ("create, with history and outbox", created(engine, api), created(reference, hand), 0.9),
        ("create, against a bare one", created(engine, api), created(reference, bare), 0.5),
        ("update, with history and outbox", updated(engine, api), updated(reference, hand), 0.9),
        ("update, against a bare one", updated(engine, api), updated(reference, bare), 0.5),
    ):
        yield compared(name, mine, theirs, wanted, count)


def pages(stage: Stage) -> list[str]:
    """Return what page 5,000 costs beside page 1."""
    client = Client(stage.engine, {"Authorization": f"Bearer {stage.token}"})
    path = "/api/v1/records/opportunity?sort=-amount&limit=20&fields=number,name,customer,amount"
    cursor = ""
    first = timed(lambda _: client.call("GET", path), 50)
    for _ in range(97):
        cursor = orjson.loads(
            client.call(
                "GET",
                f"/api/v1/records/opportunity?sort=-amount&limit=1000&fields=id{'&after=' + cursor if cursor else ''}",
            )[1]
        )["next"]
    last = timed(lambda _: client.call("GET", f"{path}&after={cursor}"), 50)
    return [f"{'page 1 / page 4,850 of 20':<44} {first:8.2f} ms  {last:8.2f} ms"]


def main() -> int:
    """Run everything and print it."""
    count = 40 if "--quick" in sys.argv else 150
    with tempfile.TemporaryDirectory(prefix="tenon-bench-") as home, opened(Path(home)) as stage:
        print(f"{'':<44} {'engine':>11}  {'reference':>11}")
        measured = []
        for one in compare(stage, count):
            measured.append(one)
            print(one.line(), flush=True)
        for line in (*pages(stage), *figures(stage)):
            print(line, flush=True)
    for line in (*large_web(), *board_figures()):
        print(line, flush=True)
    return 0 if all(one.ratio >= one.wanted for one in measured) else 1


if __name__ == "__main__":
    sys.exit(main())
