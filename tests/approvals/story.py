"""What tests of approvals do again and again: make a quote, submit it, act on it, look at what is open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from engine.approvals.decide import operate
from engine.approvals.operation import Given
from engine.approvals.submit import submit
from engine.refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.approvals.store import Held
    from tests.application import App


def a_quote(app: App, amount: int = 400_000, by: str = "rita", **values: object) -> int:
    """Create a quote."""
    return app.create("quote", {"name": "甲", "amount": str(amount), **values}, by)


def submitted(app: App, amount: int = 400_000, by: str = "rita", **values: object) -> tuple[int, Held]:
    """Create a quote and submit it."""
    number = a_quote(app, amount, by, **values)
    held: Held = app.run(lambda context: submit(context, "quote", number), by)
    return number, held


def act(app: App, number: int, operation: str, by: str, **given: Any) -> Held:
    """Do one operation as somebody."""
    values = given.pop("values", None)
    who = app.people[by].id
    found: Held = app.run(lambda context: operate(context, number, Given(operation, actor=who, **given), values), by)
    return found


def state_of(app: App, number: int) -> str:
    """Return an instance's state."""
    return str(app.rows("SELECT state FROM tenon.approval_instance WHERE id = :n", n=number)[0][0])


def open_tasks(app: App, instance: int) -> list[tuple[str, str]]:
    """Return (login, step) of the tasks that somebody has to decide."""
    rows = app.rows(
        "SELECT u.login, t.step FROM tenon.approval_task t JOIN app.user u ON u.id = t.user_id"
        " WHERE t.instance_id = :n AND t.state = 'open' AND t.kind <> 'copy' ORDER BY t.id",
        n=instance,
    )
    return [(row[0], row[1]) for row in rows]


def task_of(app: App, instance: int, login: str) -> int:
    """Return the id of somebody's open task."""
    rows = app.rows(
        "SELECT t.id FROM tenon.approval_task t JOIN app.user u ON u.id = t.user_id"
        " WHERE t.instance_id = :n AND t.state = 'open' AND t.kind <> 'copy' AND u.login = :l",
        n=instance,
        l=login,
    )
    return int(rows[0][0])


def told(app: App) -> list[tuple[str, tuple[str, ...], str]]:
    """Return (login, channels, body in Chinese) of what people were told, in order."""
    names = {actor.id: login for login, actor in app.people.items()}
    rows = app.rows("SELECT payload FROM tenon.outbox WHERE event = 'notify' ORDER BY id")
    return [(names[person], tuple(row[0]["by"]), row[0]["body"]["zh"]) for row in rows for person in row[0]["to"]]


def refusal(work: Callable[[], object]) -> Refusal:
    """Return how something is refused."""
    with pytest.raises(Refusal) as caught:
        work()
    return caught.value
