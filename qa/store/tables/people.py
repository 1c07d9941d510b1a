"""Agents over time, who swapped roles, and the site's own settings."""

from __future__ import annotations

import sqlalchemy as sa

from qa.store.columns import CALL_ID, DIGEST, NAME, UtcDateTime, metadata

#: A row per stretch of time: an agent who moves teams has two. Dates are half-open.
agents = sa.Table(
    "agents",
    metadata,
    sa.Column("agent_id", NAME, nullable=False),
    sa.Column("valid_from", sa.Date, nullable=False),
    sa.Column("valid_to", sa.Date),
    sa.Column("name", NAME, nullable=False, default=""),
    sa.Column("team", NAME, nullable=False, default=""),
    sa.Column("hired_on", sa.Date),
    sa.PrimaryKeyConstraint("agent_id", "valid_from"),
    sa.Index("ix_agents_team", "team"),
)

#: A person's word on who is the agent. Appended; the newest one of a transcript counts.
role_overrides = sa.Table(
    "role_overrides",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("call_id", CALL_ID, sa.ForeignKey("calls.id", ondelete="CASCADE"), nullable=False),
    sa.Column("transcript_digest", DIGEST, nullable=False),
    sa.Column("roles", sa.Text, nullable=False),
    sa.Column("made_by", NAME, nullable=False),
    sa.Column("made_at", UtcDateTime, nullable=False),
    sa.Column("note", sa.Text, nullable=False, default=""),
    sa.Index("ix_role_overrides_call_id", "call_id"),
)

site_settings = sa.Table(
    "site_settings",
    metadata,
    sa.Column("key", NAME, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
    sa.Column("updated_at", UtcDateTime, nullable=False),
)
