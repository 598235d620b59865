"""Signing in and what follows from it: where it leads, what the cookies are, whose session goes on, what the address of a request may say."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa
from flask import Flask

from engine.config import Config
from engine.people.tokens import issue_token
from engine.screens.account import inside
from engine.screens.area import own_areas
from engine.screens.blueprint import make_blueprint
from engine.screens.render import Renderer
from engine.screens.site import Site
from tests.screens.ground import PASSWORD

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.screens.conftest import Browser
    from tests.screens.ground import Ground

    Open = Callable[..., Browser]

ELSEWHERE = (
    "//evil.example", "///evil.example", "////evil.example/", "/\\evil.example", "\\\\evil.example", "\\/evil.example", "/\\/evil.example",
    "https://evil.example", "https:evil.example", "https:/evil.example", "HTTPS://evil.example", "http:\\\\evil.example",
    "javascript:alert(1)", "data:text/html,x", "evil.example", "//evil.example\\@ours", "https://ours@evil.example", "?//evil.example",
    "/\t/evil.example", "/\n/evil.example", "/\r/evil.example", "\t//evil.example", " //evil.example", "\x00//evil.example",
    "/\t\\evil.example", "/\r\nSet-Cookie: a=b", "/\x0b/evil.example", "//evil.example:80/%2e%2e", "//[::1]", "/／evil.example\r\n",
    "%2f%2fevil.example", "%5cevil.example", "", "@evil.example", "//", "//[", "/\\[",
)  # fmt: skip
OURS = (
    "/",
    "/o/deal?view=all&q=a%2Fb",
    "/o/deal/1#talk",
    "/d/all?period=2026-01",
    "/%2f/evil.example",
    "/o/x?next=https://evil.example",
)


def test_signing_in_leads_to_no_other_site(browser: Open) -> None:
    for target in ELSEWHERE:
        assert inside(target) == "/", target
    guest = browser("")
    for target in ELSEWHERE[::6]:
        guest.get("/sign-in")
        answer = guest.post("/sign-in", {"login": "boss", "password": PASSWORD, "next": target})
        assert (answer.status_code, answer.headers["Location"]) == (303, "/"), target


def test_it_leads_where_one_wanted_to_go(browser: Open) -> None:
    for target in OURS:
        assert inside(target) == target
    guest = browser("")
    guest.get("/sign-in")
    answer = guest.post("/sign-in", {"login": "boss", "password": PASSWORD, "next": "/o/customer?view=all"})
    assert answer.headers["Location"] == "/o/customer?view=all"
    assert 'value="/"' in browser("").get("/sign-in?next=//evil.example").text
    shown = browser("").get('/sign-in?next=/"><script>alert(1)</script>').text
    assert "<script>alert" not in shown
    boss = browser("boss")
    for path in ("/language", "/o/customer/new"):
        data = {
            "language": "en",
            "next": "//evil.example",
            "_next": "//evil.example",
            "name": f"x{path}",
            "vip": "false",
        }
        assert "evil" not in boss.post(path, data).headers.get("Location", "")


def test_a_new_session_begins_and_the_former_one_ends(browser: Open, ground: Ground) -> None:
    """Neither the session nor the page's token that somebody put into a browser beforehand is worth anything after signing in."""
    guest = browser("")
    guest.get("/sign-in")
    planted, token = "a" * 43, guest.token
    guest.client.set_cookie("tenon_session", planted)
    guest.post("/sign-in", {"login": "boss", "password": PASSWORD})
    first = guest.client.get_cookie("tenon_session").value
    assert first != planted
    assert guest.post("/o/customer/views", {"name": "x", "query": ""}, token=token).status_code == 400
    guest.get("/")
    assert guest.post("/o/customer/views", {"name": "x", "query": ""}).status_code == 303
    guest.get("/sign-in")
    guest.post("/sign-in", {"login": "rita", "password": PASSWORD})
    guest.client.set_cookie("tenon_session", first)
    assert guest.get("/").status_code == 303
    assert ground.value("SELECT count(*) FROM tenon.session") == 1


