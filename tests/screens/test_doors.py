"""Attacks on every page, made from the map of addresses: an address added later is attacked without anybody thinking of it."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Any

import pytest

from engine.screens.blueprint import FORMS
from tests.guarded import HIDDEN, NEAR, SECRET, Guarded, compile_guarded, make_guarded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from werkzeug.test import TestResponse

OPEN = {"/sign-in", "/static/<name>", "/icon.svg"}  # read without an account
ANYBODY = {"/sign-in", "/sign-out", "/language"}  # sent without an account
ADMINS = ("/admin", "/designer")
WIDE = {"/o/deal", "/o/deal/board", "/o/deal/summary", "/d/all"}  # asked in many ways
KNOWN: dict[str, tuple[str, ...]] = {
    "name": ("deal", "file", "all"),
    "number": ("1",),
    "field": ("covert", "region"),
    "path": ("owner", "covert"),
    "lane": ("open_", "won"),
    "process": ("deal_stages",),
    "transition": ("win", "shut"),
    "operation": ("approve", "comment"),
    "act": ("roles", "freeze", "edit", "update", "delete"),
    "token": ("gone",),
    "key": ("open_", "-"),
    "automation": ("push", "edit"),
    "role": ("clerk",),
    "kind": ("object", "process"),
    "comment": ("1",),
    "file": ("1",),
    "side": ("visits", "files"),
}
FORM = {
    "login": "evil", "name": "Evil", "roles": "admin", "password": "evil-password-1", "old": "x", "new": "evil-password-1",
    "again": "evil-password-1", "body": "evil", "field": "region", "value": "south", "id": "1", "to": "2", "user": "2",
    "role": "helper", "operation": "approve", "ids": "1", "comment": "evil", "query": "q=x", "shared": "1", "language": "en",
    "tag": "evil", "key": "x", "days": "9", "label": "Evil", "text": "x: y", "delegate": "2", "from": "2026-01-01",
    "until": "2026-02-01", "target": "deals", "period": "2026-01", "version": "1", "_version": "1", "_base": "{}", "covert": "1",
}  # fmt: skip


@pytest.fixture(scope="module")
def guarded(pg: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    """The application with a deal that has everything; sal sees all of it, clara may not see two fields, nil nothing."""
    name = "screens_doors"
    pg.create(name)
    made = make_guarded(
        pg.url(name), compile_guarded(tmp_path_factory.mktemp("packs")), tmp_path_factory.mktemp("home")
    )
    here = "/records/deal/1"
    exact = f"{SECRET[:-1]}.{SECRET[-1]}"
    assert made.api("sal", "PATCH", here, {HIDDEN: "5", "mobile": "5"}).status_code == 200
    assert made.api("sal", "PATCH", here, {HIDDEN: exact, "mobile": NEAR}).status_code == 200
    assert made.api("sal", "POST", "/records/visit", {"note": "v", "deal": 1}).status_code == 201
    assert made.api("sal", "POST", "/records/comment", {"about": "deal/1", "body": "c"}).status_code == 201
    upload = made.site.test_client(use_cookies=False).post(
        "/api/v1/files",
        data={"file": (io.BytesIO(b"secret words"), "secret-paper.txt")},
        headers={"Authorization": f"Bearer {made.tokens['sal']}"},
    )
    assert made.api("sal", "PATCH", here, {"paper": upload.json["id"]}).status_code == 200
    assert made.api("sal", "POST", f"{here}/submit", {}).status_code in {200, 201}
    yield made
    made.app.engine.dispose()
    pg.drop(name)


@pytest.fixture(scope="module")
def rules(guarded: Guarded) -> list[tuple[str, str]]:
    """Every method and rule of the pages."""
    return sorted(
        (method, one.rule)
        for one in guarded.site.url_map.iter_rules()
        for method in (one.methods or set()) - {"HEAD", "OPTIONS"}
        if not one.rule.startswith("/api/v1")
    )


def addresses(rule: str) -> list[str]:
    """Return the addresses that a rule has here."""
    found = [rule]
    for whole, place in re.findall(r"(<(?:\w+:)?(\w+)>)", rule):
        assert place in KNOWN, f"{rule}: say what {place} may be"
        found = [one.replace(whole, value) for one in found for value in KNOWN[place]]
    return found


def state(guarded: Guarded) -> list[Any]:
    """Return what there is: how many of everything, and the versions of records."""
    parts = [f"(SELECT count(*) FROM tenon.{name})" for name in (
        "audit", "credential", "token", "session", "user_role", "saved_view", "notification", "delegation", "team_member",
        "edit_lock", "draft", "outbox", "approval_entry", "target", "follow",
    ) if guarded.sql("SELECT to_regclass(:name)", name=f"tenon.{name}")[0][0]]  # fmt: skip
    parts += [
        f'(SELECT count(*) + sum(version) FROM app."{name}")' for name in ("deal", "user", "visit", "comment", "file")
    ]
    return [tuple(row) for row in guarded.sql(f"SELECT {', '.join(parts)}")]


def digits(answer: TestResponse) -> str:
    return re.sub(r"[,.\s\u202f\u00a0]", "", answer.get_data(as_text=True))


def words(answer: TestResponse) -> str:
    """Return what a page says to people, without separators."""
    return re.sub(r"<[^>]*>|[,.\s\u202f\u00a0]", "", answer.get_data(as_text=True))


def test_nothing_is_sent_without_the_token_of_the_page(guarded: Guarded, rules: list[tuple[str, str]]) -> None:
    """Whoever is signed in and opens a stranger's page changes nothing by it: an administrator least of all."""
    tab, other = guarded.tab("boss"), guarded.tab("sal")
    before = state(guarded)
    sent = 0
    for method, rule in rules:
        if method == "GET":
            continue
        assert method == "POST", (method, rule)
        for path in addresses(rule):
            for token in ("", "forged", other.token):
                answer = tab.post(path, FORM, token=token)
                shown = (
                    {400, 403, 404} if rule in FORMS else {400}
                )  # a form comes again with what was typed, where there is one
                assert answer.status_code in shown, (path, token, answer.status_code)
                sent += 1
    assert sent > 150
    assert state(guarded) == before


