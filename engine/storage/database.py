"""Connections to PostgreSQL: the pool with its settings, and the transaction that a command runs in, tried again where the
database asks for it. No tables here."""

from __future__ import annotations

import random
import time
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar

import orjson
import psycopg
import sqlalchemy as sa
from psycopg.types.json import set_json_dumps, set_json_loads
from sqlalchemy import event, exc
from sqlalchemy.engine import make_url

from engine.config import EnvironmentFault
from engine.refusals import Refusal
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.pool import ConnectionPoolEntry

Result = TypeVar("Result")

ATTEMPTS = 3
EVENTS = "tenon_events"  # in a connection's info: this transaction wrote to the outbox
WAKE = "tenon_wake"  # in an engine's execution options: what to call after the commit of such a transaction
IDLE_SECONDS = 5  # a pooled connection that rested longer is asked whether it still lives before it is used
_RETRIED = frozenset({"40P01", "40001"})  # deadlock, serialization failure
_DISK_FULL = frozenset({"53100", "58030"})
_DOWN = ("08", "57P")  # connection trouble, shutting down or starting up


def dump_json(value: object) -> str:
    """Return ``value`` as JSON text; decimals as strings, so that no digit is lost."""
    return orjson.dumps(value, default=_plain, option=orjson.OPT_NON_STR_KEYS).decode()


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, frozenset | set):
        return sorted(value)
    if isinstance(value, date | datetime):
        return value.isoformat()
    raise TypeError(f"no JSON for {type(value).__name__}")


def create_engine(
    url: str,
    *,
    application: str = "tenon",
    pool_size: int = 5,
    overflow: int = 5,
    statement_seconds: float = 30,
    lock_seconds: float = 5,
) -> sa.Engine:
    """Return an engine with our settings; connects to nothing yet. ``statement_seconds`` 0 means without limit."""
    settings = {
        "timezone": "UTC",
        "statement_timeout": str(int(statement_seconds * 1000)),
        "lock_timeout": str(int(lock_seconds * 1000)),
        "idle_in_transaction_session_timeout": "300000",
        "jit": "off",
    }
    address = make_url(url)
    if address.drivername == "postgresql":
        address = address.set(drivername="postgresql+psycopg")
    engine = sa.create_engine(
        address,
        pool_size=pool_size,
        max_overflow=overflow,
        pool_timeout=10,
        pool_use_lifo=True,
        json_serializer=dump_json,
        json_deserializer=orjson.loads,
        connect_args={
            "application_name": application,
            "connect_timeout": 5,
            "options": " ".join(f"-c {name}={value}" for name, value in settings.items()),
        },
    )
    event.listen(engine, "connect", _on_connect)
    event.listen(engine, "checkin", _on_checkin)
    event.listen(engine, "checkout", _on_checkout)
    return engine


def _on_connect(connection: psycopg.Connection[Any], _: ConnectionPoolEntry) -> None:
    """Let raw psycopg statements read and write JSON as SQLAlchemy's do."""
    set_json_loads(orjson.loads, connection)
    set_json_dumps(dump_json, connection)


def _on_checkin(_: psycopg.Connection[Any] | None, record: ConnectionPoolEntry) -> None:
    record.info["rested"] = time.monotonic()


def _on_checkout(connection: psycopg.Connection[Any], record: ConnectionPoolEntry, _: object) -> None:
    """Make the pool replace a connection that died while it rested; busy ones are spared the question."""
    if time.monotonic() - record.info.get("rested", time.monotonic()) < IDLE_SECONDS:
        return
    try:
        connection.execute("")
        connection.rollback()
    except psycopg.OperationalError as error:
        raise exc.DisconnectionError from error


def in_transaction(engine: sa.Engine, command: Callable[[sa.Connection], Result]) -> Result:
    """Run ``command`` in one transaction and commit; run it again, whole, where the database broke a deadlock.

    After a commit that leaves events in the outbox it calls the engine's wake-up (see ``with_wake``).
    So ``command`` must have no effect outside of its transaction. Raises EnvironmentFault where the database is out of reach
    or its disk is full, and Refusal 409 BUSY or 503 TOO_SLOW where waiting took too long.
    """
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with engine.begin() as connection:
                connection.info.pop(EVENTS, None)
                result = command(connection)
                noted = connection.info.pop(EVENTS, False)
            if noted and (wake := engine.get_execution_options().get(WAKE)):
                wake()
        except exc.DBAPIError as error:
            if attempt == ATTEMPTS or not _passes(error):
                translate(error)
                raise
            time.sleep(random.uniform(0, 0.02 * attempt))  # noqa: S311 - spreads retries, guards nothing
        else:
            return result
    raise AssertionError("unreachable")


def _passes(error: exc.DBAPIError) -> bool:
    """Whether the same command may well succeed at once: a deadlock was broken, or a partition was made while it wrote a row of that month."""
    return sqlstate(error) in _RETRIED or _moved(error)


def _moved(error: exc.DBAPIError) -> bool:
    diagnosis = getattr(error.orig, "diag", None)
    if sqlstate(error) != "23514" or diagnosis is None:
        return False
    return diagnosis.schema_name == "tenon" and not diagnosis.constraint_name  # a check of a table has a name


def with_wake(engine: sa.Engine, wake: Callable[[], None]) -> sa.Engine:
    """Return the same engine that calls ``wake`` after every commit that leaves events; ``wake`` must not raise or wait."""
    return engine.execution_options(**{WAKE: wake})


def sqlstate(error: exc.DBAPIError) -> str:
    """Return PostgreSQL's five-character code of an error, or nothing where it never came from a server."""
    return getattr(error.orig, "sqlstate", None) or ""


def translate(error: exc.DBAPIError) -> None:
    """Raise what people can act upon in place of ``error``; return where it is ours to explain otherwise."""
    state = sqlstate(error)
    if state == "55P03" or _passes(error):
        raise Refusal(
            409,
            "BUSY",
            Text(
                zh="数据正被其他操作占用，请稍后再试。", en="Another operation holds these data: try again in a moment."
            ),
        ) from error
    if state == "57014":
        raise Refusal(
            503, "TOO_SLOW", Text(zh="操作耗时过长，已停止。", en="The operation took too long and was stopped.")
        ) from error
    if state in _DISK_FULL:
        raise EnvironmentFault(
            Text(zh="数据库所在磁盘已满：请先腾出空间。", en="The database's disk is full: free some space first.")
        ) from error
    unreached = not state and isinstance(error.orig, psycopg.OperationalError)
    if error.connection_invalidated or unreached or state.startswith(_DOWN):
        raise database_down(str(error.orig)) from error


def database_down(reason: str) -> EnvironmentFault:
    """Return the fault for a database that does not answer."""
    line = " ".join(reason.split())[:300]
    return EnvironmentFault(
        Text(
            zh=f"无法连接数据库（{line}）：请确认 PostgreSQL 正在运行，并检查 database.url。",
            en=f"The database cannot be reached ({line}): make sure that PostgreSQL runs and check database.url.",
        )
    )
