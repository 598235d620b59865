"""Which objects have very many records, as far as this process knows: learnt beside the work from the database's own statistics, so that
no request asks. How such an object is read is walking.py's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from engine.storage.tables import APP_SCHEMA

if TYPE_CHECKING:
    from collections.abc import Iterable

LARGE = 50_000  # records; all of fewer are walked through sooner than a page takes
EVERY = 60.0  # seconds after which it is learnt anew

_LARGE = sa.text(
    "SELECT relname FROM pg_class WHERE relnamespace = to_regnamespace(:schema) AND relkind = 'r' AND reltuples >= :least"
)


class Sizes:
    """The tables of schema ``app`` that have LARGE records or more; none of them before it has ``learn``t."""

    def __init__(self, large: Iterable[str] = ()) -> None:
        self._large = frozenset(large)

    def learn(self, connection: sa.Connection, least: int = LARGE) -> None:
        """Take what the database believes now: a table that nobody has looked at yet counts as small."""
        self._large = frozenset(connection.execute(_LARGE, {"schema": APP_SCHEMA, "least": least}).scalars())

    def is_large(self, table: sa.Table) -> bool:
        """Whether a table has very many records."""
        return table.name in self._large
