"""The system tables of imports and exports: people's orders for them, the records that an import wrote, mappings that people keep. The
parts of an import that the command line has too (its journal) are in here as well."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import BYTEA

from engine.storage.columns import METADATA, count, document, identity, moment, person, text

import_job = sa.Table(
    "import_job",
    METADATA,
    identity(),
    text("object"),
    text("file"),
    sa.Column("digest", BYTEA, nullable=False),
    document("mapping", nullable=True),
    text("on_duplicate", default="fail"),
    text("state"),
    *(count(name) for name in ("rows", "created", "updated", "skipped", "failed")),
    person("created_by", nullable=True),
    moment("created_at"),
    moment("finished_at", nullable=True),
    text("origin", default=""),  # page or api: ordered by a person and run by a worker; empty: a command of its own
    text("stored", default=""),  # the store's key of the file that was sent
    text("sheet", default=""),  # and of the sheet that was read out of it
    count("size"),  # of the table, in the units of ``done``
    count("done"),
    document("settings", nullable=True),  # how the file is read, cells mended by hand, what the last look at it found
    document("error", nullable=True),  # why it could not go on
    moment("started_at", nullable=True),
    sa.Index(None, "object", "digest"),
    sa.Index("ix_import_job_created_by", "created_by", "id"),
    sa.Index(
        "ix_import_job_waiting",
        "id",
        postgresql_where=sa.text("origin <> '' AND state IN ('queued', 'running', 'checking', 'undoing')"),
    ),
)
import_row = sa.Table(
    "import_row",
    METADATA,
    sa.Column("job_id", sa.BigInteger, sa.ForeignKey(import_job.c.id, ondelete="CASCADE"), primary_key=True),
    sa.Column("row", sa.BigInteger, primary_key=True, autoincrement=False),
    text("state"),
    sa.Column("record_id", sa.BigInteger),
    document("errors", nullable=True),
)
import_warning = sa.Table(
    "import_warning",
    METADATA,
    sa.Column("job_id", sa.BigInteger, sa.ForeignKey(import_job.c.id, ondelete="CASCADE"), primary_key=True),
    sa.Column("row", sa.BigInteger, primary_key=True, autoincrement=False),
    document("errors"),
)
import_record = sa.Table(
    "import_record",
    METADATA,
    sa.Column("job_id", sa.BigInteger, sa.ForeignKey(import_job.c.id, ondelete="CASCADE"), primary_key=True),
    sa.Column("record_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("row", sa.BigInteger, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("created", sa.Boolean, nullable=False),
    moment("first_at"),
    moment("last_at"),
    text("undone", default=""),  # empty: stands; done: undone; otherwise why it was left as it is
    document("reason", nullable=True),
    sa.Index("ix_import_record_undone", "job_id", "record_id", postgresql_where=sa.text("undone = ''")),
)
import_mapping = sa.Table(
    "import_mapping",
    METADATA,
    identity(),
    text("object"),
    sa.Column("header", BYTEA, nullable=False),  # SHA-256 of the names of the columns
    document("mapping"),
    person("created_by"),
    moment("used_at"),
    sa.Index("uq_import_mapping", "object", "header", "created_by", unique=True),
)
export_job = sa.Table(
    "export_job",
    METADATA,
    identity(),
    text("object"),
    text("format"),
    document("request"),
    text("state"),
    count("rows"),
    count("total"),
    text("stored", default=""),
    count("size"),
    document("error", nullable=True),
    text("language"),
    text("address", default=""),
    text("agent", default=""),
    person("created_by"),
    moment("created_at"),
    moment("finished_at", nullable=True),
    moment("expires_at", nullable=True),
    sa.Index("ix_export_job_created_by", "created_by", "id"),
    sa.Index("ix_export_job_waiting", "id", postgresql_where=sa.text("state IN ('queued', 'running')")),
)
