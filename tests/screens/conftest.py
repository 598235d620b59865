"""The screens on the small test pack: a Ground with people of several roles, and clients that are signed in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from engine.screens.build import build
from engine.storage.database import create_engine
from tests.screens.ground import PASSWORD, ROOT, Ground, compile_pack, make_tables

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime
    from pathlib import Path

    from flask import Flask
    from werkzeug.test import TestResponse

    from engine.runtime import AppRuntime
    from tests.conftest import Database, Server

TOKEN = re.compile(r'<meta name="csrf" content="([^"]+)"')


@pytest.fixture(scope="session", autouse=True)
def built() -> None:
    """The front end, built."""
    build()


@pytest.fixture(scope="session")
def mini() -> AppRuntime:
    """The small test pack, compiled."""
    return compile_pack(ROOT / "tests" / "packs" / "mini")


@pytest.fixture(scope="session")
def screens_template(
    pg: Server, system_template: str, mini: AppRuntime, tmp_path_factory: pytest.TempPathFactory
) -> Ground:
    """A database with the pack's tables, an administrator and a sales representative, to be copied."""
    name = f"screens_{system_template}"
    pg.create(name, system_template)
    engine = create_engine(pg.url(name))
    make_tables(engine, mini)
    made = Ground(mini, engine, tmp_path_factory.mktemp("screens"))
    made.person("boss", "陈国栋", "admin")
    made.person("rita", "Rita Wang", "rep")
    engine.dispose()
    return made


@pytest.fixture
def ground(database_factory: Callable[..., Database], screens_template: Ground) -> Ground:
    """The test pack on a fresh database with its people."""
    engine = database_factory(str(screens_template.engine.url.database)).engine
    return Ground(screens_template.runtime, engine, screens_template.home, dict(screens_template.ids))


@pytest.fixture
def new_ground(
    database_factory: Callable[..., Database], system_template: str, tmp_path: Path
) -> Callable[..., Ground]:
    """A function that puts a compiled application on a fresh database, with people: log-in name → role."""

    def make(runtime: AppRuntime, people: Mapping[str, str], moment: datetime | None = None) -> Ground:
        engine = database_factory(system_template).engine
        make_tables(engine, runtime)
        made = Ground(runtime, engine, tmp_path, moment=moment)
        for login, role in people.items():
            made.person(login, login.title(), role)
        return made

    return make


@dataclass
class Browser:
    """A client that keeps cookies and carries the CSRF token, as a browser's form would."""

    app: Flask

    def __post_init__(self) -> None:
        self.client = self.app.test_client()
        self.token = ""

    def get(self, url: str, **headers: str) -> TestResponse:
        """Open a page."""
        answer = self.client.get(url, headers={"Accept-Encoding": "identity", **headers})
        found = TOKEN.search(answer.text) if answer.mimetype == "text/html" else None
        if found:
            self.token = found[1]
        return answer

    def post(
        self, url: str, data: dict[str, object] | None = None, *, token: str | None = None, **headers: str
    ) -> TestResponse:
        """Send a form."""
        sent = {"csrf_token": self.token if token is None else token, **(data or {})}
        return self.client.post(url, data=sent, headers={"Accept-Encoding": "identity", **headers})

    def sign_in(self, login: str, language: str = "") -> Browser:
        """Sign in; with ``language`` choose one."""
        self.get("/sign-in")
        answer = self.post("/sign-in", {"login": login, "password": PASSWORD})
        assert answer.status_code == 303, answer.text
        self.get("/")
        if language:
            self.post("/language", {"language": language})
        return self


@pytest.fixture
def browser(ground: Ground) -> Callable[[str], Browser]:
    """A function that gives a signed-in browser; "" for one that is not."""
    app = ground.app()

    def make(login: str, language: str = "") -> Browser:
        made = Browser(app)
        return made.sign_in(login, language) if login else made

    return make
