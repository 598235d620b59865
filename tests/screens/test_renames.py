"""A page that was open while something was renamed or removed: what it sends under former names is taken, and nothing typed is dropped."""

from __future__ import annotations

import re
import shutil
from html import unescape
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from engine.publishing.naming import name_physical
from engine.records.compile import Records
from engine.records.shape import Shapes
from engine.runtime import compile_app
from engine.storage.physical import Physical
from metamodel.definitions.model import Model
from tests.screens.ground import ROOT, Ground, compile_pack

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from engine.runtime import AppRuntime
    from tests.screens.conftest import Browser

    Open = Callable[..., Browser]

CHANGES = {
    "customer": (
        ("  phone: {type: text,", "  tel: {type: text, was: phone,"),
        ("  note: {type: long_text, label: {zh: 备注, en: Note}}\n", ""),
    ),
    "order_line": (
        ("  quantity: {", "  pieces: {was: quantity, "),
        ("ROUND(quantity", "ROUND(pieces"),
        ("to: product", "to: article"),
    ),
    "product": (("object: product\n", "object: article\nwas: product\n"),),
}


@pytest.fixture
def renamed(ground: Ground, tmp_path: Path) -> AppRuntime:
    """The small pack after renames, on the tables of before."""
    place = tmp_path / "mini"
    shutil.copytree(ROOT / "tests" / "packs" / "mini", place)
    for name, pairs in CHANGES.items():
        file = place / "objects" / f"{name}.yaml"
        text = file.read_text(encoding="utf-8")
        for before, after in pairs:
            assert text.count(before) == 1, before
            text = text.replace(before, after)
        file.write_text(text, encoding="utf-8")
    for file in (place / "pack.yaml", *(place / "roles").iterdir()):
        text = re.sub(r"\bproduct\b", "article", file.read_text(encoding="utf-8")).replace(
            "customer.phone", "customer.tel"
        )
        file.write_text(text, encoding="utf-8")
    made = compile_pack(place)
    before, after = ground.runtime.part(Records), made.part(Records)
    first = name_physical(Shapes(Model(), before.kinds), Physical(), before.shapes).physical
    mapped = name_physical(before.shapes, first, after.shapes).physical
    return compile_app(2, "renamed", made.model, mapped, after.kinds)


def base_of(page: str) -> str:
    found = re.search(r'name="_base" value="([^"]*)"', page)
    assert found
    return unescape(found[1])


def test_an_open_form_is_saved_under_todays_names(browser: Open, ground: Ground, renamed: AppRuntime) -> None:
    (number,) = ground.create("customer", {"name": "榫卯", "region": "east", "phone": "1"})
    boss = browser("boss")
    url = f"/o/customer/{number}/edit"
    base = base_of(boss.get(url).text)
    ground.runtime = renamed
    saved = boss.post(url, {"_base": base, "_version": "1", "name": "榫卯", "phone": "2", "region": "east"})
    assert saved.status_code == 303
    assert ground.value("SELECT phone FROM app.customer") == "2"
    assert "2" in boss.get(f"/o/customer/{number}").text
    ground.update("customer", number, tel="3")
    clash = boss.post(url, {"_base": base, "_version": "1", "name": "榫卯", "phone": "4", "region": "east"})
    assert clash.status_code == 412, "the base goes under the name of today as well"
    assert "我的：4" in clash.text
    made = boss.post("/o/customer/new", {"name": "卯榫", "phone": "5"})
    assert made.status_code == 303
    assert ground.value("SELECT phone FROM app.customer WHERE name = '卯榫'") == "5"


def test_what_was_typed_into_a_removed_field_is_shown_not_dropped(
    browser: Open, ground: Ground, renamed: AppRuntime
) -> None:
    (number,) = ground.create("customer", {"name": "榫卯", "note": "旧"})
    boss = browser("boss")
    url = f"/o/customer/{number}/edit"
    base = base_of(boss.get(url).text)
    ground.runtime = renamed
    form = {"_base": base, "_version": "1", "name": "榫卯科技", "note": "一段新的备注"}
    refused = boss.post(url, form)
    assert refused.status_code == 422
    assert "所填「一段新的备注」没有保存" in refused.text
    assert 'value="榫卯科技"' in refused.text
    assert ground.value("SELECT name FROM app.customer") == "榫卯"
    assert boss.post(url, {**form, "note": "旧"}).status_code == 303, "what was left alone costs nobody a second try"
    assert boss.post("/o/customer/new", {"name": "新", "note": "写了"}).status_code == 422
    assert boss.post("/o/customer/new", {"name": "新", "note": ""}).status_code == 303


def test_lines_and_addresses_of_before_go_on(browser: Open, ground: Ground, renamed: AppRuntime) -> None:
    (product,) = ground.create("product", {"sku": "a", "name": "网关", "price": "100"})
    (customer,) = ground.create("customer", {"name": "榫卯", "phone": "77"})
    boss = browser("boss")
    form = {"customer": customer, "status": "draft", "lines.0.product": product, "lines.0.quantity": "2", "lines.0.price": "100"}  # fmt: skip
    made = boss.post("/o/order/new", form)
    assert made.status_code == 303
    url = made.headers["Location"]
    edit = boss.get(f"{url}/edit").text
    (line,) = re.findall(r'name="lines\.0\.id" value="(\d+)"', edit)
    ground.runtime = renamed
    change = {**form, "_base": base_of(edit), "_version": "1", "lines.0.id": line, "lines.0.quantity": "3"}
    assert boss.post(f"{url}/edit", change).status_code == 303
    assert ground.value("SELECT quantity FROM app.order_line") == 3
    lost = {**change, "lines.0.weight": "12"}
    assert "所填「12」没有保存" in boss.post(f"{url}/edit", lost).text

    assert "网关" in boss.get("/o/product").text
    base = base_of(boss.get(f"/o/product/{product}/edit").text)
    assert boss.post(f"/o/product/{product}/edit", {"sku": "a", "name": "网关二", "_base": base}).status_code == 303
    assert ground.value("SELECT name FROM app.product") == "网关二"
    assert boss.post(f"/o/customer/{customer}/cell/phone", {"value": "78", "base": '"77"'}).status_code == 200
    assert ground.value("SELECT phone FROM app.customer") == "78"
    assert boss.post("/o/customer/bulk/edit", {"id": customer, "field": "phone", "value": "79"}).status_code == 303
    assert ground.value("SELECT phone FROM app.customer") == "79"
    kept = boss.get(f"/o/customer?phone.eq=79&sort=-phone&columns=name,phone&rest={quote('x')}").text
    assert "榫卯" in kept
    assert "79" in kept
    assert "榫卯" not in boss.get("/o/customer?phone.eq=1").text.partition('id="rows"')[2]
