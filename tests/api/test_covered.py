"""A hidden and a masked field on every door: nothing answers their values or lets them be guessed, neither by asking nor by trying."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Any

import pytest

from engine.api.routes import ROUTES, Route
from engine.records.query import Query, read_page
from engine.refusals import Refusal
from engine.transfer.export import export_records
from tests.guarded import HIDDEN, MASKED, NEAR, SECRET, Guarded, compile_guarded, make_guarded

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from werkzeug.test import TestResponse

READS = [route for route in ROUTES if route.method == "GET"]
PAPER = "secret-paper.txt"


@pytest.fixture(scope="module")
def guarded(pg: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    """The application with a deal that has everything: a history, an approval, a file in a hidden field, a comment, a visit, a move."""
    name = "api_covered"
    pg.create(name)
    made = make_guarded(
        pg.url(name), compile_guarded(tmp_path_factory.mktemp("packs")), tmp_path_factory.mktemp("home")
    )
    here = "/records/deal/1"
    made.be("dan", "seller")
    assert made.api("sal", "PATCH", here, {HIDDEN: "5", MASKED: "5"}).status_code == 200
    assert made.api("sal", "PATCH", here, {HIDDEN: f"{SECRET[:-1]}.{SECRET[-1]}", MASKED: NEAR}).status_code == 200
    assert made.api("sal", "POST", "/records/visit", {"note": "v", "deal": 1}).status_code == 201
    assert made.api("sal", "POST", "/records/comment", {"about": "deal/1", "body": "c"}).status_code == 201
    upload = made.site.test_client(use_cookies=False).post(
        "/api/v1/files",
        data={"file": (io.BytesIO(b"secret words"), PAPER)},
        headers={"Authorization": f"Bearer {made.tokens['sal']}"},
    )
    assert upload.status_code == 201, upload.json
    assert made.api("sal", "PATCH", here, {"paper": upload.json["id"]}).status_code == 200
    assert made.api("sal", "POST", f"{here}/submit", {}).status_code in {200, 201}
    yield made
    made.app.engine.dispose()
    pg.drop(name)


def leaks(answer: TestResponse) -> list[str]:
    """Return which of the covered things an answer holds, however they are written."""
    text = answer.get_data(as_text=True)
    digits = re.sub(r"[,.\s\u202f\u00a0]", "", text)
    return [one for one in (SECRET, "19753086", NEAR) if one in digits] + [
        one for one in (PAPER, "secret words") if one in text
    ]


def addresses(rule: str) -> Iterator[str]:
    """Yield the addresses that a rule has here: of each object, of the deal, of what hangs on it."""
    known = {
        "name": ("deal", "visit", "comment", "file", "user"),
        "number": (1,),
        "other": ("visits", "comments", "files"),
        "metric_name": ("deals", "secret"),
        "dashboard_name": ("all",),
        "transition_name": ("win", "lose"),
        "automation": ("push",),
        "operation": ("approve", "comment"),
    }
    found = [rule]
    for place in re.findall(r"<(\w+)>", rule):
        assert place in known or place in {"connection", "entry"}, f"{rule}: say what {place} may be"
        found = [one.replace(f"<{place}>", str(value)) for one in found for value in known.get(place, ("nothing",))]
    return iter(found)


@pytest.mark.parametrize("route", READS, ids=[route.rule for route in READS])
def test_no_road_of_reading_answers_them(guarded: Guarded, route: Route) -> None:
    for path in addresses(route.rule):
        for query in ("", "?limit=1000", "?count=true", "?view=all", "?view=board", "?fields=name", "?by=owner"):
            answer = guarded.api("clara", "GET", path + query)
            assert answer.status_code < 500, (path, answer.json)
            assert not leaks(answer), (path, query)
            if "/records/deal" in path or "/approvals" in path or path.startswith(("/objects", "/openapi")):
                assert HIDDEN not in answer.get_data(as_text=True), (path, query)  # its name is not told either


def test_who_may_see_them_finds_them_on_these_roads(guarded: Guarded) -> None:
    """What is looked for above is there to be found."""
    seen = {
        path
        for route in READS
        for path in addresses(route.rule)
        if leaks(guarded.api("sal", "GET", path)) or leaks(guarded.api("boss", "GET", path))
    }
    assert {
        "/records/deal",
        "/records/deal/1",
        "/records/deal/1/history",
        "/records/file",
        "/files/1",
        "/metrics/secret",
        "/dashboards/all",
        "/approvals/1",
    } <= seen


ASKED = (HIDDEN, MASKED, "twice", f"deal.{HIDDEN}", f"deal.{MASKED}", "visits.deal.covert")


@pytest.mark.parametrize("field", ASKED)
def test_no_expression_of_a_viewer_reads_them(guarded: Guarded, field: str) -> None:
    """Filter, sort, group, measure, formula, path, lookup from the other side: refused as what is not there is."""
    name = "visit" if field.startswith("deal.") else "deal"
    conditions = (
        f"{field} = 1", f'{field} = "x"', f"not ISBLANK({field})", f"{field} in (1, 2)", f"{field} not in (1, 2)",
        f"id = 1 or {field} > 1", f"IF(ISBLANK({field}), TRUE, FALSE)", f"COALESCE({field}, 0) > 1",
        f"LEN({field}) > 3", f'CONTAINS({field}, "9")', f'REGEXMATCH({field}, "9")', f"ANY(visits, {field} > 1)",
        f"MAX(visits.deal.{HIDDEN}) > 1", f"old.{field} > 1", f"record.{field} > 1", f"user.{field} > 1", f"{field.upper()} > 1",
        f"PICK(deal.{HIDDEN}, id = 1) > 1", f"SUM(rows.{field}) > 1", f"TEXT({field}) & name = name",
    )  # fmt: skip
    for text in conditions:
        for path, key in ((f"/records/{name}", "filter"), ("/metrics/deals", "filter"), ("/dashboards/all", "covert")):
            answer = guarded.api("clara", "GET", f"{path}?{key}={text.replace('&', '%26')}")
            refused = answer.status_code == 400 or path.startswith("/dashboards")
            assert refused, (path, text, answer.status_code, answer.json)
            assert not leaks(answer), (path, text)
        report = {"object": name, "measures": {"n": "COUNT(rows)"}, "filter": text}
        assert guarded.api("clara", "POST", "/reports", report).status_code == 400, text
    for sort in (field, f"-{field}", f"name,{field}", f"{field},id"):
        assert guarded.api("clara", "GET", f"/records/{name}?sort={sort}").status_code == 400, sort
    for body in (
        {"rows": [field]},
        {"columns": [field]},
        {"rows": [f"{field}:month"]},
        {"measures": {"n": f"SUM(rows.{field})"}},
        {"measures": {"n": f"COUNT(rows, not ISBLANK({field}))"}},
        {"measures": {"n": f"COUNT(rows, {field} > 1)"}},
        {"measures": {"n": f"FIRST(rows.{field})"}},
        {"measures": {"n": f'JOIN(rows.{field}, ",")'}},
        {"measures": {"n": f"MAX(rows.{field})", "m": "COUNT(rows)"}},
    ):
        report = {"object": name, "measures": {"n": "COUNT(rows)"}, **body}
        answer = guarded.api("clara", "POST", "/reports", report)
        assert answer.status_code == 400, (body, answer.json)
    for argument in (f"by={field}", f"by=owner&split={field}"):
        assert guarded.api("clara", "GET", f"/metrics/deals?{argument}").status_code == 400, argument


def test_a_figure_over_a_hidden_field_is_refused_and_a_board_says_so(guarded: Guarded) -> None:
    assert guarded.api("clara", "GET", "/metrics/secret").status_code in {400, 403}
    for query in ("?by=owner", "?compare=previous_period&period=2026-01", "?limit=1&by=region"):
        assert guarded.api("clara", "GET", f"/metrics/secret{query}").status_code in {400, 403}
    shown = {one["name"]: one for one in guarded.api("clara", "GET", "/dashboards/all").json["widgets"]}
    for name in ("secret", "worst"):
        assert shown[name]["data"] is None
        assert shown[name]["error"]["code"]
    assert shown["count"]["data"] is not None


def test_no_write_tells_them(guarded: Guarded) -> None:
    """The answer of a write, a unique value that exists, a check, a natural key, If-Match: none answers what stands there."""
    api, number = guarded.api, guarded.app.create("deal", {"name": "mine", "owner": guarded.app.people["clara"].id})
    exact = f"{SECRET[:-1]}.{SECRET[-1]}"
    for field, values in ((HIDDEN, (exact, "1")), (MASKED, (NEAR, "1")), ("paper", (1, 999))):
        said = []
        for value in values:
            answers = [
                api("clara", method, path, body)
                for method, path, body in (
                    ("POST", "/records/deal", {"name": f"n{value}", field: value}),
                    ("PATCH", f"/records/deal/{number}", {field: value}),
                    ("PATCH", "/records/deal/1", {field: value}),
                    ("POST", "/records/deal/bulk", {"create": [{"name": "b", field: value}]}),
                    ("POST", f"/records/deal/{number}/transitions/lose", {field: value}),
                    ("POST", "/records/visit", {"note": "k", "deal": {"by": {field: value}}}),
                )
            ]
            assert {one.status_code for one in answers} <= {403, 422}, [one.json for one in answers]
            said.append([(one.status_code, [error["code"] for error in one.json.get("errors", ())]) for one in answers])
        assert said[0] == said[1], field  # what stands there is answered as anything else is
    for path, body in (("/records/deal/1", {"region": "south"}), ("/records/deal/1", {"region": "north"})):
        assert not leaks(api("clara", "PATCH", path, body))
    # A transition that asks for it, steps that hang on it: named neither in the refusal nor in the offer.
    for name in ("win", "shut"):
        answer = api("clara", "POST", f"/records/deal/2/transitions/{name}", {})
        assert answer.status_code == (403 if name == "win" else 422)
        assert HIDDEN not in answer.get_data(as_text=True)
    assert HIDDEN in api("sal", "POST", "/records/deal/2/transitions/shut", {}).get_data(as_text=True)


def test_an_import_is_read_by_whose_it_is(guarded: Guarded) -> None:
    """What was wrong with a table repeats what stood in it: nobody else reads it, an administrator neither. A covered column is answered
    alike, whatever stands there."""

    def order(table: str) -> TestResponse:
        return guarded.site.test_client(use_cookies=False).post(
            "/api/v1/imports",
            data={"file": (io.BytesIO(table.encode()), "t.csv"), "object": "deal"},
            headers={"Authorization": f"Bearer {guarded.tokens['clara']}"},
        )

    for field, there in ((MASKED, NEAR), (HIDDEN, f"{SECRET[:-1]}.{SECRET[-1]}")):
        tried = [order(f"name,{field}\nz,{value}\n") for value in (there, "1")]
        said = [
            (one.status_code, {name: one.get_json().get(name) for name in ("code", "state", "errors")}) for one in tried
        ]
        assert said[0] == said[1]
        assert not leaks(tried[0])
    ordered = order("name,region\nz,nowhere\n")
    assert ordered.status_code == 202, ordered.json
    here = f"/imports/{ordered.get_json()['id']}"
    for path in (here, f"{here}/errors"):
        read = {who: guarded.api(who, "GET", path).status_code for who in ("clara", "sal", "boss")}
        assert read == {"clara": 200, "sal": 404, "boss": 404}


def test_searching_finds_nothing_by_them(guarded: Guarded) -> None:
    for text in (SECRET, SECRET[:5], NEAR, NEAR[:4], "6666", PAPER):
        for path in ("/records/deal", "/records/file", "/records/comment", "/records/visit"):
            answer = guarded.api("clara", "GET", f"{path}?search={text}&count=true")
            assert (answer.json["items"], answer.json["count"]) == ([], 0), (path, text)
    assert guarded.api("sal", "GET", f"/records/deal?search={NEAR}").json["items"]


def test_totals_and_orders_of_a_view_leave_them_out(guarded: Guarded) -> None:
    answer = guarded.api("clara", "GET", "/records/deal?view=all&limit=100")
    assert all(HIDDEN not in one for one in answer.json["items"])
    assert {one["mobile"] for one in answer.json["items"]} <= {"***", None}
    # The view is sorted by the hidden sum, highest first: for who may not see it the newest are first, whatever the sums.
    ids = [one["id"] for one in answer.json["items"]]
    assert ids == sorted(ids, reverse=True)
    clara = guarded.app.people["clara"]
    for totals in ({HIDDEN: "sum"}, {MASKED: "max"}, {f"{HIDDEN} + 0": "max"}):
        with pytest.raises(Refusal, match="UNKNOWN_NAME"):
            guarded.app.run(lambda context, totals=totals: read_page(context, Query("deal", totals=totals)), clara)


def test_an_export_has_them_not(guarded: Guarded, tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    clara = guarded.app.people["clara"]
    guarded.app.run(lambda context: export_records(context, "deal", path), clara)
    text = path.read_text(encoding="utf-8-sig")
    assert "秘密" not in text
    assert SECRET not in re.sub(r"[,.]", "", text)
    assert NEAR not in text
    guarded.app.run(lambda context: export_records(context, "deal", path), guarded.app.people["sal"])
    assert NEAR in path.read_text(encoding="utf-8-sig")
