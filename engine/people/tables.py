"""The columns of the business tables ``user`` and ``department`` that sign-in and access need. Reading alone: every change of a
person goes through the door for writing, like that of any record."""

from __future__ import annotations

import sqlalchemy as sa

from engine.storage.tables import APP_SCHEMA

user = sa.table(
    "user",
    sa.column("id", sa.BigInteger),
    sa.column("login", sa.Text),
    sa.column("name", sa.Text),
    sa.column("email", sa.Text),
    sa.column("department", sa.BigInteger),
    sa.column("manager", sa.BigInteger),
    sa.column("frozen", sa.Boolean),
    sa.column("language", sa.Text),
    sa.column("zone", sa.Text),
    sa.column("deleted_at", sa.DateTime(timezone=True)),
    schema=APP_SCHEMA,
)
department = sa.table(
    "department",
    sa.column("id", sa.BigInteger),
    sa.column("name", sa.Text),
    sa.column("part_of", sa.BigInteger),
    sa.column("head", sa.BigInteger),
    sa.column("deleted_at", sa.DateTime(timezone=True)),
    schema=APP_SCHEMA,
)
