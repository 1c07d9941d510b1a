"""Transcripts, their turns (searchable), word times (a side table), and analyses."""

from __future__ import annotations

import sqlalchemy as sa

from qa.store.columns import CALL_ID, DIGEST, NAME, UtcDateTime, metadata

#: One row per (call, stamp digest). Older engines' transcripts stay; one is current.
transcripts = sa.Table(
    "transcripts",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("call_id", CALL_ID, sa.ForeignKey("calls.id", ondelete="CASCADE"), nullable=False),
    sa.Column("digest", DIGEST, nullable=False),
    sa.Column("is_current", sa.Boolean, nullable=False),
    sa.Column("language", sa.String(16), nullable=False),
    sa.Column("duration_ms", sa.BigInteger, nullable=False),
    sa.Column("turn_count", sa.Integer, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.UniqueConstraint("call_id", "digest"),
    sa.Index(
        "uq_transcripts_current",
        "call_id",
        unique=True,
        sqlite_where=sa.text("is_current = 1"),
        postgresql_where=sa.text("is_current"),
    ),
)

turns = sa.Table(
    "turns",
    metadata,
    sa.Column("transcript_id", sa.ForeignKey("transcripts.id", ondelete="CASCADE"), nullable=False),
    sa.Column("turn_index", sa.Integer, nullable=False),
    sa.Column("call_id", CALL_ID, nullable=False),
    sa.Column("role", sa.String(16), nullable=False),
    sa.Column("speaker", NAME, nullable=False, default=""),
    sa.Column("start_ms", sa.BigInteger, nullable=False),
    sa.Column("end_ms", sa.BigInteger, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("raw_text", sa.Text, nullable=False, default=""),
    sa.Column("language", sa.String(16), nullable=False, default=""),
    sa.Column("confidence", sa.Float, nullable=False),
    sa.PrimaryKeyConstraint("transcript_id", "turn_index"),
    sa.Index("ix_turns_call_id", "call_id"),
    sqlite_with_rowid=False,  # clustered by transcript
)

#: `header`: the transcript without its turns, as JSON. `words`: all of them in one JSON text, per
#: turn a list of [text, start_ms, end_ms, confidence]. Beside the rows, so that lists and searches
#: stay in few pages.
transcript_bodies = sa.Table(
    "transcript_bodies",
    metadata,
    sa.Column(
        "transcript_id",
        sa.ForeignKey("transcripts.id", ondelete="CASCADE"),
        primary_key=True,
    ),
    sa.Column("header", sa.Text, nullable=False),
    sa.Column("words", sa.Text, nullable=False),
)

#: All that was said, redacted as in the turns, in small letters, one turn per line: a search of any
#: script reads this narrow table instead of every turn.
transcript_texts = sa.Table(
    "transcript_texts",
    metadata,
    sa.Column(
        "transcript_id",
        sa.ForeignKey("transcripts.id", ondelete="CASCADE"),
        primary_key=True,
    ),
    sa.Column("text", sa.Text, nullable=False),
)

#: An analysis without its call and transcript, which are stored once and joined on reading.
analyses = sa.Table(
    "analyses",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("call_id", CALL_ID, sa.ForeignKey("calls.id", ondelete="CASCADE"), nullable=False),
    sa.Column("transcript_id", sa.ForeignKey("transcripts.id", ondelete="CASCADE"), nullable=False),
    sa.Column("digest", DIGEST, nullable=False),
    sa.Column("is_current", sa.Boolean, nullable=False),
    sa.Column("roles", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.UniqueConstraint("call_id", "digest"),
    sa.Index("ix_analyses_transcript_id", "transcript_id"),
    sa.Index(
        "uq_analyses_current",
        "call_id",
        unique=True,
        sqlite_where=sa.text("is_current = 1"),
        postgresql_where=sa.text("is_current"),
    ),
)