def test_nobody_reads_or_sends_without_a_session(guarded: Guarded, rules: list[tuple[str, str]]) -> None:
    guest = guarded.tab()
    gone = guarded.tab()
    gone.client.set_cookie("tenon_session", "x" * 43)
    before = state(guarded)
    for tab in (guest, gone):
        for method, rule in rules:
            if rule in (OPEN if method == "GET" else ANYBODY):
                continue
            for path in addresses(rule)[:3]:
                answer = tab.get(path) if method == "GET" else tab.post(path, FORM)
                assert answer.status_code in {303, 401}, (method, path, answer.status_code)
                if answer.status_code == 303:
                    assert answer.headers["Location"].startswith(("/sign-in", "/o/", "/designer")), path
                assert SECRET not in digits(answer)
    assert state(guarded) == before


def test_a_frozen_person_does_nothing_by_session_or_token(guarded: Guarded, rules: list[tuple[str, str]]) -> None:
    guarded.sql("UPDATE app.\"user\" SET frozen = true WHERE login = 'rea'")
    try:
        tab = guarded.tab("rea")
        for method, rule in rules:
            if method == "GET" and rule not in OPEN:
                assert tab.get(addresses(rule)[0]).status_code == 303, rule
        assert guarded.api("rea", "GET", "/records/deal").status_code == 401
        for path in ("/records/deal", "/objects", "/notifications"):
            answer = guarded.api("", "GET", path, Cookie=f"tenon_session={guarded.sessions['rea']}")
            assert answer.status_code == 401
    finally:
        guarded.sql("UPDATE app.\"user\" SET frozen = false WHERE login = 'rea'")


