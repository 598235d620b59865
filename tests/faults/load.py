"""Mixed load on two web processes, by clients that know what they wrote and which versions may have answered."""

from __future__ import annotations

import random
import threading
import time
from dataclasses import dataclass, field
from typing import Any

import httpx
import sqlalchemy as sa

THING = "thing"
LOW = 900  # amounts are below it, where nobody means to set off what watches them


@dataclass
class Shared:
    """What clients and the publisher tell each other. ``fields``: version → the changing fields it has. ``served``: the version that
    every process serves at least; ``started``: the latest that may serve. ``names``: fields worth trying, each with its column."""

    fields: dict[int, frozenset[str]] = field(default_factory=dict)
    served: int = 0
    started: int = 0
    names: tuple[tuple[str, str], ...] = ()
    stop: threading.Event = field(default_factory=threading.Event)

    def may(self, name: str, known: bool, first: int) -> bool:
        """Whether a version between ``first`` and now knows (or does not know) a field."""
        return any((name in self.fields[number]) is known for number in range(first, self.started + 1))


@dataclass
class Client:
    """One writer and reader: it alone changes its records, so it knows what each must hold."""

    url: str
    token: str
    shared: Shared
    seed: int
    ids: list[int] = field(default_factory=list)
    ledger: dict[tuple[int, str], str] = field(default_factory=dict)  # (record, column) → the last value that was taken
    failures: list[str] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    refused: int = 0
    written: int = 0

    def run(self) -> None:
        """Work until told to stop or something is wrong."""
        dice = random.Random(self.seed)
        with httpx.Client(base_url=self.url, headers={"Authorization": f"Bearer {self.token}"}, timeout=120) as http:
            while not self.shared.stop.is_set() and not self.failures:
                try:
                    self._step(http, dice)
                except httpx.HTTPError as error:
                    self.failures.append(f"no answer: {error!r}")
                time.sleep(0.005)

    def _step(self, http: httpx.Client, dice: random.Random) -> None:
        act = dice.random()
        if act < 0.25 or not self.ids:
            self._write(http, dice, None)
        elif act < 0.6:
            self._write(http, dice, dice.choice(self.ids))
        elif act < 0.8:
            self._read(http, dice.choice(self.ids))
        else:
            self._list(http, dice)

    def _send(self, http: httpx.Client, method: str, path: str, **options: Any) -> httpx.Response:
        begun = time.monotonic()
        answer = http.request(method, f"/api/v1/records/{path}", **options)
        self.times.append(time.monotonic() - begun)
        return answer

    def _write(self, http: httpx.Client, dice: random.Random, number: int | None) -> None:
        first = self.shared.served
        body: dict[str, Any] = {"amount": str(dice.randrange(LOW))}
        if number is None:
            body["name"] = f"by {self.seed}"
        chosen = dice.choice(self.shared.names) if self.shared.names and dice.random() < 0.7 else None
        if chosen:
            body[chosen[0]] = str(dice.randrange(10**6))
        if number is None:
            answer = self._send(http, "POST", THING, json=body)
        else:
            answer = self._send(http, "PATCH", f"{THING}/{number}", json=body)
        if answer.status_code in {200, 201}:
            self._taken(answer, chosen, body, first)
        elif answer.status_code == 422 and chosen:
            self._refused(answer, chosen[0], first)
        else:
            self.failures.append(f"{answer.request.method} {answer.status_code} {answer.text[:500]} for {body}")

    def _taken(self, answer: httpx.Response, chosen: tuple[str, str] | None, body: dict[str, Any], first: int) -> None:
        record = answer.json()
        self.written += 1
        if answer.status_code == 201:
            self.ids.append(record["id"])
        self.ledger[record["id"], "amount"] = body["amount"]
        if chosen:
            if not self.shared.may(chosen[0], known=True, first=first):
                self.failures.append(f"{chosen[0]} was taken by a version that does not know it")
            self.ledger[record["id"], chosen[1]] = body[chosen[0]]

    def _refused(self, answer: httpx.Response, name: str, first: int) -> None:
        errors = answer.json().get("errors", [])
        if {(one["field"], one["code"]) for one in errors} != {(name, "UNKNOWN_FIELD")}:
            self.failures.append(f"refused: {answer.text[:500]}")
        elif not self.shared.may(name, known=False, first=first):
            self.failures.append(f"{name} was refused by a version that knows it")
        self.refused += 1

    def _read(self, http: httpx.Client, number: int) -> None:
        names = self.shared.names
        answer = self._send(http, "GET", f"{THING}/{number}")
        if answer.status_code != 200:
            self.failures.append(f"GET {answer.status_code} {answer.text[:500]}")
            return
        record = answer.json()
        for name, column in (*names, ("amount", "amount")):
            expected = self.ledger.get((number, column))
            if name in record and expected is not None and not same(record[name], expected):
                self.failures.append(f"{number}.{name} reads {record[name]}, written was {expected}")

    def _list(self, http: httpx.Client, dice: random.Random) -> None:
        asked = {"filter": f"amount >= {dice.randrange(LOW)}", "sort": "-amount", "limit": "20"}
        answer = self._send(http, "GET", THING, params=asked)
        if answer.status_code != 200 or len(answer.json()["items"]) > 20:
            self.failures.append(f"list {answer.status_code} {answer.text[:500]}")


class Watch:
    """Measures how long after each flip the last process served the new version."""

    def __init__(self, engine: sa.Engine) -> None:
        self.engine, self.stop = engine, threading.Event()
        self.seconds: dict[int, float] = {}
        self.kinds: set[str] = set()

    def run(self) -> None:
        asked = sa.text(
            "SELECT c.version, extract(epoch FROM clock_timestamp() - c.changed_at)::float, "
            "(SELECT count(*) FROM tenon.process p WHERE p.expires_at > clock_timestamp() AND p.version < c.version), "
            "(SELECT array_agg(kind) FROM tenon.process p WHERE p.expires_at > clock_timestamp()) FROM tenon.current c"
        )
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            while not self.stop.is_set():
                version, seconds, behind, kinds = connection.execute(asked).one()
                if not self.seconds:
                    self.seconds[version] = 0.0  # it served before anybody measured
                if not behind:
                    self.seconds.setdefault(version, seconds)
                self.kinds |= set(kinds or ())
                time.sleep(0.01)


def same(found: object, written: str) -> bool:
    """Whether a value is the one written, as text or as a number."""
    text = str(found)
    return text == written or (text.replace(".", "", 1).isdigit() and float(text) == float(written))
