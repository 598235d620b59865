"""A system outside, for tests: a real HTTP server that notes what it is asked and answers as it is told: well, badly, late, half, never."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@dataclass(frozen=True)
class Asked:
    """A request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body's JSON."""
        return orjson.loads(self.body)


@dataclass
class HttpPeer:
    """The server. ``answers`` are given one after another, the last one again and again."""

    url: str = ""
    port: int = 0
    asked: list[Asked] = field(default_factory=list)
    answers: list[Callable[[BaseHTTPRequestHandler], None]] = field(default_factory=list)
    ending: threading.Event = field(default_factory=threading.Event)

    def answer(self, status: int, said: Any, **headers: str) -> HttpPeer:
        """Answer so from now on."""
        self.answers = []
        return self.then(status, said, **headers)

    def then(self, status: int, said: Any, **headers: str) -> HttpPeer:
        """Answer so after what was said before."""
        body = said.encode() if isinstance(said, str) else said if isinstance(said, bytes) else orjson.dumps(said)

        def give(handler: BaseHTTPRequestHandler) -> None:
            handler.send_response(status)
            for name, value in headers.items():
                handler.send_header(name.replace("_", "-"), value)
            handler.send_header("Content-Length", str(len(body)))
            handler.end_headers()
            handler.wfile.write(body)

        self.answers.append(give)
        return self

    def hang(self) -> HttpPeer:
        """Never answer."""
        self.answers.append(lambda _: self.ending.wait(30) and None)
        return self

    def trickle(self) -> HttpPeer:
        """Answer a byte at a time, for ever."""

        def give(handler: BaseHTTPRequestHandler) -> None:
            with suppress(OSError):
                handler.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
                while not self.ending.wait(0.1):
                    handler.wfile.write(b"a")

        self.answers.append(give)
        return self

    def break_off(self) -> HttpPeer:
        """Close in the middle of the answer."""

        def give(handler: BaseHTTPRequestHandler) -> None:
            handler.wfile.write(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"id": ')
            handler.wfile.flush()
            handler.connection.shutdown(socket.SHUT_RDWR)

        self.answers.append(give)
        return self

    def raw(self, said: bytes) -> HttpPeer:
        """Answer these bytes and hang up."""

        def give(handler: BaseHTTPRequestHandler) -> None:
            handler.wfile.write(said)
            handler.close_connection = True

        self.answers.append(give)
        return self


@contextmanager
def serve_http(port: int = 0) -> Iterator[HttpPeer]:
    """Serve on the loopback as long as the context lasts."""
    peer = HttpPeer()

    class Handler(BaseHTTPRequestHandler):
        def _any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            peer.asked.append(Asked(self.command, self.path, headers, body))
            give = peer.answers[0] if len(peer.answers) == 1 else peer.answers.pop(0)
            with suppress(OSError):
                give(self)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = _any  # noqa: N815 - the library's names

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        block_on_close = False

        def handle_error(self, request: object, client_address: object) -> None:
            """Say nothing: clients that give up are part of the tests."""

    with Server(("127.0.0.1", port), Handler) as server:
        peer.port = server.server_address[1]
        peer.url = f"http://127.0.0.1:{peer.port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield peer
        finally:
            peer.ending.set()
            server.shutdown()
            thread.join()
            time.sleep(0)
