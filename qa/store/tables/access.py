"""Accounts, their sessions, and the chain of what people did."""

from __future__ import annotations

import sqlalchemy as sa

from qa.store.columns import CODE, NAME, SHA256, UtcDateTime, metadata

#: `password_hash` is empty for accounts that sign in elsewhere. `roles` and `teams` are JSON lists.
accounts = sa.Table(
    "accounts",
    metadata,
    sa.Column("user_id", NAME, primary_key=True),
    sa.Column("name", NAME, nullable=False),
    sa.Column("password_hash", sa.Text, nullable=False),
    sa.Column("roles", sa.Text, nullable=False),
    sa.Column("teams", sa.Text, nullable=False),
    sa.Column("agent_id", NAME, nullable=False),
    sa.Column("is_active", sa.Boolean, nullable=False),
    sa.Column("must_change", sa.Boolean, nullable=False),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("locked_until", UtcDateTime),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("signed_in_at", UtcDateTime),
)

#: Only the hash of a session's token is kept: who reads the table cannot continue a session.
sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("token_hash", SHA256, primary_key=True),
    sa.Column("user_id", sa.ForeignKey("accounts.user_id", ondelete="CASCADE"), nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("seen_at", UtcDateTime, nullable=False),
    sa.Index("ix_sessions_user_id", "user_id"),
)

#: Filters that a person has named; `body` is JSON. Nobody else's business.
saved_views = sa.Table(
    "saved_views",
    metadata,
    sa.Column("user_id", NAME, primary_key=True),
    sa.Column("page", CODE, primary_key=True),
    sa.Column("name", NAME, primary_key=True),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("saved_at", UtcDateTime, nullable=False),
)

#: Append-only (triggers refuse changes). `at` is text, in UTC to the microsecond: what is hashed is
#: what is stored, byte for byte. Each row's hash covers its content and the hash before it.
audit_events = sa.Table(
    "audit_events",
    metadata,
    sa.Column("sequence", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("at", sa.String(32), nullable=False),
    sa.Column("user_id", NAME, nullable=False),
    sa.Column("action", CODE, nullable=False),
    sa.Column("subject_kind", CODE, nullable=False),
    sa.Column("subject_id", NAME, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("detail", sa.Text, nullable=False),
    sa.Column("previous_hash", SHA256, nullable=False),
    sa.Column("hash", SHA256, nullable=False),
    sa.Index("ix_audit_events_at", "at"),
    sa.Index("ix_audit_events_user_id_at", "user_id", "at"),
    sa.Index("ix_audit_events_subject_id_at", "subject_id", "at"),
)
