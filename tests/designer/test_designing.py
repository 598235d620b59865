"""The designer by its pages: what one does there is an overlay in the draft, shown at once, published with a click, and gone back from."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

from metamodel.source_yaml import parse_yaml
from tests.designer.support import files_of

if TYPE_CHECKING:
    from tests.designer.support import Studio

DEAL = "objects/deal.yaml"


def overlay(studio: Studio) -> dict[str, object]:
    """Return what the draft's overlay on the deal says."""
    data: dict[str, object] = parse_yaml(files_of(studio)[DEAL]).to_data()
    return data


def test_a_field_is_added_named_published_and_used(studio: Studio) -> None:
    boss = studio.visitor("boss")
    boss.do("add", type="money")
    boss.do("label", field="new_money", language="zh", value="预算金额")
    assert overlay(studio) == {
        "extend": "object/deal",
        "fields": {"yu_suan_jin_e": {"type": "money", "label": {"zh": "预算金额"}}},
        "form": {"tabs": {"main": {"sections": {"head": {"fields": {"add": ["yu_suan_jin_e"]}}}}}},
    }
    assert "预算金额" in boss.get("/designer/objects/deal?field=yu_suan_jin_e")
    assert "预算金额" in boss.get("/designer/publish")
    assert "预算金额" not in boss.get("/o/deal/new")
    assert boss.publish() == "done"
    assert "预算金额" in boss.get("/o/deal/new")
    assert studio.create("deal", name="a", yu_suan_jin_e="5") > 0
    assert studio.value("SELECT created_by FROM tenon.version WHERE number = 2") == studio.ids["boss"]
    assert studio.value("SELECT count(*) FROM tenon.audit WHERE action = 'publish'") == 1
    assert "没有需要发布的修改" in boss.get("/designer/publish")


def test_what_the_pack_says_comes_back_when_a_change_is_taken_back(studio: Studio) -> None:
    boss = studio.visitor("boss")
    boss.do("option", field="amount", option="required", value="true")
    assert overlay(studio)["fields"] == {"amount": {"required": True}}
    boss.do("option", field="amount", option="required", value="")
    assert DEAL not in files_of(studio)
    boss.do("condition", field="amount", condition="visible_when", rows="1", drop="0")
    assert overlay(studio)["visible_when"] == {"remove": True}


def test_conditions_are_rows_and_faults_are_said_in_their_place(studio: Studio) -> None:
    boss = studio.visitor("boss")
    rows = {
        "row.0.field": "amount",
        "row.0.operator": ">=",
        "row.0.value": "1000",
        "row.1.field": "name",
        "row.1.operator": "filled",
    }
    boss.do("condition", field="owner", condition="required_when", rows="2", join="or", **rows)
    assert overlay(studio)["required_when"] == {"owner": "amount >= 1000 or not ISBLANK(name)"}
    boss.do("condition", field="owner", condition="readonly_when", text="amonut > 1")
    page = boss.get("/designer/objects/deal?field=owner")
    assert "amonut" in page
    assert "负责人" in page
    assert "个问题，处理完才能发布" in boss.get("/designer/publish")
    boss.post("/designer/publish", 409)
    boss.post("/designer/undo")
    assert "readonly_when" not in overlay(studio)
    assert boss.publish() == "done"


def test_fields_move_and_retire_and_their_data_stay(studio: Studio) -> None:
    boss = studio.visitor("boss")
    studio.create("deal", name="a", amount="7", stage="won")
    boss.do("move", field="stage", tab="main", section="head", index="1")
    boss.do("step", field="owner", by="-1")
    sections = {"head": {"fields": ["name", "stage", "amount", "owner"]}, "more": {"remove": True}}
    assert overlay(studio)["form"] == {"tabs": {"main": {"sections": sections}}}
    impact = boss.get("/designer/impact/object/deal?at=fields/amount")
    assert "1 条记录填有数据" in impact
    assert "筛选" in impact
    boss.do("retire", field="amount")
    boss.post("/designer/publish", 409)  # the list is filtered by it still
    boss.post("/designer/objects/deal/views", act="condition", view="all", text="")
    assert boss.publish() == "done"
    assert "amount" not in studio.live.current().model.objects["deal"].fields
    assert studio.value('SELECT amount FROM app."deal"') == 7


