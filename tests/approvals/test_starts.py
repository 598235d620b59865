"""Where approvals start beside a submission: at a creation, an update, a deletion; several in order; an instance keeps its version; a scenario."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from app import create_kinds
from engine.approvals.submit import submit
from engine.records.commands import delete
from engine.records.compile import Records
from engine.runtime import compile_app
from engine.scenarios.check import check_scenario
from engine.scenarios.read import read_scenarios
from engine.scenarios.run import load_verbs, run_scenarios
from engine.storage.physical import Physical
from engine.storage.tables import version
from metamodel.faults import Faults
from metamodel.read import read_packs
from tests.application import PACKS, App, Applications
from tests.approvals.story import act, open_tasks, refusal, state_of
from tests.approvals.things import fill, pack, running

if TYPE_CHECKING:
    from pathlib import Path

    from engine.runtime import AppRuntime


@pytest.fixture
def app(applications: Applications, things_runtime: AppRuntime) -> App:
    """The application with a rep below a manager."""
    return applications(things_runtime, fill)


def test_a_creation_is_approved_afterwards(app: App) -> None:
    app.create("thing", {"name": "a", "amount": "10"}, "sam")
    assert running(app) == []
    number = app.create("thing", {"name": "b", "amount": "5000"}, "sam")
    ((instance, name),) = running(app)
    assert name == "fresh"
    assert open_tasks(app, instance) == [("mia", "one")]
    assert refusal(lambda: app.update("thing", number, {"note": "x"}, "sam")).code == "LOCKED"
    act(app, instance, "approve", "mia")
    app.update("thing", number, {"note": "x"}, "sam")


def test_an_update_is_asked_once_for_the_same_content(app: App) -> None:
    number = app.create("thing", {"name": "a", "amount": "10"}, "sam")
    app.update("thing", number, {"amount": "5"}, "sam")
    assert running(app) == []
    app.update("thing", number, {"amount": "20"}, "sam")
    ((instance, name),) = running(app)
    assert name == "raised"
    app.update("thing", number, {"note": "x"}, "sam")  # not locked: the definition says so
    act(app, instance, "approve", "mia")
    app.update("thing", number, {"note": "y"}, "sam")
    assert running(app) == []


def test_a_deletion_waits_for_its_approval(app: App) -> None:
    number = app.create("thing", {"name": "a", "amount": "100"}, "sam")
    found = refusal(lambda: app.run(lambda context: delete(context, "thing", [(number, None)]), "sam"))
    assert found.code == "APPROVAL_REQUIRED"
    held = app.run(lambda context: submit(context, "thing", number, "gone"), "sam")
    act(app, held.id, "approve", "mia")
    assert app.rows("SELECT deleted_at FROM app.thing WHERE id = :n", n=number)[0][0] is not None


def test_a_field_of_several_people_names_them_all(app: App) -> None:
    judges = [app.people[login].id for login in ("mia", "vera")]
    number = app.create("thing", {"name": "a", "note": "judged", "judges": judges}, "sam")
    held = app.run(lambda context: submit(context, "thing", number, "judged"), "sam")
    assert open_tasks(app, held.id) == [("mia", "all"), ("vera", "all")]


def test_several_run_in_order(app: App) -> None:
    number = app.create("thing", {"name": "a", "amount": "7"}, "sam")
    mia = [app.people["mia"].id]

    def send(**chosen: Any) -> Any:
        return app.run(lambda context: submit(context, "thing", number, "", chosen), "sam")

    assert refusal(send).errors[0].field == "chosen.one"
    assert refusal(lambda: send(one=[app.people["sam"].id])).status == 422  # nobody chooses oneself
    held = send(one=mia)
    assert open_tasks(app, held.id) == [("mia", "one")]
    act(app, held.id, "approve", "mia")
    ((following, name),) = running(app)
    assert (name, app.read("thing", number)["note"]) == ("second", "first")
    assert open_tasks(app, following) == [("vera", "two")]
    act(app, following, "approve", "vera")
    assert running(app) == []


def test_nothing_to_approve_is_refused_where_the_definition_says_so(app: App) -> None:
    number = app.create("thing", {"name": "a", "amount": "0"}, "sam")
    held = refusal(lambda: app.run(lambda c: submit(c, "thing", number, "", {"one": [app.people["mia"].id]}), "sam"))
    assert held.code == "NOTHING_TO_APPROVE"


def test_an_instance_keeps_its_version(app: App, things: Path, tmp_path: Path) -> None:
    kinds = create_kinds()
    first = read_packs([things], kinds, search=[PACKS])
    assert first.model is not None
    with app.engine.begin() as connection:
        row = {
            "number": 1,
            "hash": first.hash,
            "canonical": first.canonical,
            "physical": Physical().to_json(),
            "packs": {},
            "created_at": app.now,
        }
        connection.execute(sa.insert(version).values(row))
    app.create("thing", {"name": "b", "amount": "5000"}, "sam")
    ((instance, _),) = running(app)
    changed = pack(
        tmp_path, fresh="starts: {at: create, when: amount > 1000}\nsteps:\n  other: {approvers: {user: vera}}\n"
    )
    found = read_packs([changed], kinds, search=[PACKS])
    assert found.model is not None
    later = replace(app, runtime=compile_app(2, found.hash, found.model, Physical(), kinds))
    assert open_tasks(later, instance) == [("mia", "one")]
    act(later, instance, "approve", "mia")
    assert state_of(later, instance) == "approved"
    later.create("thing", {"name": "c", "amount": "5000"}, "sam")
    ((fresh, _),) = running(later)
    assert open_tasks(later, fresh) == [("vera", "other")]


def test_a_deleted_record_leaves_nobody_waiting(app: App) -> None:
    number = app.create("thing", {"name": "b", "amount": "5000"}, "sam")
    ((instance, _),) = running(app)
    app.run(lambda context: delete(context, "thing", [(number, None)]))
    assert (state_of(app, instance), open_tasks(app, instance)) == ("stopped", [])


def test_scenarios_speak_of_approvals(app: App, things: Path) -> None:
    faults, verbs = Faults(), load_verbs()
    (scenario,) = read_scenarios(things, faults)
    check_scenario(scenario, app.runtime.part(Records), verbs, faults)
    assert not faults.fatal, [fault.message.en for fault in faults]
    with app.engine.begin() as connection:
        for table in ("approval_task", "approval_event", "approval_instance", "user_role", "outbox"):
            connection.execute(sa.text(f"DELETE FROM tenon.{table}"))
        connection.execute(sa.text("DELETE FROM app.user"))
    (result,) = run_scenarios([scenario], app.runtime, app.engine, verbs)
    assert result.failure is None, result.failure
