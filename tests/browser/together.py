"""The pages with their API and their stream of changes beside them, as an installation serves them: for two people at one record."""

from __future__ import annotations

import asyncio
import socket
import threading
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import sqlalchemy as sa
from flask import Flask
from werkzeug.serving import make_server

from engine import api
from engine.config import Config
from engine.config.sections import Events as EventsSection
from engine.jobs.drain import CHANGES, drain
from engine.jobs.events import Events
from engine.jobs.workshop import Workshop
from engine.screens.blueprint import make_blueprint
from engine.screens.responses import is_token
from engine.storage.instance import Instance
from tests.browser.conftest import PATIENCE, Quiet
from tests.screens.ground import PASSWORD

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

    from tests.screens.ground import Ground

_LIVES = "INSERT INTO tenon.process (id, kind, host, pid, started_at, expires_at) VALUES ('stream', 'events', '', 1, now(), now() + interval '1 hour')"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Together:
    """An address with people at it."""

    def __init__(self, url: str, shop: Workshop, chromium: Browser) -> None:
        self.url, self._shop, self._chromium = url, shop, chromium

    def sign_in(self, login: str) -> Page:
        """Return the page of somebody in a browser of their own."""
        page = self._chromium.new_context(base_url=self.url, viewport={"width": 1440, "height": 900}).new_page()
        page.set_default_timeout(PATIENCE)
        page.goto("/sign-in")
        page.fill("#login", login)
        page.fill("#password", PASSWORD)
        page.click("button[type=submit]")
        page.wait_for_url(f"{self.url}/")
        return page

    def tell(self) -> None:
        """Tell of what was saved, as a worker does."""
        for partition in range(16):
            drain(self._shop, partition)


@contextmanager
def together(ground: Ground, redis_url: str, chromium: Browser) -> Iterator[Together]:
    """Serve until left."""
    config = Config(home=ground.home, events=EventsSection(host="127.0.0.1", port=_free_port()))
    instance = Instance(config, ground.engine.url.render_as_string(hide_password=False), redis_url)
    shop = Workshop(instance, lambda: ground.runtime)
    application = Flask("tenon-together", static_folder=None, template_folder=None)
    application.secret_key = "only-for-tests" * 4
    service = api.Service(ground.engine, config, lambda: ground.runtime, csrf=is_token)
    application.register_blueprint(api.make_blueprint(service))
    application.register_blueprint(make_blueprint(replace(ground.site(), config=config)))
    server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=Quiet)
    stream, before = _Streaming(shop), len(chromium.contexts)
    threads = [threading.Thread(target=one, daemon=True) for one in (server.serve_forever, stream.run)]
    for thread in threads:
        thread.start()
    stream.wait()
    with ground.engine.begin() as connection:
        connection.execute(sa.text(_LIVES))
    try:
        yield Together(f"http://127.0.0.1:{server.server_port}", shop, chromium)
    finally:
        for context in chromium.contexts[before:]:
            context.close()
        with ground.engine.begin() as connection:
            connection.execute(sa.text("DELETE FROM tenon.process WHERE id = 'stream'"))
        server.shutdown()
        stream.stop()
        for thread in threads:
            thread.join()
        server.server_close()
        instance.close()


class _Streaming:
    """The server of streams, in a thread."""

    def __init__(self, shop: Workshop) -> None:
        self._shop, self._loop = shop, asyncio.new_event_loop()
        self._events = Events(shop)

    def run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._events.run())
        self._loop.close()

    def wait(self) -> None:
        """Wait until it hears of changes and answers."""
        until = threading.Event()
        for _ in range(3000):
            heard = self._shop.instance.redis.execute_command("PUBSUB", "NUMSUB", self._shop.instance.channel(CHANGES))
            with socket.socket() as probe:
                if heard[1] and not probe.connect_ex(("127.0.0.1", self._shop.instance.config.events_port)):
                    return
            until.wait(0.02)
        raise AssertionError("the stream of changes does not begin")

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._events.stop)
