"""The system tables of kept figures."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "kept_mark",
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column(
            "xact", sa.BigInteger(), server_default=sa.text("(pg_current_xact_id()::text)::bigint"), nullable=False
        ),
        schema="tenon",
    )
    op.create_index(op.f("ix_kept_mark_object"), "kept_mark", ["object"], unique=False, schema="tenon")
    op.create_table(
        "kept_figure",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("others", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("shift", sa.Integer(), nullable=False),
        sa.Column("block", sa.BigInteger(), nullable=False),
        sa.Column("horizon", sa.BigInteger(), nullable=False),
        sa.Column("figures", sa.Text(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kept_figure")),
        schema="tenon",
        prefixes=["UNLOGGED"],
    )
    op.create_index(
        op.f("ix_kept_figure_key_shift_block_id"),
        "kept_figure",
        ["key", "shift", "block", "id"],
        unique=False,
        schema="tenon",
    )


def downgrade() -> None:
    """Take back."""
    op.drop_table("kept_figure", schema="tenon")
    op.drop_table("kept_mark", schema="tenon")
