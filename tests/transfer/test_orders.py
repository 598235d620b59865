"""S36: history migrated from spreadsheets as a person does it: read, mapped, looked at, mended, brought in by a worker, undone."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest

from engine.files.store import Store
from engine.refusals import Refusal
from engine.storage.database import in_transaction
from engine.transfer import export, export_orders, export_work, orders
from engine.transfer.binding import bind, open_order
from engine.transfer.export import Wanted
from engine.transfer.faults import read_faults
from engine.transfer.intake import make_draft, take_in
from engine.transfer.mapping import ColumnMap
from engine.transfer.orders import QUEUED, Order
from engine.transfer.rehearsal import rehearse
from engine.transfer.sources import Reading
from engine.transfer.undoing import read_left
from engine.transfer.work import work_on
from tests.application import App, compile_packs, make_app, write_pack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from engine.context import Context
    from tests.conftest import Server

FILES = {
    "pack.yaml": 'pack: moving\nversion: 1.0.0\nrequires: {base: ">=1"}\n',
    "objects/maker.yaml": """
        object: maker
        label: {zh: 厂商, en: Maker}
        title: name
        fields: {name: {type: text, max: 60, required: true, unique: true}}
    """,
    "objects/thing.yaml": """
        object: thing
        label: {zh: 设备, en: Thing}
        title: name
        owner: owner
        fields:
          name: {type: text, max: 60, required: true, label: {zh: 名称, en: Name}}
          code: {type: text, max: 30, unique: true, label: {zh: 编号, en: Code}}
          phone: {type: phone, label: {zh: 报修热线, en: Hotline}}
          bought: {type: date, label: {zh: 购置日, en: Bought}, was: purchased}
          price: {type: money, label: {zh: 采购价, en: Cost}}
          kind: {type: choice, choices: {big: 大型, small: 小型}, label: {zh: 类别, en: Kind}}
          maker: {type: link, to: maker, label: {zh: 生产商, en: Made by}}
          owner: {type: user, default: =me}
          secret: {type: text, max: 20, label: {zh: 机密, en: Secret}}
    """,
    "roles/mover.yaml": """
        role: mover
        objects:
          thing: {read: all, create: true, update: all, delete: all, import: true, export: all}
          maker: {read: all}
        fields: {thing.secret: hidden}
    """,
    "roles/looker.yaml": "role: looker\nobjects: {thing: {read: all, create: true}, maker: {read: all}}\n",
}
TABLE = (
    "设备名称,编号,电话,购买日期,采购价(元),分类,厂商,杂项\n"
    '锅炉,A-1,13800138000,2024年3月5日,"1,200.50",大型,海鹏,x\n'
    "水泵,A-2,010-62345678,2024/4/1,1.2万,小型,海鹏重工,y\n"
    "风机,A-3,坏号码,2024-05-06,300,中型,海鹏,z\n"
    "阀门,A-4,13900139000,2024-06-07,80,小型,海鹏,\n"
)


class Moving:
    """The application with a store, and a worker that works when asked."""

    def __init__(self, app: App, store: Store) -> None:
        self.app, self.store = app, store

    def take(self, content: bytes, name: str = "设备.csv", by: str = "mia", **reading: Any) -> int:
        """Send a file as a person does, and return the draft's number."""
        received = self.store.receive(BytesIO(content), 1 << 24)
        taken = take_in(
            received.path, name, Reading(lenient=True, **reading), self.store.put,
            stored=received.key, digest=received.digest,
        )  # fmt: skip
        self.store.keep(received)
        number: int = self.app.run(lambda context: make_draft(context, "thing", taken, "page"), by)
        return number

    def order(self, number: int, by: str = "mia") -> Order:
        """Return an order as its person sees it."""
        found: Order = self.app.run(lambda context: orders.read_order(context, number), by)
        return found

    def change(self, number: int, by: str = "mia", **changes: Any) -> None:
        """Change a draft."""

        def work(context: Context) -> None:
            order = orders.read_order(context, number)
            settings = changes.pop("settings", {})
            orders.keep(context.connection, replace(orders.with_settings(order, **settings), **changes))

        self.app.run(work, by)

    def go(self, number: int, state: str = QUEUED, was: str = "draft") -> Order:
        """Order the import and have the worker do it."""
        assert self.app.run(lambda context: orders.turn(context.connection, number, (was,), state), "mia")
        work_on(number, self.do, self.store.place)
        return self.order(number)

    def do(self, work: Any) -> Any:
        """Run a piece of work as a worker does."""
        return in_transaction(self.app.engine, lambda connection: work(self.app.context(connection, source="job")))

    def things(self, what: str = "name") -> list[Any]:
        """Return a column of all things, past every door."""
        return [row[0] for row in self.app.rows(f"SELECT {what} FROM app.thing WHERE deleted_at IS NULL ORDER BY id")]


