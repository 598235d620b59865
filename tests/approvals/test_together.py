"""Several people at once on a real database: one of two decisions wins, the other is told; every approval ends as its history says."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from engine.approvals.instance import from_json
from engine.approvals.machine import begin, decide
from engine.approvals.operation import Given
from engine.approvals.submit import submit
from engine.approvals.world import Replayed
from engine.processes.transitions import Move, transition
from engine.refusals import Refusal
from tests.approvals.story import a_quote, act, submitted

if TYPE_CHECKING:
    from tests.application import App


def replayed(app: App, number: int) -> tuple[Any, Any]:
    """Return an instance as it is, and as its history makes it."""
    machine, submitter, approval = app.rows(
        "SELECT machine, submitted_by, approval FROM tenon.approval_instance WHERE id = :n", n=number
    )[0]
    definition = app.runtime.model.approvals[approval]
    instance = begin(definition, submitter)
    for (details,) in app.rows("SELECT details FROM tenon.approval_event WHERE instance_id = :n ORDER BY id", n=number):
        given = Given(**{**details["given"], "to": tuple(details["given"]["to"])})
        instance = decide(definition, instance, given, Replayed(details["answers"])).instance
    return from_json(machine), instance


def attempt(app: App, number: int, operation: str, by: str, **given: Any) -> str:
    """Return "done", or the code of the refusal."""
    try:
        act(app, number, operation, by, **given)
    except Refusal as refusal:
        if refusal.status not in {403, 409, 422}:
            raise
        return refusal.code
    return "done"


def test_of_two_decisions_one_wins(app: App) -> None:
    _, held = submitted(app)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda n: attempt(app, held.id, ("approve", "reject")[n % 2], "dan"), range(8)))
    assert found.count("done") == 1
    assert len(app.rows("SELECT 1 FROM tenon.approval_event WHERE operation IN ('approve', 'reject')")) == 1
    number = a_quote(app)  # of which a rejection moves no state, that would let one through alone
    drop = [Move(number, {"note": "x"})]
    waiting = app.run(lambda context: transition(context, "quote", "drop", drop), "rita").submitted[number]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: attempt(app, waiting, "reject", "dan"), range(8)))
    assert found.count("done") == 1
    assert (
        len(app.rows("SELECT 1 FROM tenon.approval_event WHERE operation = 'reject' AND instance_id = :n", n=waiting))
        == 1
    )


def test_one_submission_of_many(app: App) -> None:
    number = a_quote(app)

    def send(_: int) -> str:
        try:
            app.run(lambda context: submit(context, "quote", number), "rita")
        except Refusal as refusal:
            return refusal.code
        return "done"

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(send, range(8)))
    assert sorted(set(found)) == ["PENDING", "done"]
    assert found.count("done") == 1


def test_whatever_they_do_at_once_the_history_holds(app: App) -> None:
    dice = random.Random(7)
    people = [name for name in app.people if name != "ada"]
    quotes = [submitted(app, 600_000, engineer=app.people["tom"].id) for _ in range(3)]
    operations = ["approve", "approve", "approve", "reject", "return", "resubmit", "withdraw", "comment"]
    operations += ["transfer", "add_approver", "copy", "urge", "take_back", "edit"]

    def one(_: int) -> str:
        number, held = dice.choice(quotes)
        operation, by = dice.choice(operations), dice.choice([*people, "dan", "fay", "finn", "tom", "rita"])
        if operation == "edit":
            try:
                app.update("quote", number, {"amount": str(dice.randint(500_001, 900_000))}, "rita")
            except Refusal as refusal:
                return refusal.code
            return "done"
        to = (app.people[dice.choice(people)].id,)
        return attempt(app, held.id, operation, by, comment="c", to=to, place="before", step="")

    with ThreadPoolExecutor(6) as pool:
        outcomes = list(pool.map(one, range(120)))
    assert outcomes.count("done") > 10
    for number, held in quotes:
        now, again = replayed(app, held.id)
        assert now == again
        state, finished = app.rows("SELECT state, finished_at FROM tenon.approval_instance WHERE id = :n", n=held.id)[0]
        assert (finished is not None) == (state in {"approved", "rejected", "withdrawn", "stopped"})
        open_ = app.rows(
            "SELECT 1 FROM tenon.approval_task WHERE instance_id = :n AND state = 'open' AND kind <> 'copy'", n=held.id
        )
        assert bool(open_) == (finished is None)
        stage = app.read("quote", number)["stage"]
        expected = {
            "running": "pending",
            "approved": "approved",
            "returned": "draft",
            "rejected": "draft",
            "withdrawn": "draft",
        }
        assert stage == expected[state]
