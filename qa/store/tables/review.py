"""Samples, assignments, reviews and their decisions, disputes, calibration, autonomy.

Decisions, corrections, releases, skips and levels are appended and never changed.
"""

from __future__ import annotations

import sqlalchemy as sa

from qa.store.columns import CALL_ID, CODE, DIGEST, NAME, NOTE, UtcDateTime, metadata


def _call() -> sa.Column[str]:
    return sa.Column(
        "call_id", CALL_ID, sa.ForeignKey("calls.id", ondelete="CASCADE"), nullable=False
    )


#: One draw: plan, filter and population are kept, so that it can be repeated and estimated from.
samples = sa.Table(
    "samples",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", NAME, nullable=False),
    sa.Column("kind", CODE, nullable=False),
    sa.Column("seed", NAME, nullable=False),
    sa.Column("plan", sa.Text, nullable=False),
    sa.Column("filter", sa.Text, nullable=False),
    sa.Column("population", sa.Integer, nullable=False),
    sa.Column("made_by", NAME, nullable=False),
    sa.Column("made_at", UtcDateTime, nullable=False),
)

#: `inclusion` is the probability with which the plan could pick this call.
sample_picks = sa.Table(
    "sample_picks",
    metadata,
    sa.Column("sample_id", sa.ForeignKey("samples.id", ondelete="CASCADE"), nullable=False),
    _call(),
    sa.Column("stratum", sa.Text, nullable=False, default=""),
    sa.Column("reason", CODE, nullable=False),
    sa.Column("inclusion", sa.Float, nullable=False),
    sa.Column("position", sa.Integer, nullable=False),
    sa.PrimaryKeyConstraint("sample_id", "call_id"),
    sa.Index("ix_sample_picks_call_id", "call_id"),
)

sample_skips = sa.Table(
    "sample_skips",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("sample_id", sa.ForeignKey("samples.id", ondelete="CASCADE"), nullable=False),
    _call(),
    sa.Column("reason", CODE, nullable=False),
    sa.Column("note", NOTE, nullable=False, default=""),
    sa.Column("replaced_by", CALL_ID),
    sa.Column("made_by", NAME, nullable=False),
    sa.Column("made_at", UtcDateTime, nullable=False),
    sa.Index("ix_sample_skips_sample_id", "sample_id"),
)

#: `reasons`: codes joined by spaces. A reviewer has a call once per purpose.
assignments = sa.Table(
    "assignments",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    _call(),
    sa.Column("reviewer", NAME, nullable=False),
    sa.Column("purpose", CODE, nullable=False),
    sa.Column("reasons", sa.Text, nullable=False, default=""),
    sa.Column("sample_id", sa.ForeignKey("samples.id", ondelete="SET NULL")),
    sa.Column("state", CODE, nullable=False),
    sa.Column("assigned_by", NAME, nullable=False),
    sa.Column("assigned_at", UtcDateTime, nullable=False),
    sa.Column("due_at", UtcDateTime),
    sa.Column("closed_at", UtcDateTime),
    sa.Column("note", NOTE, nullable=False, default=""),
    sa.Index("ix_assignments_reviewer_state_due_at", "reviewer", "state", "due_at"),
    sa.Index("ix_assignments_call_id", "call_id"),
    sa.Index("ix_assignments_sample_id", "sample_id"),
    sa.Index(
        "uq_assignments_open",
        "call_id",
        "reviewer",
        "purpose",
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    ),
)

reviews = sa.Table(
    "reviews",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    _call(),
    sa.Column("evaluation_id", sa.ForeignKey("evaluations.id", ondelete="CASCADE"), nullable=False),
    sa.Column("assignment_id", sa.ForeignKey("assignments.id", ondelete="SET NULL")),
    sa.Column("reviewer", NAME, nullable=False),
    sa.Column("purpose", CODE, nullable=False),
    sa.Column("state", CODE, nullable=False),
    sa.Column("opened_at", UtcDateTime, nullable=False),
    sa.Column("first_action_at", UtcDateTime),
    sa.Column("submitted_at", UtcDateTime),
    sa.Column("active_ms", sa.BigInteger, nullable=False, default=0),
    sa.Column("comment", NOTE, nullable=False, default=""),
    sa.Column("quality_percent", sa.Float),
    sa.Column("final_percent", sa.Float),
    sa.Column("band", CODE, nullable=False, default=""),
    sa.Index("ix_reviews_call_id", "call_id"),
    sa.Index("ix_reviews_evaluation_id", "evaluation_id"),
    sa.Index("ix_reviews_reviewer_submitted_at", "reviewer", "submitted_at"),
    sa.Index("ix_reviews_submitted_at", "submitted_at"),
    sa.Index("ix_reviews_assignment_id", "assignment_id"),
    sa.Index(
        "uq_reviews_open",
        "call_id",
        "reviewer",
        "purpose",
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    ),
)

