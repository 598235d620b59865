"""The system table of file contents: under which key the content of a `file` record lies in the store. It is apart from the record, so that
no form, import, formula or rule can ever name a place in the store."""

from __future__ import annotations

import sqlalchemy as sa

from engine.storage.columns import METADATA, moment, text

content = sa.Table(
    "content",
    METADATA,
    sa.Column("file_id", sa.BigInteger, primary_key=True, autoincrement=False),
    text("key"),
    sa.Column("size", sa.BigInteger, nullable=False),
    text("digest"),  # sha256, hexadecimal
    moment("stored_at"),
    sa.Index("uq_content_key", "key", unique=True),
)