def test_signing_out_ends_the_session_itself(browser: Open) -> None:
    boss = browser("boss")
    secret = boss.client.get_cookie("tenon_session").value
    boss.post("/sign-out")
    boss.client.set_cookie("tenon_session", secret)
    assert boss.get("/").status_code == 303


def test_cookies_are_out_of_reach(browser: Open) -> None:
    guest = browser("")
    guest.get("/sign-in")
    answer = guest.post("/sign-in", {"login": "boss", "password": PASSWORD})
    (cookie,) = (one for one in answer.headers.getlist("Set-Cookie") if one.startswith("tenon_session="))
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= {part.strip() for part in cookie.split(";")}
    assert "Domain" not in cookie
    assert len(cookie.partition("=")[2].partition(";")[0]) >= 43
    safe = guest.client.get("/sign-in", base_url="https://localhost")
    token = safe.text.partition('name="csrf" content="')[2].partition('"')[0]
    answer = guest.client.post(
        "/sign-in",
        base_url="https://localhost",
        data={"login": "boss", "password": PASSWORD, "csrf_token": token},
        headers={"Referer": "https://localhost/sign-in"},
    )
    assert "Secure" in next(one for one in answer.headers.getlist("Set-Cookie") if one.startswith("tenon_session="))


def test_behind_a_proxy_that_speaks_tls_cookies_are_secure(ground: Ground) -> None:
    config = Config(home=ground.home)
    config = replace(config, web=replace(config.web, public_url="https://crm.example"))
    site = Site(ground.engine, config, lambda: ground.runtime, Renderer(areas=own_areas()), ground.now, own_areas())
    app = Flask("tenon-test", static_folder=None, template_folder=None)
    app.secret_key = "only-for-tests" * 4
    app.register_blueprint(make_blueprint(site))
    client = app.test_client()
    token = client.get("/sign-in").text.partition('name="csrf" content="')[2].partition('"')[0]
    answer = client.post("/sign-in", data={"login": "boss", "password": PASSWORD, "csrf_token": token})
    assert "Secure" in next(one for one in answer.headers.getlist("Set-Cookie") if one.startswith("tenon_session="))


def test_a_new_password_ends_the_other_sessions(browser: Open, ground: Ground) -> None:
    here, there, other = browser("rita"), browser("rita"), browser("boss")
    here.get("/password")
    wrong = here.post("/password", {"old": "no", "new": "another-password-2", "again": "another-password-2"})
    assert wrong.status_code == 422
    assert there.get("/").status_code == 200
    done = here.post("/password", {"old": PASSWORD, "new": "another-password-2", "again": "another-password-2"})
    assert done.status_code == 303
    assert [one.get("/").status_code for one in (here, there, other)] == [200, 303, 200]
    noted = ground.value(
        "SELECT string_agg(action || details::text, '') FROM tenon.audit WHERE action = 'own password'"
    )
    assert noted
    assert "another-password" not in noted


def test_ones_own_password_is_not_guessed_either(browser: Open, ground: Ground) -> None:
    here, new = browser("rita"), "another-password-2"
    here.get("/password")

    def change(old: str) -> int:
        return here.post("/password", {"old": old, "new": new, "again": new}).status_code

    most = Config(home=ground.home).security.sign_in_failures
    assert [change(f"guess {place}") for place in range(most)] == [422] * most
    assert change(PASSWORD) == 429
    assert ground.value("SELECT count(*) FROM tenon.audit WHERE action = 'own password'") == 0
    with ground.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM tenon.sign_in")
    assert (change("wrong"), change(PASSWORD)) == (422, 303)
    assert ground.value("SELECT count(*) FROM tenon.sign_in WHERE key LIKE 'login:rita from %'") == 0


