"""The system tables (schema ``tenon``), as SQLAlchemy metadata. Business tables (schema ``app``) are made by publishing from the
definitions; migrations/ brings these tables into being."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import BYTEA

from engine.storage import file_tables, kept_tables, sharing_tables, transfer_tables, work_tables
from engine.storage.columns import (
    APP_SCHEMA,
    METADATA,
    PARTITIONS,
    SCHEMA,
    count,
    document,
    identity,
    moment,
    person,
    text,
)

__all__ = [
    "APP_SCHEMA",
    "METADATA",
    "PARTITIONS",
    "SCHEMA",
    "file_tables",
    "kept_tables",
    "sharing_tables",
    "transfer_tables",
    "work_tables",
]

# --- versions ---------------------------------------------------------------------------------------------------------
version = sa.Table(
    "version",
    METADATA,
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
    text("hash"),
    sa.Column("canonical", sa.Text, nullable=False),
    document("physical"),
    document("packs"),
    document("sources", nullable=True),  # pack → path → [digest, executable] of the files that it was installed from
    sa.Column("base", sa.BigInteger),
    text("note", default=""),
    moment("created_at"),
    person("created_by", nullable=True),
)
source = sa.Table(
    "source",
    METADATA,
    sa.Column("digest", BYTEA, primary_key=True),
    sa.Column("content", BYTEA, nullable=False),
)
current = sa.Table(
    "current",
    METADATA,
    sa.Column(
        "id", sa.SmallInteger, sa.CheckConstraint("id = 1", name="single"), primary_key=True, autoincrement=False
    ),
    sa.Column("version", sa.BigInteger, sa.ForeignKey(version.c.number), nullable=False),
    moment("changed_at"),
)
process = sa.Table(
    "process",
    METADATA,
    sa.Column("id", sa.Text, primary_key=True),
    text("kind"),
    text("host"),
    sa.Column("pid", sa.Integer, nullable=False),
    sa.Column("version", sa.BigInteger),
    sa.Column("oldest", sa.BigInteger),  # version of the oldest request still running in it
    moment("started_at"),
    moment("expires_at"),
    sa.Index(None, "expires_at"),
)
journal = sa.Table(
    "journal",
    METADATA,
    identity(),
    text("publication"),
    sa.Column("base", sa.BigInteger),
    sa.Column("version", sa.BigInteger),
    sa.Column("position", sa.Integer, nullable=False),
    text("phase"),
    document("step"),
    text("state"),
    text("error", default=""),
    moment("created_at"),
    moment("started_at", nullable=True),
    moment("finished_at", nullable=True),
    sa.UniqueConstraint("publication", "position"),
)

# --- what a command leaves behind --------------------------------------------------------------------------------------
outbox = sa.Table(
    "outbox",
    METADATA,
    identity(),
    sa.Column("partition", sa.SmallInteger, nullable=False),
    text("object"),
    sa.Column("record_id", sa.BigInteger),
    text("event"),
    document("payload"),
    sa.Column("attempts", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
    text("error", default=""),
    moment("created_at"),
    moment("due_at", nullable=True),
    moment("delivered_at", nullable=True),
    sa.Index("ix_outbox_waiting", "partition", "id", postgresql_where=sa.text("delivered_at IS NULL")),
    sa.Index("ix_outbox_delivered", "delivered_at", postgresql_where=sa.text("delivered_at IS NOT NULL")),
)
history = sa.Table(
    "history",
    METADATA,
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("at", sa.DateTime(timezone=True), primary_key=True),
    text("object"),
    sa.Column("record_id", sa.BigInteger, nullable=False),
    person("actor", nullable=True),
    text("source"),
    text("action"),
    document("changes"),
    sa.Index(None, "object", "record_id", "at", "id"),
    postgresql_partition_by="RANGE (at)",
)
serial = sa.Table(
    "serial",
    METADATA,
    sa.Column("object", sa.Text, primary_key=True),
    sa.Column("field", sa.Text, primary_key=True),
    sa.Column("period", sa.Text, primary_key=True),
    count("value"),
)

# --- people -------------------------------------------------------------------------------------------------------------
credential = sa.Table(
    "credential",
    METADATA,
    sa.Column("user_id", sa.BigInteger, primary_key=True, autoincrement=False),
    text("password_hash"),
    moment("changed_at"),
)
token = sa.Table(
    "token",
    METADATA,
    identity(),
    person("user_id"),
    sa.Column("digest", BYTEA, nullable=False, unique=True),
    text("name", default=""),
    moment("created_at"),
    moment("expires_at", nullable=True),
    moment("used_at", nullable=True),
    sa.Index(None, "user_id"),
)
session = sa.Table(
    "session",
    METADATA,
    sa.Column("digest", BYTEA, primary_key=True),
    person("user_id"),
    moment("created_at"),
    moment("seen_at"),
    moment("expires_at"),
    text("address", default=""),
    text("agent", default=""),
    sa.Index(None, "user_id"),
    sa.Index(None, "expires_at"),
)
sign_in = sa.Table(
    "sign_in",
    METADATA,
    sa.Column("key", sa.Text, primary_key=True),
    count("failures"),
    moment("failed_at"),
    moment("blocked_until", nullable=True),
)
user_role = sa.Table(
    "user_role",
    METADATA,
    sa.Column("user_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("role", sa.Text, primary_key=True),
    moment("granted_at"),
    person("granted_by", nullable=True),
    sa.Index(None, "role"),
)
saved_view = sa.Table(
    "saved_view",
    METADATA,
    identity(),
    person("user_id"),
    text("object"),
    text("name"),
    document("definition"),
    sa.Column("shared", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("preferred", sa.Boolean, nullable=False, server_default=sa.false()),
    moment("updated_at"),
    sa.UniqueConstraint("user_id", "object", "name"),
    sa.Index(None, "object", postgresql_where=sa.text("shared")),
)
draft = sa.Table(
    "draft",
    METADATA,
    identity(),
    person("user_id"),
    text("kind"),
    text("key"),
    sa.Column("base", sa.BigInteger),
    document("content"),
    moment("updated_at"),
    sa.UniqueConstraint("user_id", "kind", "key"),
)
setting = sa.Table(
    "setting",
    METADATA,
    sa.Column("key", sa.Text, primary_key=True),
    document("value", nullable=True),
    moment("updated_at"),
    person("updated_by", nullable=True),
)

# --- doors ----------------------------------------------------------------------------------------------------------------
idempotency = sa.Table(
    "idempotency",
    METADATA,
    sa.Column("user_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("fingerprint", BYTEA, nullable=False),
    sa.Column("status", sa.SmallInteger),
    document("headers", nullable=True),
    sa.Column("body", BYTEA),
    moment("created_at"),
    sa.Index(None, "created_at"),
)
