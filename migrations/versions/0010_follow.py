"""Who follows which record, and what has happened since they were told."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "follow",
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("record_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("object", "record_id", "user_id", name=op.f("pk_follow")),
        schema="tenon",
    )
    op.create_index(op.f("ix_follow_user_id"), "follow", ["user_id"], unique=False, schema="tenon")
    op.create_index(
        "ix_follow_untold",
        "follow",
        ["first_at"],
        unique=False,
        schema="tenon",
        postgresql_where=sa.text("first_at IS NOT NULL"),
    )


def downgrade() -> None:
    """Take back."""
    op.drop_table("follow", schema="tenon")