@pytest.mark.parametrize("who", ["boss", ""])
def test_every_page_has_a_strict_policy_and_no_code_in_it(
    guarded: Guarded, rules: list[tuple[str, str]], who: str
) -> None:
    tab = guarded.tab(who)
    for method, rule in rules:
        if method != "GET":
            continue
        for path in addresses(rule):
            answer = tab.get(path)
            assert answer.status_code < 500 or rule.startswith("/designer"), path  # there is no published version here
            policy = answer.headers["Content-Security-Policy"]
            assert "script-src 'self';" in policy, path
            assert "default-src 'none'" in policy, path
            assert "frame-ancestors 'none'" in policy, path
            assert not re.search(r"unsafe|\*|http:(?!//[\w.\-\[\]]+:\d+)|script-src[^;]*data:", policy), path
            assert answer.headers["X-Content-Type-Options"] == "nosniff", path
            assert answer.headers["X-Frame-Options"] == "DENY", path
            assert "Referrer-Policy" in answer.headers, path
            if rule not in OPEN:
                kept = answer.headers["Cache-Control"]
                assert "private" in kept or "no-store" in kept, path
            if answer.mimetype == "text/html":
                page = answer.get_data(as_text=True)
                assert not re.search(r"<script(?![^>]*(src=|application/json))", page), path
                assert not re.search(r"<[^>]*\s(on\w+|style|srcdoc)\s*=", page), path
                assert "javascript:" not in page, path


def test_a_covered_field_is_on_no_page(guarded: Guarded, rules: list[tuple[str, str]]) -> None:
    tab, seller = guarded.tab("clara"), guarded.tab("sal")
    seen = set()
    queries = ("", "?view=all", "?view=board", "?q=1387", f"?{HIDDEN}.ge=1", "?mobile.contains=1387", f"?sort=-{HIDDEN}",
               f"?columns=name&columns={HIDDEN}&columns=mobile", f"?{HIDDEN}=1", "?now=1&period=all")  # fmt: skip
    for method, rule in rules:
        if method != "GET":
            continue
        for path in addresses(rule):
            for query in queries if path in WIDE else ("",):
                answer = tab.get(path + query)
                text = answer.get_data(as_text=True)
                assert SECRET[:5] not in words(answer), path + query  # however it is rounded
                for covered in (SECRET, "19753086", NEAR):
                    assert covered not in digits(answer), path + query
                assert "secret-paper" not in text, path + query
                if not rule.startswith(ADMINS):
                    said = re.sub(r'(href|action|value|content|data-address|hx-\w+)="[^"]*"', "", text)
                    assert "秘密" not in said, path + query
                    assert "Covert" not in said, path + query
                if query in queries[::9] and "/edit" not in rule and SECRET[:5] in words(seller.get(path + query)):
                    seen.add(rule)
    assert {"/o/<name>", "/o/<name>/<int:number>", "/d/<name>", "/approvals/<int:number>"} <= seen


def test_a_long_address_is_a_page_that_says_so(guarded: Guarded) -> None:
    answer = guarded.tab("sal").get(f"/o/deal?q={'x' * 70_000}")
    assert (answer.status_code, answer.mimetype) == (414, "text/html")
    assert re.search("地址过长：最多 64 KB|at most", answer.get_data(as_text=True))


def test_rules_of_the_live_form_do_not_name_it(guarded: Guarded) -> None:
    assert HIDDEN in guarded.tab("sal").get("/o/deal/rules.js").get_data(as_text=True)
    assert HIDDEN not in guarded.tab("clara").get("/o/deal/rules.js").get_data(as_text=True)


def test_who_has_no_role_sees_no_record(guarded: Guarded, rules: list[tuple[str, str]]) -> None:
    tab = guarded.tab("nil")
    for method, rule in rules:
        if method == "GET" and rule not in OPEN:
            for path in addresses(rule):
                page = tab.get(path).get_data(as_text=True)
                assert "ann&#39;s" not in page, path
                assert "ann's" not in page, path


def test_administration_and_the_designer_are_for_those_who_may(guarded: Guarded, rules: list[tuple[str, str]]) -> None:
    before = state(guarded)
    asked = 0
    for who in ("sal", "nil"):
        tab = guarded.tab(who)
        for method, rule in rules:
            if (rule.startswith(ADMINS) and rule != "/designer/objects") or (
                rule == "/designer/objects" and method == "POST"
            ):
                for path in addresses(rule)[:8]:
                    answer = tab.get(path) if method == "GET" else tab.post(path, FORM)
                    assert answer.status_code in {403, 404}, (who, method, path, answer.status_code)
                    asked += 1
    assert asked > 60
    assert state(guarded) == before
