"""Every act that a role may be granted, on every door that does it: refused to whoever has all the others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from engine.people.actors import load_actor
from engine.records.compile import Records
from engine.refusals import Refusal
from engine.transfer.csv_source import open_csv
from engine.transfer.export import export_records
from engine.transfer.mapping import suggested
from engine.transfer.plan import plan_import
from engine.transfer.run import ImportOrder, Listener, run_import
from metamodel.definitions.roles import ACTS
from metamodel.faults import Faults
from tests.guarded import Guarded, compile_guarded, make_guarded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

HERE = "/records/deal/2"
API: dict[str, tuple[tuple[str, str, Any], ...]] = {  # act → method, path, body
    "read": (
        ("GET", "/records/deal", None),
        ("GET", HERE, None),
        ("GET", f"{HERE}/history", None),
        ("GET", f"{HERE}/states", None),
        ("GET", f"{HERE}/access", None),
        ("GET", f"{HERE}/share", None),
        ("GET", "/objects/deal", None),
        ("GET", "/metrics/deals", None),
        ("POST", "/reports", {"object": "deal", "measures": {"n": "COUNT(rows)"}}),
    ),
    "create": (
        ("POST", "/records/deal", {"name": "new"}),
        ("POST", "/records/deal/bulk", {"create": [{"name": "new"}]}),
    ),
    "update": (
        ("PATCH", HERE, {"region": "south"}),
        ("POST", "/records/deal/bulk", {"update": [{"id": 2, "values": {"region": "south"}}]}),
        ("POST", f"{HERE}/transitions/lose", {}),
        ("POST", f"{HERE}/run/push", {}),
        ("POST", f"{HERE}/submit", {}),
        ("POST", f"{HERE}/lock", None),
        ("POST", f"{HERE}/share", {"user": 1, "role": "helper"}),
        ("POST", "/records/file", {"name": "x", "about": "deal/2"}),
    ),
    "delete": (
        ("DELETE", HERE, None),
        ("POST", "/records/deal/bulk", {"delete": [{"id": 2}]}),
        ("POST", "/records/deal/3/restore", None),
        ("POST", "/records/deal/bulk", {"restore": [3]}),
    ),
    "transfer": (
        ("PATCH", HERE, {"owner": 1}),
        ("POST", f"{HERE}/transfer", {"to": 1}),
        ("POST", "/records/deal/bulk", {"update": [{"id": 2, "values": {"owner": 1}}]}),
    ),
    "backfill": (
        ("POST", "/records/deal", {"name": "born", "stage": "won"}),
        ("POST", "/records/deal/bulk", {"create": [{"name": "born", "stage": "won"}]}),
    ),
    "export": (),  # no road of the API yet: see the door itself below
    "import": (),
}
PAGES: dict[str, tuple[tuple[str, dict[str, str]], ...]] = {
    "read": (("/o/deal/2/comments", {"body": "x"}),),
    "create": (("/o/deal/new", {"name": "new"}),),
    "update": (
        ("/o/deal/2/edit", {"name": "x", "_version": "1", "_base": "{}"}),
        ("/o/deal/2/cell/region", {"value": "south", "base": "null"}),
        ("/o/deal/2/transitions/lose", {}),
        ("/o/deal/2/run/push", {}),
        ("/o/deal/2/submit", {}),
        ("/o/deal/2/share", {"user": "1", "role": "helper"}),
        ("/o/deal/bulk/edit", {"field": "region", "value": "south", "id": "2"}),
    ),
    "delete": (
        ("/o/deal/2/delete", {"version": "1"}),
        ("/o/deal/bulk/delete", {"id": "2"}),
        ("/o/deal/3/restore", {}),
        ("/o/deal/bulk/restore", {"id": "3"}),
    ),
    "transfer": (
        ("/o/deal/2/transfer", {"to": "1"}),
        ("/o/deal/2/cell/owner", {"value": "1", "base": "3"}),
        ("/o/deal/bulk/edit", {"field": "owner", "value": "1", "id": "2"}),
    ),
}


@pytest.fixture(scope="module")
def guarded(pg: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    """The application; the deal 3 lies in the bin."""
    name = "api_grants"
    pg.create(name)
    made = make_guarded(
        pg.url(name), compile_guarded(tmp_path_factory.mktemp("packs")), tmp_path_factory.mktemp("home")
    )
    assert made.api("boss", "DELETE", "/records/deal/3").status_code == 204
    yield made
    made.app.engine.dispose()
    pg.drop(name)


def state(guarded: Guarded) -> list[Any]:
    """Return everything about deals."""
    rows = guarded.sql("SELECT id, name, owner, region, stage, version, deleted_at FROM app.deal ORDER BY id")
    others = guarded.sql(
        "SELECT (SELECT count(*) FROM app.file), (SELECT count(*) FROM app.comment), (SELECT count(*) FROM tenon.edit_lock),"
        " (SELECT count(*) FROM tenon.team_member)"
    )
    return [tuple(row) for row in (*rows, *others)]


@pytest.mark.parametrize("act", ACTS)
def test_an_act_without_its_grant_is_refused_on_every_door(guarded: Guarded, act: str) -> None:
    guarded.be("ann", f"lacks_{act}")
    before, tab = state(guarded), guarded.tab("ann")
    for method, path, body in API[act]:
        answer = guarded.api("ann", method, path, body)
        wanted = {422} if act == "backfill" else {403, 404} if act == "read" else {403}
        assert answer.status_code in wanted, (method, path, answer.status_code, answer.json)
    for path, data in PAGES.get(act, ()):
        answer = tab.post(path, data)
        assert answer.status_code in {303, 403, 404, 422}, (path, answer.status_code)
    assert state(guarded) == before


def test_each_of_these_doors_opens_with_the_grant(guarded: Guarded) -> None:
    """What is refused above is refused for the grant alone: without it missing, the same requests are done."""
    guarded.be("ann", "lacks_export")
    for act in ("read", "create", "update", "transfer", "delete", "backfill"):
        for method, path, body in API[act]:
            if path.endswith(("/submit", "/lock", "/records/file")) or (act == "delete" and "bulk" in path):
                continue
            name = f"{act} {path}"
            named = {**body, "name": name} if act in {"create", "backfill"} and "name" in (body or {}) else body
            if act in {"create", "backfill"} and body and "create" in body:
                named = {"create": [{**body["create"][0], "name": name}]}
            answer = guarded.api("ann", method, path, named)
            assert answer.status_code < 300, (act, method, path, answer.status_code, answer.json)
    guarded.sql("UPDATE app.deal SET deleted_at = now() WHERE id = 3")
    guarded.sql("UPDATE app.deal SET deleted_at = NULL WHERE id = 2")


def bring(guarded: Guarded, who: str, path: Path, **options: Any) -> Any:
    """Import deals from a file as somebody."""
    with guarded.app.engine.connect() as connection:
        actor = load_actor(connection, login=who)
    assert actor is not None
    records = guarded.app.runtime.part(Records)
    source, target, faults = open_csv(path), records.objects["deal"], Faults()
    found = suggested(target, source.header)
    plan = plan_import(records, target, source.header, found, faults)
    assert not faults.fatal
    run: Callable[..., Any] = lambda work: guarded.app.run(work, actor, source="import")  # noqa: E731 - a door for one call
    return run_import(
        ImportOrder(source, plan, found, **options), run, Listener(lambda _: None, lambda issues: len(list(issues)))
    )


def test_files_come_in_and_go_out_by_their_own_grants(guarded: Guarded, tmp_path: Path) -> None:
    """Who may create may not import for that, and who imports what is there already needs to update; who may read may not export."""
    path = tmp_path / "deals.csv"
    path.write_text("Name,Amount\nbrought,5\n", encoding="utf-8")
    count = len(state(guarded))
    for lacking, options in (
        ("import", {}),
        ("create", {}),
        ("import", {"trial": True}),
        ("import", {"on_duplicate": "skip"}),
        ("update", {"on_duplicate": "update"}),
    ):
        guarded.be("ann", f"lacks_{lacking}")
        with pytest.raises(Refusal) as refused:
            bring(guarded, "ann", path, **options)
        assert (refused.value.status, refused.value.code) == (403, "FORBIDDEN"), (lacking, options)
    assert len(state(guarded)) == count
    guarded.be("ann", "lacks_export")
    with pytest.raises(Refusal) as refused:
        guarded.app.run(
            lambda context: export_records(context, "deal", tmp_path / "out.csv"), guarded.app.people["ann"]
        )
    assert refused.value.status == 403
    assert not (tmp_path / "out.csv").exists()
    assert bring(guarded, "ann", path).counts.created == 1


def test_the_pool_and_the_lock_ask_for_their_own_roles(guarded: Guarded) -> None:
    pool = f"/records/deal/{guarded.deals['pool']}"
    guarded.be("ann", "lacks_export")
    assert guarded.api("ann", "POST", f"{pool}/claim").status_code == 403  # may do everything with it but claim
    guarded.be("bob", "lacks_export")
    guarded.sql("DELETE FROM tenon.edit_lock")
    assert guarded.api("bob", "POST", f"{pool}/lock").status_code < 300
    taken = guarded.api("ann", "POST", f"{pool}/unlock?break=true")
    assert taken.status_code in {400, 403, 409}, taken.json
    assert guarded.sql("SELECT count(*) FROM tenon.edit_lock")[0][0] == 1
    guarded.sql("DELETE FROM tenon.edit_lock")
    assert guarded.api("sal", "POST", f"{pool}/claim").status_code == 200
    guarded.sql("UPDATE app.deal SET owner = NULL WHERE id = :id", id=guarded.deals["pool"])
