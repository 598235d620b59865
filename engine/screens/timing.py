"""How long the server took over an answer, said in the answer itself: the browser's developer tools and the measurements read it.
What is timed is the application; waiting for a free thread and sending are not in it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import TracebackType
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    Raised = tuple[type[BaseException], BaseException, TracebackType] | tuple[None, None, None] | None

HEADER = "Server-Timing"


def timed(application: WSGIApplication) -> WSGIApplication:
    """Return the application with a ``Server-Timing: total;dur=…`` header on its answers: milliseconds from the request's arrival
    at the application until its answer begins, which is when a page is whole."""

    def serve(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        began = time.perf_counter()

        def start(status: str, headers: list[tuple[str, str]], raised: Raised = None, /) -> Any:
            spent = (time.perf_counter() - began) * 1000
            return start_response(status, [*headers, (HEADER, f"total;dur={spent:.1f}")], raised)

        return application(environ, start)

    return serve
