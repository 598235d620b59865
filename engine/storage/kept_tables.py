"""The system tables of kept figures: what parts of measured questions came to, and the marks of what has been written since."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from engine.storage.columns import METADATA, identity, moment, text

FINEST = 6  # a mark stands for 2^6 ids of one object
EVERYTHING = ""  # as a mark's object: whatever is kept

# Only ever added to by writers, so that none of them waits for another. Whoever computes figures never touches it.
kept_mark = sa.Table(
    "kept_mark",
    METADATA,
    text("object"),
    sa.Column("place", sa.BigInteger, nullable=False),
    sa.Column("xact", sa.BigInteger, nullable=False, server_default=sa.text("(pg_current_xact_id()::text)::bigint")),
    sa.Index(None, "object"),
)
# Unlogged: after a crash nothing is kept, and a transaction that was seen and then lost has left no trace in it.
kept_figure = sa.Table(
    "kept_figure",
    METADATA,
    identity(),
    text("key"),  # of the statement with its values
    text("object"),
    sa.Column("others", ARRAY(sa.Text), nullable=False),  # whose every change makes it void
    sa.Column("shift", sa.Integer, nullable=False),  # a block is 2^shift ids; 0: all records are one block
    sa.Column("block", sa.BigInteger, nullable=False),
    sa.Column(
        "horizon", sa.BigInteger, nullable=False
    ),  # every transaction before it had ended when the figures were computed
    text("figures"),  # JSON
    moment("kept_at"),
    sa.Index(None, "key", "shift", "block", "id"),
    prefixes=["UNLOGGED"],
)

# What a writer adds to its statement: ``{rows}`` with the ``{id}`` of each record, and the SQL of their object's name.
MARKING = f"INSERT INTO tenon.kept_mark (object, place) SELECT DISTINCT {{object}}, {{id}} >> {FINEST} FROM {{rows}}"  # noqa: S608 - a constant of ours


def void_everything(connection: sa.Connection) -> None:
    """Void all that is kept, in the transaction of whatever wrote past the doors (publishing)."""
    connection.execute(sa.insert(kept_mark).values(object=EVERYTHING, place=0))
