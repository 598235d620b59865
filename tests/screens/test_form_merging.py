"""Two people at one form with lines: what both did is on the page again, with what the other made of it, and saving again goes through."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .test_pages import base_of

if TYPE_CHECKING:
    from .ground import Ground
    from .test_pages import Open


def three_lines(ground: Ground) -> tuple[int, int, int]:
    """Return a product, a customer, and their order of one, two and three pieces."""
    (product,) = ground.create("product", {"sku": "a", "name": "网关", "price": "100"})
    (customer,) = ground.create("customer", {"name": "榫卯"})
    lines = [{"product": product, "quantity": str(size), "price": "100"} for size in (1, 2, 3)]
    (order,) = ground.create("order", {"customer": customer, "lines": lines})
    return product, customer, order


def test_rows_that_somebody_else_changed_or_removed_meanwhile(browser: Open, ground: Ground) -> None:
    product, customer, order = three_lines(ground)
    boss, url = browser("boss"), f"/o/order/{order}/edit"
    edit = boss.get(url).text
    rows = [int(number) for _, number in re.findall(r'name="lines\.(\d+)\.id" value="(\d+)"', edit)]
    theirs = [{"id": rows[0], "price": "90"}, {"id": rows[1], "quantity": "5"}, {"id": rows[2], "remove": True}]
    ground.update("order", order, lines=theirs)
    posted = {"_version": "1", "customer": customer, "status": "draft"}
    for place, (row, quantity) in enumerate(zip(rows, ("7", "8", "9"), strict=True)):
        posted |= {f"lines.{place}.id": row, f"lines.{place}.product": product}
        posted |= {f"lines.{place}.quantity": quantity, f"lines.{place}.price": "100.00"}
    clash = boss.post(url, {**posted, "_base": base_of(edit)})
    assert clash.status_code == 412
    assert re.search(r'id="f-lines-1-quantity-error">[^<]*5[^<]*<', clash.text)
    assert not re.search(r'id="f-lines-0-quantity-error">[^<]', clash.text)
    assert "他人刚移除了这一行" in clash.text
    for quantity in ("7", "8", "9"):
        assert f'value="{quantity}"' in clash.text
    again = {**posted, "_base": base_of(clash.text)}
    kept = dict(re.findall(r'name="lines\.(\d)\.id" value="(\d*)"', clash.text))
    assert kept["2"] == ""  # what was typed in the row that is gone is a new row
    again["lines.2.id"] = ""
    shown = re.search(r'name="lines.0.price"[^>]*value="([^"]*)"|value="([^"]*)"[^>]*name="lines.0.price"', clash.text)
    assert shown
    again["lines.0.price"] = shown[1] or shown[2]  # untouched here, so it shows what the other made of it
    saved = boss.post(url, again)
    assert saved.status_code == 303, re.findall(r'error">([^<]+)<', saved.text)
    rows_there = "SELECT string_agg(quantity::int || '×' || price::int, ' ' ORDER BY id) FROM app.order_line WHERE deleted_at IS NULL"
    assert ground.value(rows_there) == "7×90 8×100 9×100"


def test_a_field_that_others_close_is_closed_at_first_paint(browser: Open, ground: Ground) -> None:
    (customer,) = ground.create("customer", {"name": "榫卯"})
    (product,) = ground.create("product", {"sku": "a", "name": "网关", "price": "100"})
    lines = [{"product": product, "quantity": "1", "price": "1"}]
    open_, done = ground.create(
        "order", {"customer": customer, "lines": lines}, {"customer": customer, "status": "done", "lines": lines}
    )
    boss = browser("boss")

    def control(number: int) -> str:
        found = re.search(r'<input[^>]*name="discount"[^>]*>', boss.get(f"/o/order/{number}/edit").text)
        return found[0] if found else ""

    assert "readonly" not in control(open_)
    assert control(open_)
    assert "readonly" in control(done) or not control(done)


def test_rows_stand_in_the_order_that_people_put_them_in(browser: Open, ground: Ground) -> None:
    """A new row among others keeps its place; of two people's orders the later one holds, and nobody's cells are lost."""
    product, customer, order = three_lines(ground)
    boss, url = browser("boss"), f"/o/order/{order}/edit"
    edit = boss.get(url).text
    assert 'name="lines.0.position"' not in edit
    rows = [int(number) for _, number in re.findall(r'name="lines\.(\d+)\.id" value="(\d+)"', edit)]
    posted = {"_version": "1", "customer": customer, "status": "draft", "_base": base_of(edit)}
    for place, row in enumerate((*rows, "")):
        posted |= {f"lines.{place}.id": row, f"lines.{place}.product": product, f"lines.{place}.price": "100.00"}
        posted[f"lines.{place}.quantity"] = place + 1

    def stand() -> list[str]:
        return re.findall(r'name="lines\.\d+\.quantity"[^>]*value="(\d+)"', boss.get(url).text)

    assert stand() == ["1", "2", "3"]
    theirs = [{"id": number, "position": 9 - place} for place, number in enumerate(rows)]
    ground.update("order", order, lines=[{**theirs[0], "price": "90"}, *theirs[1:]])
    assert stand() == ["3", "2", "1"]
    saved = boss.post(url, {**posted, "_order.lines": "2,0,3,1"})
    assert saved.status_code == 303, re.findall(r'error">([^<]+)<', saved.text)
    assert stand() == ["3", "1", "4", "2"]
    prices = "SELECT string_agg(price::int::text, ' ' ORDER BY position) FROM app.order_line WHERE deleted_at IS NULL"
    assert ground.value(prices) == "100 90 100 100"
    faulty = boss.post(url, {**posted, "customer": "", "_order.lines": "3,2,1,0"})
    assert re.findall(r'<tr data-row="(\d)"', faulty.text)[:4] == ["3", "2", "1", "0"]
    assert 'name="_order.lines" value="3,2,1,0"' in faulty.text