def test_views_are_grouped_and_coloured(studio: Studio) -> None:
    boss, here = studio.visitor("boss"), "/designer/objects/deal/views"
    studio.create("deal", name="a", amount="7", stage="won")
    boss.post(here, act="by", view="all", value="stage")
    boss.post(here, act="color_add", view="all", value="red")
    boss.post(here, act="color_add", view="all", value="red")
    boss.post(here, act="color_remove", view="all", color="red_2")
    row = {"row.0.field": "amount", "row.0.operator": ">=", "row.0.value": "5", "row.0.was": "amount"}
    boss.post(here, act="color_when", view="all", color="red", rows="1", join="and", **row)
    boss.post(here, act="color_fields", view="all", color="red", fields=["amount"])
    boss.post(here, act="color_is", view="all", color="red", value="orange")
    said = overlay(studio)["views"]["all"]
    assert said == {"by": "stage", "colors": {"red": {"when": "amount >= 5", "color": "orange", "fields": ["amount"]}}}
    page = boss.get(here)
    assert "现有 1 条" in page
    assert 'class="dz-tint tint-orange"' in page
    boss.post(here, act="by", view="all", value="nowhere")
    assert overlay(studio)["views"]["all"]["by"] == "stage"
    assert boss.publish() == "done"
    shown = boss.get("/o/deal?view=all")
    assert "tint-orange" in shown
    boss.post(here, act="by", view="all", value="")
    boss.post(here, act="color_fields", view="all", color="red")
    boss.post(here, act="color_remove", view="all", color="red")
    assert not any("views" in text for text in files_of(studio).values())


def test_choices_are_added_coloured_and_retired(studio: Studio) -> None:
    boss = studio.visitor("boss")
    boss.do("choice_add", field="stage", language="zh", value="谈判")
    boss.do("choice_set", field="stage", choice="tan_pan", part="color", value="orange", language="zh")
    boss.do("choice_move", field="stage", choice="tan_pan", by="-1")
    boss.do("choice_remove", field="stage", choice="lead")
    said = overlay(studio)["fields"]
    assert said == {
        "stage": {
            "choices": {
                "tan_pan": {"label": {"zh": "谈判"}, "color": "orange", "before": "won"},
                "lead": {"retired": True, "label": {"zh": "线索", "en": "线索"}},
            }
        }
    }
    assert boss.publish() == "done"
    assert list(studio.live.current().model.objects["deal"].fields["stage"].options["choices"]) == [
        "lead",
        "tan_pan",
        "won",
    ]


def test_two_who_design_do_not_overwrite_each_other(studio: Studio) -> None:
    studio.person("anna", "admin", language="en")
    boss, anna = studio.visitor("boss"), studio.visitor("anna")
    boss.do("label", field="name", language="zh", value="商机名称", rev="0")
    anna.do("label", field="amount", language="zh", value="总额", rev="1")
    refused = boss.do("label", 409, field="amount", language="zh", value="金额（元）", rev="1")
    assert "Anna" in refused
    assert overlay(studio)["fields"] == {"name": {"label": {"zh": "商机名称"}}, "amount": {"label": {"zh": "总额"}}}


def test_going_back_to_a_version_is_one_click(studio: Studio) -> None:
    boss = studio.visitor("boss")
    boss.do("add", type="text")
    assert boss.publish() == "done"
    assert "Boss" in boss.get("/designer/versions")
    boss.post("/designer/versions/1/rollback")
    while 'data-state="running"' in boss.get("/designer/publish/state"):
        pass
    assert studio.value("SELECT version FROM tenon.current") == 3
    assert "new_text" not in boss.get("/o/deal/new")
    assert "与已发布版本一致" in boss.get("/designer/objects/deal")


