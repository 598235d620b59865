"""Work that sets processes, approvals and rules off: a pack that has them, clients who know what each of their acts must come to, and the
count of what has come of it."""

from __future__ import annotations

import textwrap
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from tests.application import write_pack
from tests.faults.load import LOW, THING, Client

if TYPE_CHECKING:
    import random
    from pathlib import Path

    import httpx

    from tests.faults.stage import Stage

REST_SECONDS = 180
FIELDS = """
name: {type: text, required: true}
amount: {type: money, index: true}
status: {type: state, process: thing_stages, required: true}
steps: {type: integer, default: 0}
"""
PACK = {
    "objects/entry.yaml": """
        object: entry
        fields:
          thing: {type: link, to: thing, required: true, reverse: entries}
          why: {type: text}
        """,
    "processes/thing_stages.yaml": """
        process: thing_stages
        object: thing
        field: status
        start: draft
        states: {draft: {}, pending: {}, approved: {}, done: {}}
        transitions:
          ask: {from: draft, to: pending}
          approve: {from: pending, to: approved}
          refuse: {from: pending, to: draft}
          close: {from: approved, to: done, effects: {entry: {create: {object: entry, set: {thing: =record, why: closing}}}}}
          again: {from: done, to: draft}
        """,
    "approvals/large.yaml": """
        approval: large
        label: {zh: 大额, en: Large}
        object: thing
        starts: {at: submit, when: amount > 300}
        while_pending: {lock: true}
        on_submit: {state: {transition: {name: ask}}}
        on_approved: {state: {transition: {name: approve}}, entry: {create: {object: entry, set: {thing: =record, why: approved}}}}
        on_rejected: {state: {transition: {name: refuse}}}
        steps: {boss: {approvers: {role: boss}, within: 24h, remind: [12h]}}
        """,
    "automations/made.yaml": """
        automation: made
        object: thing
        trigger: created
        do:
          entry: {create: {object: entry, set: {thing: =record, why: made}}}
          step: {set: {steps: =steps + 1}}
        """,
    "automations/closed.yaml": """
        automation: closed
        object: thing
        trigger: {enters: done}
        do: {entry: {create: {object: entry, set: {thing: =record, why: closed}}}}
        """,
    "automations/large_now.yaml": """
        automation: large_now
        object: thing
        trigger: {becomes: amount > 1000}
        once: per episode
        do: {entry: {create: {object: entry, set: {thing: =record, why: large}}}}
        """,
    "roles/boss.yaml": """
        role: boss
        objects: {thing: {read: all}, entry: {read: all}}
        """,
}  # fmt: skip


def write_at_work(folder: Path, changing: str) -> Path:
    """Write the pack with the lines of its changing fields; return where it is."""
    lines = textwrap.indent(f"{FIELDS.strip()}\n{changing}", "  ")
    return write_pack(folder, "shop", PACK | {"objects/thing.yaml": f"object: thing\ntitle: name\nfields:\n{lines}\n"})


