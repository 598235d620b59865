"""The inbox and what administrators see of deliveries and calls, as pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from engine.screens.responses import decorate, html_answer

if TYPE_CHECKING:
    from .ground import Ground


def put(ground: Ground, table: str, **values: Any) -> int:
    """Insert a row past the doors; return its id."""
    names = ", ".join(values)
    places = ", ".join(
        f"CAST(:{name} AS jsonb)" if name in {"request", "response", "body_json"} else f":{name}" for name in values
    )
    with ground.engine.begin() as connection:
        text = f"INSERT INTO tenon.{table} ({names}, created_at) VALUES ({places}, clock_timestamp()) RETURNING id"
        return int(connection.execute(sa.text(text), values).scalar_one())


def tell(ground: Ground, who: str, number: int, **values: Any) -> int:
    given = {
        "kind": "approval",
        "subject": f"报价 {number}",
        "body": f"内容 {number} <b>",
        "key": f"k{number}",
        **values,
    }
    return put(ground, "notification", user_id=ground.ids[who], **given)


def test_unread_first_and_opening_marks_read(ground: Ground, browser: Any) -> None:
    first = tell(ground, "rita", 1, link="/approvals/9")
    tell(ground, "rita", 2)
    other = tell(ground, "boss", 3)
    page = browser("rita")
    text = page.get("/inbox").text
    assert "报价 1" in text
    assert "报价 3" not in text
    assert "&lt;b&gt;" in text
    answer = page.get(f"/inbox/{first}")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/approvals/9")
    text = page.get("/inbox").text
    assert text.index("报价 2") < text.index("报价 1")
    assert page.get(f"/inbox/{other}").status_code == 404  # somebody else's
    assert page.post(f"/inbox/{first}/turn").status_code == 303
    assert page.get("/inbox/news").json["unread"] == 2


def test_all_read_is_what_was_shown(ground: Ground, browser: Any) -> None:
    tell(ground, "rita", 1)
    page = browser("rita", "en")
    shown = page.get("/inbox").text
    up_to = shown.split('name="up_to" value="')[1].split('"')[0]
    tell(ground, "rita", 2)
    page.post("/inbox/read", {"up_to": up_to})
    assert page.get("/inbox/news").json["unread"] == 1
    assert "Mark all read" in page.get("/inbox").text


def test_news_tell_what_came_since(ground: Ground, browser: Any) -> None:
    page = browser("rita")
    assert page.get("/inbox/news").json == {"stream": None, "unread": 0, "newest": 0, "items": [], "more": False}
    numbers = [tell(ground, "rita", number) for number in range(5)]
    found = page.get(f"/inbox/news?after={numbers[2]}").json
    assert [one["id"] for one in found["items"]] == numbers[3:]
    assert found["items"][0] == {
        "id": numbers[3],
        "subject": "报价 3",
        "body": "内容 3 <b>",
        "url": f"/inbox/{numbers[3]}",
    }
    assert page.get("/inbox/news?after=0").json["more"] is True
    assert page.get("/inbox/news?after=nonsense").json["items"] == []


def test_by_kind_and_further_down(ground: Ground, browser: Any) -> None:
    for number in range(60):
        tell(ground, "rita", number, kind="comment" if number % 2 else "other_kind")
    page = browser("rita", "en")
    page.post("/inbox/read", {"up_to": "999999"})
    text = page.get("/inbox").text
    assert "Earlier messages" in text
    assert "Comments" in text
    assert "other_kind" in text
    assert page.get("/inbox?kind=comment").text.count('class="inbox-subject"') == 30
    assert "Nothing of this kind" in page.get("/inbox?kind=nothing").text


def test_a_page_may_open_the_stream_and_nothing_else(browser: Any) -> None:
    policy = browser("rita").get("/inbox").headers["Content-Security-Policy"]
    assert "connect-src 'self' http://localhost:8001;" in policy
    assert policy.count("http") == 1


def test_a_page_that_is_nobodys_address_may_open_it_too(ground: Ground) -> None:
    with ground.app().test_request_context("/nowhere", base_url="http://localhost:8000"):
        answer = decorate(ground.site(), html_answer("<p>", 404))
    assert "connect-src 'self' http://localhost:8001;" in answer.headers["Content-Security-Policy"]


def delivery(ground: Ground, number: int, state: str = "failed") -> int:
    return put(
        ground, "delivery", channel="mail", user_id=ground.ids["rita"], address="rita@x.example", subject=f"信 {number}", body="b",
        key=f"d{number}", state=state, error="550 no such mailbox" if state == "failed" else "",
    )  # fmt: skip


def call(ground: Ground) -> int:
    request = '{"method": "POST", "path": "/x", "headers": {}, "body": "{\\"no\\": 1}"}'
    response = '{"status": 400, "body": "<script>no</script>", "at": ""}'
    return put(
        ground, "call", connection="erp", operation="push", object="customer", record_id=1, key="c1", state="failed",
        error="the system answers 400", request=request, response=response,
    )  # fmt: skip


@pytest.mark.parametrize("path", ["/admin/deliveries", "/admin/calls", "/admin/inbound"])
def test_traffic_is_for_administrators(ground: Ground, browser: Any, path: str) -> None:
    assert browser("rita").get(path).status_code == 403
    assert browser("boss").get(path).status_code == 200
    assert browser("").get(path).status_code == 303
    assert "投递与调用" not in browser("rita").get("/").text


def test_what_failed_is_shown_and_tried_again(ground: Ground, browser: Any) -> None:
    failed, sent = delivery(ground, 1), delivery(ground, 2, "sent")
    called = call(ground)
    page = browser("boss")
    text = page.get("/admin/deliveries?state=failed").text
    assert "信 1" in text
    assert "550 no such mailbox" in text
    assert "信 2" not in text
    text = page.get("/admin/calls").text
    assert "erp.push" in text
    assert "&lt;script&gt;" in text
    assert page.post(f"/admin/deliveries/{failed}/again").status_code == 303
    assert page.post(f"/admin/deliveries/{sent}/again").status_code == 303
    assert page.post(f"/admin/calls/{called}/again").status_code == 303
    assert browser("rita").get("/").status_code == 200
    with ground.engine.begin() as connection:
        states = connection.execute(sa.text("SELECT state FROM tenon.delivery ORDER BY id")).scalars().all()
        assert states == ["waiting", "sent"]
        assert connection.scalar(sa.text("SELECT state FROM tenon.call")) == "waiting"
        assert connection.scalar(sa.text("SELECT count(*) FROM tenon.audit WHERE action LIKE '% again'")) == 2
    other = browser("rita")
    other.get("/")
    assert other.post(f"/admin/deliveries/{failed}/again").status_code == 403
