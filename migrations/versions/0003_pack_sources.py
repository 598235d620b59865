"""The files that packs were installed from, kept with the version, so that an export gives back what was written."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "source",
        sa.Column("digest", postgresql.BYTEA(), nullable=False),
        sa.Column("content", postgresql.BYTEA(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_source")),
        schema="tenon",
    )
    op.add_column("version", sa.Column("sources", postgresql.JSONB(), nullable=True), schema="tenon")


def downgrade() -> None:
    """Take back."""
    op.drop_column("version", "sources", schema="tenon")
    op.drop_table("source", schema="tenon")
