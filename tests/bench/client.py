"""A client that costs next to nothing: one kept connection, timed requests, medians of interleaved pairs."""

from __future__ import annotations

import http.client
import time
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

PAIRS = 7


class Client:
    """One kept connection to a server, with fixed headers."""

    def __init__(self, port: int, headers: dict[str, str]) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._headers = headers

    def call(self, method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[int, bytes]:
        """Return status and body."""
        self._connection.request(method, path, body, {**self._headers, **headers})
        answer = self._connection.getresponse()
        return answer.status, answer.read()


@dataclass(frozen=True, slots=True)
class Measured:
    """Medians of one comparison: milliseconds a request of the engine and of the reference, and the median of the pairs' ratios
    (reference time over engine time: 1.0 is as fast, more is faster)."""

    name: str
    engine: float
    reference: float
    ratio: float
    wanted: float

    def line(self) -> str:
        """Return the line that people read."""
        verdict = "ok" if self.ratio >= self.wanted else "BELOW"
        return f"{self.name:<44} {self.engine:8.2f} ms  {self.reference:8.2f} ms  {self.ratio:6.2f}x  (>= {self.wanted}x) {verdict}"


def timed(call: Callable[[int], tuple[int, bytes]], count: int, start: int = 0) -> float:
    """Return the median milliseconds of ``count`` calls; every one of them must succeed."""
    spent = []
    for number in range(start, start + count):
        began = time.perf_counter()
        status, body = call(number)
        spent.append((time.perf_counter() - began) * 1000)
        if status >= 300:
            raise AssertionError(f"{status}: {body[:400]!r}")
    return median(spent)


def compared(
    name: str,
    engine: Callable[[int], tuple[int, bytes]],
    reference: Callable[[int], tuple[int, bytes]],
    wanted: float,
    count: int = 150,
) -> Measured:
    """Measure both in seven interleaved pairs, after a round that warms both up. ``call`` gets a number that never comes twice."""
    timed(engine, 30, 10**6)
    timed(reference, 30, 2 * 10**6)
    mine, theirs = [], []
    for pair in range(PAIRS):
        mine.append(timed(engine, count, pair * count))
        theirs.append(timed(reference, count, 10**7 + pair * count))
    ratio = median(b / a for a, b in zip(mine, theirs, strict=True))
    return Measured(name, median(mine), median(theirs), ratio, wanted)
