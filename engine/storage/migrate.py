"""Bringing the system tables to the present revision, by Alembic, one process at a time."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import exc

from engine.config import EnvironmentFault
from engine.storage.database import translate
from engine.storage.tables import SCHEMA
from metamodel.text import Text

LOCK = 0x7E_01  # advisory locks: migrate, publish … each has a number of its own


def alembic_config(connection: sa.Connection) -> Config:
    """Return Alembic's configuration for our revisions on ``connection``."""
    spec = find_spec("migrations")
    if spec is None or spec.origin is None:
        raise EnvironmentFault(
            Text(
                zh="安装不完整：缺少 migrations，请重新安装。",
                en="The installation lacks its migrations: install it again.",
            )
        )
    config = Config()
    config.set_main_option("script_location", str(Path(spec.origin).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def present_revision(connection: sa.Connection) -> str | None:
    """Return the revision that the database's system tables are at; None where there are none."""
    names = {"version_table": "migration", "version_table_schema": SCHEMA}
    return MigrationContext.configure(connection, opts=names).get_current_revision()


def known_revisions(connection: sa.Connection) -> frozenset[str]:
    """Return the revisions that this Tenon knows."""
    script = ScriptDirectory.from_config(alembic_config(connection))
    return frozenset(revision.revision for revision in script.walk_revisions())


def migrate(engine: sa.Engine) -> bool:
    """Create or upgrade the system tables; return whether anything had to be done. Raises EnvironmentFault.

    A database that a newer Tenon has migrated is refused, since this one does not know its tables.
    """
    try:
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(sa.text("SET statement_timeout = 0"))
            connection.execute(sa.text("SET lock_timeout = 0"))
            connection.execute(sa.select(sa.func.pg_advisory_lock(LOCK)))
            try:
                return _upgrade(engine, connection)
            finally:
                connection.execute(sa.select(sa.func.pg_advisory_unlock(LOCK)))
                connection.invalidate()  # its timeouts are not the pool's
    except exc.DBAPIError as error:
        translate(error)
        raise


def _upgrade(engine: sa.Engine, lock_holder: sa.Connection) -> bool:
    """Upgrade while ``lock_holder`` keeps other processes out."""
    lock_holder.execute(sa.text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
    with engine.connect() as connection:
        config = alembic_config(connection)
        found = present_revision(connection)
        connection.rollback()
        if found == ScriptDirectory.from_config(config).get_current_head():
            return False
        if found is not None and found not in known_revisions(connection):
            raise EnvironmentFault(
                Text(
                    zh=f"数据库已由更新版本的 Tenon 升级（{found}）：请使用该版本或更高版本。",
                    en=f"A newer Tenon has upgraded this database ({found}): use that version or a later one.",
                )
            )
        command.upgrade(config, "head")
        connection.commit()
        return True
