"""What calls say beside their score: summaries, risks with their history, promises, topics."""

from __future__ import annotations

import sqlalchemy as sa

from qa.store.columns import CALL_ID, CODE, NAME, NOTE, UtcDateTime, metadata

#: One row per analysed call; `body` is the whole `CallSummary` as JSON.
call_insights = sa.Table(
    "call_insights",
    metadata,
    sa.Column("call_id", CALL_ID, sa.ForeignKey("calls.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("call_type", CODE, nullable=False),
    sa.Column("reason", CODE, nullable=False),
    sa.Column("contacts", sa.Integer, nullable=False),
    sa.Column("low_score", sa.Float),
    sa.Column("has_suggestion", sa.Boolean, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("updated_at", UtcDateTime, nullable=False),
    sa.Index("ix_call_insights_reason", "reason"),
    sa.Index("ix_call_insights_low_score", "low_score"),
)

#: One alert of each kind per call. Analysing again updates what was found; what people did stays.
risks = sa.Table(
    "risks",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("call_id", CALL_ID, sa.ForeignKey("calls.id", ondelete="CASCADE"), nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("priority", sa.String(16), nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("raised_at", UtcDateTime, nullable=False),
    sa.Column("stands", sa.Boolean, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("seen_priority", sa.String(16), nullable=False, default="", server_default=""),
    sa.Column("changed_by", NAME, nullable=False, default="", server_default=""),
    sa.Column("changed_at", UtcDateTime),
    sa.Column("comment", NOTE, nullable=False, default="", server_default=""),
    sa.UniqueConstraint("call_id", "kind"),
    sa.Index("ix_risks_state_priority_raised_at", "state", "priority", "raised_at"),
)

#: Every change of a risk's state, appended.
risk_events = sa.Table(
    "risk_events",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("risk_id", sa.ForeignKey("risks.id", ondelete="CASCADE"), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("by", NAME, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("comment", NOTE, nullable=False),
    sa.Index("ix_risk_events_risk_id", "risk_id"),
)

#: Messages about risks that left the house, or could not.
risk_messages = sa.Table(
    "risk_messages",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("risk_id", sa.ForeignKey("risks.id", ondelete="CASCADE"), nullable=False),
    sa.Column("channel", NAME, nullable=False),
    sa.Column("priority", sa.String(16), nullable=False),
    sa.Column("sent_at", UtcDateTime, nullable=False),
    sa.Column("delivered", sa.Boolean, nullable=False),
    sa.Column("problem", sa.Text, nullable=False, default="", server_default=""),
    sa.Index("ix_risk_messages_risk_id", "risk_id"),
    sa.Index("ix_risk_messages_channel_sent_at", "channel", "sent_at"),
)

commitments = sa.Table(
    "commitments",
    metadata,
    sa.Column("id", sa.String(300), primary_key=True),
    sa.Column("call_id", CALL_ID, sa.ForeignKey("calls.id", ondelete="CASCADE"), nullable=False),
    sa.Column("by", sa.String(16), nullable=False),
    sa.Column("action", CODE, nullable=False),
    sa.Column("due_at", UtcDateTime),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("stands", sa.Boolean, nullable=False),
    sa.Column("settled", sa.Boolean, nullable=False),
    sa.Column("kept_at", UtcDateTime),
    sa.Column("broken", sa.Boolean, nullable=False),
    sa.Column("settled_by", NAME, nullable=False, default="", server_default=""),
    sa.Column("settled_at", UtcDateTime),
    sa.Column("comment", NOTE, nullable=False, default="", server_default=""),
    sa.Index("ix_commitments_call_id", "call_id"),
    sa.Index("ix_commitments_settled_due_at", "settled", "due_at"),
)

topics = sa.Table(
    "topics",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("size", sa.Integer, nullable=False),
    sa.Column("title", NAME, nullable=False, default="", server_default=""),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("made_at", UtcDateTime, nullable=False),
)

#: Which calls a topic was made of, in which ISO week.
topic_calls = sa.Table(
    "topic_calls",
    metadata,
    sa.Column("topic_id", sa.ForeignKey("topics.id", ondelete="CASCADE"), nullable=False),
    sa.Column("call_id", CALL_ID, sa.ForeignKey("calls.id", ondelete="CASCADE"), nullable=False),
    sa.Column("week", sa.String(8), nullable=False, default="", server_default=""),
    sa.PrimaryKeyConstraint("topic_id", "call_id"),
    sa.Index("ix_topic_calls_call_id", "call_id"),
)
