"""Who may sign in, and the chain of what they did."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_NAME = sa.String(length=200)
_CODE = sa.String(length=64)
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Accounts, sessions, and audit events that nobody can change."""
    op.create_table(
        "accounts",
        sa.Column("user_id", _NAME, nullable=False),
        sa.Column("name", _NAME, nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("roles", sa.Text(), nullable=False),
        sa.Column("teams", sa.Text(), nullable=False),
        sa.Column("agent_id", _NAME, nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("must_change", sa.Boolean(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("locked_until", _MOMENT),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("signed_in_at", _MOMENT),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_accounts")),
    )
    op.create_table(
        "sessions",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", _NAME, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("seen_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_sessions")),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["accounts.user_id"],
            name=op.f("fk_sessions_user_id_accounts"),
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_sessions_user_id", "sessions", ["user_id"])
    _audit_events()
    dialect = op.get_bind().dialect.name
    for statement in _SQLITE_GUARDS if dialect == "sqlite" else _POSTGRESQL_GUARDS:
        op.execute(statement)


def _audit_events() -> None:
    op.create_table(
        "audit_events",
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.Column("user_id", _NAME, nullable=False),
        sa.Column("action", _CODE, nullable=False),
        sa.Column("subject_kind", _CODE, nullable=False),
        sa.Column("subject_id", _NAME, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_audit_events")),
    )
    op.create_index("ix_audit_events_at", "audit_events", ["at"])
    op.create_index("ix_audit_events_user_id_at", "audit_events", ["user_id", "at"])
    op.create_index("ix_audit_events_subject_id_at", "audit_events", ["subject_id", "at"])


_SQLITE_GUARDS = tuple(
    f"CREATE TRIGGER audit_events_no_{change.lower()} BEFORE {change} ON audit_events "
    "BEGIN SELECT RAISE(ABORT, 'audit events are append-only'); END"
    for change in ("UPDATE", "DELETE")
)
_FUNCTION = """\
CREATE FUNCTION audit_events_refuse() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'audit events are append-only'; END $$"""
_POSTGRESQL_GUARDS = (
    _FUNCTION,
    *(
        f"CREATE TRIGGER audit_events_no_{name} BEFORE {change} ON audit_events "
        f"FOR EACH {each} EXECUTE FUNCTION audit_events_refuse()"
        for name, change, each in (
            ("change", "UPDATE OR DELETE", "ROW"),
            ("truncate", "TRUNCATE", "STATEMENT"),
        )
    ),
)
