"""A small application with three people, and a mail server: a real one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from engine.config import Config
from engine.config.sections import Mail, Web
from tests.application import App, Applications, compile_packs, write_pack
from tests.mailboxes import Post, serve_mail

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.runtime import AppRuntime


@pytest.fixture
def post() -> Iterator[Post]:
    """A mail server of the test's own."""
    with serve_mail() as made:
        yield made


@pytest.fixture(scope="session")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> AppRuntime:
    """A small application."""
    thing = "object: thing\nfields:\n  name: {type: text}\n"
    return compile_packs(write_pack(tmp_path_factory.mktemp("packs"), "things", {"objects/thing.yaml": thing}))


def fill(made: App) -> None:
    """Put people into the application."""
    made.person("li", email="li@acme.example", phone="13800000001", language="zh")
    made.person("ann", email="ann@acme.example", phone="13800000002", language="en")
    made.person("bob")


@pytest.fixture
def app(applications: Applications, runtime: AppRuntime) -> App:
    """The application with three people."""
    return applications(runtime, fill)


@pytest.fixture
def config(tmp_path: Any, post: Post) -> Config:
    """An installation with the mail server."""
    return Config(
        home=tmp_path,
        mail=Mail(host="127.0.0.1", port=post.port, security="none", sender="tenon@acme.example"),
        web=Web(public_url="https://crm.acme.example"),
    )
