"""The system tables of people at work on records: audit, targets, teams, edit locks, pools."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "audit",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.BigInteger(), nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("object", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("record_id", sa.BigInteger(), nullable=True),
        sa.Column("address", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("agent", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("details", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
        schema="tenon",
    )
    op.create_index(op.f("ix_audit_actor_at"), "audit", ["actor", "at"], unique=False, schema="tenon")
    op.create_index(op.f("ix_audit_at"), "audit", ["at"], unique=False, schema="tenon")
    op.create_index(
        op.f("ix_audit_object_record_id_at"), "audit", ["object", "record_id", "at"], unique=False, schema="tenon"
    )
    op.create_table(
        "target",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("metric", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("department_id", sa.BigInteger(), nullable=True),
        sa.Column("value", sa.Numeric(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_target")),
        sa.UniqueConstraint(
            "metric",
            "period",
            "user_id",
            "department_id",
            name=op.f("uq_target_metric_period_user_id_department_id"),
            postgresql_nulls_not_distinct=True,
        ),
        schema="tenon",
    )
    op.create_table(
        "team_member",
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("record_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("object", "record_id", "user_id", "role", name=op.f("pk_team_member")),
        schema="tenon",
    )
    op.create_index(
        op.f("ix_team_member_user_id_object_record_id"),
        "team_member",
        ["user_id", "object", "record_id"],
        unique=False,
        schema="tenon",
    )
    op.create_table(
        "edit_lock",
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("record_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("object", "record_id", name=op.f("pk_edit_lock")),
        schema="tenon",
    )
    op.create_table(
        "pool_move",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("record_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pool_move")),
        schema="tenon",
    )
    op.create_index(
        op.f("ix_pool_move_object_user_id_kind_at"),
        "pool_move",
        ["object", "user_id", "kind", "at"],
        unique=False,
        schema="tenon",
    )
    op.create_index(
        op.f("ix_pool_move_object_record_id_at"),
        "pool_move",
        ["object", "record_id", "at"],
        unique=False,
        schema="tenon",
    )
    op.create_table(
        "pool_notice",
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("record_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("noticed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("object", "record_id", name=op.f("pk_pool_notice")),
        schema="tenon",
    )


def downgrade() -> None:
    """Take back."""
    for table in ["pool_notice", "pool_move", "edit_lock", "team_member", "target", "audit"]:
        op.drop_table(table, schema="tenon")
