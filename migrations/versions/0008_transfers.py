"""People's imports and exports: orders that a worker runs, the records that an import wrote, mappings that people keep."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_EMPTY, _ZERO = sa.text("''"), sa.text("0")
_NEW = ("origin", "stored", "sheet", "size", "done", "settings", "error", "started_at")


def upgrade() -> None:
    """Apply."""
    for column in (
        sa.Column("origin", sa.Text(), server_default=_EMPTY, nullable=False),
        sa.Column("stored", sa.Text(), server_default=_EMPTY, nullable=False),
        sa.Column("sheet", sa.Text(), server_default=_EMPTY, nullable=False),
        sa.Column("size", sa.BigInteger(), server_default=_ZERO, nullable=False),
        sa.Column("done", sa.BigInteger(), server_default=_ZERO, nullable=False),
        sa.Column("settings", postgresql.JSONB(none_as_null=True), nullable=True),
        sa.Column("error", postgresql.JSONB(none_as_null=True), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
    ):
        op.add_column("import_job", column, schema="tenon")
    op.create_index("ix_import_job_created_by", "import_job", ["created_by", "id"], unique=False, schema="tenon")
    op.create_index(
        "ix_import_job_waiting",
        "import_job",
        ["id"],
        unique=False,
        schema="tenon",
        postgresql_where=sa.text("origin <> '' AND state IN ('queued', 'running', 'checking', 'undoing')"),
    )
    _of_imports()
    _exports()


def _of_imports() -> None:
    op.create_table(
        "import_warning",
        sa.Column("job_id", sa.BigInteger(), nullable=False),
        sa.Column("row", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("errors", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["job_id"], ["tenon.import_job.id"], name=op.f("fk_import_warning_job_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("job_id", "row", name=op.f("pk_import_warning")),
        schema="tenon",
    )
    op.create_table(
        "import_record",
        sa.Column("job_id", sa.BigInteger(), nullable=False),
        sa.Column("record_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("row", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created", sa.Boolean(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone", sa.Text(), server_default=_EMPTY, nullable=False),
        sa.Column("reason", postgresql.JSONB(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["job_id"], ["tenon.import_job.id"], name=op.f("fk_import_record_job_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("job_id", "record_id", name=op.f("pk_import_record")),
        schema="tenon",
    )
    op.create_index(
        "ix_import_record_undone",
        "import_record",
        ["job_id", "record_id"],
        unique=False,
        schema="tenon",
        postgresql_where=sa.text("undone = ''"),
    )
    op.create_table(
        "import_mapping",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("header", postgresql.BYTEA(), nullable=False),
        sa.Column("mapping", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_mapping")),
        schema="tenon",
    )
    op.create_index(
        "uq_import_mapping", "import_mapping", ["object", "header", "created_by"], unique=True, schema="tenon"
    )


def _exports() -> None:
    op.create_table(
        "export_job",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("request", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("rows", sa.BigInteger(), server_default=_ZERO, nullable=False),
        sa.Column("total", sa.BigInteger(), server_default=_ZERO, nullable=False),
        sa.Column("stored", sa.Text(), server_default=_EMPTY, nullable=False),
        sa.Column("size", sa.BigInteger(), server_default=_ZERO, nullable=False),
        sa.Column("error", postgresql.JSONB(none_as_null=True), nullable=True),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), server_default=_EMPTY, nullable=False),
        sa.Column("agent", sa.Text(), server_default=_EMPTY, nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_export_job")),
        schema="tenon",
    )
    op.create_index("ix_export_job_created_by", "export_job", ["created_by", "id"], unique=False, schema="tenon")
    op.create_index(
        "ix_export_job_waiting",
        "export_job",
        ["id"],
        unique=False,
        schema="tenon",
        postgresql_where=sa.text("state IN ('queued', 'running')"),
    )


def downgrade() -> None:
    """Take back."""
    for table in ("export_job", "import_mapping", "import_record", "import_warning"):
        op.drop_table(table, schema="tenon")
    for index in ("ix_import_job_waiting", "ix_import_job_created_by"):
        op.drop_index(index, table_name="import_job", schema="tenon")
    for column in _NEW:
        op.drop_column("import_job", column, schema="tenon")