@pytest.fixture(scope="module")
def moving(pg: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Moving]:
    pg.create("transfer_orders")
    runtime = compile_packs(write_pack(tmp_path_factory.mktemp("packs"), "moving", FILES))
    app = make_app(pg.url("transfer_orders"), runtime)
    app.person("mia", "mover")
    app.person("lou", "looker")
    app.create("maker", {"name": "海鹏"})
    yield Moving(app, Store(tmp_path_factory.mktemp("files")))
    app.engine.dispose()
    pg.drop("transfer_orders")


@pytest.fixture(autouse=True)
def _nothing_there(moving: Moving) -> None:
    with moving.app.engine.begin() as connection:
        connection.exec_driver_sql(
            "TRUNCATE app.thing, tenon.import_job, tenon.import_mapping, tenon.export_job CASCADE"
        )


def test_a_migration_from_a_spreadsheet_s36(moving: Moving) -> None:
    """Map columns, preview, fix, import, undo."""
    number = moving.take(TABLE.encode("gb18030"))
    order = moving.order(number)
    assert order.settings.about.startswith("gb18030")
    assert order.settings.total == 4
    into = {name: column.into for name, column in order.mapping.columns.items()}
    assert into == {
        "设备名称": "name", "编号": "code", "电话": "phone", "购买日期": "bought", "采购价(元)": "price",
        "分类": "kind", "厂商": "maker", "杂项": "",
    }  # fmt: skip

    def look(context: Context) -> Any:
        order = orders.read_order(context, number)
        source = open_order(order, moving.store.place)
        return rehearse(context, bind(context, order, source), list(source.rows()))

    seen = moving.app.run(look, "mia")
    assert [row.outcome for row in seen.rows] == ["created", "faulty", "faulty", "created"]
    assert seen.rows[0].record["maker"].label == "海鹏"
    assert str(seen.rows[0].record["price"]) == "1200.50"
    faults = {(issue.row, issue.column, issue.code) for row in seen.rows for issue in row.issues}
    assert {(3, "厂商", "DANGLING_LINK"), (4, "电话", "MALFORMED"), (4, "分类", "UNKNOWN_CHOICE")} <= faults
    assert moving.things() == []  # a look leaves nothing

    mapping = moving.order(number).mapping
    columns = {**mapping.columns, "厂商": replace(mapping.columns["厂商"], repair={"海鹏重工": "海鹏"})}
    columns["分类"] = replace(columns["分类"], repair={"中型": "大型"})
    moving.change(number, mapping=replace(mapping, columns=columns))
    checked = moving.go(number, "checking")
    assert (checked.state, checked.settings.checked["failed"]) == ("draft", 1)
    moving.change(number, settings={"edits": {"4": {"电话": "010 6234 5678"}}})
    done = moving.go(number)
    assert (done.state, done.counts.created, done.counts.failed, done.progress) == ("done", 4, 0, 1.0)
    assert moving.things("price::text || kind") == ["1200.50big", "12000.00small", "300.00big", "80.00small"]
    assert moving.app.rows("SELECT DISTINCT created_by FROM app.thing")[0][0] == moving.app.people["mia"].id

    moving.app.update("thing", moving.things("id")[1], {"name": "深井泵"}, "mia")
    undone = moving.go(number, "undoing", "done")
    assert undone.state == "undone"
    assert moving.things() == ["深井泵"]  # what a person has changed since stays, and is told
    left = moving.app.run(lambda context: list(read_left(context, number)), "mia")
    assert [(one.row, one.reason.en) for one in left] == [(3, "changed since, and left as it is")]


