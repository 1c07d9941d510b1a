"""The night's work: which stage of which recording is done, runs, problems and remedies."""

from __future__ import annotations

import sqlalchemy as sa

from qa.store.columns import CODE, DIGEST, NAME, SHA256, UtcDateTime, metadata

#: One row per (recording, stage, stamp digest): the idempotency key of the whole system.
stage_runs = sa.Table(
    "stage_runs",
    metadata,
    sa.Column(
        "sha256", SHA256, sa.ForeignKey("recordings.sha256", ondelete="CASCADE"), nullable=False
    ),
    sa.Column("stage", CODE, nullable=False),
    sa.Column("digest", DIGEST, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False, default=0),
    sa.Column("interrupted", sa.Integer, nullable=False, default=0, server_default="0"),
    sa.Column("owner", NAME, nullable=False, default=""),
    sa.Column("lease_until", UtcDateTime),
    sa.Column("started_at", UtcDateTime),
    sa.Column("finished_at", UtcDateTime),
    sa.Column("error_code", CODE, nullable=False, default=""),
    sa.Column("error_message", sa.Text, nullable=False, default=""),
    sa.Column("error_remedy", sa.Text, nullable=False, default=""),
    sa.Column("timings_ms", sa.Text, nullable=False, default="{}"),
    sa.Column("audio_ms", sa.BigInteger, nullable=False, default=0),
    sa.Column("engine", NAME, nullable=False, default=""),
    sa.PrimaryKeyConstraint("sha256", "stage", "digest"),
    sa.Index("ix_stage_runs_stage_digest_state_sha256", "stage", "digest", "state", "sha256"),
    sa.Index("ix_stage_runs_state_lease_until", "state", "lease_until"),
    sa.Index("ix_stage_runs_finished_at", "finished_at"),
    sqlite_with_rowid=False,
)

runs = sa.Table(
    "runs",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("started_at", UtcDateTime, nullable=False),
    sa.Column("finished_at", UtcDateTime),
    sa.Column("host", NAME, nullable=False, default=""),
    sa.Column("source", sa.Text, nullable=False, default=""),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("counts", sa.Text, nullable=False, default="{}"),
    sa.Column("summary", sa.Text, nullable=False, default=""),
    sa.Column("kind", sa.String(16), nullable=False, default="by_hand", server_default="by_hand"),
    sa.Column("scheduled_for", UtcDateTime),
    sa.Column("progress", sa.Text, nullable=False, default="{}", server_default="{}"),
    sa.Index("ix_runs_started_at", "started_at"),
)

#: One row per (uri, stage, code); seeing it again raises `attempts` and `last_seen_at`.
problems = sa.Table(
    "problems",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("run_id", sa.String(64), sa.ForeignKey("runs.id", ondelete="SET NULL")),
    sa.Column("uri", sa.Text, nullable=False),
    sa.Column("sha256", SHA256, nullable=False, default=""),
    sa.Column("stage", CODE, nullable=False),
    sa.Column("code", CODE, nullable=False),
    sa.Column("message", sa.Text, nullable=False),
    sa.Column("remedy", sa.Text, nullable=False, default=""),
    sa.Column("attempts", sa.Integer, nullable=False, default=1),
    sa.Column("first_seen_at", UtcDateTime, nullable=False),
    sa.Column("last_seen_at", UtcDateTime, nullable=False),
    sa.Column("resolved_at", UtcDateTime),
    sa.UniqueConstraint("uri", "stage", "code"),
    sa.Index("ix_problems_resolved_at_last_seen_at", "resolved_at", "last_seen_at"),
    sa.Index("ix_problems_sha256_stage", "sha256", "stage"),
    sa.Index("ix_problems_run_id", "run_id"),
)
