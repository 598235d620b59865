"""Rules of duplicates in the designer: made and changed by clicking, published, and the records that are there marked by them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.designer.support import Studio


def test_a_rule_is_made_published_and_changed(studio: Studio) -> None:
    boss = studio.visitor("boss")
    studio.create("deal", name="上海申浩贸易")
    assert "查重规则" in boss.get("/designer/objects/deal/rules")
    boss.post("/designer/objects/deal/rules", act="duplicates", way="similar", fields="name", least="80")
    page = boss.get("/designer/objects/deal/rules")
    assert "名称相近" in page
    assert 'value="80"' in page
    assert "查重规则" in boss.get("/designer/publish")
    assert boss.publish() == "done"
    marks = studio.value("SELECT array_length(match_terms, 1) FROM app.deal WHERE name = '上海申浩贸易'")
    assert marks == 3, "what was there before is found as well"
    before = studio.value("SELECT match_terms FROM app.deal WHERE name = '上海申浩贸易'")
    boss.post("/designer/objects/deal/rules", act="duplicates", duplicates="name", fields="name", least="60", block="1")
    assert boss.publish() == "done"
    after = studio.value("SELECT match_terms FROM app.deal WHERE name = '上海申浩贸易'")
    assert set(before) < set(after), "a lower likeness wants more marks"
    boss.post("/designer/objects/deal/rules", act="duplicates", duplicates="name")
    assert "名称相近</b>" not in boss.get("/designer/objects/deal/rules")
