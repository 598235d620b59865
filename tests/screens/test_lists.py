"""List pages as a whole: what they cost in statements, that what is kept between requests is nobody else's, and that nothing a person
wrote becomes markup."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from psycopg.pq import TransactionStatus

from tests.screens.markup import NASTY, assert_no_script

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.screens.conftest import Browser
    from tests.screens.ground import Ground

    Open = Callable[..., Browser]

SIGN_IN, ROWS, VIEWS, COUNT = "tenon.session", "FROM app.customer", "tenon.saved_view", "count(*)"


@contextmanager
def noted(engine: sa.Engine) -> Iterator[list[str]]:
    """Note the statements that the block sends."""
    statements: list[str] = []

    def note(*given: object) -> None:
        statements.append(str(given[2]))

    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        ("/o/customer", [SIGN_IN, VIEWS, ROWS]),
        ("/o/customer?view=key&region.in=east&q=客户&sort=-ordered&columns=name,owner,ordered", [SIGN_IN, VIEWS, ROWS]),
        ("/o/customer?columns=name,owner.manager,last_order,headroom,created_by", [SIGN_IN, VIEWS, ROWS]),
        ("/o/customer/summary", [SIGN_IN, COUNT]),
        ("/o/customer/summary?view=key", [SIGN_IN, COUNT]),
    ],
)
def test_a_list_asks_the_same_however_many_records_there_are(
    browser: Open, ground: Ground, url: str, wanted: list[str]
) -> None:
    boss = browser("boss")
    for more in (1, 45):
        ground.create("customer", *({"name": f"客户 {more}-{n}", "region": "east", "vip": True, "credit": "9"} for n in range(more)))  # fmt: skip
        boss.get(url)
        with noted(ground.engine) as statements:
            assert boss.get(url).status_code == 200
        assert len(statements) == len(wanted), statements
        for statement, part in zip(statements, wanted, strict=True):
            assert part in statement


def test_reading_a_list_opens_no_transaction(browser: Open, ground: Ground) -> None:
    boss = browser("boss")
    states: set[TransactionStatus] = set()

    def note(*given: Any) -> None:
        states.add(given[1].connection.info.transaction_status)

    sa.event.listen(ground.engine, "after_cursor_execute", note)
    boss.get("/o/customer")
    sa.event.remove(ground.engine, "after_cursor_execute", note)
    assert states == {TransactionStatus.IDLE}


def test_a_session_that_only_reads_is_prolonged_all_the_same(browser: Open, ground: Ground) -> None:
    boss = browser("boss")
    back = "seen_at - interval '10 minutes'"
    with ground.engine.begin() as connection:
        connection.execute(
            sa.text(f"UPDATE tenon.session SET seen_at = {back}, expires_at = now() + interval '1 minute'")
        )
    boss.get("/o/customer")
    assert ground.value("SELECT expires_at > now() + interval '1 hour' FROM tenon.session")
    with ground.engine.begin() as connection:
        connection.execute(sa.text("UPDATE tenon.session SET expires_at = now() - interval '1 minute'"))
    assert boss.get("/o/customer").status_code == 303


def test_what_is_kept_for_one_is_not_shown_to_another(browser: Open, ground: Ground) -> None:
    ground.person("clare", "Clare", "clerk")
    ground.create("customer", {"name": "榫卯", "region": "east", "credit": "77", "phone": "1391234", "owner": ground.ids["rita"]})  # fmt: skip
    seen = {}
    for login, language in (("boss", "zh"), ("clare", "zh"), ("rita", "en"), ("boss", "en"), ("clare", "en")):
        seen[login, language] = browser(login, language).get("/o/customer").text
    for language, new, head in (("zh", "新建客户", "授信额度"), ("en", "New customer", "Credit")):
        boss, clerk = seen["boss", language], seen["clare", language]
        assert new in boss
        assert new not in clerk
        assert "/bulk/delete" in boss
        assert "/bulk/delete" not in clerk
        assert f">{head}</a></th>" in boss
        assert f">{head}" not in clerk
        assert "edit=credit" not in clerk
        assert "77" in re.sub(r"<[^>]*>", "", boss)
        assert "¥77" not in clerk
    assert 'data-edit="region"' in seen["rita", "en"]
    assert 'data-edit="credit"' not in seen["rita", "en"]
    assert 'data-edit="credit"' in seen["boss", "en"]


def test_the_order_in_force_is_marked_and_leads_to_the_other(browser: Open, ground: Ground) -> None:
    ground.create("customer", {"name": "榫卯", "region": "east"})
    boss = browser("boss", "en")
    for sort, state, leads in (("credit", "ascending", "-credit"), ("-credit", "descending", "credit")):
        page = boss.get(f"/o/customer?region.in=east&columns=name,credit&sort={sort}").text
        head = re.search(
            rf'<th scope="col" class="num c-num" aria-sort="{state}" data-name="credit"><a href="([^"]+)"', page
        )
        assert head, page
        assert head[1] == f"/o/customer?region.in=east&amp;sort={leads}&amp;columns=name,credit"
        ticked = [entry for entry in page.split("</a>") if 'class="push"><svg' in entry and "sort=" in entry]
        assert len(ticked) == 1
        assert f"sort={sort}&amp;" in ticked[0].rpartition("<a ")[2]
    assert 'href="/o/customer?region.in=east&amp;sort=-credit&amp;columns=name,credit&amp;edit=phone"' in page


def test_nothing_that_people_wrote_becomes_markup(browser: Open, ground: Ground) -> None:
    person = ground.person("evil", NASTY, "rep")
    (customer,) = ground.create("customer", {"name": NASTY, "code": NASTY[:20], "phone": NASTY[:40], "note": NASTY, "region": "east", "owner": person})  # fmt: skip
    ground.create("order", {"customer": customer, "owner": person})
    boss = browser("boss")
    boss.get("/o/customer")
    boss.post("/o/customer/views", {"name": NASTY, "query": f"q={NASTY}", "shared": "1"})
    every = "name,code,phone,region,owner,owner.name,credit,vip,note,ordered,last_order,created_by,updated_at"
    for path, query in (
        ("/o/customer", {"columns": every}),
        ("/o/customer", {"q": NASTY, "columns": f"name,{NASTY}", "sort": NASTY, "edit": "name"}),
        ("/o/customer", {"name.contains": NASTY, f"{NASTY}.eq": NASTY, "credit.ge": NASTY, "owner.in": NASTY}),
        ("/o/customer", {"name.eq": NASTY, "saved": NASTY, "after": NASTY}),
        ("/o/customer/summary", {"q": NASTY}),
        ("/o/order", {"columns": "number,customer,customer.name,owner"}),
        (f"/o/customer/{customer}", {}),
        (f"/o/customer/{customer}/cell/phone", {}),
        ("/", {}),
    ):
        page = boss.client.get(path, query_string=query, headers={"Accept-Encoding": "identity"}).text
        assert "<script>alert" not in page, (path, query)
        assert "<img src=x" not in page, (path, query)
        assert_no_script(page)
    assert "&lt;script&gt;alert(1)" in boss.get("/o/customer").text


def test_a_quantity_reads_as_it_is_meant(browser: Open, ground: Ground) -> None:
    (product,) = ground.create("product", {"sku": "a", "name": "网关", "price": "100"})
    (customer,) = ground.create("customer", {"name": "榫卯"})
    lines = [
        {"product": product, "quantity": "2", "price": "100"},
        {"product": product, "quantity": "1.5", "price": "7"},
    ]
    (order,) = ground.create("order", {"customer": customer, "lines": lines})
    boss = browser("boss")
    page = boss.get(f"/o/order/{order}").text
    assert re.findall(r'<td class="num c-num[^"]*">([^<]*)</td>', page)[:6] == ["2", "¥100.00", "¥200.00", "1.5", "¥7.00", "¥10.50"]  # fmt: skip
    edit = boss.get(f"/o/order/{order}/edit").text
    assert re.search(r'name="lines\.0\.quantity"[^>]*value="2"', edit)
    assert re.search(r'name="lines\.1\.quantity"[^>]*value="1\.5"', edit)
