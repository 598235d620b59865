"""The API over an application of `tests.application`: requests sent as the people in it, each by a token of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Flask

from engine.api import Service, make_blueprint
from engine.config import Config
from engine.people.tokens import issue_token

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from werkzeug.test import TestResponse

    from tests.application import App

    Call = Callable[..., TestResponse]


def api_door(app: App, home: Path) -> Call:
    """Return a function that sends a request: ``call(method, path, body=None, by="rita", If_Match='"1"')``. Who is there now has a token."""
    service = Service(app.engine, Config(home=home), lambda: app.runtime, lambda: app.now)
    site = Flask(__name__)
    site.register_blueprint(make_blueprint(service))
    with app.engine.begin() as connection:
        tokens = {name: issue_token(connection, one.id or 0, app.now) for name, one in app.people.items()}

    def call(method: str, path: str, body: object = None, by: str = "rita", **headers: str) -> TestResponse:
        sent = {"Authorization": f"Bearer {tokens[by]}", "Accept-Language": "en"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        options: dict[str, Any] = {} if body is None else {"json": body}
        return site.test_client().open(f"/api/v1{path}", method=method, headers=sent, **options)

    return call
