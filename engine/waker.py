"""Waiting for word through Redis that a version was published. What is done then is live.py's."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING

import redis

if TYPE_CHECKING:
    import threading


class Waker:
    """Waits until a wake-up comes through Redis or the time is over. Redis away costs nothing but the wake-ups."""

    def __init__(self, url: str, channel: str) -> None:
        self._url, self._channel = url, channel
        self._heard: redis.client.PubSub | None = None
        self._again = 0.0

    def wait(self, stopping: threading.Event, seconds: float) -> None:
        """Return after a wake-up, a stop or so many seconds."""
        heard = self._listening()
        if heard is None:
            stopping.wait(seconds)
            return
        try:
            heard.get_message(ignore_subscribe_messages=True, timeout=seconds)
        except (redis.RedisError, OSError):
            self.close()

    def _listening(self) -> redis.client.PubSub | None:
        if self._heard is None and self._url and time.monotonic() > self._again:
            self._again = time.monotonic() + 5
            try:
                self._heard = redis.Redis.from_url(self._url, socket_connect_timeout=1).pubsub()
                self._heard.subscribe(self._channel)
            except (redis.RedisError, OSError):
                self.close()
        return self._heard

    def close(self) -> None:
        """Give the connection up; the next wait may make another."""
        if self._heard is not None:
            with suppress(redis.RedisError, OSError):
                self._heard.close()
            self._heard = None
