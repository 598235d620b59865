"""The pages as a person without a browser's script meets them: signing in, lists, records, forms, the bin, in both languages."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from engine.records.compile import Records
from tests.screens.test_lists import noted

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.screens.conftest import Browser
    from tests.screens.ground import Ground

    Open = Callable[..., Browser]

CHINESE = re.compile(r"[\u4e00-\u9fff]+")


def base_of(page: str) -> str:
    """Return the hidden ``_base`` of a form, as a browser would send it."""
    found = re.search(r'name="_base" value="([^"]*)"', page)
    assert found
    return html.unescape(found[1])


def test_nobody_gets_in_unasked(browser: Open) -> None:
    guest = browser("")
    answer = guest.get("/o/customer?view=all")
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/sign-in?next=/o/customer%3Fview%3Dall"
    assert guest.get("/o/customer", **{"HX-Request": "true"}).status_code == 401
    guest.get("/sign-in")
    wrong = guest.post("/sign-in", {"login": "boss", "password": "wrong"})
    assert wrong.status_code == 401
    assert "登录名或密码不正确" in wrong.text
    assert 'value="boss"' in wrong.text
    assert guest.post("/sign-in", {"login": "boss", "password": "x"}, token="forged").status_code == 400
    away = guest.post("/sign-in", {"login": "boss", "password": "a-long-password-1", "next": "//evil.example"})
    assert away.headers["Location"] == "/"
    guest.get("/")
    assert guest.post("/sign-out").status_code == 303
    assert guest.get("/").status_code == 303


def test_an_error_leads_back_to_the_page_of_ours_one_came_from(browser: Open) -> None:
    boss = browser("boss")
    assert 'href="/o/customer?view=all"' in boss.get("/o/nowhere", Referer="http://localhost/o/customer?view=all").text
    for other in ("http://evil.example/o/customer?view=all", "http://localhost//evil.example", "javascript:alert(1)"):
        page = boss.get("/o/nowhere", Referer=other).text
        assert "返回上一页" not in page
        assert "回到首页" in page


def test_too_many_tries_are_refused(browser: Open) -> None:
    guest = browser("")
    guest.get("/sign-in")
    answers = [guest.post("/sign-in", {"login": "rita", "password": "wrong"}).status_code for _ in range(7)]
    assert answers[0] == 401
    assert answers[-1] == 429


def test_answers_carry_a_strict_policy(browser: Open) -> None:
    answer = browser("boss").get("/o/customer")
    policy = answer.headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"<script(?![^>]*(src=|application/json))", answer.text)
    assert not re.search(r'\son\w+="|\sstyle="', answer.text)


def test_an_empty_list_says_what_it_is_and_offers_the_first_step(browser: Open) -> None:
    page = browser("boss").get("/o/customer").text
    assert "还没有客户" in page
    assert 'href="/o/customer/new"' in page
    assert "No customers yet" in browser("boss", "en").get("/o/customer").text


def test_a_record_is_made_shown_changed_binned_and_brought_back(browser: Open, ground: Ground) -> None:
    boss = browser("boss")
    form = boss.get("/o/customer/new").text
    assert "新建客户" in form
    assert f'value="{ground.ids["boss"]}" selected>陈国栋' in form
    made = boss.post(
        "/o/customer/new",
        {"name": "华辰 <b>", "region": "east", "credit": "１０万", "vip": "true", "owner": ground.ids["boss"]},
    )
    assert made.status_code == 303, made.text
    url = made.headers["Location"]
    page = boss.get(url).text
    assert "华辰 &lt;b&gt;" in page
    assert "¥100,000.00" in page
    assert "已创建" in page
    edit = boss.get(f"{url}/edit").text
    saved = boss.post(
        f"{url}/edit",
        {"_base": base_of(edit), "_version": "1", "name": "华辰精密", "credit": "100000.00", "region": "east"},
    )
    assert saved.status_code == 303
    assert ground.value("SELECT version FROM app.customer") == 2
    after = boss.get(url).text
    assert "修改已保存" in after
    assert "<del>华辰 &lt;b&gt;</del>" in after
    gone = boss.post(f"{url}/delete", {"version": "2"})
    assert gone.headers["Location"] == "/o/customer"
    listed = boss.get("/o/customer").text
    assert "已移到回收站" in listed
    assert f'action="{url}/restore"' in listed
    assert "华辰精密" in boss.get("/o/customer?bin=1").text
    assert "在回收站中" in boss.get(url).text
    assert boss.post(f"{url}/restore").headers["Location"] == url
    assert "华辰精密" in boss.get("/o/customer").text


def test_what_was_typed_stays_with_a_message_at_its_field(browser: Open, ground: Ground) -> None:
    boss = browser("boss", "en")
    boss.get("/o/customer/new")
    refused = boss.post(
        "/o/customer/new", {"name": "", "credit": "lots of money", "note": "line one\r\nline two", "vip": "false"}
    )
    assert refused.status_code == 422
    assert 'value="lots of money"' in refused.text
    assert "line one\nline two" in refused.text
    for name in ("name", "credit"):
        error = re.search(rf'id="f-{name}-error">([^<]+)<', refused.text)
        assert error, name
        assert not CHINESE.search(error[1])
    assert ground.value("SELECT count(*) FROM app.customer") == 0


def test_an_expired_page_keeps_what_was_typed(browser: Open) -> None:
    boss = browser("boss")
    boss.get("/o/customer/new")
    answer = boss.post("/o/customer/new", {"name": "没有丢"}, token="expired")
    assert answer.status_code == 400
    assert 'value="没有丢"' in answer.text
    assert "页面已过期" in answer.text
    assert boss.post("/o/customer/1/delete", token="expired").status_code == 400


def test_two_people_at_one_record_merge_field_by_field(browser: Open, ground: Ground) -> None:
    (number,) = ground.create("customer", {"name": "榫卯", "region": "east", "phone": "1"})
    boss = browser("boss")
    url = f"/o/customer/{number}"
    base = base_of(boss.get(f"{url}/edit").text)
    ground.update("customer", number, phone="2")
    fine = boss.post(
        f"{url}/edit", {"_base": base, "_version": "1", "name": "榫卯科技", "phone": "1", "region": "east"}
    )
    assert fine.status_code == 303
    assert ground.value("SELECT name || phone FROM app.customer") == "榫卯科技2"
    assert "他人的修改也已保留" in boss.get(url).text
    base = base_of(boss.get(f"{url}/edit").text)
    ground.update("customer", number, name="卯榫")
    posted = {"_base": base, "_version": "3", "name": "新榫卯", "phone": "3", "region": "east"}
    clash = boss.post(f"{url}/edit", posted)
    assert clash.status_code == 412
    assert "我的：新榫卯" in clash.text
    assert "卯榫" in clash.text
    assert 'value="3"' in clash.text
    again = {**posted, "_base": base_of(clash.text), "_keep.name": "theirs"}
    assert boss.post(f"{url}/edit", again).status_code == 303
    assert ground.value("SELECT name || phone FROM app.customer") == "卯榫3"


def test_lines_are_entered_changed_and_removed_with_their_parent(browser: Open, ground: Ground) -> None:
    first, second = ground.create(
        "product", {"sku": "a", "name": "网关", "price": "100"}, {"sku": "b", "name": "软件", "price": "9.5"}
    )
    (customer,) = ground.create("customer", {"name": "榫卯"})
    boss = browser("boss")
    form = {"customer": customer, "status": "draft", "lines.0.product": first, "lines.0.quantity": "2", "lines.0.price": "100",
            "lines.1.product": second, "lines.1.quantity": "many", "lines.5.product": "", "lines.5.quantity": "1"}  # added and left as it began  # fmt: skip
    blank = boss.get("/o/order/new").text.partition("<template>")[2]
    assert re.search(
        r'name="lines\.__row__\.quantity"[^>]* value="1"|value="1"[^>]* name="lines\.__row__\.quantity"', blank
    )
    refused = boss.post("/o/order/new", form)
    assert refused.status_code == 422
    assert re.search(r'id="f-lines-1-quantity-error">[^<]+<', refused.text)
    assert 'value="many"' in refused.text
    assert ">网关</option>" in refused.text
    made = boss.post("/o/order/new", {**form, "lines.1.quantity": "4", "lines.1.price": "9.5"})
    assert made.status_code == 303, re.findall(r'error">([^<]+)<', made.text)
    url = made.headers["Location"]
    assert ground.value("SELECT subtotal FROM app.order") == 238
    page = boss.get(url).text
    assert "¥238.00" in page
    edit = boss.get(f"{url}/edit").text
    ids = re.findall(r'name="lines\.(\d+)\.id" value="(\d+)"', edit)
    assert len(ids) == 2
    change = {"_base": base_of(edit), "_version": "1", "customer": customer, "status": "draft", "lines.0.id": ids[0][1],
              "lines.0.product": first, "lines.0.quantity": "3", "lines.0.price": "100.00", "lines.1.id": ids[1][1], "lines.1.remove": "1",
              "lines.2.product": second, "lines.2.quantity": "2", "lines.2.price": "9.50"}  # fmt: skip
    assert boss.post(f"{url}/edit", change).status_code == 303
    assert ground.value("SELECT subtotal FROM app.order") == 319
    assert "<ins>增加 1 行、删除 1 行、修改 1 行</ins>" in boss.get(f"{url}/timeline?show=changes").text


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_speaks_one_language(browser: Open, ground: Ground, language: str) -> None:
    (number,) = ground.create("customer", {"name": "Acme", "region": "east"})
    viewer = browser("rita" if language == "en" else "boss", language)
    ground.update("customer", number, owner=ground.ids["rita"])
    for path in ("/", "/o/customer", "/o/customer?region.in=east&edit=credit", "/o/customer/new", f"/o/customer/{number}",
                 f"/o/customer/{number}/edit", "/o/order", "/palette?q=", "/nowhere"):  # fmt: skip
        answer = viewer.get(path)
        assert answer.status_code in {200, 404}, path
        text = re.sub(r"<script.*?</script>|<[^>]*>", " ", answer.text, flags=re.DOTALL).replace("中文", "")
        if language == "en":
            assert not CHINESE.search(text), (path, CHINESE.findall(text))


def test_a_list_costs_the_same_number_of_statements_however_long_it_is(browser: Open, ground: Ground) -> None:
    boss = browser("boss")
    boss.get("/o/customer")
    counted: list[int] = []
    for more in (2, 40):
        ground.create("customer", *({"name": f"{more}-{number}", "region": "east"} for number in range(more)))
        boss.get("/o/customer?region.in=east")
        statements: list[str] = []

        def note(*given: object, statements: list[str] = statements) -> None:
            statements.append(str(given[2]))

        sa.event.listen(ground.engine, "before_cursor_execute", note)
        page = boss.get("/o/customer?region.in=east").text
        sa.event.remove(ground.engine, "before_cursor_execute", note)
        assert f"{more}-{more - 1}" in page
        counted.append(len(statements))
    assert counted[0] == counted[1] <= 6


def test_a_record_of_others_is_not_there(browser: Open, ground: Ground) -> None:
    (number,) = ground.create("customer", {"name": "别人的客户", "region": "east", "owner": ground.ids["boss"]})
    rita = browser("rita")
    for path in (f"/o/customer/{number}", f"/o/customer/{number}/edit", f"/o/customer/{number}/history"):
        assert rita.get(path).status_code == 404
    assert "别人的客户" not in rita.get("/o/customer").text
    assert "别人的客户" not in rita.get("/palette?q=别人").text
    assert rita.get("/o/order/pick/customer?q=别人").json == {"items": []}
    assert rita.get("/o/nothing").status_code == 404
    assert rita.get("/o/order_line").status_code == 404


def test_lists_beside_a_record_go_on_in_their_place(
    browser: Open, ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    rita, boss = ground.ids["rita"], ground.ids["boss"]
    (customer,) = ground.create("customer", {"name": "榫卯", "region": "east", "owner": rita})
    ground.create("order", *({"customer": customer, "owner": rita if n < 9 else boss} for n in range(12)))
    seller, url = browser("rita"), f"/o/customer/{customer}"
    page = seller.get(url).text.partition('id="related-orders"')[2].partition("</section>")[0]
    assert f'href="/o/order/new?customer={customer}&amp;next={url}"' in page
    more = re.search(r'hx-get="([^"]+)"', page)
    assert more
    rest = seller.get(html.unescape(more[1])).text
    first, then = (re.findall(r'data-id="(\d+)"', part) for part in (page, rest))
    assert (len(set(first)), len(set(then)), set(first) & set(then)) == (6, 3, set())  # nothing of what is others'
    assert "hx-get" not in rest
    monkeypatch.setattr("engine.screens.related.AT_ONCE", 0)
    waiting = seller.get(url).text
    assert f'hx-get="{url}/related/orders" hx-trigger="revealed"' in waiting
    assert re.findall(r'data-id="(\d+)"', seller.get(f"{url}/related/orders").text) == first
    for nowhere in (f"{url}/related/nothing", "/o/customer/999/related/orders"):
        assert seller.get(nowhere).status_code == 404
    assert seller.get(f"{url}/related/orders?after=nonsense").status_code == 400


def test_filters_that_make_no_sense_are_said_and_left_out(browser: Open, ground: Ground) -> None:
    ground.create("customer", {"name": "榫卯", "region": "east"})
    boss = browser("boss", "en")
    page = boss.get("/o/customer?credit.ge=lots&nothing.eq=1&name.sounds_like=x&sort=nothing")
    assert page.status_code == 200
    assert "could not be read" in page.text
    assert "There is no field “nothing”" in page.text
    kept = boss.get("/o/customer/filter?field=region&operator=in&value=east&value=north&rest=q%3Dx")
    assert kept.headers["Location"] == "/o/customer?q=x&region.in=east,north"


def test_views_are_kept_for_oneself_or_for_all(browser: Open, ground: Ground) -> None:
    boss, rita = browser("boss"), browser("rita")
    boss.get("/o/customer")
    made = boss.post("/o/customer/views", {"name": "华东", "query": "region.in=east&after=x", "shared": "1"})
    assert "region.in=east" in made.headers["Location"]
    assert "after" not in made.headers["Location"]
    assert ">华东</a>" in rita.get("/o/customer").text
    number = made.headers["Location"].partition("saved=")[2].partition("&")[0]
    assert rita.post(f"/o/customer/views/{number}/delete").status_code == 404
    assert boss.post(f"/o/customer/views/{number}/delete").status_code == 303
    assert boss.post("/o/customer/views", {"name": " ", "query": ""}).status_code == 422
    own = boss.post("/o/customer/views", {"name": "只给自己", "query": "region.in=north"}).headers["Location"]
    assert ">只给自己</a>" in boss.get("/o/customer").text
    kept = own.partition("saved=")[2].partition("&")[0]
    for address in ("/o/customer", f"/o/customer?saved={kept}"):
        assert "只给自己" not in rita.get(address).text  # another's own view is neither listed nor opened by its number


def test_many_records_change_together_or_not_at_all(browser: Open, ground: Ground) -> None:
    numbers = ground.create("customer", *({"name": f"客户 {number}", "region": "east"} for number in range(3)))
    boss = browser("boss")
    boss.get("/o/customer")
    assert "<select" in boss.get("/o/customer/bulk/control/region").text
    done = boss.post("/o/customer/bulk/edit", {"field": "region", "value": "north", "id": numbers})
    assert done.status_code == 303
    assert "已修改 3 条记录" in boss.get("/o/customer").text
    assert ground.value("SELECT count(*) FROM app.customer WHERE region = 'north'") == 3
    boss.post("/o/customer/bulk/edit", {"field": "code", "value": "one code for all", "id": numbers})
    assert 'class="toast bad"' in boss.get("/o/customer").text
    assert ground.value("SELECT count(*) FROM app.customer WHERE code IS NOT NULL") == 0
    assert boss.post("/o/customer/bulk/edit", {"field": "ordered", "value": "1", "id": numbers}).status_code == 303
    assert ground.value("SELECT sum(ordered) FROM app.customer") == 0


def test_a_form_is_right_before_any_script_runs(browser: Open, ground: Ground) -> None:
    boss = browser("boss")
    shut, opened = (boss.get(f"/o/order/new?status={status}").text for status in ("draft", "sent"))
    due_at = re.compile(r'<div class="field [^>]*data-field="due_at"[^>]*>')
    assert "hidden" in due_at.findall(shut)[0]
    assert "hidden" not in due_at.findall(opened)[0]
    assert 'data-field="number"' not in shut  # drawn when it is saved
    assert 'data-field="total"' in shut  # worked out while typing


def test_what_is_not_there_keeps_the_frame_of_who_is_signed_in(browser: Open) -> None:
    inside, outside = browser("rita", "en").get("/o/customer/999999"), browser("").get("/o/customer/999999")
    assert inside.status_code == 404
    assert 'class="side"' in inside.text
    assert outside.status_code == 303


def test_the_first_page_lists_what_is_open_and_ones_own(browser: Open, ground: Ground) -> None:
    (customer,) = ground.create("customer", {"name": "榫卯", "region": "east", "owner": ground.ids["rita"]})
    mine, others = ground.create(
        "order",
        {"customer": customer, "owner": ground.ids["rita"]},
        {"customer": customer, "owner": ground.ids["boss"]},
    )
    page = browser("rita").get("/").text
    card = page.partition('id="home-order"')[2].partition("</section>")[0]
    assert f'href="/o/order/{mine}"' in card
    assert f'href="/o/order/{others}"' not in card


def test_the_first_page_is_in_the_order_that_its_heads_say(browser: Open, ground: Ground) -> None:
    (customer,) = ground.create("customer", {"name": "榫卯", "region": "east", "owner": ground.ids["rita"]})
    old, new = ground.create(
        "order",
        {"customer": customer, "owner": ground.ids["rita"], "ordered_on": "2026-01-01"},
        {"customer": customer, "owner": ground.ids["rita"], "ordered_on": "2025-01-01"},
    )
    ground.update("order", new, due_at="2026-02-01T08:00Z")
    card = browser("rita").get("/").text.partition('id="home-order"')[2].partition("</section>")[0]
    assert "最近更新" in card
    assert card.index(f"/o/order/{new}") < card.index(f"/o/order/{old}")


def test_the_first_page_of_one_who_owns_nothing_lists_what_is_open_below(browser: Open, ground: Ground) -> None:
    (customer,) = ground.create("customer", {"name": "榫卯", "region": "east", "owner": ground.ids["rita"]})
    (order,) = ground.create("order", {"customer": customer, "owner": ground.ids["rita"]})
    card = browser("boss").get("/").text.partition('id="home-order"')[2].partition("</section>")[0]
    assert f'href="/o/order/{order}"' in card


def test_the_first_page_says_the_same_of_very_many_records(
    browser: Open, ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = {login: ground.ids[login] for login in ("rita", "boss")}
    first, *_ = ground.create("customer", *({"name": f"C{n}", "region": "east", "owner": people["rita"], "vip": n < 2, "credit": "5"} for n in range(9)))  # fmt: skip
    ground.create("order", {"customer": first, "owner": people["boss"]}, {"customer": first, "owner": people["rita"]})
    ground.update("customer", first, name="C")
    readers = [browser(login) for login in people]
    usual = [re.findall(r'href="(/o/\w+/\d+)"', reader.get("/").text) for reader in readers]
    assert f"/o/customer/{first}" in usual[0]
    sizes = ground.runtime.part(Records).sizes
    try:
        with ground.engine.begin() as connection:
            connection.exec_driver_sql('ANALYZE app.customer, app."order"')
            sizes.learn(connection, 1)
            connection.exec_driver_sql("UPDATE tenon.history SET object = 'gone' WHERE object = 'order'")
        with noted(ground.engine) as statements:
            assert [re.findall(r'href="(/o/\w+/\d+)"', reader.get("/").text) for reader in readers] == usual
        assert any("FROM tenon.history" in text for text in statements)
        assert any("greatest(" in text for text in statements)  # one's own few are all looked at
        monkeypatch.setattr("engine.screens.lately.GATHERED", 1)
        with noted(ground.engine) as statements:
            assert re.findall(r'href="(/o/\w+/\d+)"', readers[0].get("/").text) == usual[0]
        assert not any("greatest(" in text for text in statements)
    finally:
        with ground.engine.connect() as connection:
            sizes.learn(connection)
