"""When a publication returns that only adds: nothing is left to be contracted, and still everybody must serve it by then."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import engine.live
from engine.live import Live
from tests.publishing.support import Shop, fields

if TYPE_CHECKING:
    import pytest

ONE = {"item": fields("name: {type: text}")}
MORE = {"item": fields("name: {type: text}\nmore: {type: text}")}


def test_an_addition_returns_when_everybody_serves_it(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.install(ONE)
    monkeypatch.setattr(engine.live, "POLL", 0.05)
    live = Live(shop.engine, shop.kinds, "web")
    compiled, go_on = live._compile, threading.Event()

    def slowly(number: int) -> engine.live.AppRuntime:
        go_on.wait(120)
        return compiled(number)

    try:
        assert live.current().version == 1
        monkeypatch.setattr(live, "_compile", slowly)
        publication = threading.Thread(target=shop.install, args=(MORE,))
        publication.start()
        publication.join(1)
        assert publication.is_alive()
        assert live.current().version == 1
        go_on.set()
        publication.join(120)
        assert not publication.is_alive()
        assert live.current().version == 2
    finally:
        go_on.set()
        live.stop()