def test_updates_are_put_back_as_they_were(moving: Moving) -> None:
    first = moving.app.create("thing", {"name": "old", "code": "K-1", "price": "5", "maker": 1}, "mia")
    second = moving.app.create("thing", {"name": "two", "code": "K-2"}, "mia")
    number = moving.take("编号,名称,采购价,生产商\nK-1,new,9,\nK-2,two,7,海鹏\nK-3,three,1,\nK-1,newer,10,\n".encode())
    order = moving.order(number)
    moving.change(number, on_duplicate="update")
    done = moving.go(number)
    assert (done.counts.created, done.counts.updated) == (1, 3)
    assert moving.things() == ["newer", "two", "three"]
    assert order.mapping.key == ("code",)
    assert moving.go(number, "undoing", "done").state == "undone"
    assert moving.things("name || coalesce(price::text, '') || coalesce(maker::text, '')") == ["old5.001", "two"]
    assert moving.things("id") == [first, second]
    kept = moving.app.rows("SELECT DISTINCT undone FROM tenon.import_record")
    assert kept == [("done",)]


def test_what_a_rule_of_the_house_changed_holds_no_undoing_up(moving: Moving) -> None:
    number = moving.take("名称,编号\nx,R-1\n".encode())
    moving.go(number)
    moving.app.update("thing", moving.things("id")[0], {"price": "3"})  # the system
    assert moving.go(number, "undoing", "done").state == "undone"
    assert moving.things() == []


def test_an_order_is_its_persons_alone_and_takes_their_rights(moving: Moving) -> None:
    number = moving.take("名称,编号,机密\na,P-1,s\n".encode())
    assert moving.order(number).mapping.columns["机密"] == ColumnMap("机密")  # a hidden field is nothing to import into
    with pytest.raises(Refusal, match="NOT_FOUND"):
        moving.order(number, "lou")
    with pytest.raises(Refusal, match="FORBIDDEN"):
        moving.take("名称\nq\n".encode(), by="lou")
    mapping = moving.order(number).mapping
    moving.change(number, mapping=replace(mapping, columns={**mapping.columns, "机密": ColumnMap("机密", "secret")}))
    forced = moving.go(number)
    assert forced.error == {
        "code": "BAD_MAPPING",
        "zh": "thing 没有字段 secret",
        "en": "thing has no field secret",
    }  # told before a row is read, as of a field that is none
    assert (forced.counts.created, forced.counts.failed) == (0, 0)
    with moving.app.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE app.\"user\" SET frozen = true WHERE login = 'mia'")
    try:
        other = moving.take("名称\nz\n".encode())
        assert moving.go(other).error["code"] == "FORBIDDEN"
    finally:
        with moving.app.engine.begin() as connection:
            connection.exec_driver_sql("UPDATE app.\"user\" SET frozen = false WHERE login = 'mia'")
    assert moving.things() == []


def test_a_mapping_is_offered_again_and_faults_can_be_read(moving: Moving) -> None:
    number = moving.take("名称,编号,怪列\na,M-1,1\nb,M-1,2\n".encode())
    mapping = moving.order(number).mapping
    moving.change(number, mapping=replace(mapping, columns={**mapping.columns, "怪列": ColumnMap("怪列", "price")}))
    moving.app.run(lambda context: orders.remember_mapping(context, orders.read_order(context, number)), "mia")
    done = moving.go(number)
    assert (done.counts.created, done.counts.failed) == (1, 1)
    faults = moving.app.run(lambda context: list(read_faults(context.connection, number)), "mia")
    assert [(one.row, one.code) for one in faults] == [(3, "DUPLICATE")]
    again = moving.take("名称,编号,怪列\nc,M-3,1\n".encode())
    assert moving.order(again).mapping.columns["怪列"].into == "price"


