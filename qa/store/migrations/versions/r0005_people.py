"""Imports, roll-ups of people's figures, appraisal and coaching."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables of people data, their roll-ups, and appraisal."""
    _imports()
    _roll_ups()
    _appraisal()


def _imports() -> None:
    """Import batches and the data they bring."""
    op.create_table(
        "import_batches",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("mapping", sa.Text(), nullable=False),
        sa.Column("inserted", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("unchanged", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("made_by", sa.String(length=200), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_by", sa.String(length=200), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_batches")),
    )
    op.create_index(
        "ix_import_batches_kind_made_at", "import_batches", ["kind", "made_at"], unique=False
    )
    op.create_table(
        "import_changes",
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("row_key", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("after", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"],
            ["import_batches.id"],
            name=op.f("fk_import_changes_batch_id_import_batches"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("batch_id", "position", name=op.f("pk_import_changes")),
    )
    op.create_index(
        "ix_import_changes_kind_row_key", "import_changes", ["kind", "row_key"], unique=False
    )
    op.create_table(
        "attendance",
        sa.Column("agent_id", sa.String(length=200), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("scheduled_min", sa.Float(), nullable=False),
        sa.Column("worked_min", sa.Float(), nullable=False),
        sa.Column("late_min", sa.Float(), nullable=False),
        sa.Column("absent_type", sa.String(length=64), nullable=False),
        sa.Column("adherence_percent", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("agent_id", "day", name=op.f("pk_attendance")),
    )
    op.create_index("ix_attendance_day", "attendance", ["day"], unique=False)
    op.create_table(
        "csat",
        sa.Column("call_id", sa.String(length=200), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("call_id", name=op.f("pk_csat")),
    )
    op.create_table(
        "crm_cases",
        sa.Column("call_id", sa.String(length=200), nullable=False),
        sa.Column("topic", sa.String(length=200), nullable=False),
        sa.Column("resolved", sa.Boolean(), nullable=True),
        sa.Column("reopened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("complaint_upheld", sa.Boolean(), nullable=True),
        sa.Column("commitment_kept", sa.Boolean(), nullable=True),
        sa.PrimaryKeyConstraint("call_id", name=op.f("pk_crm_cases")),
    )
    op.create_table(
        "handled_calls",
        sa.Column("call_id", sa.String(length=200), nullable=False),
        sa.Column("agent_id", sa.String(length=200), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("direction", sa.String(length=64), nullable=False),
        sa.Column("queue", sa.String(length=200), nullable=False),
        sa.Column("talk_s", sa.Float(), nullable=False),
        sa.Column("hold_s", sa.Float(), nullable=False),
        sa.Column("acw_s", sa.Float(), nullable=False),
        sa.Column("ended_by", sa.String(length=64), nullable=False),
        sa.Column("transferred", sa.Boolean(), nullable=True),
        sa.PrimaryKeyConstraint("call_id", name=op.f("pk_handled_calls")),
    )
    op.create_index(
        "ix_handled_calls_agent_id_started_at",
        "handled_calls",
        ["agent_id", "started_at"],
        unique=False,
    )
    op.create_table(
        "training",
        sa.Column("agent_id", sa.String(length=200), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("course", sa.String(length=200), nullable=False),
        sa.Column("hours", sa.Float(), nullable=False),
        sa.Column("test_score", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("agent_id", "day", "course", name=op.f("pk_training")),
    )
    op.create_table(
        "ratings",
        sa.Column("agent_id", sa.String(length=200), nullable=False),
        sa.Column("period", sa.String(length=64), nullable=False),
        sa.Column("rater_role", sa.String(length=64), nullable=False),
        sa.Column("rater", sa.String(length=64), nullable=False),
        sa.Column("item", sa.String(length=200), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint(
            "agent_id", "period", "rater_role", "rater", "item", name=op.f("pk_ratings")
        ),
    )
    op.create_index("ix_ratings_period", "ratings", ["period"], unique=False)


def _roll_ups() -> None:
    """Facts per call and sums per month."""
    op.create_table(
        "call_facts",
        sa.Column("call_id", sa.String(length=200), nullable=False),
        sa.Column("evaluation_id", sa.Integer(), nullable=False),
        sa.Column("decision_id", sa.Integer(), nullable=False),
        sa.Column("agent_id", sa.String(length=200), nullable=False),
        sa.Column("team", sa.String(length=200), nullable=False),
        sa.Column("queue", sa.String(length=200), nullable=False),
        sa.Column("call_type", sa.String(length=64), nullable=False),
        sa.Column("topic", sa.String(length=200), nullable=False),
        sa.Column("language", sa.String(length=64), nullable=False),
        sa.Column("customer_ref", sa.String(length=64), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("quality", sa.Float(), nullable=True),
        sa.Column("fair_quality", sa.Float(), nullable=True),
        sa.Column("coverage", sa.Float(), nullable=False),
        sa.Column("non_critical", sa.Float(), nullable=True),
        sa.Column("customer_critical", sa.String(length=64), nullable=False),
        sa.Column("business_critical", sa.String(length=64), nullable=False),
        sa.Column("compliance_critical", sa.String(length=64), nullable=False),
        sa.Column("confirmed", sa.Text(), nullable=False),
        sa.Column("abusive", sa.Boolean(), nullable=False),
        sa.Column("handle_s", sa.Float(), nullable=True),
        sa.Column("talk_share", sa.Float(), nullable=True),
        sa.Column("hold_share", sa.Float(), nullable=True),
        sa.Column("dead_air_share", sa.Float(), nullable=True),
        sa.Column("latency_s", sa.Float(), nullable=True),
        sa.Column("mood_low", sa.Float(), nullable=True),
        sa.Column("mood_end", sa.Float(), nullable=True),
        sa.Column("word_confidence", sa.Float(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["call_id"], ["calls.id"], name=op.f("fk_call_facts_call_id_calls"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("call_id", name=op.f("pk_call_facts")),
    )
    op.create_index("ix_call_facts_agent_id_day", "call_facts", ["agent_id", "day"], unique=False)
    op.create_index("ix_call_facts_day", "call_facts", ["day"], unique=False)
    op.create_index(
        "ix_call_facts_month_agent_id", "call_facts", ["month", "agent_id"], unique=False
    )
    op.create_table(
        "people_months",
        sa.Column("measure", sa.String(length=64), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("agent_id", sa.String(length=200), nullable=False),
        sa.Column("team", sa.String(length=200), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("total", sa.Float(), nullable=False),
        sa.Column("square", sa.Float(), nullable=False),
        sa.Column("base", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint(
            "measure", "month", "agent_id", "team", name=op.f("pk_people_months")
        ),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_people_months_agent_id_month", "people_months", ["agent_id", "month"], unique=False
    )
    op.create_table(
        "people_month_states",
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("is_stale", sa.Boolean(), nullable=False),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("month", name=op.f("pk_people_month_states")),
    )


def _appraisal() -> None:
    """Schemes, periods, adjustments, decisions."""
    op.create_table(
        "appraisal_schemes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("made_by", sa.String(length=200), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appraisal_schemes")),
        sa.UniqueConstraint("name", "version", name=op.f("uq_appraisal_schemes_name_version")),
    )
    op.create_table(
        "appraisal_periods",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("until_day", sa.Date(), nullable=False),
        sa.Column("scheme_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("opened_by", sa.String(length=200), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("frozen_by", sa.String(length=200), nullable=True),
        sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("freeze_note", sa.Text(), nullable=False),
        sa.Column("snapshot", sa.Text(), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("exported_by", sa.String(length=200), nullable=True),
        sa.Column("exported_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["scheme_id"],
            ["appraisal_schemes.id"],
            name=op.f("fk_appraisal_periods_scheme_id_appraisal_schemes"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appraisal_periods")),
        sa.UniqueConstraint("name", name=op.f("uq_appraisal_periods_name")),
    )
    op.create_index(
        "ix_appraisal_periods_first_day", "appraisal_periods", ["first_day"], unique=False
    )
    op.create_table(
        "appraisal_adjustments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("from_period", sa.Integer(), nullable=False),
        sa.Column("to_period", sa.Integer(), nullable=False),
        sa.Column("agent_id", sa.String(length=200), nullable=False),
        sa.Column("points", sa.Float(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("made_by", sa.String(length=200), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["from_period"],
            ["appraisal_periods.id"],
            name=op.f("fk_appraisal_adjustments_from_period_appraisal_periods"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["to_period"],
            ["appraisal_periods.id"],
            name=op.f("fk_appraisal_adjustments_to_period_appraisal_periods"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appraisal_adjustments")),
        sa.UniqueConstraint(
            "from_period",
            "to_period",
            "agent_id",
            name=op.f("uq_appraisal_adjustments_from_period_to_period_agent_id"),
        ),
    )
    op.create_table(
        "appraisal_decisions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("period_id", sa.Integer(), nullable=False),
        sa.Column("agent_id", sa.String(length=200), nullable=False),
        sa.Column("proposed", sa.String(length=64), nullable=False),
        sa.Column("grade", sa.String(length=64), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("made_by", sa.String(length=200), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["period_id"],
            ["appraisal_periods.id"],
            name=op.f("fk_appraisal_decisions_period_id_appraisal_periods"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appraisal_decisions")),
    )
    op.create_index(
        "ix_appraisal_decisions_period_id_agent_id",
        "appraisal_decisions",
        ["period_id", "agent_id"],
        unique=False,
    )
