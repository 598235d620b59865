"""The metadata of the system tables, and the sorts of columns that they are made of."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

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


def identity() -> sa.Column[int]:
    """Return the primary key ``id``, drawn by the database."""
    return sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True)


def moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    """Return a column for a moment."""
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def text(name: str, *, nullable: bool = False, default: str | None = None) -> sa.Column[str]:
    """Return a column for text."""
    return sa.Column(
        name, sa.Text, nullable=nullable, server_default=None if default is None else sa.text(f"'{default}'")
    )


def document(name: str, *, nullable: bool = False) -> sa.Column[object]:
    """Return a column for JSON."""
    return sa.Column(name, JSONB(none_as_null=True), nullable=nullable)


def person(name: str, *, nullable: bool = False) -> sa.Column[int]:
    """Return a column for a user's id. No foreign key: app."user" comes with the first publication, after these tables."""
    return sa.Column(name, sa.BigInteger, nullable=nullable)


def count(name: str) -> sa.Column[int]:
    """Return a column for a count that begins at 0."""
    return sa.Column(name, sa.BigInteger, nullable=False, server_default=sa.text("0"))
