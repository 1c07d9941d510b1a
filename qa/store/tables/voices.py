"""Enrolled voices of agents: personal data, kept only with consent, deleted on request."""

from __future__ import annotations

import sqlalchemy as sa

from qa.store.columns import NAME, UtcDateTime, metadata

#: One row per agent. `embedding`: JSON list of floats, of unit length. `model`: what computed it;
#: vectors of another model cannot be compared.
voiceprints = sa.Table(
    "voiceprints",
    metadata,
    sa.Column("agent_id", NAME, primary_key=True),
    sa.Column("embedding", sa.Text, nullable=False),
    sa.Column("model", NAME, nullable=False),
    sa.Column("consent", sa.Text, nullable=False),
    sa.Column("call_count", sa.Integer, nullable=False),
    sa.Column("speech_ms", sa.BigInteger, nullable=False),
    sa.Column("made_by", NAME, nullable=False),
    sa.Column("made_at", UtcDateTime, nullable=False),
)
