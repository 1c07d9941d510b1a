"""The board of improvements, and the library of clips."""

from __future__ import annotations

import sqlalchemy as sa

from qa.store.columns import CALL_ID, CODE, NAME, NOTE, UtcDateTime, metadata

#: `body` is the whole `Improvement` as JSON; the columns are what lists choose by.
improvements = sa.Table(
    "improvements",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("team", NAME, nullable=False),
    sa.Column("measure", CODE, nullable=False),
    sa.Column("owner", NAME, nullable=False),
    sa.Column("due_on", sa.Date, nullable=False),
    sa.Column("closed_at", UtcDateTime),
    sa.Column("body", sa.Text, nullable=False),
)

#: A moment of a call worth hearing. `quote` is redacted like the transcript it was taken from.
#: Others than those who see the call see it while its agent consents.
clips = sa.Table(
    "clips",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("call_id", CALL_ID, sa.ForeignKey("calls.id", ondelete="CASCADE"), nullable=False),
    sa.Column("agent_id", NAME, nullable=False),
    sa.Column("criterion_id", CODE, nullable=False),
    sa.Column("start_ms", sa.Integer, nullable=False),
    sa.Column("end_ms", sa.Integer, nullable=False),
    sa.Column("why", NOTE, nullable=False),
    sa.Column("quote", sa.Text, nullable=False),
    sa.Column("language", CODE, nullable=False),
    sa.Column("proposed_by", NAME, nullable=False),
    sa.Column("proposed_at", UtcDateTime, nullable=False),
    sa.Column("consented", sa.Boolean),
    sa.Column("answered_at", UtcDateTime),
    sa.UniqueConstraint("call_id", "criterion_id", "start_ms"),
    sa.Index("ix_clips_criterion_id", "criterion_id"),
)
