"""Duplicates and merging over the API: what is told with a write, before it, of a record; and what a merge answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.api.conftest import compile_pack, make_api, make_template

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.api.conftest import Api


@pytest.fixture
def api(pg: Any, system_template: str, tmp_path: Path) -> Iterator[Api]:
    """An API over the small pack with rules of duplicates."""
    name, runtime = f"api_twins_{system_template}", compile_pack("twins")
    made = make_api(pg.url(name), make_template(pg, name, system_template, runtime), runtime, tmp_path)
    yield made
    made.engine.dispose()
    pg.drop(name)


def made(api: Api, who: str, **values: Any) -> dict[str, Any]:
    answer = api.as_(who).post("/records/customer", {"region": "east", **values})
    assert answer.status_code == 201, answer.json
    found: dict[str, Any] = answer.json
    return found


def test_a_write_succeeds_and_warns(api: Api) -> None:
    first = made(api, "rita", name="上海申浩贸易有限公司", phone="021-555 0101")
    assert "_warnings" not in first
    second = made(api, "rita", name="上海申皓贸易", phone="0215550101")
    (warning,) = second["_warnings"]
    assert warning == {
        "code": "LIKELY_DUPLICATE",
        "rule": "phone",
        "fields": ["phone"],
        "score": "1",
        "record": {"id": first["id"], "label": first["name"]},
        "owner": {"id": api.ids["rita"], "label": "rita"},
        "message": "this may be the same as a record that is there",
    }
    here = f"/records/customer/{second['id']}"
    assert "_warnings" not in api.as_("rita").patch(here, {"note": "x"}).json, "what did not change is no news"
    renamed = api.as_("rita").patch(here, {"name": "上海申浩贸易", "phone": None})
    assert [one["rule"] for one in renamed.json["_warnings"]] == ["alike"]
    assert api.as_("rita").get(f"{here}/duplicates").json["items"][0]["record"]["id"] == first["id"]


def test_of_others_records_only_that_there_is_one(api: Api) -> None:
    made(api, "rita", name="上海申浩贸易有限公司")
    asked = api.as_("ron").post("/records/customer/duplicates", {"values": {"name": "上海申浩贸易"}})
    (told,) = asked.json["items"]
    assert (told["record"], told["owner"]["label"], told["message"]) == (None, "rita", "The names are alike")
    assert "有限公司" not in asked.get_data(as_text=True)
    assert made(api, "ron", name="上海申浩贸易")["_warnings"][0]["record"] is None
    assert api.as_("nobody").post("/records/customer/duplicates", {"values": {}}).status_code == 404
    for body in ({}, {"values": 1}, {"values": {}, "id": "1"}, {"values": {}, "more": 1}):
        assert api.post("/records/customer/duplicates", body).status_code == 422
    assert api.as_("ron").post("/records/customer/duplicates", {"values": {"name": "x"}, "id": 1}).status_code == 404


def test_merging_answers_the_one_that_stays(api: Api) -> None:
    stays, goes = made(api, "rita", name="甲"), made(api, "rita", name="乙", phone="7", note="n")
    order = api.as_("boss").post("/records/order", {"customer": goes["id"], "ordered_on": "2026-01-05"})
    path = f"/records/customer/{goes['id']}/merge"
    assert api.as_("rita").post(path, {"into": stays["id"]}).status_code == 403, "a rep deletes no customers"
    assert api.as_("ron").post(path, {"into": stays["id"]}).status_code == 403
    for body, field in (
        ({}, "into"),
        ({"into": "1"}, "into"),
        ({"into": 1, "fields": []}, "fields"),
        ({"into": 1, "x": 1}, "x"),
    ):
        refused = api.post(path, body)
        assert (refused.status_code, refused.json["errors"][0]["field"]) == (422, field)
    assert api.post(path, {"into": stays["id"]}, headers={"If-Match": '"9"'}).status_code == 412
    assert api.post(path, {"into": stays["id"], "version": 9}).status_code == 412
    merged = api.post(path, {"into": stays["id"], "fields": {"name": "丙"}}, headers={"Idempotency-Key": "once"})
    assert merged.status_code == 200, merged.json
    assert (merged.json["id"], merged.json["name"], merged.json["phone"], merged.json["note"]) == (
        stays["id"],
        "丙",
        "7",
        "n",
    )
    again = api.post(path, {"into": stays["id"], "fields": {"name": "丙"}}, headers={"Idempotency-Key": "once"})
    assert again.json == merged.json
    assert api.get(f"/records/customer/{goes['id']}").status_code == 404
    assert api.get(f"/records/order/{order.json['id']}").json["customer"]["id"] == stays["id"]
    for number in (stays["id"], goes["id"]):
        actions = {one["action"]: one for one in api.get(f"/records/customer/{number}/history").json["items"]}
        assert actions["merged"]["changes"] == {"id": {"old": goes["id"], "new": stays["id"]}}
    assert api.post(f"/records/user/{api.ids['ron']}/merge", {"into": api.ids["rita"]}).json["code"] == "NOT_MERGEABLE"
