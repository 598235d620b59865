"""The system tables (schema ``tenon``), as SQLAlchemy metadata. Business tables (schema ``app``) are made by publishing from the
definitions; migrations/ brings these tables into being."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import BYTEA, JSONB

SCHEMA = "tenon"
APP_SCHEMA = "app"
PARTITIONS = 16  # of the outbox: events of one record stay in one, in order

METADATA = sa.MetaData(
    schema=SCHEMA,
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    },
)


def _key() -> sa.Column[int]:
    return sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _text(name: str, *, nullable: bool = False, default: str | None = None) -> sa.Column[str]:
    return sa.Column(
        name, sa.Text, nullable=nullable, server_default=None if default is None else sa.text(f"'{default}'")
    )


def _json(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, JSONB(none_as_null=True), nullable=nullable)


def _person(name: str, *, nullable: bool = False) -> sa.Column[int]:
    """A user's id. No foreign key: app."user" comes with the first publication, after these tables."""
    return sa.Column(name, sa.BigInteger, nullable=nullable)


def _count(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=False, server_default=sa.text("0"))


# --- versions ---------------------------------------------------------------------------------------------------------
version = sa.Table(
    "version",
    METADATA,
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
    _text("hash"),
    sa.Column("canonical", sa.Text, nullable=False),
    _json("physical"),
    _json("packs"),
    sa.Column("base", sa.BigInteger),
    _text("note", default=""),
    _moment("created_at"),
    _person("created_by", nullable=True),
)
current = sa.Table(
    "current",
    METADATA,
    sa.Column(
        "id", sa.SmallInteger, sa.CheckConstraint("id = 1", name="single"), primary_key=True, autoincrement=False
    ),
    sa.Column("version", sa.BigInteger, sa.ForeignKey(version.c.number), nullable=False),
    _moment("changed_at"),
)
process = sa.Table(
    "process",
    METADATA,
    sa.Column("id", sa.Text, primary_key=True),
    _text("kind"),
    _text("host"),
    sa.Column("pid", sa.Integer, nullable=False),
    sa.Column("version", sa.BigInteger),
    sa.Column("oldest", sa.BigInteger),  # version of the oldest request still running in it
    _moment("started_at"),
    _moment("expires_at"),
    sa.Index(None, "expires_at"),
)
journal = sa.Table(
    "journal",
    METADATA,
    _key(),
    _text("publication"),
    sa.Column("base", sa.BigInteger),
    sa.Column("version", sa.BigInteger),
    sa.Column("position", sa.Integer, nullable=False),
    _text("phase"),
    _json("step"),
    _text("state"),
    _text("error", default=""),
    _moment("created_at"),
    _moment("started_at", nullable=True),
    _moment("finished_at", nullable=True),
    sa.UniqueConstraint("publication", "position"),
)

