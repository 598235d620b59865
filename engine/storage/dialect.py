"""PostgreSQL as SQLAlchemy speaks it to psycopg, for statements that are compiled to text once and run again and again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

if TYPE_CHECKING:
    from sqlalchemy.sql.elements import ClauseElement

DIALECT: sa.Dialect = sa.make_url("postgresql+psycopg://").get_dialect()()


def text_of(statement: ClauseElement) -> str:
    """Return a statement as text for the driver; its bind parameters are given by name when it runs."""
    return str(statement.compile(dialect=DIALECT))
