"""Forms that hold more than what was typed into them: copies, short forms of what is made on the way, what a browser had kept, cells from
a spreadsheet; and a timeline narrowed to what one looks for."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

import orjson

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.screens.conftest import Browser
    from tests.screens.ground import Ground

    Open = Callable[..., Browser]

ASKED_BY_SCRIPT = {"HX-Request": "true"}


def test_a_copy_begins_with_the_records_values_and_lines(browser: Open, ground: Ground) -> None:
    (product,) = ground.create("product", {"sku": "a", "name": "网关", "price": "100"})
    (customer,) = ground.create("customer", {"name": "榫卯"})
    line = {"product": product, "quantity": "3", "price": "77"}
    (order,) = ground.create("order", {"customer": customer, "lines": [line]})
    shown = browser("boss").get(f"/o/order/new?_copy={order}").text
    assert re.search(r'name="lines\.0\.price"[^>]*value="77\.00"|value="77\.00"[^>]*name="lines\.0\.price"', shown)
    assert 'name="lines.0.id" value=""' in shown  # rows of its own
    assert ">榫卯</option>" in shown
    assert browser("boss").get("/o/order/new?_copy=999").status_code == 404


def test_a_record_made_on_the_way_answers_what_a_picker_needs(browser: Open, ground: Ground) -> None:
    boss = browser("boss")
    boss.get("/")
    short = boss.get("/o/customer/new?_short=1&name=Acme", **ASKED_BY_SCRIPT).text
    assert "<html" not in short
    assert 'id="q-name"' in short
    assert 'value="Acme"' in short
    refused = boss.post("/o/customer/new", {"_short": "1", "name": ""})
    assert refused.status_code == 422
    assert "<html" not in refused.text
    made = boss.client.post(
        "/o/customer/new", data={"_short": "1", "name": "Acme", "csrf_token": boss.token}, headers=ASKED_BY_SCRIPT
    )
    number = ground.value("SELECT id FROM app.customer WHERE name = 'Acme'")
    assert made.json == {"object": "customer", "id": number, "label": "Acme", "next": f"/o/customer/{number}"}


def test_a_forms_token_has_a_name_that_no_field_can_have(browser: Open, ground: Ground) -> None:
    """An object may well have a field ``csrf_token``: what is typed there does not stand in the way of saving, nor is it a token."""
    boss = browser("boss")
    form = boss.get("/o/customer/new").text
    token = re.search(r'<form id="record-form".*?name="_csrf_token" value="([^"]+)"', form, re.DOTALL)
    assert token is not None
    assert boss.post("/o/customer/new", {"name": "A", "csrf_token": "typed"}).status_code == 400
    assert boss.post("/o/customer/new", {"name": "A", "csrf_token": "", "_csrf_token": token[1]}).status_code == 303
    typed = boss.post("/o/customer/new", {"name": "B", "csrf_token": "typed", "_csrf_token": token[1]})
    assert typed.status_code == 303


def test_what_a_browser_had_kept_is_shown_and_not_saved(browser: Open, ground: Ground) -> None:
    boss = browser("boss")
    boss.get("/o/customer/new")
    kept = boss.post("/o/customer/new", {"name": "Half done", "_draft": "1"})
    assert kept.status_code == 200
    assert 'value="Half done"' in kept.text
    assert 'data-dirty="true"' in kept.text
    other = boss.post("/o/customer/new", {"name": "Half done", "_person": "999"})  # somebody else has signed in since
    assert other.status_code == 400
    assert 'value="Half done"' in other.text
    assert ground.value("SELECT count(*) FROM app.customer") == 0


def test_cells_of_a_spreadsheet_are_read_as_typed(browser: Open, ground: Ground) -> None:
    (product,) = ground.create("product", {"sku": "a", "name": "网关", "price": "100"})
    boss = browser("boss")
    boss.get("/o/order/new")
    table = {"columns": ["product", "quantity", "price"], "rows": [["网关", "２", "1,200"], ["nothing", "many", ""]]}
    answer = boss.post("/o/order/lines/lines", {"cells": orjson.dumps(table).decode()})
    first, second = answer.json["rows"]
    assert first[0] == {"value": str(product), "label": "网关"}
    assert (first[1]["value"], first[2]["value"]) == ("2", "1200.00")
    assert second[0]["value"] == "nothing"
    assert second[0]["error"]
    assert second[1]["value"] == "many"
    assert "many" in second[1]["error"]
    assert second[2] == {"value": ""}
    assert boss.post("/o/order/lines/lines", {"cells": "[]"}).status_code == 400
    assert boss.post("/o/order/lines/customer", {"cells": orjson.dumps(table).decode()}).status_code == 404
    # what is typed into fields of the form itself: links, what is computed and what is not there are nothing to read
    cells = orjson.dumps(
        {"columns": ["credit", "owner", "ordered", "no"], "rows": [["¥1.2万", "1", "5", "x"], ["一百二", "", "", ""]]}
    )
    first, second = boss.post("/o/customer/typed", {"cells": cells.decode()}).json["rows"]
    assert first == [{"value": "12000.00"}, None, None, None]
    assert second[0] == {"value": "一百二", "error": "「一百二」不是数字"}


def test_a_timeline_is_narrowed_and_searched(browser: Open, ground: Ground) -> None:
    (number,) = ground.create("customer", {"name": "Acme"})
    boss, page = browser("boss"), f"/o/customer/{number}"
    boss.get(page)
    boss.post(f"{page}/comments", {"body": "Zebra said"})
    boss.post(f"{page}/comments", {"body": "nothing else"})
    boss.post(f"{page}/files", {"file": (io.BytesIO(b"abc"), "zebra-plan.txt"), "tag": ""})
    everything = boss.get(f"{page}/timeline").text
    assert "Zebra said" in everything
    assert "zebra-plan.txt" in everything
    found = boss.get(f"{page}/timeline?q=ZEBRA").text
    assert "Zebra said" in found
    assert "zebra-plan.txt" in found
    assert "nothing else" not in found
    files = boss.get(f"{page}/timeline?show=files").text
    assert "zebra-plan.txt" in files
    assert "Zebra said" not in files
    assert "创建了记录" in boss.get(f"{page}/timeline?show=changes").text