# --- what a command leaves behind --------------------------------------------------------------------------------------
outbox = sa.Table(
    "outbox",
    METADATA,
    _key(),
    sa.Column("partition", sa.SmallInteger, nullable=False),
    _text("object"),
    sa.Column("record_id", sa.BigInteger),
    _text("event"),
    _json("payload"),
    sa.Column("attempts", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
    _text("error", default=""),
    _moment("created_at"),
    _moment("due_at", nullable=True),
    _moment("delivered_at", nullable=True),
    sa.Index("ix_outbox_waiting", "partition", "id", postgresql_where=sa.text("delivered_at IS NULL")),
    sa.Index("ix_outbox_delivered", "delivered_at", postgresql_where=sa.text("delivered_at IS NOT NULL")),
)
history = sa.Table(
    "history",
    METADATA,
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("at", sa.DateTime(timezone=True), primary_key=True),
    _text("object"),
    sa.Column("record_id", sa.BigInteger, nullable=False),
    _person("actor", nullable=True),
    _text("source"),
    _text("action"),
    _json("changes"),
    sa.Index(None, "object", "record_id", "at", "id"),
    postgresql_partition_by="RANGE (at)",
)
serial = sa.Table(
    "serial",
    METADATA,
    sa.Column("object", sa.Text, primary_key=True),
    sa.Column("field", sa.Text, primary_key=True),
    sa.Column("period", sa.Text, primary_key=True),
    _count("value"),
)

# --- people -------------------------------------------------------------------------------------------------------------
credential = sa.Table(
    "credential",
    METADATA,
    sa.Column("user_id", sa.BigInteger, primary_key=True, autoincrement=False),
    _text("password_hash"),
    _moment("changed_at"),
)
token = sa.Table(
    "token",
    METADATA,
    _key(),
    _person("user_id"),
    sa.Column("digest", BYTEA, nullable=False, unique=True),
    _text("name", default=""),
    _moment("created_at"),
    _moment("expires_at", nullable=True),
    _moment("used_at", nullable=True),
    sa.Index(None, "user_id"),
)
session = sa.Table(
    "session",
    METADATA,
    sa.Column("digest", BYTEA, primary_key=True),
    _person("user_id"),
    _moment("created_at"),
    _moment("seen_at"),
    _moment("expires_at"),
    _text("address", default=""),
    _text("agent", default=""),
    sa.Index(None, "user_id"),
    sa.Index(None, "expires_at"),
)
sign_in = sa.Table(
    "sign_in",
    METADATA,
    sa.Column("key", sa.Text, primary_key=True),
    _count("failures"),
    _moment("failed_at"),
    _moment("blocked_until", nullable=True),
)
user_role = sa.Table(
    "user_role",
    METADATA,
    sa.Column("user_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("role", sa.Text, primary_key=True),
    _moment("granted_at"),
    _person("granted_by", nullable=True),
    sa.Index(None, "role"),
)
saved_view = sa.Table(
    "saved_view",
    METADATA,
    _key(),
    _person("user_id"),
    _text("object"),
    _text("name"),
    _json("definition"),
    sa.Column("shared", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("preferred", sa.Boolean, nullable=False, server_default=sa.false()),
    _moment("updated_at"),
    sa.UniqueConstraint("user_id", "object", "name"),
    sa.Index(None, "object", postgresql_where=sa.text("shared")),
)
draft = sa.Table(
    "draft",
    METADATA,
    _key(),
    _person("user_id"),
    _text("kind"),
    _text("key"),
    sa.Column("base", sa.BigInteger),
    _json("content"),
    _moment("updated_at"),
    sa.UniqueConstraint("user_id", "kind", "key"),
)
setting = sa.Table(
    "setting",
    METADATA,
    sa.Column("key", sa.Text, primary_key=True),
    _json("value", nullable=True),
    _moment("updated_at"),
    _person("updated_by", nullable=True),
)

# --- doors ----------------------------------------------------------------------------------------------------------------
idempotency = sa.Table(
    "idempotency",
    METADATA,
    sa.Column("user_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("fingerprint", BYTEA, nullable=False),
    sa.Column("status", sa.SmallInteger),
    _json("headers", nullable=True),
    sa.Column("body", BYTEA),
    _moment("created_at"),
    sa.Index(None, "created_at"),
)
import_job = sa.Table(
    "import_job",
    METADATA,
    _key(),
    _text("object"),
    _text("file"),
    sa.Column("digest", BYTEA, nullable=False),
    _json("mapping", nullable=True),
    _text("on_duplicate", default="fail"),
    _text("state"),
    *(_count(name) for name in ("rows", "created", "updated", "skipped", "failed")),
    _person("created_by", nullable=True),
    _moment("created_at"),
    _moment("finished_at", nullable=True),
    sa.Index(None, "object", "digest"),
)
import_row = sa.Table(
    "import_row",
    METADATA,
    sa.Column("job_id", sa.BigInteger, sa.ForeignKey(import_job.c.id, ondelete="CASCADE"), primary_key=True),
    sa.Column("row", sa.BigInteger, primary_key=True, autoincrement=False),
    _text("state"),
    sa.Column("record_id", sa.BigInteger),
    _json("errors", nullable=True),
)
