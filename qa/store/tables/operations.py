"""What operators ask of the night."""

from __future__ import annotations

import sqlalchemy as sa

from qa.store.columns import CALL_ID, NAME, NOTE, UtcDateTime, metadata

#: Calls that go before all others; gone from here when they are scored.
urgent_calls = sa.Table(
    "urgent_calls",
    metadata,
    sa.Column("call_id", CALL_ID, sa.ForeignKey("calls.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("asked_by", NAME, nullable=False, default=""),
    sa.Column("asked_at", UtcDateTime, nullable=False),
    sa.Column("reason", NOTE, nullable=False, default=""),
)
