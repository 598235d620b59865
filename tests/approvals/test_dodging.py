"""No road leads round a threshold: whoever copies, divides or edits, by whichever door, and whoever changes the definition meanwhile, is refused
with the reason, or asked again."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from app import create_kinds
from engine.records.commands import Change, update
from engine.records.compile import Records
from engine.refusals import Refusal
from engine.runtime import compile_app
from engine.storage.physical import Physical
from engine.transfer.csv_source import open_csv
from engine.transfer.mapping import suggested
from engine.transfer.plan import plan_import
from engine.transfer.run import ImportOrder, Listener, run_import
from metamodel.faults import Faults
from metamodel.read import read_packs
from tests.api_door import api_door
from tests.application import PACKS, write_pack
from tests.approvals.conftest import LARGE, PACK
from tests.approvals.story import a_quote, act, open_tasks, state_of, submitted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from werkzeug.test import TestResponse

    from engine.transfer.jobs import Issue
    from tests.application import App

    Call = Callable[..., TestResponse]


@pytest.fixture
def call(app: App, tmp_path: Path) -> Call:
    """A function that sends a request as somebody."""
    return api_door(app, tmp_path)


def send(call: Call, number: int) -> tuple[int, str]:
    """Take the protected transition over the API; return the status and the code."""
    answer = call("POST", f"/records/quote/{number}/transitions/send", {})
    return answer.status_code, answer.json.get("code", "")


def approved(app: App, **values: object) -> int:
    """Return a quote above the threshold that was approved."""
    number, held = submitted(app, **values)
    act(app, held.id, "approve", "dan")
    assert state_of(app, held.id) == "approved"
    return number


def bring(app: App, folder: Path, name: str, table: str) -> list[str]:
    """Import a table as the sales rep; return the codes of what is wrong with it."""
    path = folder / f"{name}.csv"
    path.write_text(table, encoding="utf-8")
    records, source, faults, codes = app.runtime.part(Records), open_csv(path), Faults(), []
    mapping = suggested(records.objects[name], source.header)
    order = ImportOrder(source, plan_import(records, records.objects[name], source.header, mapping, faults), mapping)

    def tell(issues: Iterable[Issue]) -> int:
        codes.extend(one.code for one in issues)
        return len(codes)

    try:
        run_import(order, lambda work: app.run(work, "rita"), Listener(lambda _: None, tell))
    except Refusal as refusal:
        codes.append(refusal.code)
    return codes


def redefined(app: App, folder: Path, large: str) -> App:
    """Return the application after the designer has published another definition of the approval."""
    kinds = create_kinds()
    pack = write_pack(folder, "quotes_later", PACK | {"approvals/large_quote.yaml": large})
    found = read_packs([pack], kinds, search=[PACKS])
    assert found.model is not None, [fault.message.en for fault in found.faults]
    return replace(app, runtime=compile_app(app.runtime.version + 1, found.hash, found.model, Physical(), kinds))


def test_a_copy_is_not_approved_with_what_it_was_copied_from(app: App, call: Call) -> None:
    number = approved(app)
    values = call("GET", f"/records/quote/{number}").json
    copied = {name: values[name] for name in ("name", "amount", "region", "note") if values.get(name) is not None}
    again = call("POST", "/records/quote", copied)
    assert again.status_code == 201, again.text
    assert send(call, again.json["id"]) == (409, "APPROVAL_REQUIRED")
    assert call("POST", "/records/contract", {"name": "c", "quote": again.json["id"]}).status_code == 409
    assert send(call, number)[0] == 200


def test_editing_while_it_runs_is_refused_on_every_door(app: App, call: Call) -> None:
    number, _ = submitted(app)
    assert call("PATCH", f"/records/quote/{number}", {"amount": "1"}).json["code"] == "LOCKED"
    bulk = call("POST", "/records/quote/bulk", {"update": [{"id": number, "values": {"amount": "1"}}]})
    assert (bulk.status_code, bulk.json["code"]) == (409, "LOCKED")
    assert str(app.read("quote", number)["amount"]) == "400000.00"


def test_editing_after_it_is_asked_again_on_every_door(app: App, call: Call) -> None:
    edited, in_bulk, untouched = approved(app), approved(app), approved(app)
    assert call("PATCH", f"/records/quote/{edited}", {"amount": "900000"}).status_code == 200
    change = {"update": [{"id": in_bulk, "values": {"amount": "900000"}}]}
    assert call("POST", "/records/quote/bulk", change).status_code == 200
    refused = call("POST", f"/records/quote/{edited}/transitions/send", {})
    assert (refused.status_code, refused.json["code"]) == (409, "APPROVAL_REQUIRED")
    assert "changed" in refused.json["detail"]  # the reason
    assert send(call, in_bulk) == (409, "APPROVAL_REQUIRED")
    assert send(call, untouched)[0] == 200
    assert call("POST", f"/records/quote/{edited}/submit").json["state"] == "running"


def test_no_import_brings_it_past_its_approval(app: App, tmp_path: Path) -> None:
    a_quote(app)
    told = bring(app, tmp_path, "quote", "name,amount,stage\nbig,900000,sent\n")
    assert told == ["STATE_FIELD"]
    assert bring(app, tmp_path, "contract", "name,quote\nc,甲\n") == ["APPROVAL_REQUIRED"]
    assert app.rows("SELECT count(*) FROM app.contract")[0][0] == 0


def test_a_definition_changed_meanwhile_lets_nothing_through(app: App, call: Call, tmp_path: Path) -> None:
    small, held = submitted(app, 290_000)
    assert state_of(app, held.id) == "approved"  # nothing needed asking
    running, instance = submitted(app, 600_000, engineer=app.people["tom"].id)
    lower = redefined(app, tmp_path / "lower", LARGE.replace("amount > 300000", "amount > 200000"))
    door = api_door(lower, tmp_path)
    assert send(door, small) == (409, "APPROVAL_REQUIRED")  # nobody has ever decided on it
    assert send(call, small)[0] == 200  # whoever still serves the version before goes by that one
    higher = redefined(app, tmp_path / "higher", LARGE.replace("amount > 300000", "amount > 900000"))
    act(higher, instance.id, "approve", "dan")
    assert state_of(app, instance.id) == "running"  # it runs to its end on the version that it began with
    assert api_door(higher, tmp_path)("PATCH", f"/records/quote/{running}", {"amount": "1"}).json["code"] == "LOCKED"


@pytest.mark.parametrize(
    "steps",
    [
        "{copy: {copy_to: {role: assistant}}}",
        "{first: {all_of: {one: {copy_to: {role: finance}}, two: {copy_to: {role: assistant}}}}}",
    ],
)
def test_an_approval_in_which_nobody_decides_is_not_published(tmp_path: Path, steps: str) -> None:
    deaf = f"approval: large_quote\nobject: quote\nstarts: {{at: submit, when: amount > 300000}}\nsteps: {steps}\n"
    pack = write_pack(tmp_path, "quotes", PACK | {"approvals/large_quote.yaml": deaf})
    found = read_packs([pack], create_kinds(), search=[PACKS])
    assert found.model is None
    assert "NOBODY_DECIDES" in {one.code for one in found.faults}


def test_where_nobody_is_left_who_could_decide_nothing_goes_through(app: App, call: Call) -> None:
    def leave(*logins: str) -> None:
        left = [Change(app.people[login].id or 0, {"frozen": True}) for login in logins]
        app.run(lambda context: update(context, "user", left))

    leave("dan", "dora")
    waiting, held = submitted(app)
    assert open_tasks(app, held.id) == [("ada", "director")]  # an administrator stands in for them
    assert send(call, waiting)[0] == 409
    with pytest.raises(Refusal, match="LAST_ADMIN"):
        leave("ada")
    app.rows(
        "DELETE FROM tenon.user_role WHERE role = 'admin' RETURNING 1"
    )  # past all doors: then nobody is left at all
    number, held = submitted(app)
    assert state_of(app, held.id) == "rejected"
    assert app.read("quote", number)["stage"] == "draft"
    assert send(call, number) == (409, "APPROVAL_REQUIRED")
