"""The system tables of people and records beside ownership: teams, edit locks, what moves into and out of pools, who follows
what."""

from __future__ import annotations

import sqlalchemy as sa

from engine.storage.columns import METADATA, identity, moment, person, text

team_member = sa.Table(
    "team_member",
    METADATA,
    sa.Column("object", sa.Text, primary_key=True),
    sa.Column("record_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("user_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("role", sa.Text, primary_key=True),
    moment("added_at"),
    person("added_by", nullable=True),
    sa.Index(None, "user_id", "object", "record_id"),
)
edit_lock = sa.Table(
    "edit_lock",
    METADATA,
    sa.Column("object", sa.Text, primary_key=True),
    sa.Column("record_id", sa.BigInteger, primary_key=True, autoincrement=False),
    person("user_id"),
    moment("taken_at"),
    moment("expires_at"),
)
pool_move = sa.Table(
    "pool_move",
    METADATA,
    identity(),
    text("object"),
    sa.Column("record_id", sa.BigInteger, nullable=False),
    person("user_id"),  # who got the record, or lost it
    text("kind"),  # claimed, assigned, given, released, returned
    moment("at"),
    sa.Index(None, "object", "user_id", "kind", "at"),
    sa.Index(None, "object", "record_id", "at"),
)
pool_notice = sa.Table(
    "pool_notice",
    METADATA,
    sa.Column("object", sa.Text, primary_key=True),
    sa.Column("record_id", sa.BigInteger, primary_key=True, autoincrement=False),
    person("user_id"),
    moment("noticed_at"),
)
follow = sa.Table(
    "follow",
    METADATA,
    sa.Column("object", sa.Text, primary_key=True),
    sa.Column("record_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("user_id", sa.BigInteger, primary_key=True, autoincrement=False),
    moment("since"),
    moment("first_at", nullable=True),  # what has happened and was not told: the first and the last of it
    moment("last_at", nullable=True),
    moment("told_at", nullable=True),  # up to when it was told
    sa.Index(None, "user_id"),
    sa.Index("ix_follow_untold", "first_at", postgresql_where=sa.text("first_at IS NOT NULL")),
)
