"""The system tables: what the revisions make is what tables.py says."""

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from engine.config import EnvironmentFault
from engine.storage.migrate import alembic_config, known_revisions, migrate, present_revision
from engine.storage.tables import METADATA


def test_migrations_make_the_tables_of_the_metadata(database):
    assert migrate(database.engine)
    with database.engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "include_schemas": True,
                "include_name": lambda name, kind, _: (
                    name == "tenon" if kind == "schema" else not (kind == "table" and name.startswith("history_"))
                ),
                "version_table": "migration",
                "version_table_schema": "tenon",
                "compare_type": True,
            },
        )
        assert compare_metadata(context, METADATA) == []
        checks = {constraint["name"] for constraint in sa.inspect(connection).get_check_constraints("current", "tenon")}
        assert checks == {"ck_current_single"}


def test_migrating_again_changes_nothing(database):
    migrate(database.engine)
    assert not migrate(database.engine)


def test_a_newer_tenons_database_is_refused(database):
    migrate(database.engine)
    with database.engine.begin() as connection:
        connection.execute(sa.text("UPDATE tenon.migration SET version_num = '9999'"))
    with pytest.raises(EnvironmentFault, match="newer Tenon"):
        migrate(database.engine)


def test_revisions_are_numbered_without_a_fork(database):
    migrate(database.engine)
    with database.engine.connect() as connection:
        script = ScriptDirectory.from_config(alembic_config(connection))
        walked = [revision.revision for revision in script.walk_revisions()][::-1]
        assert walked == known_revisions()
        assert present_revision(connection) == script.get_current_head()


def test_the_first_revision_can_be_taken_back(database):
    migrate(database.engine)
    with database.engine.connect() as connection:
        command.downgrade(alembic_config(connection), "base")
        connection.commit()
        assert sa.inspect(connection).get_table_names("tenon") == ["migration"]
    assert migrate(database.engine)
