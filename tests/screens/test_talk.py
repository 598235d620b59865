"""Files and comments on a record's page: written, read, changed, taken away; what others may not do; nothing typed becomes markup."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from engine.records.commands import create

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.screens.conftest import Browser
    from tests.screens.ground import Ground

NASTY = '<script>alert(1)</script> "x" & @Rita Wang您好 @nobody'


@pytest.fixture
def page(ground: Ground) -> str:
    """The address of a record that boss and rita see."""
    number = ground.run(
        lambda context: create(context, "customer", [{"name": "Acme", "owner": ground.ids["rita"]}])[0].id
    )
    return f"/o/customer/{number}"


def events(ground: Ground) -> list[Any]:
    """Return what people are told."""
    with ground.engine.begin() as connection:
        return list(connection.scalars(sa.text("SELECT payload FROM tenon.outbox WHERE event = 'notify'")))


def test_a_comment_is_shown_and_tells_whom_it_mentions(
    ground: Ground, browser: Callable[..., Browser], page: str
) -> None:
    boss, rita = browser("boss"), browser("rita", "en")
    boss.get(page)
    assert boss.post(f"{page}/comments", {"body": NASTY}).status_code == 303
    shown = rita.get(page).text
    assert "<script>alert" not in shown
    assert '<b class="mention">@Rita Wang</b>您好 @nobody' in shown
    assert "Comments: 1" in shown
    (told,) = events(ground)
    assert told["to"] == [ground.ids["rita"]]
    assert told["kind"] == "comment"
    assert told["link"].startswith(page)
    assert rita.post(f"{page}/comments/1", {"body": "mine now"}).status_code == 303
    assert "mine now" not in rita.get(page).text
    assert rita.post(f"{page}/comments/1/delete").status_code == 303
    assert "<b class=" in boss.get(page).text
    boss.post(f"{page}/comments/1", {"body": "changed @Rita Wang"})
    assert len(events(ground)) == 1
    assert "已编辑" in boss.get(page).text
    boss.post(f"{page}/comments/1/delete")
    assert "changed" not in boss.get(page).text
    rita.post(f"{page}/comments", {"body": "never mind"})
    rita.post(f"{page}/comments/2/delete")
    (undo,) = re.findall(r'action="([^"]+/restore[^"]*)"', rita.get(page).text)
    assert rita.post(undo).headers["Location"] == page
    assert "never mind" in rita.get(page).text


def test_an_empty_comment_and_one_without_a_token_are_refused(
    ground: Ground, browser: Callable[..., Browser], page: str
) -> None:
    boss = browser("boss")
    boss.get(page)
    boss.post(f"{page}/comments", {"body": "  "})
    boss.post(f"{page}/comments", {"body": "x"}, token="wrong")
    assert ground.value("SELECT count(*) FROM app.comment") == 0


def test_changes_and_comments_are_one_list(ground: Ground, browser: Callable[..., Browser], page: str) -> None:
    boss = browser("boss")
    boss.get(page)
    for place in range(22):
        boss.post(f"{page}/comments", {"body": f"note {place:02}"})
    first = boss.get(page).text
    assert first.index("note 21") < first.index("note 05")
    assert "note 00" not in first
    more = first.rsplit('hx-get="', 1)[1].split('"')[0]
    second = boss.get(more).text
    assert "note 00" in second
    assert "note 21" not in second
    assert second.index("note 01") < second.index("note 00")
    for odd in ("x", "1-x", "-", "9" * 40):
        assert boss.get(f"{page}/timeline?before={odd}").status_code == 200


def kept_files(ground: Ground) -> list[Path]:
    """Return the contents that are kept in the folder, which the tests of a process share."""
    return [path for path in (ground.home / "files").rglob("*") if path.is_file()]


def test_files_are_dropped_tagged_and_taken_away(ground: Ground, browser: Callable[..., Browser], page: str) -> None:
    boss, before = browser("boss"), len(kept_files(ground))
    boss.get(page)
    sent = boss.post(f"{page}/files", {"file": (io.BytesIO(b"abc"), "<b>纪要</b>.txt"), "tag": "minutes"})
    assert sent.status_code == 303
    shown = boss.get(page).text
    assert "/api/v1/files/1" in shown
    assert "<b>纪要" not in shown
    boss.post(f"{page}/files/1/tag", {"tag": "other"})
    assert "other" in boss.get(page).text
    boss.post(f"{page}/files/1/delete")
    assert "/api/v1/files/1" not in boss.get(page).text
    assert boss.post(f"{page}/files", {"tag": "x"}).status_code == 303
    assert boss.post("/o/customer/999/files", {"file": (io.BytesIO(b"abc"), "a.txt")}).status_code == 404
    assert len(kept_files(ground)) == before + 1


def test_what_is_anothers_records_is_not_reached_over_this_one(
    ground: Ground, browser: Callable[..., Browser], page: str
) -> None:
    boss, rita = browser("boss"), browser("rita")
    boss.get(page)
    rita.get("/")
    other = ground.run(lambda context: create(context, "customer", [{"name": "B", "owner": ground.ids["boss"]}])[0].id)
    boss.post(f"/o/customer/{other}/comments", {"body": "secret"})
    boss.post(f"/o/customer/{other}/files", {"file": (io.BytesIO(b"abc"), "a.txt")})
    assert rita.get(f"/o/customer/{other}/timeline").status_code == 404
    for path in (f"{page}/comments/1", f"{page}/comments/1/delete", f"{page}/files/1/tag", f"{page}/files/1/delete"):
        for one in (rita, boss):
            assert one.post(path, {"body": "x", "tag": "x"}).status_code == 404
    assert rita.post(f"/o/customer/{other}/comments", {"body": "x"}).status_code == 404
    assert ground.value("SELECT count(*) FROM app.comment WHERE deleted_at IS NULL") == 1
    boss.post(f"/o/customer/{other}/comments", {"body": "@Rita Wang, not for you"})
    assert events(ground) == []
    assert browser("").get("/talk/people?q=r").status_code in {303, 401}
    assert rita.get("/talk/people?q=rita").json == [{"name": "Rita Wang", "login": "rita"}]