def test_an_administrators_reset_ends_sessions_and_a_freeze_everything(browser: Open, ground: Ground) -> None:
    boss, rita = browser("boss"), browser("rita")
    number = ground.ids["rita"]
    boss.get(f"/admin/people/{number}")
    assert boss.post(f"/admin/people/{number}/password").status_code == 200
    assert rita.get("/").status_code == 303
    with ground.engine.begin() as connection:
        issue_token(connection, number, ground.now())
    assert boss.post(f"/admin/people/{number}/freeze").status_code == 303
    assert ground.value(f"SELECT count(*) FROM tenon.token WHERE user_id = {number}") == 0
    assert ground.value(f"SELECT count(*) FROM tenon.session WHERE user_id = {number}") == 0
    # Opened again, nothing of before comes back to life.
    assert boss.post(f"/admin/people/{number}/unfreeze").status_code == 303
    assert rita.get("/").status_code == 303


def test_who_is_frozen_by_any_other_road_does_nothing_either(browser: Open, ground: Ground) -> None:
    """By the record's form, an import or the API as by the page for it: sessions stop at the next request."""
    rita = browser("rita")
    assert rita.get("/").status_code == 200
    ground.update("user", ground.ids["rita"], frozen=True)
    assert rita.get("/").status_code == 303
    guest = browser("")
    guest.get("/sign-in")
    assert guest.post("/sign-in", {"login": "rita", "password": PASSWORD}).status_code == 401


HOSTS = ("evil.example", "evil.example:1;script-src *", "a b", "x' 'unsafe-inline", "evil\\", "<script>")


def test_the_host_of_a_request_leads_nowhere(browser: Open) -> None:
    boss, guest, config = browser("boss"), browser(""), Config(home=Path("/nowhere"))
    for host in HOSTS:
        named = "evil.example" if host == "evil.example" else "127.0.0.1"
        assert config.events_origin(host) == f"http://{named}:{config.events_port}"
        answer = boss.client.get("/", headers={"Host": host, "Accept-Encoding": "identity"})
        policy = answer.headers.get("Content-Security-Policy", "")
        assert "unsafe" not in policy, host
        assert "*" not in policy, host
        if answer.status_code == 200:
            assert host not in answer.text
            assert all("evil" not in part for part in policy.split(";") if "connect-src" not in part)
        away = guest.client.get("/o/customer", headers={"Host": host})
        assert away.headers.get("Location", "/sign-in").startswith("/sign-in"), host


def test_too_many_tries_say_until_when_in_the_pages_language(browser: Open, ground: Ground) -> None:
    guest = browser("")
    guest.get("/sign-in", **{"Accept-Language": "en"})
    guest.post("/language", {"language": "en"})
    guest.get("/sign-in")
    for _ in range(5):
        guest.post("/sign-in", {"login": "rita", "password": "wrong"})
    blocked = guest.post("/sign-in", {"login": "rita", "password": PASSWORD})
    assert blocked.status_code == 429
    assert "try again in 15 minutes" in blocked.text
    # From elsewhere the right password goes in: a stranger's failures are a stranger's.
    other = browser("")
    other.client.environ_base["REMOTE_ADDR"] = "10.9.9.9"
    other.get("/sign-in")
    assert other.post("/sign-in", {"login": "rita", "password": PASSWORD}).status_code == 303
    # An administrator sees the block and lifts it, which is noted.
    boss = browser("")
    boss.client.environ_base["REMOTE_ADDR"] = "10.9.9.8"
    boss.sign_in("boss")
    assert "rita" in boss.get("/admin").text
    with ground.engine.connect() as connection:
        key = connection.scalar(sa.text("SELECT key FROM tenon.sign_in WHERE blocked_until IS NOT NULL"))
    assert boss.post("/admin/unblock", {"key": key}).status_code == 303
    assert guest.post("/sign-in", {"login": "rita", "password": PASSWORD}).status_code == 303
    assert ground.value("SELECT count(*) FROM tenon.audit WHERE action = 'unblock'") == 1
