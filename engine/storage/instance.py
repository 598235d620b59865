"""An installation opened: its configuration with the addresses of its database and its Redis, embedded or not, and the connections
to them. Every process and every command starts here."""

from __future__ import annotations

import hashlib
import os
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import redis
import sqlalchemy as sa
from redis.backoff import NoBackoff
from redis.retry import Retry

from engine.config import EnvironmentFault
from engine.storage.database import create_engine, database_down, with_wake
from engine.storage.embedded import Embedded
from engine.storage.migrate import migrate
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.config import Config

OUTBOX = "outbox"  # channel of wake-ups for the outbox
VERSION = "version"  # channel of wake-ups after a publication
_WHICH = "SELECT (SELECT system_identifier FROM pg_control_system()), oid FROM pg_database WHERE datname = current_database()"


@dataclass(frozen=True)
class Instance:
    """An open installation. Its pools connect when first used, so it may be made before a fork."""

    config: Config
    database_url: str
    redis_url: str
    application: str = "tenon"

    @cached_property
    def engine(self) -> sa.Engine:
        """The pool of this process; a commit that leaves events wakes the workers."""
        settings = self.config.database
        engine = create_engine(
            self.database_url,
            application=self.application,
            pool_size=settings.pool_size,
            statement_seconds=settings.statement_seconds,
            lock_seconds=settings.lock_seconds,
        )
        return with_wake(engine, self.wake)

    @cached_property
    def direct(self) -> sa.Engine:
        """A pool past any pooler and without a statement time-out, for publishing and other long work."""
        url = self.config.database.direct_url or self.database_url
        engine = create_engine(
            url,
            application=f"{self.application} direct",
            pool_size=2,
            statement_seconds=0,
            lock_seconds=self.config.database.lock_seconds,
        )
        return with_wake(engine, self.wake)

    @cached_property
    def redis(self) -> redis.Redis:
        """A client of Redis that gives up at once: whatever it carries, PostgreSQL keeps too."""
        return redis.Redis.from_url(
            self.redis_url,
            socket_timeout=5,
            socket_connect_timeout=1,
            retry=Retry(NoBackoff(), 0),
            health_check_interval=30,
        )

    @cached_property
    def space(self) -> str:
        """What all names of this installation in Redis begin with, since several may share a server: as configured, or told by the database,
        so that all processes agree, and that data restored elsewhere are another installation."""
        if self.config.redis.prefix:
            return self.config.redis.prefix
        with self.engine.connect() as connection:
            server, database = connection.execute(sa.text(_WHICH)).one()
        return f"tenon-{hashlib.sha256(f'{server}/{database}'.encode()).hexdigest()[:12]}"

    def channel(self, name: str) -> str:
        """Return this installation's own name of a channel."""
        return f"{self.space}:{name}"

    def tell(self, name: str, message: bytes | str | int) -> None:
        """Say something on a channel. Who should hear it looks by themselves as well, so a Redis that is away costs a pause alone."""
        with suppress(redis.RedisError, sa.exc.SQLAlchemyError):
            self.redis.publish(self.channel(name), message)

    def wake(self) -> None:
        """Tell the relay that the outbox has events."""
        self.tell(OUTBOX, os.getpid())

    def after_fork(self) -> None:
        """Forget connections that the parent process goes on using; the next use opens new ones."""
        for name in ("engine", "direct"):
            if pool := self.__dict__.get(name):
                pool.dispose(close=False)
        self.__dict__.pop("redis", None)

    def close(self) -> None:
        """Close what is open."""
        for name in ("engine", "direct"):
            if pool := self.__dict__.get(name):
                pool.dispose()
        if client := self.__dict__.get("redis"):
            client.close()

    def check(self) -> None:
        """Raise EnvironmentFault unless database and Redis answer."""
        try:
            with self.engine.connect() as connection:
                connection.execute(sa.text("SELECT 1"))
            _ = self.space  # known before anything is to be said
        except sa.exc.OperationalError as error:
            raise database_down(str(error.orig)) from error
        try:
            self.redis.ping()
        except redis.RedisError as error:
            raise EnvironmentFault(
                Text(
                    zh=f"无法连接 Redis（{error}）：请确认其正在运行，并检查 redis.url。",
                    en=f"Redis cannot be reached ({error}): make sure that it runs and check redis.url.",
                )
            ) from error


@contextmanager
def open_instance(config: Config, application: str = "tenon", *, migrated: bool = True) -> Iterator[Instance]:
    """Open the installation of ``config``: start its embedded services where they do not run, bring the system tables up to date,
    and give all of it up at the end. Raises EnvironmentFault.

    ``migrated`` False leaves the tables as they are (restoring a backup).
    """
    postgres, valkey = not config.database.url, not config.redis.url
    embedded = Embedded(config.home, postgres=postgres, valkey=valkey) if postgres or valkey else None
    addresses = embedded.start() if embedded else None
    try:
        instance = Instance(
            config,
            config.database.url or (addresses.database_url if addresses else ""),
            config.redis.url or (addresses.redis_url if addresses else ""),
            application,
        )
        try:
            instance.check()
            if migrated:
                migrate(instance.direct)
            yield instance
        finally:
            instance.close()
    finally:
        if embedded:
            embedded.stop()
