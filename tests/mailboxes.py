"""A mail server, for tests: it takes letters by real SMTP, and behaves as it is told: well, away, hanging, refusing, breaking off."""

from __future__ import annotations

import socketserver
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass
class Post:
    """The server. ``mood``: good; away (hangs up at once); hangs (says nothing); refuses (550) or busy (451) about whom it is for; late
    (takes the letter and hangs up before it says so). ``greeted``: how often somebody came."""

    port: int = 0
    mood: str = "good"
    letters: list[bytes] = field(default_factory=list)
    greeted: int = 0
    ending: threading.Event = field(default_factory=threading.Event)

    def subjects(self) -> list[str]:
        """Return the subjects of the letters."""
        return [str(message_from_bytes(one, policy=policy.default)["Subject"]) for one in self.letters]


class _Talk(socketserver.StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        post = self.server.post
        post.greeted += 1
        if post.mood == "hangs":
            post.ending.wait(30)
        if post.mood in {"away", "hangs"}:
            return
        self._say("220 post.example ESMTP")
        while line := self.rfile.readline().decode().strip():
            if not self._answer(line.split(" ")[0].upper()):
                return

    def _answer(self, word: str) -> bool:
        mood = self.server.post.mood
        said = {"EHLO": ("250-post.example", "250 SMTPUTF8"), "QUIT": ("221 bye",)}.get(word, ("250 ok",))
        if word == "RCPT":
            said = {"refuses": ("550 no such mailbox",), "busy": ("451 try later",)}.get(mood, said)
        if word == "DATA":
            self._take()
            said = ("250 taken",)
            if mood == "late":
                return False
        self._say(*said)
        return word != "QUIT"

    def _take(self) -> None:
        self._say("354 go on")
        lines = []
        while (line := self.rfile.readline()) not in {b".\r\n", b""}:
            lines.append(line)
        self.server.post.letters.append(b"".join(lines))

    def _say(self, *lines: str) -> None:
        self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True

    def __init__(self, port: int, post: Post) -> None:
        super().__init__(("127.0.0.1", port), _Talk)
        self.post = post


@contextmanager
def serve_mail(port: int = 0) -> Iterator[Post]:
    """Serve on the loopback as long as the context lasts."""
    post = Post()
    with _Server(port, post) as server:
        post.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield post
        finally:
            post.ending.set()
            server.shutdown()
            thread.join()
