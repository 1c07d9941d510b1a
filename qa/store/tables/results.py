"""Evaluations, appended and never edited (only the `is_current` flag moves), and their parts."""

from __future__ import annotations

import sqlalchemy as sa

from qa.store.columns import CALL_ID, CODE, DIGEST, NAME, UtcDateTime, metadata

evaluations = sa.Table(
    "evaluations",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("call_id", CALL_ID, sa.ForeignKey("calls.id", ondelete="CASCADE"), nullable=False),
    sa.Column("is_current", sa.Boolean, nullable=False),
    sa.Column("scorecard_id", NAME, nullable=False),
    sa.Column("scorecard_version", CODE, nullable=False),
    sa.Column("digest", DIGEST, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("band", CODE, nullable=False),
    sa.Column("quality_percent", sa.Float),
    sa.Column("if_confirmed_percent", sa.Float),
    sa.Column("coverage", sa.Float, nullable=False),
    sa.Column("applicable_weight", sa.Float, nullable=False),
    sa.Column("positive_share", sa.Float, nullable=False),
    sa.Column("finding_count", sa.Integer, nullable=False),
    sa.Column("review_count", sa.Integer, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Index("ix_evaluations_call_id_created_at", "call_id", "created_at"),
    sa.Index(
        "uq_evaluations_current",
        "call_id",
        unique=True,
        sqlite_where=sa.text("is_current = 1"),
        postgresql_where=sa.text("is_current"),
    ),
    sa.Index("ix_evaluations_is_current_quality_percent", "is_current", "quality_percent"),
)

#: The whole evaluation as JSON, beside the row so that lists stay in few pages.
evaluation_bodies = sa.Table(
    "evaluation_bodies",
    metadata,
    sa.Column(
        "evaluation_id", sa.ForeignKey("evaluations.id", ondelete="CASCADE"), primary_key=True
    ),
    sa.Column("body", sa.Text, nullable=False),
)

#: What a criterion is called in one scorecard digest; results refer to it by id.
scorecard_criteria = sa.Table(
    "scorecard_criteria",
    metadata,
    sa.Column("digest", DIGEST, nullable=False),
    sa.Column("criterion_id", CODE, nullable=False),
    sa.Column("section_id", CODE, nullable=False),
    sa.Column("section_zh", sa.Text, nullable=False, default=""),
    sa.Column("section_en", sa.Text, nullable=False, default=""),
    sa.Column("name_zh", sa.Text, nullable=False),
    sa.Column("name_en", sa.Text, nullable=False),
    sa.Column("weight", sa.Float, nullable=False),
    sa.Column("critical_class", sa.String(24), nullable=False),
    sa.PrimaryKeyConstraint("digest", "criterion_id"),
)

#: `is_current` follows the evaluation's flag: miss rates are counted on one covering index.
criterion_results = sa.Table(
    "criterion_results",
    metadata,
    sa.Column("evaluation_id", sa.ForeignKey("evaluations.id", ondelete="CASCADE"), nullable=False),
    sa.Column("criterion_id", CODE, nullable=False),
    sa.Column("call_id", CALL_ID, nullable=False),
    sa.Column("is_current", sa.Boolean, nullable=False),
    sa.Column("outcome", sa.String(16), nullable=False),
    sa.Column("share", sa.Float, nullable=False),
    sa.Column("weight", sa.Float, nullable=False),
    sa.Column("applied_weight", sa.Float, nullable=False),
    sa.Column("points", sa.Float, nullable=False),
    sa.Column("confidence", sa.Float, nullable=False),
    sa.Column("needs_review", sa.Boolean, nullable=False),
    sa.PrimaryKeyConstraint("evaluation_id", "criterion_id"),
    sa.Index("ix_criterion_results_call_id", "call_id"),
    sa.Index(
        "ix_criterion_results_counts",
        "is_current",
        "criterion_id",
        "outcome",
        "call_id",
        "share",
        "confidence",
        "needs_review",
    ),
    sqlite_with_rowid=False,  # clustered by evaluation
)

#: Suspected auto-fails and candidates; evidence stays in the evaluation's JSON.
findings = sa.Table(
    "findings",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("evaluation_id", sa.ForeignKey("evaluations.id", ondelete="CASCADE"), nullable=False),
    sa.Column("call_id", CALL_ID, nullable=False),
    sa.Column("is_current", sa.Boolean, nullable=False),
    sa.Column("code", CODE, nullable=False),
    sa.Column("criterion_id", CODE, nullable=False),
    sa.Column("critical_class", sa.String(24), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("name_zh", sa.Text, nullable=False),
    sa.Column("name_en", sa.Text, nullable=False),
    sa.Column("confidence", sa.Float, nullable=False),
    sa.Index("ix_findings_evaluation_id", "evaluation_id"),
    sa.Index("ix_findings_call_id", "call_id"),
    sa.Index("ix_findings_is_current_code_state", "is_current", "code", "state"),
)
