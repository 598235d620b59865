"""Lists, single records, definitions and what links to a record, as different people see them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.shapes import alike, examples

if TYPE_CHECKING:
    from .conftest import Api


def test_a_list_answers_items_and_a_cursor(api: Api) -> None:
    first = api.customer("A", credit=5)
    api.customer("B", credit="12.5", region="east")
    body = api.get("/records/customer?sort=-credit&limit=1&count=true&fields=name,credit,owner,region").json
    assert body["items"] == [
        {
            "id": first + 1,
            "version": 1,
            "name": "B",
            "credit": "12.50",
            "owner": {"id": api.ids["boss"], "label": "boss"},
            "region": "east",
        }
    ]
    assert body["count"] == 2
    rest = api.get(f"/records/customer?sort=-credit&limit=1&fields=name,credit,owner,region&after={body['next']}").json
    assert [item["name"] for item in rest["items"]] == ["A"]
    assert rest["next"] is None


def test_filters_views_search_and_paths(api: Api) -> None:
    api.customer("Acme 上海", credit=5, vip=True)
    api.customer("Other")
    assert [item["name"] for item in api.get("/records/customer?filter=credit > 1 and vip").json["items"]] == [
        "Acme 上海"
    ]
    assert len(api.get("/records/customer?view=key").json["items"]) == 1
    item = api.get("/records/customer?fields=name,owner.name&filter=vip").json["items"][0]
    assert item["owner.name"] == "boss"


def test_one_record_has_its_version_as_etag(api: Api) -> None:
    number = api.customer("A", credit=5)
    answer = api.get(f"/records/customer/{number}")
    assert answer.status_code == 200
    assert answer.headers["ETag"] == '"1"'
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json["credit"] == "5.00"
    assert answer.json["headroom"] == "5.00"
    assert answer.json["created_at"] == "2026-01-05T01:00:00+00:00"
    narrow = api.get(f"/records/customer/{number}?fields=name,credit,owner")
    assert narrow.json == {
        "id": number,
        "version": 1,
        "name": "A",
        "credit": "5.00",
        "owner": {"id": api.ids["boss"], "label": "boss"},
    }
    assert narrow.json.items() <= answer.json.items()


def test_scopes_hold_in_lists_and_single_records(api: Api) -> None:
    mine, other = api.customer("Mine", "rita"), api.customer("Other", "ron")
    rita = api.as_("rita")
    assert [item["id"] for item in rita.get("/records/customer").json["items"]] == [mine]
    assert rita.get(f"/records/customer/{other}").status_code == 404
    assert rita.get(f"/records/customer/{other}/history").status_code == 404
    assert rita.get(f"/records/customer/{other}/access").status_code == 404
    assert rita.get(f"/records/customer/{other}/related/orders").status_code == 404
    assert {item["id"] for item in api.as_("mara").get("/records/customer").json["items"]} == {mine}
    assert {item["id"] for item in api.get("/records/customer").json["items"]} == {mine, other}
    assert api.as_("nobody").get("/records/customer").status_code == 404


def test_hidden_fields_are_absent_and_masked_ones_covered(api: Api) -> None:
    number = api.customer("A", region="east", credit=77, phone="138")
    item = api.as_("clara").get(f"/records/customer/{number}").json
    assert item["phone"] == "***"
    assert {"credit", "ordered", "headroom"}.isdisjoint(item)
    assert api.as_("clara").get("/records/customer").json["items"][0]["phone"] == "***"


def test_related_records(api: Api) -> None:
    number, other = api.customer("A"), api.customer("B")
    for customer, total in ((number, 10), (number, 20), (other, 30)):
        api.sql(
            "INSERT INTO app.\"order\" (created_at, updated_at, customer, status, owner, total) VALUES (now(), now(), :c, 'draft', :o, :t)",
            c=customer,
            o=api.ids["boss"],
            t=total,
        )
    answer = api.get(
        f"/records/customer/{number}/related/orders?sort=-total&count=true&fields=total,customer,customer.name"
    )
    assert [item["total"] for item in answer.json["items"]] == ["20.00", "10.00"]
    assert answer.json["items"][0]["customer"] == {"id": number, "label": "A"}
    assert answer.json["items"][0]["customer.name"] == "A"
    assert answer.json["count"] == 2
    assert api.get(f"/records/customer/{number}/related/orders?filter=TRUE) or (TRUE").status_code == 400
    assert api.get(f"/records/customer/{number}/related/nothing").status_code == 404


def test_objects_as_the_viewer_may_see_them(api: Api) -> None:
    everything = {item["name"] for item in api.get("/objects").json["items"]}
    assert {"customer", "order", "product", "user"} <= everything
    assert {item["name"] for item in api.as_("clara").get("/objects").json["items"]} == {
        "comment",  # of what she may read
        "customer",
        "file",
        "order",
        "order_line",
        "product",
    }
    assert api.as_("nobody").get("/objects").json["items"] == []
    customer = api.as_("clara", "zh").get("/objects/customer").json
    assert customer["label"] == "客户"
    fields = {one["name"]: one for one in customer["fields"]}
    assert {"credit", "ordered", "headroom"}.isdisjoint(fields)
    assert fields["phone"]["right"] == "masked"
    assert fields["region"]["choices"][0] == {"name": "north", "label": "华北", "color": "blue", "retired": False}
    assert api.as_("clara").get("/objects/user").status_code == 404
    assert api.get("/objects/nothing").status_code == 404


def test_access_says_why(api: Api) -> None:
    number = api.customer("A", "rita")
    mine = api.as_("rita").get(f"/records/customer/{number}/access").json
    assert mine["can_see"] is True
    assert mine["roles"] == [
        {
            "name": "rep",
            "label": "Sales rep",
            "grants": {"read": ["own"], "create": ["all"], "update": ["own"], "export": ["own"]},
            "sees": True,
        }
    ]
    assert mine["fields"] == {"credit": "read"}
    ron = api.get(f"/records/customer/{number}/access?user={api.ids['ron']}").json
    assert (ron["can_see"], ron["reason"]) == (False, "out_of_scope")
    none = api.get(f"/records/customer/{number}/access?user={api.ids['nobody']}").json
    assert (none["can_see"], none["reason"]) == (False, "no_grant")
    assert api.as_("rita").get(f"/records/customer/{number}/access?user={api.ids['ron']}").status_code == 403
    assert api.get(f"/records/customer/{number}/access?user=999999").status_code == 404


def test_history_tells_what_the_viewer_may_know(api: Api) -> None:
    number = api.customer("A", region="east", credit=77)
    for position, changes in enumerate(('{"credit": ["1", "77"], "name": ["B", "A"]}', '{"phone": ["1", "2"]}')):
        api.sql(
            "INSERT INTO tenon.history (at, object, record_id, actor, source, action, changes)"
            " VALUES (now() + :p * interval '1 minute', 'customer', :r, :a, 'web', 'updated', CAST(:c AS jsonb))",
            p=position,
            r=number,
            a=api.ids["boss"],
            c=changes,
        )
    page = api.get(f"/records/customer/{number}/history?limit=1").json
    assert page["items"][0]["changes"] == {"phone": {"old": "1", "new": "2"}}
    assert page["items"][0]["actor"] == {"id": api.ids["boss"], "label": "boss"}
    rest = api.get(f"/records/customer/{number}/history?after={page['next']}").json
    assert rest["items"][0]["changes"]["credit"] == {"old": "1", "new": "77"}
    assert rest["next"] is None
    alike(examples("History")[0], {**rest, "items": rest["items"][:1]}, frozenset({"changes"}))
    clara = api.as_("clara").get(f"/records/customer/{number}/history").json["items"]
    assert [entry["changes"] for entry in clara] == [
        {"phone": {"old": "***", "new": "***"}},
        {"name": {"old": "B", "new": "A"}},
    ]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_problems_speak_the_callers_language(api: Api, language: str) -> None:
    answer = api.as_("boss", language).get("/records/customer?filter=nonsense = 1")
    assert answer.status_code == 400
    assert answer.content_type == "application/problem+json"
    assert answer.headers["Content-Language"] == language
    assert ("\u4e00" <= answer.json["detail"][0] <= "\u9fff") is (language == "zh")
    assert answer.json["status"] == 400
    assert answer.json["code"]
