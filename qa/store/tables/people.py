"""Agents over time, the site's settings, imported people data, and the roll-ups of figures."""

from __future__ import annotations

import sqlalchemy as sa

from qa.store.columns import CALL_ID, CODE, DIGEST, NAME, NOTE, SHA256, UtcDateTime, metadata

#: A row per stretch of time: an agent who moves teams has two. Dates are half-open.
agents = sa.Table(
    "agents",
    metadata,
    sa.Column("agent_id", NAME, nullable=False),
    sa.Column("valid_from", sa.Date, nullable=False),
    sa.Column("valid_to", sa.Date),
    sa.Column("name", NAME, nullable=False, default=""),
    sa.Column("team", NAME, nullable=False, default=""),
    sa.Column("hired_on", sa.Date),
    sa.PrimaryKeyConstraint("agent_id", "valid_from"),
    sa.Index("ix_agents_team", "team"),
)

#: A person's word on who is the agent. Appended; the newest one of a transcript counts.
role_overrides = sa.Table(
    "role_overrides",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("call_id", CALL_ID, sa.ForeignKey("calls.id", ondelete="CASCADE"), nullable=False),
    sa.Column("transcript_digest", DIGEST, nullable=False),
    sa.Column("roles", sa.Text, nullable=False),
    sa.Column("made_by", NAME, nullable=False),
    sa.Column("made_at", UtcDateTime, nullable=False),
    sa.Column("note", NOTE, nullable=False, default=""),
    sa.Index("ix_role_overrides_call_id", "call_id"),
)

