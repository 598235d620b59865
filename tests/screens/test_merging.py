"""Duplicates and merging on pages: told while one enters and once more on saving, records side by side, likely pairs, the bin."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from engine.storage.database import create_engine
from tests.screens.conftest import Browser
from tests.screens.ground import ROOT, Ground, compile_pack, make_tables

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def shop(pg: Any, system_template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    """The small pack with rules of duplicates, and people who may merge and who may not."""
    name = f"screens_twins_{system_template}"
    pg.create(name, system_template)
    engine, runtime = create_engine(pg.url(name)), compile_pack(ROOT / "tests" / "packs" / "twins")
    make_tables(engine, runtime)
    made = Ground(runtime, engine, tmp_path_factory.mktemp("twins"))
    made.person("boss", "陈国栋", "admin")
    made.person("rita", "王芳", "rep")
    made.person("ron", "李明", "rep")
    yield made
    engine.dispose()
    pg.drop(name)


def words(text: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", text))


def customer(shop: Ground, owner: str, **values: object) -> int:
    (number,) = shop.create("customer", {"region": "east", "owner": shop.ids[owner], **values})
    return number


def test_a_form_warns_and_asks_once(shop: Ground) -> None:
    known = customer(shop, "rita", name="上海申浩贸易有限公司", phone="021-555 0101")
    rita, ron = (Browser(shop.app()).sign_in(login, "zh") for login in ("rita", "ron"))
    assert 'hx-post="/o/customer/duplicates/ask"' in rita.get("/o/customer/new").text
    hint = rita.post("/o/customer/duplicates/ask", {"name": "上海申皓贸易"})
    assert (hint.status_code, f'href="/o/customer/{known}"' in hint.text, "名称相近" in hint.text) == (200, True, True)
    assert rita.post("/o/customer/duplicates/ask", {"name": "别的"}).text == ""
    theirs = ron.post("/o/customer/duplicates/ask", {"name": "上海申皓贸易"}).text
    assert "另有 1 条您无权查看的记录（负责人：王芳）" in words(theirs).strip()
    assert "申浩" not in theirs
    assert f"/{known}" not in theirs
    form = {"name": "上海申皓贸易", "region": "east", "note": "打了很多字"}
    asked = rita.post("/o/customer/new", form)
    assert asked.status_code == 409
    assert "仍然保存" in asked.text
    assert "打了很多字" in asked.text, "nothing typed is lost"
    confirm = re.search(r'name="_confirm" value="([^"]+)"', asked.text)
    assert confirm
    other = rita.post("/o/customer/new", {**form, "phone": "0215550101", "name": "甲", "_confirm": confirm[1]})
    assert other.status_code == 409, "a yes to one duplicate is none to another"
    saved = rita.post("/o/customer/new", {**form, "_confirm": confirm[1]})
    assert saved.status_code == 303
    page = rita.get(saved.headers["Location"]).text
    assert "可能重复" in page
    assert f"/o/customer/{known}" in page
    assert "合并…" not in page, "a rep deletes no customers"
    blocked = customer(shop, "rita", name="乙", tax="T1")
    refused = ron.post("/o/customer/new", {"name": "丁", "region": "east", "tax": "t1"})
    assert refused.status_code == 422
    assert "税号已登记（您无权查看，负责人：王芳）" in refused.text
    assert blocked


def test_records_are_set_side_by_side_and_merged(shop: Ground) -> None:
    stays = customer(shop, "rita", name="杭州智联科技", phone="1", note="旧")
    goes = customer(shop, "ron", name="杭州智联科技有限公司", phone="2", note="新", code="K1")
    order, *_ = shop.create("order", {"customer": goes, "ordered_on": "2026-01-05"}, {"customer": goes})
    boss = Browser(shop.app()).sign_in("boss", "zh")
    assert f"/o/customer/merge?id={stays}&amp;id={goes}" in boss.get(f"/o/customer/{stays}/merge").text
    assert f'href="/o/customer/{goes}"' in boss.get(f"/o/customer/{stays}/merge?q=智联").text
    pairs = boss.get("/o/customer/duplicates").text
    assert f"/o/customer/merge?id={stays}&amp;id={goes}" in pairs
    page = boss.get(f"/o/customer/merge?id={stays}&id={goes}").text
    said = words(page)
    assert "合并 2 条客户" in said
    assert "订单 2" in said or "Order 2" in said, said
    assert f'name="pick.note" value="{stays}" checked' in page
    assert f'name="pick.code" value="{goes}" checked' in page, "what is blank comes from the other"
    posted: dict[str, object] = {
        "into": stays,
        "id": [stays, goes],
        "pick.note": goes,
        "pick.code": stays,
        f"version.{goes}": 7,
    }
    stale = boss.post("/o/customer/merge", posted)
    assert stale.status_code == 412
    assert f'name="pick.note" value="{goes}" checked' in stale.text, "what was picked stays picked"
    merged = boss.post("/o/customer/merge", {**posted, f"version.{goes}": 1})
    assert (merged.status_code, merged.headers["Location"]) == (303, f"/o/customer/{stays}")
    kept = shop.value(f"SELECT name || note || coalesce(code, '-') FROM app.customer WHERE id = {stays}")
    assert kept == "杭州智联科技新-"
    assert shop.value(f'SELECT customer FROM app."order" WHERE id = {order}') == stays
    assert "合并了重复记录" in boss.get(f"/o/customer/{stays}").text
    gone = boss.get(f"/o/customer/{goes}").text
    assert re.search(rf'这条记录已合并到 <a [^>]*href="/o/customer/{stays}">杭州智联科技</a>', gone)
    assert "K1" in gone, "what it held can still be read"


def test_what_is_in_the_way_is_told_beforehand(shop: Ground) -> None:
    boss, rita = (Browser(shop.app()).sign_in(login, "en") for login in ("boss", "rita"))
    one, two = customer(shop, "ron", name="A", region="north"), customer(shop, "ron", name="B")
    assert rita.get(f"/o/customer/merge?id={one}&id={two}").status_code == 403
    assert boss.get(f"/o/customer/merge?id={one}&id=999999").status_code == 404
    assert boss.get(f"/o/customer/merge?id={one}").status_code == 422
    assert boss.get(f"/o/user/merge?id={shop.ids['rita']}&id={shop.ids['ron']}").status_code == 409
    page = boss.get(f"/o/customer/merge?id={one}&id={two}&into={two}").text
    assert f'name="into" value="{two}"' in page
    before = shop.value("SELECT count(*) FROM tenon.outbox")
    boss.get(f"/o/customer/merge?id={one}&id={two}")
    assert shop.value("SELECT count(*) FROM tenon.outbox") == before, "looking changes nothing"
