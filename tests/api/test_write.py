"""Writing through the API: statuses, ETags and conditions, bulk, problems of values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .conftest import Api


def codes(answer: Any) -> dict[str, str]:
    return {error["field"]: error["code"] for error in answer.json["errors"]}


def test_create_read_change_delete_restore(api: Api) -> None:
    made = api.post("/records/customer", {"name": "榫卯", "credit": "12.5", "region": "east"})
    assert made.status_code == 201
    number = made.json["id"]
    assert made.headers["Location"] == f"/api/v1/records/customer/{number}"
    assert made.headers["ETag"] == '"1"'
    assert (made.json["credit"], made.json["owner"], made.json["vip"]) == (
        "12.50",
        {"id": api.ids["boss"], "label": "boss"},
        False,
    )
    assert api.get(f"/records/customer/{number}").json == made.json
    changed = api.patch(f"/records/customer/{number}", {"credit": 7}, headers={"If-Match": '"1"'})
    assert (changed.status_code, changed.json["credit"], changed.headers["ETag"]) == (200, "7.00", '"2"')
    gone = api.delete(f"/records/customer/{number}", headers={"If-Match": '"2"'})
    assert (gone.status_code, gone.get_data()) == (204, b"")
    assert "Content-Type" not in gone.headers
    assert api.get(f"/records/customer/{number}").status_code == 404
    assert [item["id"] for item in api.get("/records/customer?binned=true").json["items"]] == [number]
    assert api.get(f"/records/customer/{number}?binned=true").status_code == 200
    back = api.post(f"/records/customer/{number}/restore")
    assert (back.status_code, back.json["name"]) == (200, "榫卯")
    actions = [entry["action"] for entry in api.get(f"/records/customer/{number}/history").json["items"]]
    assert actions == ["restored", "deleted", "updated", "created"]


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
@pytest.mark.parametrize("match", ['"9"', '"1", "9"', 'W/"2"', '""', '"x"', '"999999999999"'])
def test_a_stale_condition_is_412(api: Api, method: str, match: str) -> None:
    number = api.customer("A", version=2)
    options = {"json": {"name": "B"}} if method == "PATCH" else {}
    answer = api.call(method, f"/records/customer/{number}", headers={"If-Match": match}, **options)
    assert answer.status_code == 412
    assert answer.json["code"] == "STALE"
    assert api.sql("SELECT name, deleted_at FROM app.customer") == [("A", None)]


@pytest.mark.parametrize("match", ["", "nonsense", "2", '"2" "3"', '"2', "*, *", '"\x01"', '"1",' * 999])
def test_a_condition_that_is_none_is_400(api: Api, match: str) -> None:
    number = api.customer("A", version=2)
    for method, options in (("PATCH", {"json": {"name": "B"}}), ("DELETE", {})):
        assert (
            api.call(method, f"/records/customer/{number}", headers={"If-Match": match}, **options).status_code == 400
        )


@pytest.mark.parametrize("match", ['"2"', "*", '"1", "2"'])
def test_a_condition_that_holds_lets_through(api: Api, match: str) -> None:
    number = api.customer("A", version=2)
    assert api.patch(f"/records/customer/{number}", {"name": "B"}, headers={"If-Match": match}).status_code == 200


def test_a_condition_on_nothing_is_404(api: Api) -> None:
    for match in ('"1"', "*", '"1", "2"'):
        assert api.patch("/records/customer/999", {"name": "B"}, headers={"If-Match": match}).status_code == 404


@pytest.mark.parametrize(
    ("values", "field", "code"),
    [
        ({"name": 5}, "name", "WRONG_TYPE"),
        ({"name": "x" * 81}, "name", "TOO_LONG"),
        ({"name": "x", "credit": "1.234"}, "credit", "TOO_DEEP"),
        ({"name": "x", "credit": True}, "credit", "WRONG_TYPE"),
        ({"name": "x", "credit": "-1"}, "credit", "TOO_SMALL"),
        ({"name": "x", "vip": "true"}, "vip", "WRONG_TYPE"),
        ({"name": "x", "region": "mars"}, "region", "UNKNOWN_CHOICE"),
        ({"name": "x", "owner": 999999}, "owner", "DANGLING_LINK"),
        ({"name": "x", "nonsense": 1}, "nonsense", "UNKNOWN_FIELD"),
        ({}, "name", "REQUIRED"),
        ({"name": None}, "name", "REQUIRED"),
        ({"name": "   "}, "name", "REQUIRED"),
    ],
)
def test_bad_values_are_422_with_field_and_code(api: Api, values: dict[str, object], field: str, code: str) -> None:
    for language in ("zh", "en"):
        answer = api.as_("boss", language).post("/records/customer", values)
        assert answer.status_code == 422
        assert codes(answer)[field] == code
        assert all("row" not in error for error in answer.json["errors"])
        assert ("\u4e00" <= answer.json["detail"][0] <= "\u9fff") is (language == "zh")
    assert api.sql("SELECT count(*) FROM app.customer")[0][0] == 0


@pytest.mark.parametrize(
    "name",
    ["id", "version", "created_at", "created_by", "updated_by", "deleted_at", "ordered", "headroom", "owner_since"],
)
def test_what_nobody_writes_is_refused_by_every_write(api: Api, name: str) -> None:
    number = api.customer("A")
    for answer in (
        api.post("/records/customer", {"name": "x", name: 1}),
        api.patch(f"/records/customer/{number}", {name: 1}),
        api.post("/records/customer/bulk", {"create": [{"name": "x", name: 1}]}),
        api.post("/records/customer/bulk", {"update": [{"id": number, "values": {name: 1}}]}),
    ):
        assert answer.status_code in {403, 422}
    assert api.sql("SELECT count(*) FROM app.customer")[0][0] == 1


def test_bulk_is_all_or_nothing(api: Api) -> None:
    kept, gone = api.customer("A"), api.customer("B")
    answer = api.post(
        "/records/customer/bulk",
        {
            "create": [{"name": "C"}, {"name": "D", "credit": "5"}],
            "update": [{"id": kept, "version": 1, "values": {"name": "A2"}}],
            "delete": [{"id": gone}],
        },
    )
    assert answer.status_code == 200
    assert [len(answer.json[step]) for step in ("create", "update", "delete")] == [2, 1, 1]
    assert answer.json["update"] == [{"id": kept, "version": 2}]
    assert api.post("/records/customer/bulk", {"restore": [gone]}).status_code == 200
    failed = api.post("/records/customer/bulk", {"create": [{"name": "E"}, {"name": 5}], "update": []})
    assert failed.status_code == 422
    assert failed.json["errors"][0]["field"] == "create.1.name"
    assert failed.json["errors"][0]["row"] == 1
    stale = api.post(
        "/records/customer/bulk",
        {"create": [{"name": "E"}], "update": [{"id": kept, "version": 1, "values": {"name": "x"}}]},
    )
    assert stale.status_code == 412
    assert sorted(row[0] for row in api.sql("SELECT name FROM app.customer WHERE deleted_at IS NULL")) == [
        "A2",
        "B",
        "C",
        "D",
    ]


def test_bulk_with_nothing_to_do_is_done(api: Api) -> None:
    for body in ({}, {"create": [], "delete": []}):
        answer = api.post("/records/customer/bulk", body)
        assert (answer.status_code, answer.json) == (200, {})


@pytest.mark.parametrize(
    "body",
    [
        {"create": {}},
        {"create": [1]},
        {"nonsense": []},
        {"update": [{"id": 1}]},
        {"update": [{"id": True, "values": {}}]},
        {"update": [{"id": "1", "values": {}}]},
        {"update": [{"id": 1, "values": {}, "more": 1}]},
        {"delete": [{"id": 1}, {"id": 1}]},
        {"delete": [{"id": 0}]},
        {"restore": [{"id": 1}]},
        {"restore": [1.5]},
        {"create": [{"name": "x"}] * 1001},
    ],
)
def test_a_bulk_body_that_says_nothing_clear_is_422(api: Api, body: object) -> None:
    assert api.post("/records/customer/bulk", body).status_code == 422


def test_lines_are_written_whole_or_by_id(api: Api) -> None:
    customer = api.customer("A", credit=100000)
    product = api.post("/records/product", {"sku": "P1", "name": "Pen", "price": "9.50"}).json["id"]
    made = api.post(
        "/records/order",
        {"customer": customer, "lines": [{"product": product, "quantity": 2}, {"product": product, "price": "3"}]},
    )
    assert made.status_code == 201, made.json
    number, lines = made.json["id"], made.json["lines"]
    assert [line["amount"] for line in lines] == ["19.00", "3.00"]
    assert made.json["total"] == "22.00"
    changed = api.patch(f"/records/order/{number}", {"lines": [{"id": lines[0]["id"], "price": "10"}]}).json
    assert [line["amount"] for line in changed["lines"]] == ["20.00", "3.00"]
    changed = api.patch(
        f"/records/order/{number}", {"lines": [{"id": lines[1]["id"], "remove": True}, {"product": product}]}
    ).json
    assert [line["amount"] for line in changed["lines"]] == ["20.00", "9.50"]
    assert changed["total"] == "29.50"
    assert api.get(f"/records/customer/{customer}").json["ordered"] == "29.50"
    bad = api.patch(f"/records/order/{number}", {"lines": [{"id": lines[0]["id"], "price": "x"}]})
    assert (bad.status_code, codes(bad)) == (422, {"lines.0.price": "MALFORMED"})
    assert api.patch(f"/records/order/{number}", {"lines": [{"id": 999999, "price": "1"}]}).status_code == 422


def test_links_are_found_by_what_names_them(api: Api) -> None:
    api.customer("A", code="C-1")
    made = api.post("/records/order", {"customer": {"by": {"code": "C-1"}}})
    assert (made.status_code, made.json["customer"]["label"]) == (201, "A")
    assert codes(api.post("/records/order", {"customer": {"by": {"code": "none"}}})) == {"customer": "DANGLING_LINK"}


def test_duplicates_and_checks(api: Api) -> None:
    api.customer("A", code="C-1")
    taken = api.post("/records/customer", {"name": "B", "code": "C-1"})
    assert taken.status_code in {409, 422}
    assert codes(taken)["code"] == "DUPLICATE"
    assert api.post("/records/customer", {"name": "V", "vip": True}).status_code == 422
    number = api.post("/records/order", {"customer": api.customer("C")}).json["id"]
    refused = api.patch(f"/records/order/{number}", {"status": "done"})
    assert (refused.status_code, "lines" in codes(refused)) == (422, True)


def test_what_one_may_write_and_not_see_is_answered_by_its_id(api: Api) -> None:
    made = api.as_("rita").post("/records/customer", {"name": "A", "owner": api.ids["ron"]})
    assert made.status_code == 201
    assert set(made.json) == {"id", "version"}


def test_rights_hold_on_every_write(api: Api) -> None:
    number = api.customer("A", "ron")
    rita = api.as_("rita")
    assert rita.patch(f"/records/customer/{number}", {"name": "B"}).status_code == 404
    assert rita.delete(f"/records/customer/{number}").status_code in {403, 404}
    assert rita.post("/records/customer/bulk", {"update": [{"id": number, "values": {"name": "B"}}]}).status_code == 404
    mine = api.customer("Mine", "rita")
    assert rita.patch(f"/records/customer/{mine}", {"credit": 5}).status_code in {403, 422}
    assert rita.delete(f"/records/customer/{mine}").status_code == 403
    assert rita.post("/records/customer/bulk", {"delete": [{"id": mine}]}).status_code == 403
    assert api.sql("SELECT count(*) FROM app.customer WHERE deleted_at IS NULL AND name IN ('A', 'Mine')")[0][0] == 2


def test_calls_without_a_body_take_none(api: Api) -> None:
    number = api.customer("A")
    assert api.delete(f"/records/customer/{number}", json={"x": 1}).status_code == 422
    assert api.post(f"/records/customer/{number}/restore", {"x": 1}).status_code == 422


@pytest.mark.parametrize("body", [b"{", b"[1]", b'{"nam": 1, "region": "mars"}', b'{"name": "B"}'])
def test_a_condition_comes_before_the_content(api: Api, body: bytes) -> None:
    number = api.customer("A")
    path, options = f"/records/customer/{number}", {"data": body, "content_type": "application/json"}
    stale = api.call("PATCH", path, headers={"If-Match": '"9"'}, **options)
    assert (stale.status_code, stale.json["code"]) == (412, "STALE")
    assert api.call("PATCH", path, headers={"If-Match": '"1"'}, **options).status_code != 412
    assert api.call("PATCH", path, headers={"If-Match": '"9"'}, data=body, content_type="text/plain").status_code == 415
    assert api.as_("").call("PATCH", path, headers={"If-Match": '"9"'}, **options).status_code == 401
    assert api.as_("rita").call("PATCH", path, headers={"If-Match": '"9"'}, **options).status_code == 404


def test_what_a_writer_saw_is_merged_in_lines_too(api: Api) -> None:
    product = api.post("/records/product", {"sku": "a", "name": "P", "price": "1"}).json["id"]
    line = {"product": product, "quantity": "1", "price": "1.00"}
    made = api.post("/records/order", {"customer": api.customer("A"), "lines": [line, line]}).json
    rows = [row["id"] for row in api.get(f"/records/order/{made['id']}").json["lines"]]
    base = {"discount": "0.00", "lines": [{"id": row, **line} for row in rows]}

    def send(**values: object) -> object:
        return api.post("/records/order/bulk", {"update": [{"id": made["id"], "base": base, "values": values}]})

    assert send(discount="0.1", lines=[{"id": rows[0], "price": "2"}]).status_code == 200
    assert (
        send(discount="0", lines=[{"id": rows[0], "quantity": "3"}, {"id": rows[1], "price": "4"}]).status_code == 200
    )
    refused = send(lines=[{"id": rows[1], "price": "5"}, {"id": rows[0], "price": "2.0"}])
    assert refused.status_code == 412
    assert [(one["field"], one["code"]) for one in refused.json["errors"]] == [("update.0.lines.0.price", "CONFLICT")]
    now = api.get(f"/records/order/{made['id']}").json
    assert [(row["quantity"], row["price"]) for row in now["lines"]] == [("3.000", "2.00"), ("1.000", "4.00")]
    assert now["discount"].startswith("0.1")
