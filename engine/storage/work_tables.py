"""The system tables of what goes on over time: stays in states, approvals, automations, messages, calls to other systems, audit."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, BYTEA

from engine.storage.columns import METADATA, document, identity, moment, person, text

# --- processes --------------------------------------------------------------------------------------------------------
stay = sa.Table(
    "stay",
    METADATA,
    identity(),
    text("object"),
    sa.Column("record_id", sa.BigInteger, nullable=False),
    text("field"),
    text("state"),
    moment("entered_at"),
    person("entered_by", nullable=True),
    moment("left_at", nullable=True),
    person("left_by", nullable=True),
    text("transition", default=""),  # by which it was entered; "" where the record was born in it
    text("reason", default=""),
    sa.Column("backfilled", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("skipped", sa.Boolean, nullable=False, server_default=sa.false()),  # required steps were left out
    sa.Index("uq_stay_open", "object", "record_id", "field", unique=True, postgresql_where=sa.text("left_at IS NULL")),
    sa.Index(None, "object", "record_id", "entered_at"),
    sa.Index(None, "object", "field", "state", "entered_at"),
    sa.Index("ix_stay_ended", "object", "field", "left_at", postgresql_where=sa.text("left_at IS NOT NULL")),
)

# --- approvals --------------------------------------------------------------------------------------------------------
approval_instance = sa.Table(
    "approval_instance",
    METADATA,
    identity(),
    text("approval"),
    sa.Column("version", sa.BigInteger, nullable=False),  # the published version it runs on to its end
    text("object"),
    sa.Column("record_id", sa.BigInteger, nullable=False),
    text("state"),
    document("machine"),  # the state of the pure machine, as approvals/machine.py writes it
    document("cause"),  # what set it off: {"at": "transition", "name": "send", "values": …}
    document("snapshot"),  # the record as it was submitted
    text("fingerprint", default=""),  # of the values that the start and passed steps looked at
    person("submitted_by", nullable=True),
    moment("submitted_at"),
    moment("due_at", nullable=True),
    moment("finished_at", nullable=True),
    sa.Index(None, "object", "record_id"),
    sa.Index("ix_approval_instance_mine", "submitted_by", "submitted_at"),
    sa.Index(
        "uq_approval_instance_running",
        "approval",
        "object",
        "record_id",
        unique=True,
        postgresql_where=sa.text("finished_at IS NULL"),
    ),
)
approval_task = sa.Table(
    "approval_task",
    METADATA,
    # One counter for instances and tasks: an address may name either.
    sa.Column(
        "id",
        sa.BigInteger,
        primary_key=True,
        autoincrement=False,
        server_default=sa.text("nextval('tenon.approval_instance_id_seq')"),
    ),
    sa.Column("instance_id", sa.BigInteger, sa.ForeignKey(approval_instance.c.id, ondelete="CASCADE"), nullable=False),
    sa.Column("seat", sa.Integer, nullable=False),  # its number in the instance's machine
    text("step"),
    text("kind"),  # decide, help, copy, resubmit
    person("user_id"),
    person("behalf_of", nullable=True),
    text("state"),  # open, waiting, done, cancelled
    text("decision", default=""),
    text("comment", default=""),
    moment("opened_at"),
    moment("due_at", nullable=True),
    moment("next_at", nullable=True),  # when the clock looks at it again: a reminder, or that it is late
    moment("decided_at", nullable=True),
    moment("read_at", nullable=True),
    sa.UniqueConstraint("instance_id", "seat"),
    sa.Index("ix_approval_task_todo", "user_id", "opened_at", postgresql_where=sa.text("state = 'open'")),
    sa.Index("ix_approval_task_done", "user_id", "decided_at", postgresql_where=sa.text("state <> 'open'")),
    sa.Index("ix_approval_task_next", "next_at", postgresql_where=sa.text("next_at IS NOT NULL")),
)
approval_event = sa.Table(
    "approval_event",
    METADATA,
    identity(),
    sa.Column("instance_id", sa.BigInteger, sa.ForeignKey(approval_instance.c.id, ondelete="CASCADE"), nullable=False),
    moment("at"),
    person("actor", nullable=True),
    person("behalf_of", nullable=True),
    text("operation"),
    text("step", default=""),
    text("comment", default=""),
    document("details"),
    document("snapshot"),  # the record as it then was
    sa.Index(None, "instance_id", "id"),
)
delegation = sa.Table(
    "delegation",
    METADATA,
    identity(),
    person("user_id"),
    person("delegate_id"),
    sa.Column("approvals", ARRAY(sa.Text)),  # NULL: all
    moment("begins_at"),
    moment("ends_at"),
    moment("created_at"),
    sa.Index(None, "user_id", "ends_at"),
)

# --- automations ------------------------------------------------------------------------------------------------------
episode = sa.Table(
    "episode",
    METADATA,
    identity(),
    text("automation"),
    text("object"),
    sa.Column("record_id", sa.BigInteger, nullable=False),
    moment("began_at"),
    moment("ended_at", nullable=True),
    sa.Index("uq_episode_open", "automation", "record_id", unique=True, postgresql_where=sa.text("ended_at IS NULL")),
    sa.Index(None, "automation", "record_id", "began_at"),
)
schedule = sa.Table(
    "schedule",
    METADATA,
    sa.Column("automation", sa.Text, primary_key=True),
    text("definition"),  # hash of the trigger: another one begins anew
    moment("next_at"),
    moment("last_at", nullable=True),
    document("cursor", nullable=True),  # how far an unfinished sweep has come
    sa.Index(None, "next_at"),
)
turn = sa.Table(  # whose turn it is where records are dealt out
    "turn",
    METADATA,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("last", sa.BigInteger, nullable=False, server_default=sa.text("0")),
)
run = sa.Table(
    "run",
    METADATA,
    identity(),
    text("automation"),
    sa.Column("version", sa.BigInteger, nullable=False),
    text("object"),
    sa.Column("record_id", sa.BigInteger),
    text("key"),  # of what set it off: the same never runs twice
    document("cause"),
    sa.Column("chain", ARRAY(sa.Text), nullable=False),  # the rules that led here, the first one first
    text("state"),  # waiting, done, failed, stopped
    sa.Column("attempts", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
    moment("next_at", nullable=True),
    text("error", default=""),
    document("trace"),
    document("memory", nullable=True),  # records bound so far and the place to go on, while it waits
    moment("created_at"),
    moment("finished_at", nullable=True),
    sa.UniqueConstraint("automation", "key"),
    sa.Index("ix_run_next", "next_at", postgresql_where=sa.text("next_at IS NOT NULL")),
    sa.Index("ix_run_failed", "created_at", postgresql_where=sa.text("state = 'failed'")),
    sa.Index(None, "object", "record_id", "created_at"),
)

# --- messages and calls -----------------------------------------------------------------------------------------------
notification = sa.Table(
    "notification",
    METADATA,
    identity(),
    person("user_id"),
    text("kind", default=""),  # approval, automation, comment …
    text("subject", default=""),
    text("body"),
    text("object", default=""),
    sa.Column("record_id", sa.BigInteger),
    text("link", default=""),  # a path of ours, where there is more to open than the record
    text("key"),  # the same is never told twice
    moment("created_at"),
    moment("read_at", nullable=True),
    sa.UniqueConstraint("user_id", "key"),
    sa.Index("ix_notification_unread", "user_id", "id", postgresql_where=sa.text("read_at IS NULL")),
    sa.Index(None, "user_id", "id"),
)
delivery = sa.Table(
    "delivery",
    METADATA,
    identity(),
    text("channel"),
    person("user_id", nullable=True),
    text("address", default=""),
    text("subject", default=""),
    text("body"),
    text("link", default=""),
    text("key"),
    text("state"),  # waiting, sent, failed
    sa.Column("attempts", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
    moment("next_at", nullable=True),
    text("error", default=""),
    moment("created_at"),
    moment("sent_at", nullable=True),
    sa.UniqueConstraint("channel", "key"),
    sa.Index("ix_delivery_next", "next_at", postgresql_where=sa.text("next_at IS NOT NULL")),
)
call = sa.Table(
    "call",
    METADATA,
    identity(),
    text("connection"),
    text("operation"),
    text("object", default=""),
    sa.Column("record_id", sa.BigInteger),
    text("key"),
    document("request"),
    document("response", nullable=True),
    text("state"),  # waiting, done, failed
    sa.Column("attempts", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
    moment("next_at", nullable=True),
    moment("give_up_at", nullable=True),
    text("error", default=""),
    moment("created_at"),
    moment("finished_at", nullable=True),
    sa.UniqueConstraint("connection", "operation", "key"),
    sa.Index("ix_call_next", "next_at", postgresql_where=sa.text("next_at IS NOT NULL")),
    sa.Index(None, "object", "record_id"),
)
inbound = sa.Table(
    "inbound",
    METADATA,
    identity(),
    text("connection"),
    text("name"),
    sa.Column("digest", BYTEA, nullable=False),  # of the message: the same is not taken twice
    moment("received_at"),
    text("state"),
    text("error", default=""),
    document("body", nullable=True),
    sa.UniqueConstraint("connection", "name", "digest"),
)

# --- insight ----------------------------------------------------------------------------------------------------------
target = sa.Table(
    "target",
    METADATA,
    identity(),
    text("metric"),
    text("period"),  # 2026-Q1, 2026-03, 2026-W12, 2026
    person("user_id", nullable=True),  # NULL: for the whole organisation, or the department
    sa.Column("department_id", sa.BigInteger),
    sa.Column("value", sa.Numeric, nullable=False),
    moment("updated_at"),
    person("updated_by", nullable=True),
    sa.UniqueConstraint("metric", "period", "user_id", "department_id", postgresql_nulls_not_distinct=True),
)

# --- audit ------------------------------------------------------------------------------------------------------------
audit = sa.Table(
    "audit",
    METADATA,
    identity(),
    moment("at"),
    person("actor", nullable=True),
    text("action"),
    text("object", default=""),
    sa.Column("record_id", sa.BigInteger),
    text("address", default=""),
    text("agent", default=""),
    document("details"),
    sa.Index(None, "at"),
    sa.Index(None, "object", "record_id", "at"),
    sa.Index(None, "actor", "at"),
)
