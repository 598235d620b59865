"""The system tables of work that takes its time: stays in states, approvals, automations."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "approval_instance",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("approval", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("record_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("machine", postgresql.JSONB(), nullable=False),
        sa.Column("cause", postgresql.JSONB(), nullable=False),
        sa.Column("snapshot", postgresql.JSONB(), nullable=False),
        sa.Column("fingerprint", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("submitted_by", sa.BigInteger(), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval_instance")),
        schema="tenon",
    )
    op.create_index(
        "ix_approval_instance_mine", "approval_instance", ["submitted_by", "submitted_at"], unique=False, schema="tenon"
    )
    op.create_index(
        op.f("ix_approval_instance_object_record_id"),
        "approval_instance",
        ["object", "record_id"],
        unique=False,
        schema="tenon",
    )
    op.create_index(
        "uq_approval_instance_running",
        "approval_instance",
        ["approval", "object", "record_id"],
        unique=True,
        schema="tenon",
        postgresql_where=sa.text("finished_at IS NULL"),
    )
    op.create_table(
        "delegation",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("delegate_id", sa.BigInteger(), nullable=False),
        sa.Column("approvals", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.Column("begins_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delegation")),
        schema="tenon",
    )
    op.create_index(
        op.f("ix_delegation_user_id_ends_at"), "delegation", ["user_id", "ends_at"], unique=False, schema="tenon"
    )
    op.create_table(
        "turn",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("last", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_turn")),
        schema="tenon",
    )
    op.create_table(
        "episode",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("automation", sa.Text(), nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("record_id", sa.BigInteger(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_episode")),
        schema="tenon",
    )
    op.create_index(
        op.f("ix_episode_automation_record_id_began_at"),
        "episode",
        ["automation", "record_id", "began_at"],
        unique=False,
        schema="tenon",
    )
    op.create_index(
        "uq_episode_open",
        "episode",
        ["automation", "record_id"],
        unique=True,
        schema="tenon",
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "run",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("automation", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("record_id", sa.BigInteger(), nullable=True),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("cause", postgresql.JSONB(), nullable=False),
        sa.Column("chain", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("trace", postgresql.JSONB(), nullable=False),
        sa.Column("memory", postgresql.JSONB(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run")),
        sa.UniqueConstraint("automation", "key", name=op.f("uq_run_automation_key")),
        schema="tenon",
    )
    op.create_index(
        "ix_run_failed",
        "run",
        ["created_at"],
        unique=False,
        schema="tenon",
        postgresql_where=sa.text("state = 'failed'"),
    )
    op.create_index(
        "ix_run_next", "run", ["next_at"], unique=False, schema="tenon", postgresql_where=sa.text("next_at IS NOT NULL")
    )
    op.create_index(
        op.f("ix_run_object_record_id_created_at"),
        "run",
        ["object", "record_id", "created_at"],
        unique=False,
        schema="tenon",
    )
    op.create_table(
        "schedule",
        sa.Column("automation", sa.Text(), nullable=False),
        sa.Column("definition", sa.Text(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cursor", postgresql.JSONB(), nullable=True),
        sa.PrimaryKeyConstraint("automation", name=op.f("pk_schedule")),
        schema="tenon",
    )
    op.create_index(op.f("ix_schedule_next_at"), "schedule", ["next_at"], unique=False, schema="tenon")
    op.create_table(
        "stay",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("record_id", sa.BigInteger(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_by", sa.BigInteger(), nullable=True),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("left_by", sa.BigInteger(), nullable=True),
        sa.Column("transition", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("reason", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("backfilled", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("skipped", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stay")),
        schema="tenon",
    )
    op.create_index(
        op.f("ix_stay_object_field_state_entered_at"),
        "stay",
        ["object", "field", "state", "entered_at"],
        unique=False,
        schema="tenon",
    )
    op.create_index(
        op.f("ix_stay_object_record_id_entered_at"),
        "stay",
        ["object", "record_id", "entered_at"],
        unique=False,
        schema="tenon",
    )
    op.create_index(
        "ix_stay_ended",
        "stay",
        ["object", "field", "left_at"],
        unique=False,
        schema="tenon",
        postgresql_where=sa.text("left_at IS NOT NULL"),
    )
    op.create_index(
        "uq_stay_open",
        "stay",
        ["object", "record_id", "field"],
        unique=True,
        schema="tenon",
        postgresql_where=sa.text("left_at IS NULL"),
    )
    op.create_table(
        "approval_event",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("instance_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.BigInteger(), nullable=True),
        sa.Column("behalf_of", sa.BigInteger(), nullable=True),
        sa.Column("operation", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("comment", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("details", postgresql.JSONB(), nullable=False),
        sa.Column("snapshot", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(
            ["instance_id"],
            ["tenon.approval_instance.id"],
            name=op.f("fk_approval_event_instance_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval_event")),
        schema="tenon",
    )
    op.create_index(
        op.f("ix_approval_event_instance_id_id"), "approval_event", ["instance_id", "id"], unique=False, schema="tenon"
    )
    op.create_table(
        "approval_task",
        sa.Column(
            "id",
            sa.BigInteger(),
            autoincrement=False,
            server_default=sa.text("nextval('tenon.approval_instance_id_seq')"),
            nullable=False,
        ),
        sa.Column("instance_id", sa.BigInteger(), nullable=False),
        sa.Column("seat", sa.Integer(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("behalf_of", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("decision", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("comment", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["instance_id"],
            ["tenon.approval_instance.id"],
            name=op.f("fk_approval_task_instance_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval_task")),
        sa.UniqueConstraint("instance_id", "seat", name=op.f("uq_approval_task_instance_id_seat")),
        schema="tenon",
    )
    op.create_index(
        "ix_approval_task_done",
        "approval_task",
        ["user_id", "decided_at"],
        unique=False,
        schema="tenon",
        postgresql_where=sa.text("state <> 'open'"),
    )
    op.create_index(
        "ix_approval_task_next",
        "approval_task",
        ["next_at"],
        unique=False,
        schema="tenon",
        postgresql_where=sa.text("next_at IS NOT NULL"),
    )
    op.create_index(
        "ix_approval_task_todo",
        "approval_task",
        ["user_id", "opened_at"],
        unique=False,
        schema="tenon",
        postgresql_where=sa.text("state = 'open'"),
    )


def downgrade() -> None:
    """Take back."""
    for table in [
        "approval_task",
        "approval_event",
        "stay",
        "schedule",
        "run",
        "episode",
        "turn",
        "delegation",
        "approval_instance",
    ]:
        op.drop_table(table, schema="tenon")