@dataclass
class Worker(Client):
    """A client whose records go through their process as well. ``boss``: the token of who decides; ``due``: (record, why) → how many
    entries must come of it; ``states``: where each of its records is."""

    boss: str = ""
    due: Counter[tuple[int, str]] = field(default_factory=Counter)
    states: dict[int, str] = field(default_factory=dict)
    large: set[int] = field(default_factory=set)
    waiting: dict[int, int] = field(default_factory=dict)  # record → its approval
    done: Counter[str] = field(default_factory=Counter)

    def _step(self, http: httpx.Client, dice: random.Random) -> None:
        moving = [number for number in self.ids if number in self.states]
        if not moving or dice.random() < 0.5:
            super()._step(http, dice)
            return
        number = dice.choice(moving[-20:])
        state = self.states[number]
        if state == "draft" and number not in self.large and dice.random() < 0.2:
            self._enlarge(http, number)
        elif state == "draft":
            self._submit(http, dice, number)
        elif state == "pending":
            self._decide(http, dice, number)
        else:
            self._move(http, number, "close" if state == "approved" else "again")

    def _write(self, http: httpx.Client, dice: random.Random, number: int | None) -> None:
        if number is not None and (number in self.large or self.states.get(number) == "pending"):
            return  # its amount stays, and what waits for a decision is locked
        before = len(self.ids)
        super()._write(http, dice, number)
        if len(self.ids) > before:
            self.states[self.ids[-1]] = "draft"
            self.due[self.ids[-1], "made"] += 1

    def _post(self, http: httpx.Client, act: str, path: str, body: dict[str, Any], token: str = "") -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        begun = time.monotonic()
        answer = http.post(f"/api/v1/{path}", json=body, headers=headers)
        self.times.append(time.monotonic() - begun)
        if answer.status_code != 200:
            self.failures.append(f"{act} {answer.status_code} {answer.text[:500]}")
            return {}
        self.done[act] += 1
        return dict(answer.json())

    def _amount(self, http: httpx.Client, number: int, amount: int) -> bool:
        answer = self._send(http, "PATCH", f"{THING}/{number}", json={"amount": str(amount)})
        if answer.status_code != 200:
            self.failures.append(f"PATCH {answer.status_code} {answer.text[:500]}")
            return False
        self.ledger[number, "amount"] = str(amount)
        return True

    def _enlarge(self, http: httpx.Client, number: int) -> None:
        """Make an amount large for good: the rule that watches it has one episode."""
        if self._amount(http, number, 5000):
            self.large.add(number)
            self.due[number, "large"] += 1
            self.done["enlarge"] += 1

    def _submit(self, http: httpx.Client, dice: random.Random, number: int) -> None:
        if number not in self.large and not self._amount(http, number, dice.randrange(301, LOW)):
            return
        found = self._post(http, "submit", f"records/{THING}/{number}/submit", {})
        if found:
            self.waiting[number], self.states[number] = found["id"], "pending"

    def _decide(self, http: httpx.Client, dice: random.Random, number: int) -> None:
        act = "approve" if dice.random() < 0.8 else "reject"
        path = f"approvals/{self.waiting[number]}/{act}"
        if self._post(http, act, path, {"comment": f"by {self.seed}"}, self.boss):
            self.states[number] = "approved" if act == "approve" else "draft"
            self.due[number, "approved"] += act == "approve"

    def _move(self, http: httpx.Client, number: int, way: str) -> None:
        if self._post(http, way, f"records/{THING}/{number}/transitions/{way}", {}):
            self.states[number] = "done" if way == "close" else "draft"
            for why in ("closing", "closed"):
                self.due[number, why] += way == "close"


def rest(stage: Stage) -> None:
    """Wait until nothing waits any more: no event, no run, no rule that is due."""
    asked = sa.text(
        "SELECT (SELECT count(*) FROM tenon.outbox WHERE delivered_at IS NULL), "
        "(SELECT count(*) FROM tenon.run WHERE next_at IS NOT NULL)"
    )
    until, calm = time.monotonic() + REST_SECONDS, 0
    while calm < 4:
        with stage.engine.connect() as connection:
            waiting = tuple(connection.execute(asked).one())
        assert time.monotonic() < until, f"events and runs still wait: {waiting}"
        calm = calm + 1 if waiting == (0, 0) else 0
        time.sleep(0.5)


def verify(stage: Stage, clients: list[Worker]) -> str:
    """Hold what came of the clients' work against what must have; return the figures."""
    with stage.engine.connect() as connection:
        ids = [number for client in clients for number in client.ids]
        entries = connection.execute(
            sa.text("SELECT thing, why, count(*) FROM app.entry WHERE thing = ANY(:ids) GROUP BY thing, why"), {"ids": ids}
        )  # fmt: skip
        found = Counter({(row[0], row[1]): row[2] for row in entries})
        states = dict(
            tuple(row) for row in connection.execute(sa.text(f"SELECT id, status FROM app.{THING} WHERE id = ANY(:ids)"), {"ids": ids})
        )  # fmt: skip
        steps = connection.execute(
            sa.text(f"SELECT id, steps FROM app.{THING} WHERE name LIKE 'by %' AND steps <> 1")
        ).all()
        runs = connection.execute(
            sa.text("SELECT automation, state, count(*) FROM tenon.run GROUP BY 1, 2 ORDER BY 1, 2")
        )
        ran = {(row[0], row[1]): row[2] for row in runs}
    due = sum((+client.due for client in clients), Counter[tuple[int, str]]())
    lost, doubled = sorted((due - found).items()), sorted((found - due).items())
    wrong = {number: state for client in clients for number, state in client.states.items() if states[number] != state}
    failed = {key: count for key, count in ran.items() if key[1] != "done"}
    problems = {"steps": steps, "lost": lost, "doubled": doubled, "states": wrong, "runs": failed}
    assert not any(problems.values()), problems
    done = sum((client.done for client in clients), Counter[str]())
    assert all(done[act] for act in ("submit", "approve", "reject", "close", "again", "enlarge")), done
    return f"{dict(done)}; runs {ran}"
