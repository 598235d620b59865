"""Attacks on every route, made from the route table: a road added later is attacked without anybody thinking of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from engine.api.routes import METHODS, PREFIX, ROUTES, Route

from .attacking import BODIED, WRITES, address, is_problem
from .conftest import make_api

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from engine.runtime import AppRuntime

    from .conftest import Api

IDS = [f"{route.method} {route.rule}" for route in ROUTES]
READS = [route for route in ROUTES if route.method == "GET"]
LISTS = ["/records/customer", "/records/customer/{id}/related/orders"]
SQL = [
    "' OR 1=1 --",
    '"; DROP TABLE app.customer; --',
    "1) UNION SELECT password_hash FROM tenon.credential --",
    "%27%20OR%201=1",
    "\\'; --",
]


@pytest.mark.parametrize("route", ROUTES, ids=IDS)
@pytest.mark.parametrize(
    "sent", ["", "Bearer", "Bearer x", "Basic Ym9zczpib3Nz", "Bearer tenon_" + "a" * 43, "bearer \x7f"]
)
def test_nobody_gets_in_without_a_token(still: Api, route: Route, sent: str) -> None:
    for method in METHODS:
        answer = still.as_("").call(method, address(route), headers={"Authorization": sent} if sent else {})
        is_problem(answer, 401)
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert still.as_("").call("HEAD", address(route)).status_code == 401
    is_problem(still.as_("").get("/no/such/address"), 401)


@pytest.fixture(scope="module")
def outdated(make_shared: Callable[[str], Api]) -> Api:
    """An API with a token of rita's that ran out, and with ron's account frozen."""
    made = make_shared("outdated")
    assert made.as_("rita").get("/objects").status_code == made.as_("ron").get("/objects").status_code == 200
    made.sql("UPDATE tenon.token SET expires_at = :now WHERE user_id = :u", now=made.moment[0], u=made.ids["rita"])
    made.sql('UPDATE app."user" SET frozen = true WHERE id = :u', u=made.ids["ron"])
    return made


@pytest.mark.parametrize("route", ROUTES, ids=IDS)
def test_a_frozen_account_and_a_token_out_of_time_do_nothing(outdated: Api, route: Route) -> None:
    is_problem(outdated.as_("rita").call(route.method, address(route)), 401)
    is_problem(outdated.as_("ron").call(route.method, address(route)), 401)


@pytest.mark.parametrize("route", WRITES, ids=[f"{route.method} {route.rule}" for route in WRITES])
def test_a_session_writes_only_with_its_csrf_token(still: Api, route: Route) -> None:
    from engine.people.sessions import open_session

    with still.engine.begin() as connection:
        secret = open_session(connection, still.ids["boss"], still.moment[0], hours=1)
    cookie = {"Cookie": f"tenon_session={secret}"}
    assert still.as_("").get("/objects", headers=cookie).status_code == 200
    answer = still.as_("").call(route.method, address(route), headers=cookie, json={})
    is_problem(answer, 403)
    assert answer.json["code"] == "CSRF"


def test_a_session_with_its_csrf_token_writes_and_speaks_its_language(
    api: Api, api_runtime: AppRuntime, api_template: dict[str, Any], tmp_path: Path
) -> None:
    from engine.people.sessions import open_session

    with api.engine.begin() as connection:
        secret = open_session(connection, api.ids["boss"], api.moment[0], hours=1)
    api.sql("UPDATE app.\"user\" SET language = 'zh' WHERE id = :u", u=api.ids["boss"])
    pages = make_api(str(api.engine.url), api_template, api_runtime, tmp_path, csrf=lambda token: token == "right").as_(
        ""
    )
    cookie = {"Cookie": f"tenon_session={secret}"}
    assert pages.post("/records/customer", {"name": "A"}, headers=cookie | {"X-CSRF-Token": "wrong"}).status_code == 403
    assert pages.post("/records/customer", {"name": "A"}, headers=cookie | {"X-CSRF-Token": "right"}).status_code == 201
    assert (
        pages.post("/records/customer", {"name": 5}, headers=cookie | {"X-CSRF-Token": "right"}).headers[
            "Content-Language"
        ]
        == "zh"
    )
    # A bearer token beside a cookie decides, and needs no CSRF token.
    assert (
        pages.as_("rita").post("/records/customer", {"name": "B"}, headers=cookie).json["created_by"]["label"] == "rita"
    )
    pages.engine.dispose()


@pytest.mark.parametrize("route", ROUTES, ids=IDS)
def test_other_methods_are_refused_and_named(still: Api, route: Route) -> None:
    own = {one.method for one in ROUTES if one.rule == route.rule}
    for method in set(METHODS) - own - {"OPTIONS"}:
        answer = still.call(method, address(route))
        is_problem(answer, 405)
        assert own <= set(answer.headers["Allow"].split(", "))
    options = still.call("OPTIONS", address(route))
    assert options.status_code == 204
    assert set(options.headers["Allow"].split(", ")) == own | {"OPTIONS"} | ({"HEAD"} if "GET" in own else set())


@pytest.mark.parametrize("route", READS, ids=[route.rule for route in READS])
def test_head_is_get_without_the_body(still: Api, route: Route) -> None:
    for who in ("boss", "rita"):
        full = still.as_(who).get(address(route))
        bare = still.as_(who).call("HEAD", address(route))
        assert bare.status_code == full.status_code
        assert bare.get_data() == b""


@pytest.mark.parametrize("route", READS, ids=[route.rule for route in READS])
def test_arguments_nobody_declared_are_refused(still: Api, route: Route) -> None:
    is_problem(still.get(address(route) + "?nonsense=1"), 400)
    is_problem(still.get(address(route) + "?limit=1&limit=2"), 400)
    is_problem(still.get(address(route) + "?%ff=1"), 400)


@pytest.mark.parametrize(
    "number", ["0", "-1", "abc", "1.0", "9" * 30, "1%00", "1 OR 1=1", "9223372036854775808", "１", "..", "%2e%2e%2f"]
)
@pytest.mark.parametrize(
    "route", [route for route in ROUTES if "<number>" in route.rule], ids=lambda route: f"{route.method} {route.rule}"
)
def test_what_is_no_id_is_not_found(still: Api, route: Route, number: str) -> None:
    is_problem(still.call(route.method, address(route, number), **({"json": {}} if route in BODIED else {})), 404, 405)


@pytest.mark.parametrize(
    "route", [route for route in ROUTES if "<name>" in route.rule], ids=lambda route: f"{route.method} {route.rule}"
)
@pytest.mark.parametrize("name", ["nothing", "customer'--", "pg_class", "tenon.token", "Customer", "__proto__", "%00"])
def test_what_is_no_object_is_not_found(still: Api, route: Route, name: str) -> None:
    is_problem(still.call(route.method, address(route, 1, name), **({"json": {}} if route in BODIED else {})), 404, 422)


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("text", SQL)
@pytest.mark.parametrize("argument", ["filter", "sort", "fields", "view", "search", "after", "limit", "count"])
def test_sql_in_an_argument_is_text_or_refused(still: Api, path: str, text: str, argument: str) -> None:
    answer = still.get(path.format(id=1), query_string={argument: text})
    if argument == "search":
        assert answer.status_code == 200
        assert answer.json["items"] == []
    else:
        is_problem(answer, 400)
    assert still.sql("SELECT count(*) FROM app.customer")[0][0] == 1


@pytest.mark.parametrize(
    "field",
    ["credit", "ordered", "headroom", "phone", "orders.total", "owner.email", "customer.credit", "password_hash"],
)
def test_hidden_and_masked_fields_can_not_be_asked_by_any_road(still: Api, field: str) -> None:
    clara = still.as_("clara")
    for query in (
        {"filter": f"{field} = 1"},
        {"filter": f'{field} = "x"'},
        {"filter": f"not ISBLANK({field})"},
        {"filter": f'region = "east" or {field} > 1'},
        {"sort": field},
        {"sort": f"-{field}"},
    ):
        is_problem(clara.get("/records/customer", query_string=query), 400)
    answer = clara.get("/records/customer", query_string={"fields": f"name,{field}"})
    if answer.status_code == 200:
        assert field == "phone"
        assert answer.json["items"][0][field] == "***"
    else:
        is_problem(answer, 400)
    for text in ("77", "138", "13800000000"):
        assert clara.get("/records/customer", query_string={"search": text}).json["items"] == []


@pytest.fixture(scope="module")
def closed(make_shared: Callable[[str], Api]) -> Api:
    """An API with the customer 1, clara's, of whom she may not read everything."""
    made = make_shared("closed")
    assert made.customer("Closed", "clara", credit=987654, phone="13899990000") == 1
    seen = made.as_("boss").get("/records/customer/1").get_data(as_text=True)
    assert "987654" in seen
    assert "13899990000" in seen
    return made


