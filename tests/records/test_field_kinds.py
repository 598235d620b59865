"""Types that lie in several columns, are masked in part, or are summed of points: stored, filtered and read through the doors."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from engine.fields.operators import filter_expression
from engine.records.commands import Change, create, delete, update
from engine.records.compile import Records
from engine.records.query import Query, read_page
from engine.refusals import Refusal
from tests.application import App, Applications, compile_packs, write_pack
from tests.fields.support import CHINESE

if TYPE_CHECKING:
    from engine.context import Context
    from engine.runtime import AppRuntime

FILES = {
    "objects/shop.yaml": """
        object: shop
        label: {zh: 门店, en: Shop}
        title: name
        owner: owner
        fields:
          name: {type: text, required: true}
          place: {type: address, index: true}
          spot: {type: geo}
          code: {type: id_number, kind: company, unique: true}
          keeper: {type: id_number}
          rent: {type: money}
          owner: {type: user, default: =me}
          worth:
            type: score
            points:
              dear: {when: rent >= 1000, add: 30, label: {zh: 租金高, en: Dear}}
              placed: {when: 'STARTSWITH(place, "上海市")', add: 5}
              vague: {when: ISBLANK(spot), add: -10}
          let: {type: rollup, value: SUM(leases.fee)}
          shut: {type: boolean}
          shelves: {type: lines, of: shelf}
        readonly_when: {shelves: shut}
        checks:
          steady: {require: ISBLANK(old.name) or let >= old.let, field: name, message: {zh: 租金减少了, en: Less is let}}
          held: {require: ISBLANK(old.name) or name = old.name or COUNT(leases) = 0, field: name, message: {zh: 有租约, en: It is let}}
        """,
    "objects/shelf.yaml": """
        object: shelf
        label: {zh: 货架, en: Shelf}
        fields:
          shop: {type: link, to: shop, required: true, parent: true}
          width: {type: integer}
        """,
    "objects/lease.yaml": """
        object: lease
        label: {zh: 租约, en: Lease}
        fields:
          shop: {type: link, to: shop, required: true, on_delete: cascade}
          fee: {type: money}
        """,
    "roles/clerk.yaml": """
        role: clerk
        objects: {shop: {read: all, create: true, update: all}, lease: {read: all}, user: {read: all}}
        fields: {shop.keeper: masked}
        """,
}
ID, CODE = "11010519491231002X", "91110000600037341L"
EAST = {"latitude": 31.2304, "longitude": 121.4737, "accuracy": 15}


@pytest.fixture(scope="module")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> AppRuntime:
    return compile_packs(write_pack(tmp_path_factory.mktemp("packs"), "shops", FILES))


def fill(made: App) -> None:
    """Put people and records into the application."""
    made.person("cleo", "clerk")
    made.create(
        "shop",
        {
            "name": "东店",
            "place": "上海市浦东新区世纪大道100号",
            "spot": EAST,
            "code": CODE,
            "keeper": ID,
            "rent": "1200",
        },
    )
    made.create("shop", {"name": "西店", "place": {"code": "330106", "street": "文三路"}, "spot": "30.2741, 120.1551"})
    made.create("shop", {"name": "空店"})


@pytest.fixture
def app(applications: Applications, runtime: AppRuntime) -> App:
    return applications(runtime, fill)


def found(app: App, operator: str, name: str, *values: str) -> list[str]:
    def ask(context: Context) -> list[str]:
        field = app.runtime.part(Records).objects["shop"].fields[name]
        text = filter_expression(field, operator, values, CHINESE, today=context.now.date())
        page = read_page(context, Query("shop", ("name", "place", "spot", "worth"), filter=text, sort=("id",)))
        return [row["name"] for row in page.items]

    answer: list[str] = app.run(ask)
    return answer


def test_all_of_them_are_kept_and_read_as_they_were(app: App) -> None:
    row = app.read("shop", 1)
    assert row["place"] == "上海市浦东新区 世纪大道100号"
    assert row["spot"] == "31.230400, 121.473700 ±15"
    assert row["code"] == CODE
    assert (row["worth"], app.read("shop", 2)["worth"], app.read("shop", 3)["worth"]) == (35, 0, -10)
    kept = app.rows("SELECT spot_latitude, spot_longitude, spot_accuracy FROM app.shop ORDER BY id")
    assert [tuple(map(str, one)) for one in kept[:2]] == [
        ("31.230400", "121.473700", "15"),
        ("30.274100", "120.155100", "0"),
    ]


def test_a_change_moves_them_and_what_is_summed_of_them(app: App) -> None:
    app.update("shop", 1, {"spot": None, "place": "江苏省苏州市昆山市", "rent": "10"})
    row = app.read("shop", 1)
    assert (row["spot"], row["place"], row["worth"]) == (None, "江苏省苏州市昆山市", -10)


def test_an_area_a_distance_and_a_number_are_filtered_by(app: App) -> None:
    assert found(app, "inside", "place", "上海") == ["东店"]
    assert found(app, "inside", "place", "浙江省杭州市") == ["西店"]
    assert found(app, "outside", "place", "浙江省") == ["东店", "空店"]
    assert found(app, "near", "spot", "31.2304, 121.4737", "5 公里") == ["东店"]
    assert found(app, "near", "spot", "31.2304, 121.4737", "200") == ["东店", "西店"]
    assert found(app, "blank", "spot") == ["空店"]
    assert found(app, "eq", "code", "9111 0000 6000 3734 1l") == ["东店"]


NEAR = 'DISTANCE(spot, "31.2304, 121.4737") <= 5'
ASKED = (
    (NEAR, True),
    ('100 > DISTANCE("31.2304, 121.4737", spot)', True),
    ('owner = me and DISTANCE(spot, "0, 179.99") < 50', False),
    ('DISTANCE(spot, "89.99, 0") < 300', False),
    ('DISTANCE(spot, "nowhere") < 5', False),  # nothing is looked at
    ('not (DISTANCE(spot, "31.2304, 121.4737") < 30)', False),
    ('DISTANCE(spot, "31.2304, 121.4737") > 19000', False),
    ('DISTANCE(spot, "31.2304, 121.4737") < -1', True),
)


def test_what_is_near_is_found_by_an_index(app: App) -> None:
    """A box around the position goes first; what is found is what the distance itself finds, round the poles and the line of the date too."""
    with app.engine.begin() as connection:
        connection.execute(
            sa.text(
                "INSERT INTO app.shop (created_at, updated_at, name, owner, spot_latitude, spot_longitude, spot_accuracy)"
                " SELECT now(), now(), 'S' || n, :owner, 18 + n * 7919 % 30000 * 0.001,"
                " 80 + n * 6007 % 50000 * 0.001, 0 FROM generate_series(1, 4000) n"
                " UNION ALL SELECT now(), now(), 'E' || n, :owner, round((31.2304 + (n - 50) * 0.0009)::numeric, 6),"
                " 121.4737, 0 FROM generate_series(1, 100) n"
                " UNION ALL SELECT now(), now(), 'O', :owner, a, b, 0"
                " FROM (VALUES (0, -179.99), (0, 179.9), (89, 90), (88.9, -90), (-31.2304, -58.5263)) AS odd (a, b)"
            ),
            {"owner": app.people["cleo"].id},
        )
        connection.execute(sa.text("ANALYZE app.shop"))
    for text, indexed in ASKED:
        statements: list[Any] = []
        event.listen(app.engine, "before_cursor_execute", note := lambda *given, to=statements: to.append(given[2:4]))
        asked = Query("shop", ("id",), filter=text, sort=("id",), limit=1000)
        names = [row["id"] for row in app.run(partial(read_page, query=asked), "cleo").items]
        event.remove(app.engine, "before_cursor_execute", note)
        slow = replace(asked, filter=text.replace("DISTANCE", "0 + DISTANCE"))
        assert names == [row["id"] for row in app.run(partial(read_page, query=slow), "cleo").items], text
        with app.engine.begin() as connection:
            explained = connection.exec_driver_sql(f"EXPLAIN {statements[-1][0]}", statements[-1][1])
            assert ("ix_shop_spot" in "".join(row[0] for row in explained)) == indexed, text
        assert text != NEAR or len(names) >= 99


def test_of_a_masked_number_only_what_it_leaves_open_is_shown(app: App) -> None:
    assert app.read("shop", 1, "cleo")["keeper"] == "110105********002X"
    assert app.read("shop", 3, "cleo")["keeper"] is None
    with pytest.raises(Refusal) as told:
        app.run(lambda context: read_page(context, Query("shop", ("name",), filter=f'keeper = "{ID}"')), "cleo")
    assert told.value.status == 400


def test_a_number_is_never_repeated_by_what_is_said_of_it(app: App) -> None:
    with pytest.raises(Refusal) as told:
        app.create("shop", {"name": "x", "keeper": ID[:-1] + "1"})
    assert [one.code for one in told.value.errors] == ["CHECK_DIGIT"]
    assert ID[:-1] not in str(told.value) + str(told.value.errors)


def test_a_check_that_looks_back_is_asked_of_own_changes_alone(app: App) -> None:
    """What is summed up of children has no former record to be held against: their writes go through, renaming the shop does not."""
    lease = app.create("lease", {"shop": 1, "fee": "100"})
    app.update("lease", lease, {"fee": "50"})
    with pytest.raises(Refusal) as refused:
        app.update("shop", 1, {"name": "北店"})
    assert [(one.field, one.code) for one in refused.value.errors] == [("name", "CHECK_FAILED")]


def test_lines_that_are_read_only_stay_by_every_way(app: App) -> None:
    """Written with their record or by themselves, new, changed and taken away: as the record stands before."""
    app.update("shop", 2, {"shelves": [{"width": 1}], "shut": True})
    (shelf,) = (one["id"] for one in app.read("shop", 2)["shelves"])
    ways = (
        lambda c: update(c, "shop", [Change(2, {"shelves": [{"width": 2}]})]),
        lambda c: update(c, "shop", [Change(2, {"shelves": [{"id": shelf, "width": 2}], "shut": False})]),
        lambda c: update(c, "shop", [Change(2, {"shelves": [{"id": shelf, "remove": True}]})]),
        lambda c: create(c, "shelf", [{"shop": 2, "width": 2}]),
        lambda c: update(c, "shelf", [Change(shelf, {"width": 2})]),
        lambda c: delete(c, "shelf", [(shelf, None)]),
    )
    told = []
    for way in ways:
        with pytest.raises(Refusal) as refused:
            app.run(way)
        told.append([(one.field, one.code) for one in refused.value.errors])
    assert told == [[("shelves", "READONLY_FIELD")]] * 3 + [[("shop", "READONLY_FIELD")]] * 3
    app.update(
        "shop", 2, {"shelves": [{"id": shelf, "width": 1}], "name": "西二店"}
    )  # as they are they may be sent along
    app.update("shop", 2, {"shut": False})
    app.run(ways[4])
