"""What came in: files seen at a source, recordings by their bytes, calls by their metadata."""

from __future__ import annotations

import sqlalchemy as sa

from qa.store.columns import CALL_ID, NAME, RECORDING_ID, SHA256, UtcDateTime, metadata

recordings = sa.Table(
    "recordings",
    metadata,
    sa.Column("id", RECORDING_ID, primary_key=True),
    sa.Column("sha256", SHA256, nullable=False, unique=True),
    sa.Column("uri", sa.Text, nullable=False),
    sa.Column("size_bytes", sa.BigInteger, nullable=False),
    sa.Column("received_at", UtcDateTime, nullable=False),
    sa.Column("codec", NAME, nullable=False, default="", server_default=""),
    sa.Column("channels", sa.Integer, nullable=False, default=0, server_default="0"),
    sa.Column("sample_rate_hz", sa.Integer, nullable=False, default=0, server_default="0"),
    sa.Column("duration_ms", sa.BigInteger, nullable=False, default=0, server_default="0"),
)

#: Other places where the same bytes were found (renamed or sent again).
recording_aliases = sa.Table(
    "recording_aliases",
    metadata,
    sa.Column("recording_id", sa.ForeignKey("recordings.id", ondelete="CASCADE"), nullable=False),
    sa.Column("uri", sa.Text, nullable=False),
    sa.Column("seen_at", UtcDateTime, nullable=False),
    sa.PrimaryKeyConstraint("recording_id", "uri"),
)

#: Memory of listings: a known (uri, size, version) is not hashed again. `recording_id` is empty
#: while a file is still being written; then `size_bytes` is what the next listing compares with.
source_files = sa.Table(
    "source_files",
    metadata,
    sa.Column("uri", sa.Text, primary_key=True),
    sa.Column("size_bytes", sa.BigInteger, nullable=False),
    sa.Column("version", NAME, nullable=False),
    sa.Column("details_digest", NAME, nullable=False, default="", server_default=""),
    sa.Column("recording_id", sa.ForeignKey("recordings.id", ondelete="CASCADE")),
    sa.Column("seen_at", UtcDateTime, nullable=False),
    sa.Index("ix_source_files_recording_id", "recording_id"),
)

#: `happened_at` is `started_at`, else when the recording came in: every list sorts by it.
calls = sa.Table(
    "calls",
    metadata,
    sa.Column("id", CALL_ID, primary_key=True),
    sa.Column(
        "recording_id",
        sa.ForeignKey("recordings.id", ondelete="CASCADE"),
        nullable=False,
        unique=True,
    ),
    sa.Column("started_at", UtcDateTime),
    sa.Column("happened_at", UtcDateTime, nullable=False),
    sa.Column("agent_id", NAME, nullable=False, default=""),
    sa.Column("team", NAME, nullable=False, default=""),
    sa.Column("queue", NAME, nullable=False, default=""),
    sa.Column("direction", sa.String(16), nullable=False),
    sa.Column("layout", sa.String(16), nullable=False),
    sa.Column("language", sa.String(16), nullable=False, default=""),
    sa.Column("customer_ref", sa.String(64), nullable=False, default=""),
    sa.Column("tags", sa.Text, nullable=False, default="{}"),
    sa.Index("ix_calls_happened_at", "happened_at"),
    sa.Index("ix_calls_agent_id_happened_at", "agent_id", "happened_at"),
    sa.Index("ix_calls_team_happened_at", "team", "happened_at"),
    sa.Index("ix_calls_queue_happened_at", "queue", "happened_at"),
    sa.Index("ix_calls_customer_ref", "customer_ref"),
)