#: `version` counts per call and subject: two savers at once get two numbers, never one.
decisions = sa.Table(
    "decisions",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("review_id", sa.ForeignKey("reviews.id", ondelete="CASCADE")),
    _call(),
    sa.Column("evaluation_id", sa.ForeignKey("evaluations.id", ondelete="CASCADE"), nullable=False),
    sa.Column("scorecard_id", NAME, nullable=False),
    sa.Column("scorecard_version", CODE, nullable=False),
    sa.Column("digest", DIGEST, nullable=False),
    sa.Column("subject", CODE, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("kind", CODE, nullable=False),
    sa.Column("outcome", CODE),
    sa.Column("share", sa.Float),
    sa.Column("machine_outcome", CODE, nullable=False),
    sa.Column("machine_share", sa.Float, nullable=False),
    sa.Column("machine_confidence", sa.Float, nullable=False),
    sa.Column("overrides", sa.Boolean, nullable=False),
    sa.Column("cause", CODE),
    sa.Column("comment", NOTE, nullable=False, default=""),
    sa.Column("clip_start_ms", sa.BigInteger),
    sa.Column("clip_end_ms", sa.BigInteger),
    sa.Column("conflict_with", sa.Integer),
    sa.Column("round", sa.Integer, nullable=False, default=0),
    sa.Column("made_by", NAME, nullable=False),
    sa.Column("made_at", UtcDateTime, nullable=False),
    sa.UniqueConstraint("call_id", "subject", "version"),
    sa.Index("ix_decisions_review_id", "review_id"),
    sa.Index("ix_decisions_evaluation_id", "evaluation_id"),
    sa.Index("ix_decisions_subject_made_at", "subject", "made_at"),
    sa.Index("ix_decisions_made_at", "made_at"),
)

#: What counts for an evaluation on which people have decided: score after confirmed auto-fails, its
#: band, and the state. `decision_id` is the newest decision on the call that is in it.
decided_scores = sa.Table(
    "decided_scores",
    metadata,
    sa.Column(
        "evaluation_id", sa.ForeignKey("evaluations.id", ondelete="CASCADE"), primary_key=True
    ),
    _call(),
    sa.Column("decision_id", sa.Integer, nullable=False),
    sa.Column("percent", sa.Float),
    sa.Column("band", CODE, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Index("ix_decided_scores_call_id", "call_id"),
)

#: `transcript_digest` is the machine's transcript; the corrected one is saved beside it.
transcript_edits = sa.Table(
    "transcript_edits",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    _call(),
    sa.Column("transcript_digest", DIGEST, nullable=False),
    sa.Column("turn_index", sa.Integer, nullable=False),
    sa.Column("text", sa.Text),
    sa.Column("role", sa.String(16)),
    sa.Column("text_before", sa.Text, nullable=False),
    sa.Column("role_before", sa.String(16), nullable=False),
    sa.Column("note", NOTE, nullable=False, default=""),
    sa.Column("made_by", NAME, nullable=False),
    sa.Column("made_at", UtcDateTime, nullable=False),
    sa.Index("ix_transcript_edits_call_id", "call_id"),
    sa.Index("ix_transcript_edits_made_at", "made_at"),
)

#: When the agent may see the evaluation, and until when she may dispute it. The newest counts.
releases = sa.Table(
    "releases",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    _call(),
    sa.Column("evaluation_id", sa.ForeignKey("evaluations.id", ondelete="CASCADE"), nullable=False),
    sa.Column("visible_at", UtcDateTime, nullable=False),
    sa.Column("dispute_until", UtcDateTime, nullable=False),
    sa.Column("rounds", sa.Integer, nullable=False),
    sa.Column("made_by", NAME, nullable=False),
    sa.Column("made_at", UtcDateTime, nullable=False),
    sa.Index("ix_releases_call_id", "call_id"),
    sa.Index("ix_releases_visible_at", "visible_at"),
)

acknowledgements = sa.Table(
    "acknowledgements",
    metadata,
    sa.Column("release_id", sa.ForeignKey("releases.id", ondelete="CASCADE"), primary_key=True),
    _call(),
    sa.Column("comment", NOTE, nullable=False, default=""),
    sa.Column("made_by", NAME, nullable=False),
    sa.Column("made_at", UtcDateTime, nullable=False),
    sa.Index("ix_acknowledgements_call_id", "call_id"),
)

#: `reviewer`: whose decision is disputed; empty where only the machine has judged.
disputes = sa.Table(
    "disputes",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    _call(),
    sa.Column("release_id", sa.ForeignKey("releases.id", ondelete="CASCADE"), nullable=False),
    sa.Column("evaluation_id", sa.ForeignKey("evaluations.id", ondelete="CASCADE"), nullable=False),
    sa.Column("scorecard_id", NAME, nullable=False),
    sa.Column("scorecard_version", CODE, nullable=False),
    sa.Column("subject", CODE, nullable=False),
    sa.Column("round", sa.Integer, nullable=False),
    sa.Column("state", CODE, nullable=False),
    sa.Column("reviewer", NAME, nullable=False, default=""),
    sa.Column("outcome_before", CODE, nullable=False),
    sa.Column("outcome_after", CODE),
    sa.Column("wished", CODE),
    sa.Column("comment", NOTE, nullable=False),
    sa.Column("opened_by", NAME, nullable=False),
    sa.Column("opened_at", UtcDateTime, nullable=False),
    sa.Column("due_at", UtcDateTime, nullable=False),
    sa.Column("taken_by", NAME, nullable=False, default=""),
    sa.Column("closed_at", UtcDateTime),
    sa.Column("answer", NOTE, nullable=False, default=""),
    sa.Index("ix_disputes_call_id", "call_id"),
    sa.Index("ix_disputes_state_due_at", "state", "due_at"),
    sa.UniqueConstraint("release_id", "subject", "round"),
)

#: Every step of a dispute.
dispute_events = sa.Table(
    "dispute_events",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("dispute_id", sa.ForeignKey("disputes.id", ondelete="CASCADE"), nullable=False),
    sa.Column("state", CODE, nullable=False),
    sa.Column("comment", NOTE, nullable=False, default=""),
    sa.Column("made_by", NAME, nullable=False),
    sa.Column("made_at", UtcDateTime, nullable=False),
    sa.Index("ix_dispute_events_dispute_id", "dispute_id"),
)

#: `expert` is empty where the majority is the baseline.
calibrations = sa.Table(
    "calibrations",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", NAME, nullable=False),
    sa.Column("expert", NAME, nullable=False, default=""),
    sa.Column("with_machine", sa.Boolean, nullable=False),
    sa.Column("note", NOTE, nullable=False, default=""),
    sa.Column("state", CODE, nullable=False),
    sa.Column("made_by", NAME, nullable=False),
    sa.Column("made_at", UtcDateTime, nullable=False),
    sa.Column("due_at", UtcDateTime),
    sa.Column("closed_at", UtcDateTime),
)

calibration_calls = sa.Table(
    "calibration_calls",
    metadata,
    sa.Column(
        "calibration_id", sa.ForeignKey("calibrations.id", ondelete="CASCADE"), nullable=False
    ),
    _call(),
    sa.Column("evaluation_id", sa.ForeignKey("evaluations.id", ondelete="CASCADE"), nullable=False),
    sa.PrimaryKeyConstraint("calibration_id", "call_id"),
    sa.Index("ix_calibration_calls_call_id", "call_id"),
)

calibration_raters = sa.Table(
    "calibration_raters",
    metadata,
    sa.Column(
        "calibration_id", sa.ForeignKey("calibrations.id", ondelete="CASCADE"), nullable=False
    ),
    sa.Column("rater", NAME, nullable=False),
    sa.PrimaryKeyConstraint("calibration_id", "rater"),
    sa.Index("ix_calibration_raters_rater", "rater"),
)

#: One blind form, submitted once: criterion → outcome and share, as JSON.
calibration_forms = sa.Table(
    "calibration_forms",
    metadata,
    sa.Column(
        "calibration_id", sa.ForeignKey("calibrations.id", ondelete="CASCADE"), nullable=False
    ),
    _call(),
    sa.Column("rater", NAME, nullable=False),
    sa.Column("scores", sa.Text, nullable=False),
    sa.Column("comment", NOTE, nullable=False, default=""),
    sa.Column("submitted_at", UtcDateTime, nullable=False),
    sa.PrimaryKeyConstraint("calibration_id", "call_id", "rater"),
    sa.Index("ix_calibration_forms_call_id", "call_id"),
)

#: The level of trust per criterion. The newest counts.
autonomy_levels = sa.Table(
    "autonomy_levels",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("scorecard_id", NAME, nullable=False),
    sa.Column("criterion_id", CODE, nullable=False),
    sa.Column("level", CODE, nullable=False),
    sa.Column("reason", NOTE, nullable=False),
    sa.Column("made_by", NAME, nullable=False),
    sa.Column("made_at", UtcDateTime, nullable=False),
    sa.Index("ix_autonomy_levels_scorecard_id_criterion_id", "scorecard_id", "criterion_id"),
)
