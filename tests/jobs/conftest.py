"""An installation without tables of its own objects, and clocks that end with the test."""

import threading
from pathlib import Path

import pytest

from engine.config import Config
from engine.config.sections import Jobs
from engine.jobs.clock import Clock
from engine.storage.instance import Instance


@pytest.fixture
def poll_seconds():
    """How often a clock looks by itself."""
    return 5


@pytest.fixture
def instance(system_database, redis_url, poll_seconds):
    opened = Instance(
        Config(home=Path("/nowhere"), jobs=Jobs(poll_seconds=poll_seconds)), system_database.url, redis_url
    )
    yield opened
    opened.close()


@pytest.fixture
def clocks(instance):
    started = []

    def start(shop):
        clock = Clock(shop)
        thread = threading.Thread(target=clock.run)
        thread.start()
        started.append((clock, thread))
        return clock

    yield start
    for clock, _ in started:
        clock.stop()
    for _, thread in started:
        thread.join(60)
        assert not thread.is_alive()
