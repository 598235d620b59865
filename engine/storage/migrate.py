"""Bringing the system tables to the present revision, by Alembic, one process at a time."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy import exc

from engine.config import EnvironmentFault
from engine.storage.database import translate
from engine.storage.tables import SCHEMA
from metamodel.text import Text

if TYPE_CHECKING:
    from alembic.config import Config

LOCK = 0x7E_01  # advisory locks: migrate, publish … each has a number of its own


def alembic_config(connection: sa.Connection) -> Config:
    """Return Alembic's configuration for our revisions on ``connection``."""
    from alembic.config import Config  # Alembic loads slowly, and most starts have nothing to migrate

    config = Config()
    config.set_main_option("script_location", str(_folder()).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def present_revision(connection: sa.Connection) -> str | None:
    """Return the revision that the database's system tables are at; None where there are none."""
    if connection.scalar(sa.select(sa.func.to_regclass(f"{SCHEMA}.migration"))) is None:
        return None
    revision = connection.scalar(sa.text(f"SELECT version_num FROM {SCHEMA}.migration"))  # noqa: S608
    return None if revision is None else str(revision)


def known_revisions() -> list[str]:
    """Return the revisions that this Tenon knows, in order. They are numbered without a fork, as their files are."""
    return sorted(path.name.partition("_")[0] for path in (_folder() / "versions").glob("[0-9]*.py"))


def _folder() -> Path:
    spec = find_spec("migrations")
    if spec is None or spec.origin is None:
        raise EnvironmentFault(
            Text(
                zh="安装不完整：缺少 migrations，请重新安装。",
                en="The installation lacks its migrations: install it again.",
            )
        )
    return Path(spec.origin).parent


def migrate(engine: sa.Engine) -> bool:
    """Create or upgrade the system tables; return whether anything had to be done. Raises EnvironmentFault.

    A database that a newer Tenon has migrated is refused, since this one does not know its tables.
    """
    try:
        with engine.connect() as connection:
            if present_revision(connection) == known_revisions()[-1]:
                return False
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(sa.text("SET statement_timeout = 0"))
            connection.execute(sa.text("SET lock_timeout = 0"))
            connection.execute(sa.select(sa.func.pg_advisory_lock(LOCK)))
            try:
                connection.execute(sa.text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
                return _upgrade(engine)
            finally:
                connection.invalidate()  # gives the lock back, and takes its timeouts out of the pool
    except exc.DBAPIError as error:
        translate(error)
        raise


def _upgrade(engine: sa.Engine) -> bool:
    """Upgrade, with the lock held."""
    from alembic import command

    with engine.connect() as connection:
        found = present_revision(connection)
        connection.rollback()
        if found == known_revisions()[-1]:
            return False
        if found is not None and found not in known_revisions():
            raise EnvironmentFault(
                Text(
                    zh=f"数据库已由更新版本的 Tenon 升级（{found}）：请使用该版本或更高版本。",
                    en=f"A newer Tenon has upgraded this database ({found}): use that version or a later one.",
                )
            )
        command.upgrade(alembic_config(connection), "head")
        connection.commit()
        return True
