"""The audit stays as it was written: the database itself refuses to change, remove or empty its rows."""

from __future__ import annotations

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_REFUSE = """
CREATE FUNCTION tenon.refuse_change() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    RAISE EXCEPTION 'the audit is only ever added to: % of %.% is refused', TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END
$$
"""


def upgrade() -> None:
    """Apply."""
    op.execute(_REFUSE)
    op.execute(
        "CREATE TRIGGER stays BEFORE UPDATE OR DELETE OR TRUNCATE ON tenon.audit "
        "FOR EACH STATEMENT EXECUTE FUNCTION tenon.refuse_change()"
    )


def downgrade() -> None:
    """Take back."""
    op.execute("DROP TRIGGER stays ON tenon.audit")
    op.execute("DROP FUNCTION tenon.refuse_change()")
