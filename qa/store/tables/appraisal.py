"""Appraisal: schemes as data, periods with their frozen snapshot, adjustments, decisions."""

from __future__ import annotations

import sqlalchemy as sa

from qa.store.columns import CODE, NAME, NOTE, SHA256, UtcDateTime, metadata

#: Appended: an edited scheme is a new version, so that old periods keep theirs.
appraisal_schemes = sa.Table(
    "appraisal_schemes",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", NAME, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("made_by", NAME, nullable=False),
    sa.Column("made_at", UtcDateTime, nullable=False),
    sa.UniqueConstraint("name", "version"),
)

#: `until_day` is the first day after the period. `snapshot` is canonical JSON, `sha256` its hash;
#: both are written once.
appraisal_periods = sa.Table(
    "appraisal_periods",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", NAME, nullable=False, unique=True),
    sa.Column("first_day", sa.Date, nullable=False),
    sa.Column("until_day", sa.Date, nullable=False),
    sa.Column("scheme_id", sa.ForeignKey("appraisal_schemes.id"), nullable=False),
    sa.Column("state", CODE, nullable=False),
    sa.Column("opened_by", NAME, nullable=False),
    sa.Column("opened_at", UtcDateTime, nullable=False),
    sa.Column("frozen_by", NAME),
    sa.Column("frozen_at", UtcDateTime),
    sa.Column("freeze_note", NOTE, nullable=False, default=""),
    sa.Column("snapshot", sa.Text),
    sa.Column("sha256", SHA256),
    sa.Column("exported_by", NAME),
    sa.Column("exported_at", UtcDateTime),
    sa.Index("ix_appraisal_periods_first_day", "first_day"),
)

#: What verdicts overturned after freezing are worth; counted in the period named by `to_period`.
appraisal_adjustments = sa.Table(
    "appraisal_adjustments",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column(
        "from_period", sa.ForeignKey("appraisal_periods.id", ondelete="CASCADE"), nullable=False
    ),
    sa.Column("to_period", sa.ForeignKey("appraisal_periods.id"), nullable=False),
    sa.Column("agent_id", NAME, nullable=False),
    sa.Column("points", sa.Float, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("made_by", NAME, nullable=False),
    sa.Column("made_at", UtcDateTime, nullable=False),
    sa.UniqueConstraint("from_period", "to_period", "agent_id"),
)

#: What a person decided on a proposal. Appended; the newest of an agent counts.
appraisal_decisions = sa.Table(
    "appraisal_decisions",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column(
        "period_id", sa.ForeignKey("appraisal_periods.id", ondelete="CASCADE"), nullable=False
    ),
    sa.Column("agent_id", NAME, nullable=False),
    sa.Column("proposed", CODE, nullable=False),
    sa.Column("grade", CODE, nullable=False),
    sa.Column("note", NOTE, nullable=False),
    sa.Column("made_by", NAME, nullable=False),
    sa.Column("made_at", UtcDateTime, nullable=False),
    sa.Index("ix_appraisal_decisions_period_id_agent_id", "period_id", "agent_id"),
)