def test_an_import_that_was_stopped_goes_on(moving: Moving) -> None:
    rows = "".join(f"n{place},S-{place}\n" for place in range(4500))
    number = moving.take(f"名称,编号\n{rows}".encode())
    moving.app.run(lambda context: orders.turn(context.connection, number, ("draft",), QUEUED), "mia")
    calls = 0

    def broken(work: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == 6:
            moving.app.run(lambda context: orders.turn(context.connection, number, ("running",), "stopped"))
        return moving.do(work)

    work_on(number, broken, moving.store.place)
    stopped = moving.order(number)
    assert stopped.state == "stopped"
    assert stopped.counts.created == len(moving.things()) < 4500
    done = moving.go(number, QUEUED, "stopped")
    assert (done.state, done.counts.created, len(moving.things())) == ("done", 4500, 4500)


def test_an_export_is_written_by_the_worker_and_is_its_persons_alone(moving: Moving) -> None:
    moving.app.create("thing", {"name": "=1+1", "code": "E-1"}, "mia")
    moving.app.create("thing", {"name": "b", "code": "E-2"}, "mia")
    wanted = Wanted("thing", filter='code = "E-1"', columns=("name", "maker.name"))
    number = moving.app.run(lambda context: export_orders.order_export(context, wanted, "csv"), "mia").id
    export_work.work_on(number, moving.do, moving.store.put)
    found = moving.app.run(lambda context: export_orders.read_export(context, number), "mia")
    assert (found.state, found.rows) == ("done", 1)
    assert moving.store.place(found.stored).read_text("utf-8-sig").splitlines() == ["名称,生产商 · Name", "'=1+1,"]
    with pytest.raises(Refusal, match="NOT_FOUND"):
        moving.app.run(lambda context: export_orders.read_export(context, number), "lou")
    with pytest.raises(Refusal, match="FORBIDDEN"):
        moving.app.run(lambda context: export_orders.order_export(context, Wanted("thing"), "csv"), "lou")
    for wrong in (Wanted("thing", filter='secret = "s"'), Wanted("thing", columns=("secret",))):
        with pytest.raises(Refusal):
            moving.app.run(lambda context, wrong=wrong: export_orders.order_export(context, wrong, "csv"), "mia")
    said = moving.app.rows("SELECT details FROM tenon.audit WHERE action = 'export'")
    assert said[-1][0]["fields"] == ["name", "maker.name"]


def test_an_export_that_is_stopped_leaves_no_file(moving: Moving, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "PAGE", 1)
    monkeypatch.setattr(export_work, "TELLING", -1)
    for code in ("E-1", "E-2", "E-3"):
        moving.app.create("thing", {"name": "a", "code": code}, "mia")
    wanted = Wanted("thing", columns=("name",))
    number = moving.app.run(lambda context: export_orders.order_export(context, wanted, "csv"), "mia").id
    with pytest.raises(Refusal, match="NOT_FOUND"):
        moving.app.run(lambda context: export_orders.stop_export(context, number), "lou")
    told: list[int] = []

    def do(run: Callable[[Context], Any]) -> Any:
        told.append(len(told))
        if len(told) == 4:  # it was looked up, begun, and has told once how far it is
            moving.app.run(lambda context: export_orders.stop_export(context, number), "mia")
        return moving.do(run)

    export_work.work_on(number, do, lambda _path: pytest.fail("it was written to the end"))
    found = moving.app.run(lambda context: export_orders.read_export(context, number), "mia")
    assert (found.stopped, found.waits, found.rows, found.stored) == (True, False, 1, "")
    export_work.work_on(number, moving.do, lambda _path: pytest.fail("it was begun anew"))
