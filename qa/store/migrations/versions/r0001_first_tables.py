"""The first tables: intake, work, speech, results, people."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create every table of the first version."""
    op.create_table(
        "agents",
        sa.Column("agent_id", sa.String(length=200), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("team", sa.String(length=200), nullable=False),
        sa.Column("hired_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("agent_id", "valid_from", name=op.f("pk_agents")),
    )
    op.create_index("ix_agents_team", "agents", ["team"], unique=False)
    op.create_table(
        "recordings",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("uri", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("codec", sa.String(length=200), server_default="", nullable=False),
        sa.Column("channels", sa.Integer(), server_default="0", nullable=False),
        sa.Column("sample_rate_hz", sa.Integer(), server_default="0", nullable=False),
        sa.Column("duration_ms", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recordings")),
        sa.UniqueConstraint("sha256", name=op.f("uq_recordings_sha256")),
    )
    op.create_table(
        "runs",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("host", sa.String(length=200), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runs")),
    )
    op.create_index("ix_runs_started_at", "runs", ["started_at"], unique=False)
    op.create_table(
        "scorecard_criteria",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("criterion_id", sa.String(length=64), nullable=False),
        sa.Column("section_id", sa.String(length=64), nullable=False),
        sa.Column("section_zh", sa.Text(), nullable=False),
        sa.Column("section_en", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("weight", sa.Float(), nullable=False),
        sa.Column("critical_class", sa.String(length=24), nullable=False),
        sa.PrimaryKeyConstraint("digest", "criterion_id", name=op.f("pk_scorecard_criteria")),
    )
    op.create_table(
        "site_settings",
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_site_settings")),
    )
    op.create_table(
        "calls",
        sa.Column("id", sa.String(length=200), nullable=False),
        sa.Column("recording_id", sa.String(length=16), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("agent_id", sa.String(length=200), nullable=False),
        sa.Column("team", sa.String(length=200), nullable=False),
        sa.Column("queue", sa.String(length=200), nullable=False),
        sa.Column("direction", sa.String(length=16), nullable=False),
        sa.Column("layout", sa.String(length=16), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("customer_ref", sa.String(length=64), nullable=False),
        sa.Column("tags", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["recording_id"],
            ["recordings.id"],
            name=op.f("fk_calls_recording_id_recordings"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calls")),
        sa.UniqueConstraint("recording_id", name=op.f("uq_calls_recording_id")),
    )
    op.create_index(
        "ix_calls_agent_id_happened_at", "calls", ["agent_id", "happened_at"], unique=False
    )
    op.create_index("ix_calls_customer_ref", "calls", ["customer_ref"], unique=False)
    op.create_index("ix_calls_happened_at", "calls", ["happened_at"], unique=False)
    op.create_index("ix_calls_queue_happened_at", "calls", ["queue", "happened_at"], unique=False)
    op.create_index("ix_calls_team_happened_at", "calls", ["team", "happened_at"], unique=False)
    op.create_table(
        "problems",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.String(length=64), nullable=True),
        sa.Column("uri", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("stage", sa.String(length=64), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("remedy", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["run_id"], ["runs.id"], name=op.f("fk_problems_run_id_runs"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_problems")),
        sa.UniqueConstraint("uri", "stage", "code", name=op.f("uq_problems_uri_stage_code")),
    )
    op.create_index(
        "ix_problems_resolved_at_last_seen_at",
        "problems",
        ["resolved_at", "last_seen_at"],
        unique=False,
    )
    op.create_index("ix_problems_run_id", "problems", ["run_id"], unique=False)
    op.create_index("ix_problems_sha256_stage", "problems", ["sha256", "stage"], unique=False)
    op.create_table(
        "recording_aliases",
        sa.Column("recording_id", sa.String(length=16), nullable=False),
        sa.Column("uri", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["recording_id"],
            ["recordings.id"],
            name=op.f("fk_recording_aliases_recording_id_recordings"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("recording_id", "uri", name=op.f("pk_recording_aliases")),
    )
    op.create_table(
        "source_files",
        sa.Column("uri", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.String(length=200), nullable=False),
        sa.Column("details_digest", sa.String(length=200), server_default="", nullable=False),
        sa.Column("recording_id", sa.String(length=16), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["recording_id"],
            ["recordings.id"],
            name=op.f("fk_source_files_recording_id_recordings"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("uri", name=op.f("pk_source_files")),
    )
    op.create_index("ix_source_files_recording_id", "source_files", ["recording_id"], unique=False)
    op.create_table(
        "stage_runs",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("stage", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("owner", sa.String(length=200), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error_code", sa.String(length=64), nullable=False),
        sa.Column("error_message", sa.Text(), nullable=False),
        sa.Column("error_remedy", sa.Text(), nullable=False),
        sa.Column("timings_ms", sa.Text(), nullable=False),
        sa.Column("audio_ms", sa.BigInteger(), nullable=False),
        sa.Column("engine", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["sha256"],
            ["recordings.sha256"],
            name=op.f("fk_stage_runs_sha256_recordings"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("sha256", "stage", "digest", name=op.f("pk_stage_runs")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_stage_runs_stage_digest_state_sha256",
        "stage_runs",
        ["stage", "digest", "state", "sha256"],
        unique=False,
    )
    op.create_index(
        "ix_stage_runs_state_lease_until", "stage_runs", ["state", "lease_until"], unique=False
    )
    op.create_table(
        "evaluations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.String(length=200), nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.Column("scorecard_id", sa.String(length=200), nullable=False),
        sa.Column("scorecard_version", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("band", sa.String(length=64), nullable=False),
        sa.Column("quality_percent", sa.Float(), nullable=True),
        sa.Column("if_confirmed_percent", sa.Float(), nullable=True),
        sa.Column("coverage", sa.Float(), nullable=False),
        sa.Column("applicable_weight", sa.Float(), nullable=False),
        sa.Column("positive_share", sa.Float(), nullable=False),
        sa.Column("finding_count", sa.Integer(), nullable=False),
        sa.Column("review_count", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["call_id"], ["calls.id"], name=op.f("fk_evaluations_call_id_calls"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evaluations")),
    )
    op.create_index(
        "ix_evaluations_call_id_created_at", "evaluations", ["call_id", "created_at"], unique=False
    )
    op.create_index(
        "ix_evaluations_is_current_quality_percent",
        "evaluations",
        ["is_current", "quality_percent"],
        unique=False,
    )
    op.create_index(
        "uq_evaluations_current",
        "evaluations",
        ["call_id"],
        unique=True,
        sqlite_where=sa.text("is_current = 1"),
        postgresql_where=sa.text("is_current"),
    )
    op.create_table(
        "role_overrides",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.String(length=200), nullable=False),
        sa.Column("transcript_digest", sa.String(length=64), nullable=False),
        sa.Column("roles", sa.Text(), nullable=False),
        sa.Column("made_by", sa.String(length=200), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["call_id"],
            ["calls.id"],
            name=op.f("fk_role_overrides_call_id_calls"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_overrides")),
    )
    op.create_index("ix_role_overrides_call_id", "role_overrides", ["call_id"], unique=False)
    op.create_table(
        "transcripts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.String(length=200), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("duration_ms", sa.BigInteger(), nullable=False),
        sa.Column("turn_count", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["call_id"], ["calls.id"], name=op.f("fk_transcripts_call_id_calls"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transcripts")),
        sa.UniqueConstraint("call_id", "digest", name=op.f("uq_transcripts_call_id_digest")),
    )
    op.create_index(
        "uq_transcripts_current",
        "transcripts",
        ["call_id"],
        unique=True,
        sqlite_where=sa.text("is_current = 1"),
        postgresql_where=sa.text("is_current"),
    )
    op.create_table(
        "analyses",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.String(length=200), nullable=False),
        sa.Column("transcript_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.Column("roles", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["call_id"], ["calls.id"], name=op.f("fk_analyses_call_id_calls"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["transcript_id"],
            ["transcripts.id"],
            name=op.f("fk_analyses_transcript_id_transcripts"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_analyses")),
        sa.UniqueConstraint("call_id", "digest", name=op.f("uq_analyses_call_id_digest")),
    )
    op.create_index("ix_analyses_transcript_id", "analyses", ["transcript_id"], unique=False)
    op.create_index(
        "uq_analyses_current",
        "analyses",
        ["call_id"],
        unique=True,
        sqlite_where=sa.text("is_current = 1"),
        postgresql_where=sa.text("is_current"),
    )
    op.create_table(
        "criterion_results",
        sa.Column("evaluation_id", sa.Integer(), nullable=False),
        sa.Column("criterion_id", sa.String(length=64), nullable=False),
        sa.Column("call_id", sa.String(length=200), nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("share", sa.Float(), nullable=False),
        sa.Column("weight", sa.Float(), nullable=False),
        sa.Column("applied_weight", sa.Float(), nullable=False),
        sa.Column("points", sa.Float(), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("needs_review", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["evaluation_id"],
            ["evaluations.id"],
            name=op.f("fk_criterion_results_evaluation_id_evaluations"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("evaluation_id", "criterion_id", name=op.f("pk_criterion_results")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_criterion_results_call_id", "criterion_results", ["call_id"], unique=False)
    op.create_index(
        "ix_criterion_results_counts",
        "criterion_results",
        ["is_current", "criterion_id", "outcome", "call_id", "share", "confidence", "needs_review"],
        unique=False,
    )
    op.create_table(
        "evaluation_bodies",
        sa.Column("evaluation_id", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["evaluation_id"],
            ["evaluations.id"],
            name=op.f("fk_evaluation_bodies_evaluation_id_evaluations"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("evaluation_id", name=op.f("pk_evaluation_bodies")),
    )
    op.create_table(
        "findings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("evaluation_id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.String(length=200), nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("criterion_id", sa.String(length=64), nullable=False),
        sa.Column("critical_class", sa.String(length=24), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(
            ["evaluation_id"],
            ["evaluations.id"],
            name=op.f("fk_findings_evaluation_id_evaluations"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_findings")),
    )
    op.create_index("ix_findings_call_id", "findings", ["call_id"], unique=False)
    op.create_index("ix_findings_evaluation_id", "findings", ["evaluation_id"], unique=False)
    op.create_index(
        "ix_findings_is_current_code_state",
        "findings",
        ["is_current", "code", "state"],
        unique=False,
    )
    op.create_table(
        "transcript_bodies",
        sa.Column("transcript_id", sa.Integer(), nullable=False),
        sa.Column("header", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["transcript_id"],
            ["transcripts.id"],
            name=op.f("fk_transcript_bodies_transcript_id_transcripts"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("transcript_id", name=op.f("pk_transcript_bodies")),
    )
    op.create_table(
        "turns",
        sa.Column("transcript_id", sa.Integer(), nullable=False),
        sa.Column("turn_index", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.String(length=200), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("speaker", sa.String(length=200), nullable=False),
        sa.Column("start_ms", sa.BigInteger(), nullable=False),
        sa.Column("end_ms", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("raw_text", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(
            ["transcript_id"],
            ["transcripts.id"],
            name=op.f("fk_turns_transcript_id_transcripts"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("transcript_id", "turn_index", name=op.f("pk_turns")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_turns_call_id", "turns", ["call_id"], unique=False)


def downgrade() -> None:
    """Drop them again."""
    # ### commands auto generated by Alembic - please adjust! ###
    op.drop_index("ix_turns_call_id", table_name="turns")
    op.drop_table("turns")
    op.drop_table("transcript_bodies")
    op.drop_index("ix_findings_is_current_code_state", table_name="findings")
    op.drop_index("ix_findings_evaluation_id", table_name="findings")
    op.drop_index("ix_findings_call_id", table_name="findings")
    op.drop_table("findings")
    op.drop_table("evaluation_bodies")
    op.drop_index("ix_criterion_results_counts", table_name="criterion_results")
    op.drop_index("ix_criterion_results_call_id", table_name="criterion_results")
    op.drop_table("criterion_results")
    op.drop_index(
        "uq_analyses_current",
        table_name="analyses",
        sqlite_where=sa.text("is_current = 1"),
        postgresql_where=sa.text("is_current"),
    )
    op.drop_index("ix_analyses_transcript_id", table_name="analyses")
    op.drop_table("analyses")
    op.drop_index(
        "uq_transcripts_current",
        table_name="transcripts",
        sqlite_where=sa.text("is_current = 1"),
        postgresql_where=sa.text("is_current"),
    )
    op.drop_table("transcripts")
    op.drop_index("ix_role_overrides_call_id", table_name="role_overrides")
    op.drop_table("role_overrides")
    op.drop_index(
        "uq_evaluations_current",
        table_name="evaluations",
        sqlite_where=sa.text("is_current = 1"),
        postgresql_where=sa.text("is_current"),
    )
    op.drop_index("ix_evaluations_is_current_quality_percent", table_name="evaluations")
    op.drop_index("ix_evaluations_call_id_created_at", table_name="evaluations")
    op.drop_table("evaluations")
    op.drop_index("ix_stage_runs_state_lease_until", table_name="stage_runs")
    op.drop_index("ix_stage_runs_stage_digest_state_sha256", table_name="stage_runs")
    op.drop_table("stage_runs")
    op.drop_index("ix_source_files_recording_id", table_name="source_files")
    op.drop_table("source_files")
    op.drop_table("recording_aliases")
    op.drop_index("ix_problems_sha256_stage", table_name="problems")
    op.drop_index("ix_problems_run_id", table_name="problems")
    op.drop_index("ix_problems_resolved_at_last_seen_at", table_name="problems")
    op.drop_table("problems")
    op.drop_index("ix_calls_team_happened_at", table_name="calls")
    op.drop_index("ix_calls_queue_happened_at", table_name="calls")
    op.drop_index("ix_calls_happened_at", table_name="calls")
    op.drop_index("ix_calls_customer_ref", table_name="calls")
    op.drop_index("ix_calls_agent_id_happened_at", table_name="calls")
    op.drop_table("calls")
    op.drop_table("site_settings")
    op.drop_table("scorecard_criteria")
    op.drop_index("ix_runs_started_at", table_name="runs")
    op.drop_table("runs")
    op.drop_table("recordings")
    op.drop_index("ix_agents_team", table_name="agents")
    op.drop_table("agents")
    # ### end Alembic commands ###
