"""Coaching plans: one behaviour of one agent each."""

from __future__ import annotations

import sqlalchemy as sa

from qa.store.columns import CODE, NAME, UtcDateTime, metadata

#: `body` is the whole `Plan` as JSON; the columns are what lists choose by.
coaching_plans = sa.Table(
    "coaching_plans",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("agent_id", NAME, nullable=False),
    sa.Column("criterion_id", CODE, nullable=False),
    sa.Column("opened_by", NAME, nullable=False),
    sa.Column("opened_at", UtcDateTime, nullable=False),
    sa.Column("acknowledged_at", UtcDateTime),
    sa.Column("closed_at", UtcDateTime),
    sa.Column("body", sa.Text, nullable=False),
    sa.Index("ix_coaching_plans_agent_id_opened_at", "agent_id", "opened_at"),
)
