"""What hangs on definitions of every kind, told before they are taken away; and what a publication that is refused leaves behind."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from tests.application import write_pack
from tests.designer.support import OBJECT, PACK, PROCESS, files_of, make_studio

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.conftest import Database
    from tests.designer.support import Studio

DEAL = (
    OBJECT.replace(
        "  owner:",
        "  status: {type: state, process: handling, label: {zh: 状态, en: Status}}\n"
        "  region: {type: choice, choices: region, label: {zh: 区域, en: Region}}\n  owner:",
        1,
    )
    + "  mine: {columns: [name]}\n"
)
SHOP = {
    "pack.yaml": PACK.replace("items: [deal]", "items: [deal, dashboard/board], roles: [clerk]"),
    "objects/deal.yaml": DEAL,
    "processes/handling.yaml": PROCESS,
    "choices/region.yaml": "choices: region\nlabel: {zh: 大区, en: Regions}\nvalues:\n  north: {label: {zh: 北, en: North}}\n  east: {label: {zh: 东, en: East}}\n",
    "metrics/total.yaml": 'metric: total\nlabel: {zh: 总额, en: Total}\nobject: deal\nvalue: SUM(rows.amount)\nfilter: region = "east"\n',
    "dashboards/board.yaml": "dashboard: board\nlabel: {zh: 看板, en: Board}\nwidgets:\n  sum: {show: number, metric: total}\n  list: {show: table, view: deal.mine}\n",
    "roles/clerk.yaml": "role: clerk\nlabel: {zh: 职员, en: Clerk}\nobjects:\n  deal: {read: own, create: true}\n  user: {read: all}\n",
}


@pytest.fixture
def studio(system_database: Database, tmp_path: Path) -> Iterator[Studio]:
    """A shop with a definition of each kind, two deals and somebody who holds its role."""
    made = make_studio(system_database.url, tmp_path / "home", write_pack(tmp_path, "shop", SHOP))
    made.person("boss", "admin")
    made.person("anna", "admin", "clerk", language="en")
    made.create("deal", name="a", amount="7", stage="won", region="east")
    made.create("deal", name="b", region="east")
    yield made
    for thread in threading.enumerate():
        if thread.name == "tenon-publish":
            thread.join()
    made.live.stop()
    made.engine.dispose()


def test_what_hangs_on_each_kind_is_told_before_it_goes(studio: Studio) -> None:
    boss, anna = studio.visitor("boss"), studio.visitor("anna")
    for url, words in {
        "object/deal": ("对象「商机」", "共有 2 条记录", "指标 总额 › 对象", "流程 handling › 对象", "角色 职员 › 对象权限 › 商机"),
        "object/deal?at=fields/amount": ("1 条记录填有数据", "指标 总额 › 算式", "何时显示 › 金额", "all › 筛选"),
        "object/deal?at=fields/stage/choices/won": ("选项「商机 · 阶段 · 成交」", "1 条记录选了它", "何时显示 › 金额"),
        "object/deal?at=views/mine": ("仪表盘 看板 › list › 视图",),
        "choices/region?at=values/east": ("2 条记录选了它", "指标 总额 › 筛选"),
        "process/handling?at=states/fresh": ("状态「handling · 新建」", "2 条记录正处于此状态", "完成 › 来源状态"),
        "process/handling?at=transitions/finish": ("流转「handling · 完成」",),
        "role/clerk": ("1 人拥有此角色", "菜单"),
        "metric/total": ("指标「总额」", "仪表盘 看板", "不能删除"),
    }.items():  # fmt: skip
        page = boss.get(f"/designer/impact/{url}")
        assert [one for one in words if one not in page] == [], url
    page = anna.get("/designer/impact/process/handling?at=states/fresh")
    assert all(words in page for words in ("state “handling · New”", "2 records are in this state", "Finish › from"))
    boss.get("/designer/impact/object/nothing", 404)
    boss.get("/designer/impact/process/handling?at=states/nothing", 404)


def test_what_only_the_draft_defines_is_deleted_and_comes_back(studio: Studio) -> None:
    boss = studio.visitor("boss")
    boss.post("/designer/objects", label="大客户协同", menu="shop/work")
    assert "da_ke_hu_xie_tong" in str(files_of(studio))
    boss.post("/designer/remove/object/da_ke_hu_xie_tong")
    assert "da_ke_hu_xie_tong" not in str(files_of(studio))
    assert "与已发布版本一致" in boss.get("/designer")  # what was done and taken back is no change
    boss.post("/designer/undo")
    assert "da_ke_hu_xie_tong" in str(files_of(studio))
    boss.post("/designer/remove/object/deal", 409)


def test_a_publication_that_is_refused_leaves_the_draft(studio: Studio) -> None:
    boss, anna = studio.visitor("boss"), studio.visitor("anna")
    studio.create("deal", name="a")
    boss.do("label", field="amount", language="zh", value="总价")
    boss.do("option", field="name", option="unique", value="true")
    boss.do("option", field="name", option="max", value="20")
    before = files_of(studio)
    told = boss.get("/designer/publish")
    assert "条记录不符合新规则，请先修改数据" in told
    assert all(words in told for words in ("字段「商机 · 名称」的最大值由 无 改为 20", "名称由「金额」改为「总价」"))
    assert "records do not fit" in anna.get("/designer/publish")
    assert boss.publish() == "refused"
    assert files_of(studio) == before
    assert studio.value("SELECT version FROM tenon.current") == 1
    boss.do("option", field="name", option="unique", value="")
    assert boss.publish() == "done"


def test_yaml_that_somebody_else_changed_stays_with_what_was_typed(studio: Studio) -> None:
    boss, anna = studio.visitor("boss"), studio.visitor("anna")
    start = "extend: process/handling\n"
    anna.post("/designer/source/process/handling", text=f"{start}label: {{en: Handling}}\n", was=start)
    page = boss.post("/designer/source/process/handling", 409, text=f"{start}label: {{zh: 我写的}}\n", was=start)
    assert all(words in page for words in ("Anna 刚刚改过这份文件", "我写的", "en: Handling"))
    gone = boss.client.post(
        "/designer/check/process/handling",
        data={"text": f"{start}states: {{fresh: {{remove: true}}}}\n", "csrf_token": boss.token},
    ).get_json()
    assert gone["faults"] or gone["elsewhere"]