def test_only_those_named_for_it_may_design(studio: Studio) -> None:
    studio.person("rita", "clerk")
    rita = studio.visitor("rita")
    for url in (
        "/designer",
        "/designer/objects/deal",
        "/designer/publish",
        "/designer/versions",
        "/designer/source/object/deal",
    ):
        rita.get(url, 403)
    rita.do("add", 403, type="text")
    rita.post("/designer/versions/1/rollback", 403)
    rita.post("/designer/undo", 403)


def test_an_object_is_made_by_clicking(studio: Studio) -> None:
    boss = studio.visitor("boss")
    boss.post("/designer/objects", label="大客户协同", menu="shop/work")
    name = "da_ke_hu_xie_tong"
    boss.do("add", object_name=name, type="link")
    boss.do("label", object_name=name, field="new_link", language="zh", value="关联商机")
    boss.do("add", object_name=name, type="percent")
    assert boss.publish() == "done"
    assert "大客户协同" in boss.get("/")
    boss.get(f"/o/{name}/new")


def test_yaml_is_checked_while_typed_and_saved_with_faults(studio: Studio) -> None:
    boss = studio.visitor("boss")
    text = "extend: object/deal\n# 我们的\nfields:\n  extra: {type: moneyy, label: 甲}\n"
    answer = boss.client.post("/designer/check/object/deal", data={"text": text, "csrf_token": boss.token}).get_json()
    assert [(one["line"], one["code"]) for one in answer["faults"]] == [(4, "UNKNOWN_TYPE")]
    boss.post("/designer/source/object/deal", text=text, was="")
    boss.do("label", field="name", language="zh", value="题")
    assert "# 我们的\n" in files_of(studio)[DEAL]
    boss.post("/designer/publish", 409)
    boss.post("/designer/source/object/deal", 409, text="extend: object/deal\n", was=text)


def test_a_draft_goes_along_with_what_is_published_beside_it(studio: Studio) -> None:
    boss = studio.visitor("boss")
    boss.do("add", type="text")
    before = files_of(studio)
    boss.post("/designer/versions/1/rollback")  # the same definitions: nothing changes under the draft
    assert files_of(studio) == before
    assert "new_text" in boss.get("/designer/objects/deal")


def test_a_page_of_sixty_fields_is_drawn_quickly(studio: Studio) -> None:
    boss = studio.visitor("boss")
    sorts = ("text", "money", "date", "integer", "boolean", "user")
    fields = "".join(f"  f{n}: {{type: {sorts[n % 6]}, label: {{zh: 字段{n}, en: Field {n}}}}}\n" for n in range(60))
    names = ", ".join(f"f{n}" for n in range(60))
    form = f"form: {{tabs: {{main: {{sections: {{head: {{fields: {{add: [{names}]}}}}}}}}}}}}\n"
    boss.post("/designer/source/object/deal", text=f"extend: object/deal\nfields:\n{fields}{form}", was="")
    spent = []
    for _ in range(4):
        began = time.process_time()
        assert "字段59" in boss.get("/designer/objects/deal?field=f59")
        spent.append(time.process_time() - began)
    assert min(spent) <= 0.3, spent


def test_every_type_of_the_palette_is_added_shown_and_published(studio: Studio) -> None:
    boss = studio.visitor("boss")
    offered = re.findall(
        r'data-type="(\w+)">.*?<button class="dz-kind"([^>]*)>', boss.get("/designer/objects/deal"), re.DOTALL
    )
    sorts = [name for name, said in offered if "disabled" not in said]
    assert {"text", "money", "choice", "link", "formula", "serial"} <= set(sorts)
    assert sorts.index("text") < sorts.index("long_text") < sorts.index("color"), "what most objects have comes first"
    for name in sorts:
        boss.do("add", type=name)
    page = boss.get("/designer/objects/deal")
    assert re.findall(r'dz-broken">.*?<b>(.*?)</b>', page) == []
    for name in sorts:
        assert f"new_{name}" in boss.get(f"/designer/objects/deal?field=new_{name}"), name
    assert "最多字数" in boss.get("/designer/objects/deal?field=new_text")
    assert boss.publish() == "done"
    assert {f"new_{name}" for name in sorts} <= set(studio.live.current().model.objects["deal"].fields)