site_settings = sa.Table(
    "site_settings",
    metadata,
    sa.Column("key", NAME, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
    sa.Column("updated_at", UtcDateTime, nullable=False),
)


#: One imported file. A batch that was undone stays, with who undid it.
import_batches = sa.Table(
    "import_batches",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("kind", CODE, nullable=False),
    sa.Column("file_name", sa.Text, nullable=False),
    sa.Column("sha256", SHA256, nullable=False),
    sa.Column("mapping", sa.Text, nullable=False),
    sa.Column("inserted", sa.Integer, nullable=False),
    sa.Column("changed", sa.Integer, nullable=False),
    sa.Column("unchanged", sa.Integer, nullable=False),
    sa.Column("refused", sa.Integer, nullable=False),
    sa.Column("made_by", NAME, nullable=False),
    sa.Column("made_at", UtcDateTime, nullable=False),
    sa.Column("undone_by", NAME),
    sa.Column("undone_at", UtcDateTime),
    sa.Index("ix_import_batches_kind_made_at", "kind", "made_at"),
)

#: What a batch did to each row: `before` is empty where the row is new. Both are JSON.
import_changes = sa.Table(
    "import_changes",
    metadata,
    sa.Column("batch_id", sa.ForeignKey("import_batches.id", ondelete="CASCADE"), nullable=False),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("kind", CODE, nullable=False),
    sa.Column("row_key", sa.Text, nullable=False),
    sa.Column("before", sa.Text),
    sa.Column("after", sa.Text, nullable=False),
    sa.PrimaryKeyConstraint("batch_id", "position"),
    sa.Index("ix_import_changes_kind_row_key", "kind", "row_key"),
)

attendance = sa.Table(
    "attendance",
    metadata,
    sa.Column("agent_id", NAME, nullable=False),
    sa.Column("day", sa.Date, nullable=False),
    sa.Column("scheduled_min", sa.Float, nullable=False),
    sa.Column("worked_min", sa.Float, nullable=False),
    sa.Column("late_min", sa.Float, nullable=False),
    sa.Column("absent_type", CODE, nullable=False),
    sa.Column("adherence_percent", sa.Float),
    sa.PrimaryKeyConstraint("agent_id", "day"),
    sa.Index("ix_attendance_day", "day"),
)

#: Survey answers, case records and the switch's own record of a call. Their calls may come later.
csat = sa.Table(
    "csat",
    metadata,
    sa.Column("call_id", CALL_ID, primary_key=True),
    sa.Column("score", sa.Float, nullable=False),
    sa.Column("comment", sa.Text, nullable=False),
)

crm_cases = sa.Table(
    "crm_cases",
    metadata,
    sa.Column("call_id", CALL_ID, primary_key=True),
    sa.Column("topic", NAME, nullable=False),
    sa.Column("resolved", sa.Boolean),
    sa.Column("reopened_at", UtcDateTime),
    sa.Column("complaint_upheld", sa.Boolean),
    sa.Column("commitment_kept", sa.Boolean),
)

handled_calls = sa.Table(
    "handled_calls",
    metadata,
    sa.Column("call_id", CALL_ID, primary_key=True),
    sa.Column("agent_id", NAME, nullable=False),
    sa.Column("started_at", UtcDateTime),
    sa.Column("direction", CODE, nullable=False),
    sa.Column("queue", NAME, nullable=False),
    sa.Column("talk_s", sa.Float, nullable=False),
    sa.Column("hold_s", sa.Float, nullable=False),
    sa.Column("acw_s", sa.Float, nullable=False),
    sa.Column("ended_by", CODE, nullable=False),
    sa.Column("transferred", sa.Boolean),
    sa.Index("ix_handled_calls_agent_id_started_at", "agent_id", "started_at"),
)

training = sa.Table(
    "training",
    metadata,
    sa.Column("agent_id", NAME, nullable=False),
    sa.Column("day", sa.Date, nullable=False),
    sa.Column("course", NAME, nullable=False),
    sa.Column("hours", sa.Float, nullable=False),
    sa.Column("test_score", sa.Float),
    sa.PrimaryKeyConstraint("agent_id", "day", "course"),
)

#: `rater` is a pseudonym or a running number, never a name.
ratings = sa.Table(
    "ratings",
    metadata,
    sa.Column("agent_id", NAME, nullable=False),
    sa.Column("period", CODE, nullable=False),
    sa.Column("rater_role", CODE, nullable=False),
    sa.Column("rater", CODE, nullable=False),
    sa.Column("item", NAME, nullable=False),
    sa.Column("score", sa.Float, nullable=False),
    sa.PrimaryKeyConstraint("agent_id", "period", "rater_role", "rater", "item"),
    sa.Index("ix_ratings_period", "period"),
)

#: One narrow row per scored call, with people's decisions laid over the machine's evaluation.
#: `team` is the team at the time of the call, `day` and `hour` are the site's local ones, `month`
#: is `2026-09`. The states of the critical classes are pass, suspected, confirmed or empty.
call_facts = sa.Table(
    "call_facts",
    metadata,
    sa.Column("call_id", CALL_ID, sa.ForeignKey("calls.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("evaluation_id", sa.Integer, nullable=False),
    sa.Column("decision_id", sa.Integer, nullable=False),
    sa.Column("agent_id", NAME, nullable=False),
    sa.Column("team", NAME, nullable=False),
    sa.Column("queue", NAME, nullable=False),
    sa.Column("call_type", CODE, nullable=False),
    sa.Column("topic", NAME, nullable=False),
    sa.Column("language", CODE, nullable=False),
    sa.Column("customer_ref", sa.String(64), nullable=False),
    sa.Column("happened_at", UtcDateTime, nullable=False),
    sa.Column("day", sa.Date, nullable=False),
    sa.Column("month", sa.String(7), nullable=False),
    sa.Column("hour", sa.Integer, nullable=False),
    sa.Column("quality", sa.Float),
    sa.Column("fair_quality", sa.Float),
    sa.Column("coverage", sa.Float, nullable=False),
    sa.Column("non_critical", sa.Float),
    sa.Column("customer_critical", CODE, nullable=False),
    sa.Column("business_critical", CODE, nullable=False),
    sa.Column("compliance_critical", CODE, nullable=False),
    sa.Column("confirmed", sa.Text, nullable=False),
    sa.Column("abusive", sa.Boolean, nullable=False),
    sa.Column("handle_s", sa.Float),
    sa.Column("talk_share", sa.Float),
    sa.Column("hold_share", sa.Float),
    sa.Column("dead_air_share", sa.Float),
    sa.Column("latency_s", sa.Float),
    sa.Column("mood_low", sa.Float),
    sa.Column("mood_end", sa.Float),
    sa.Column("word_confidence", sa.Float),
    sa.Column("decided_at", UtcDateTime),
    sa.Index("ix_call_facts_month_agent_id", "month", "agent_id"),
    sa.Index("ix_call_facts_agent_id_day", "agent_id", "day"),
    sa.Index("ix_call_facts_day", "day"),
)

#: The roll-up: sums by measure, month, agent and team, clustered so that one measure over twelve
#: months lies together. A mean is total ÷ base; `square` is Σx² for its variance.
people_months = sa.Table(
    "people_months",
    metadata,
    sa.Column("measure", CODE, nullable=False),
    sa.Column("month", sa.String(7), nullable=False),
    sa.Column("agent_id", NAME, nullable=False),
    sa.Column("team", NAME, nullable=False),
    sa.Column("n", sa.Integer, nullable=False),
    sa.Column("total", sa.Float, nullable=False),
    sa.Column("square", sa.Float, nullable=False),
    sa.Column("base", sa.Float, nullable=False),
    sa.PrimaryKeyConstraint("measure", "month", "agent_id", "team"),
    sa.Index("ix_people_months_agent_id_month", "agent_id", "month"),
    sqlite_with_rowid=False,
)

#: Months whose roll-up must be made again, and when it was made last.
people_month_states = sa.Table(
    "people_month_states",
    metadata,
    sa.Column("month", sa.String(7), primary_key=True),
    sa.Column("is_stale", sa.Boolean, nullable=False),
    sa.Column("computed_at", UtcDateTime),
)
