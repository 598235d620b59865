"""A real browser on the real pages: the sales pack with a handful of records, served from a thread, seen through Chromium. Whatever
a page writes to its console as an error, or loads from elsewhere, fails the test."""

from __future__ import annotations

import os
import shutil
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

from engine.people.sessions import open_session
from engine.screens.build import build
from engine.screens.site import SESSION_COOKIE
from engine.storage.database import create_engine
from tests.screens.ground import ROOT, Ground, compile_pack, make_tables

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from flask import Flask
    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

    from engine.runtime import AppRuntime
    from tests.conftest import Server

DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
PATIENCE = 30_000  # milliseconds until anything is there, at the most: a busy machine is slow, not broken
expect.set_options(timeout=PATIENCE)


class Quiet(WSGIRequestHandler):
    """A request handler that keeps HTTP/1.1 connections open and logs nothing."""

    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - werkzeug's name
        """Say nothing."""


@dataclass
class Site:
    """The running pages: address, and the ground to look and reach behind them."""

    url: str
    ground: Ground
    customers: list[int]
    products: list[int]
    opportunities: list[int]
    quotes: list[int]


def fill(ground: Ground) -> Site:
    """Make people and records."""
    boss = ground.person("boss", "陈国栋", "admin", language="zh", region="east")
    ground.person("anna", "Anna Weber", "admin", language="en", region="east")
    products = ground.create(
        "product",
        {"name": "仓储管理系统", "price": "150000", "code": "WMS", "line": "software"},
        {"name": "边缘采集网关", "price": "4800", "code": "GW", "line": "equipment"},
    )
    customers = ground.create(
        "customer",
        *(
            {"name": f"{city}榫卯制造有限公司", "owner": boss, "region": "east"}
            for city in ("上海", "苏州", "杭州", "南京")
        ),
    )
    opportunities = ground.create(
        "opportunity",
        *(
            {"name": f"产线改造 {number:02}", "customer": customers[number % 4], "owner": boss, "amount": str(number * 10000),
             "stage": ("contact", "needs", "demo")[number % 3]}
            for number in range(1, 61)
        ),
    )  # fmt: skip
    quotes = ground.create(
        "quote",
        {"opportunity": opportunities[0], "customer": customers[1], "owner": boss,
         "lines": [{"product": products[0], "quantity": "2", "price": "150000"}]},
    )  # fmt: skip
    return Site("", ground, customers, products, opportunities, quotes)


@contextmanager
def served(application: Flask) -> Iterator[str]:
    """Serve pages from a thread; the address is theirs."""
    server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def filled(runtime: AppRuntime, pg: Server, name: str, template: str, home: Path) -> Iterator[Site]:
    """An application over a database of its own, with people and records; not served yet."""
    pg.create(name, template)
    engine = create_engine(pg.url(name))
    try:
        make_tables(engine, runtime)
        yield fill(Ground(runtime, engine, home))
    finally:
        engine.dispose()


@pytest.fixture(scope="session")
def site(pg: Server, system_template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The sales pack, served."""
    build()
    runtime = compile_pack(ROOT / "packs" / "sales")
    name, home = f"browser_{system_template}", tmp_path_factory.mktemp("browser")
    with filled(runtime, pg, name, system_template, home) as made, served(made.ground.app()) as url:
        made.url = url
        yield made


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The machine's Chromium, else the browser tool's own."""
    path = os.environ.get("TENON_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as tool:
        browser = tool.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def visitor(site: Site, chromium: Browser) -> Iterator[Callable[..., Page]]:
    """A function that gives the page ``at``, of somebody who has signed in; ``expected`` names console errors that belong to the test."""
    contexts: list[BrowserContext] = []
    problems: list[str] = []

    def note(message: ConsoleMessage, expected: tuple[str, ...]) -> None:
        if message.type == "error" and not any(part in message.text for part in expected):
            problems.append(f"{message.text} {message.location}")

    def begin_session(login: str) -> str:
        with site.ground.engine.begin() as connection:
            return open_session(connection, site.ground.ids[login], datetime.now(UTC), hours=1)

    def open_page(
        login: str = "boss",
        *,
        phone: bool = False,
        dark: bool = False,
        expected: tuple[str, ...] = (),
        at: str = "/",
    ) -> Page:
        context = chromium.new_context(
            viewport=PHONE if phone else DESKTOP,
            color_scheme="dark" if dark else "light",
            has_touch=phone,
            is_mobile=phone,
            timezone_id="Asia/Shanghai",
            base_url=site.url,
        )
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: note(message, expected))
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("request", lambda request: request.url.startswith((site.url, "data:")) or problems.append(request.url))
        if login:
            context.add_cookies([{"name": SESSION_COOKIE, "value": begin_session(login), "url": site.url}])
            page.goto(at)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert problems == []
