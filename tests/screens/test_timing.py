"""An answer says how long the server took over it, whatever it answers."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

import pytest
from werkzeug.test import Client, create_environ, run_wsgi_app
from werkzeug.wrappers import Response

from engine.screens.timing import timed

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIEnvironment

    from tests.screens.ground import Ground


def spent(header: str) -> float:
    """Return the milliseconds of a ``Server-Timing`` header."""
    found = re.fullmatch(r"total;dur=(\d+\.\d)", header)
    assert found, header
    return float(found[1])


def test_the_time_of_the_application_is_said() -> None:
    def slow(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        time.sleep(0.03)
        return Response("made", headers={"X-Own": "1"})(environ, start_response)

    body, status, headers = run_wsgi_app(timed(slow), create_environ())
    assert (b"".join(body), status, headers["X-Own"]) == (b"made", "200 OK", "1")
    assert 30 <= spent(headers["Server-Timing"]) < 5000


def test_an_error_after_the_start_is_handed_on() -> None:
    given: list[object] = []

    def broken(_environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        try:
            raise ValueError("late")
        except ValueError as error:
            start_response("500 Oh", [], (ValueError, error, error.__traceback__))
        return []

    timed(broken)({}, lambda *more: given.append(more))
    ((status, headers, raised),) = given
    assert status == "500 Oh"
    assert [name for name, _ in headers] == ["Server-Timing"]
    assert raised[0] is ValueError


@pytest.mark.parametrize("path", ["/sign-in", "/o/customer", "/nowhere"])
def test_pages_refusals_and_redirections_carry_it(ground: Ground, path: str) -> None:
    app = ground.app()
    app.wsgi_app = timed(app.wsgi_app)
    assert spent(Client(app).get(path).headers["Server-Timing"]) > 0
