"""Raw text apart, legal holds and deletions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from qa.store.columns import UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_CALL = sa.String(200)
_NAME = sa.String(200)
_CODE = sa.String(64)


def upgrade() -> None:
    """Beside each transcript: its sealed raw text, and what was hidden in it."""
    op.create_table(
        "raw_transcripts",
        *_of_a_transcript("raw_transcripts"),
        sa.Column("key_id", _CODE, nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
    )
    op.create_index("ix_raw_transcripts_call_id", "raw_transcripts", ["call_id"])
    op.create_index("ix_raw_transcripts_key_id", "raw_transcripts", ["key_id"])
    op.create_table(
        "redactions",
        *_of_a_transcript("redactions"),
        sa.Column("version", _CODE, nullable=False),
        sa.Column("sound", sa.Text(), nullable=False),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
    )
    op.create_index("ix_redactions_call_id", "redactions", ["call_id"])
    _holds_and_deletions()


def _of_a_transcript(table: str) -> tuple[sa.schema.SchemaItem, ...]:
    name = f"fk_{table}_transcript_id_transcripts"
    return (
        sa.Column("transcript_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("call_id", _CALL, nullable=False),
        sa.PrimaryKeyConstraint("transcript_id", name=f"pk_{table}"),
        sa.ForeignKeyConstraint(
            ["transcript_id"], ["transcripts.id"], name=name, ondelete="CASCADE"
        ),
    )


def _holds_and_deletions() -> None:
    op.create_table(
        "legal_holds",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("call_id", _CALL, nullable=False),
        sa.Column("customer_ref", sa.String(64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("made_by", _NAME, nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("lifted_by", _NAME, nullable=False),
        sa.Column("lifted_at", UtcDateTime()),
        sa.PrimaryKeyConstraint("id", name="pk_legal_holds"),
    )
    op.create_table(
        "deletions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", _CODE, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("made_by", _NAME, nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("certificate", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_deletions"),
    )
    op.create_index("ix_deletions_made_at", "deletions", ["made_at"])
    op.create_table(
        "erasures",
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("what", _CODE, nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", "what", name="pk_erasures"),
    )