@pytest.mark.parametrize("route", READS, ids=[route.rule for route in READS])
def test_no_route_answers_what_a_role_may_not_read(closed: Api, route: Route) -> None:
    """A value that nobody else has: whatever a road answers, it is not in there, in no shape."""
    for query in ("", "?count=true", "?limit=1000"):
        answer = closed.as_("clara").get(address(route, 1) + query).get_data(as_text=True)
        assert "987654" not in answer
        assert "1389999" not in answer


def test_a_hidden_field_can_not_be_told_from_one_that_is_not_there(still: Api) -> None:
    hidden = still.as_("clara").get("/records/customer?filter=credit = 1").json
    absent = still.as_("clara").get("/records/customer?filter=xredit = 1").json
    assert hidden["code"] == absent["code"]
    assert (
        hidden["detail"].replace("credit", "?").split(".")[0] == absent["detail"].replace("xredit", "?").split(".")[0]
    )


def test_addresses_outside_the_table_are_problems_too(still: Api) -> None:
    for path in (
        "",
        "/",
        "/nothing",
        "/records",
        "/records/",
        "/records/customer/",
        "/../objects",
        "/records/customer/1/2/3/4",
    ):
        assert still.get(path).status_code == 404, path
        is_problem(still.get(path), 404)
    assert PREFIX == "/api/v1"


def test_a_long_address_is_a_problem_and_no_page_of_the_server(still: Api) -> None:
    for length, status, code in ((9_000, 400, "BAD_ARGUMENT"), (70_000, 414, "ADDRESS_TOO_LONG")):
        answer = still.get(f"/records/customer?filter=name%3D%22{'x' * length}%22")
        is_problem(answer, status)
        assert answer.json["code"] == code


def test_what_breaks_inside_is_told_to_the_log_alone(
    api: Api, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> bytes:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("engine.api.records.read_page_json", broken)
    answer = api.get("/records/customer")
    is_problem(answer, 500)
    assert "secret" not in answer.get_data(as_text=True)
    assert "secret detail" in caplog.text


def test_a_database_that_is_away_is_503(api_template: dict[str, Any], api_runtime: AppRuntime, tmp_path: Path) -> None:
    away = make_api("postgresql+psycopg://nobody@127.0.0.1:1/nothing", api_template, api_runtime, tmp_path)
    for path in ("/objects", "/records/customer/1"):
        answer = away.get(path)
        is_problem(answer, 503)
        assert answer.headers["Retry-After"]
        assert "127.0.0.1" not in answer.get_data(as_text=True)
    is_problem(away.post("/records/customer", {"name": "x"}), 503)
