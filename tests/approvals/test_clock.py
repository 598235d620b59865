"""What comes due: reminders, deadlines in hours and workdays, escalation, delegation for a period, a scenario of forty-eight hours."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from engine.approvals.clock import make_tick
from engine.storage.work_tables import delegation
from tests.approvals.story import act, open_tasks, state_of, submitted, task_of, told

if TYPE_CHECKING:
    from tests.application import App


def tick(app: App, **later: float) -> None:
    """Let time pass and the clock look."""
    app.now += timedelta(**later)
    one = make_tick()
    with app.engine.connect() as connection:
        due = one.due(connection, app.now)
    if due:
        one.run(app.run)


def said_to(app: App, login: str) -> list[str]:
    """Return what somebody was told."""
    return [text for who, _, text in told(app) if who == login]


def test_reminded_then_escalated_when_late(app: App) -> None:
    number, held = submitted(app)
    tick(app, hours=11)
    assert len(said_to(app, "dan")) == 1
    tick(app, hours=1)
    assert said_to(app, "dan")[1:] == ["请尽快审批：大额报价 · 甲"]
    tick(app, seconds=1)
    assert len(said_to(app, "dan")) == 2  # never twice for the same
    tick(app, hours=8)
    assert len(said_to(app, "dan")) == 3
    tick(app, hours=4)
    assert open_tasks(app, held.id) == [("boss", "director")]
    assert told(app)[-1] == ("boss", ("inbox", "wecom"), "超时升级给您：大额报价 · 甲")
    act(app, held.id, "approve", "boss")
    assert state_of(app, held.id) == "approved"
    assert app.read("quote", number)["stage"] == "approved"


def test_a_clock_that_was_away_does_what_matters_once(app: App) -> None:
    _, held = submitted(app)
    tick(app, hours=49)
    assert open_tasks(app, held.id) == [("boss", "director")]
    tick(app, hours=24)
    assert open_tasks(app, held.id) == [("boss", "director")]  # nobody is above: reminded
    assert said_to(app, "boss")[-1].startswith("审批已超时")


def test_a_delegate_decides_for_a_while(app: App) -> None:
    row: dict[str, Any] = {
        "user_id": app.people["dan"].id,
        "delegate_id": app.people["dora"].id,
        "begins_at": app.now,
        "ends_at": app.now + timedelta(days=2),
        "created_at": app.now,
    }
    with app.engine.begin() as connection:
        connection.execute(sa.insert(delegation).values(row))
    _, held = submitted(app)
    assert open_tasks(app, held.id) == [("dora", "director")]
    act(app, task_of(app, held.id, "dora"), "approve", "dora")
    actor, behalf = app.rows("SELECT actor, behalf_of FROM tenon.approval_event WHERE operation = 'approve'")[0]
    assert (actor, behalf) == (app.people["dora"].id, app.people["dan"].id)
    app.now += timedelta(days=3)
    _, later = submitted(app)
    assert open_tasks(app, later.id) == [("dan", "director")]


def test_nobody_delegates_to_who_asks(app: App) -> None:
    row: dict[str, Any] = {
        "user_id": app.people["dan"].id,
        "delegate_id": app.people["rita"].id,
        "begins_at": app.now,
        "ends_at": app.now + timedelta(days=2),
        "created_at": app.now,
    }
    with app.engine.begin() as connection:
        connection.execute(sa.insert(delegation).values(row))
    _, held = submitted(app)
    assert open_tasks(app, held.id) == [("dan", "director")]


def test_waits_for_somebody_real(app: App) -> None:
    _, held = submitted(app, by="tom")  # of no department: no director is found, administrators are asked
    assert open_tasks(app, held.id) == [("ada", "director")]
    act(app, held.id, "reassign", "ada", to=(app.people["dora"].id,))
    assert open_tasks(app, held.id) == [("dora", "director")]
