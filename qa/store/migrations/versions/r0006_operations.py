"""Schedules, priorities and capacity."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from qa.store.columns import UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Urgent calls, how far a run is, and how often work was interrupted without fault."""
    op.create_table(
        "urgent_calls",
        sa.Column("call_id", sa.String(200), nullable=False),
        sa.Column("asked_by", sa.String(200), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("call_id", name="pk_urgent_calls"),
        sa.ForeignKeyConstraint(
            ["call_id"], ["calls.id"], name="fk_urgent_calls_call_id_calls", ondelete="CASCADE"
        ),
    )
    op.add_column(
        "stage_runs", sa.Column("interrupted", sa.Integer(), nullable=False, server_default="0")
    )
    op.create_index("ix_stage_runs_finished_at", "stage_runs", ["finished_at"])
    op.add_column(
        "runs", sa.Column("kind", sa.String(16), nullable=False, server_default="by_hand")
    )
    op.add_column("runs", sa.Column("scheduled_for", UtcDateTime()))
    op.add_column("runs", sa.Column("progress", sa.Text(), nullable=False, server_default="{}"))
