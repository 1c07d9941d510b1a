"""Finding calls: a person's own views, and what was said in one row per transcript."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0011"
branch_labels = None
depends_on = None

#: Turns of a transcript in their order, one per line.
_SAID = {
    "sqlite": "group_concat(text, char(10))",
    "postgresql": "string_agg(text, chr(10) ORDER BY turn_index)",
}


def upgrade() -> None:
    """Two tables; what is stored already becomes searchable."""
    op.create_table(
        "saved_views",
        sa.Column("user_id", sa.String(length=200), nullable=False),
        sa.Column("page", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "page", "name", name=op.f("pk_saved_views")),
    )
    op.create_table(
        "transcript_texts",
        sa.Column("transcript_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["transcript_id"],
            ["transcripts.id"],
            name=op.f("fk_transcript_texts_transcript_id_transcripts"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("transcript_id", name=op.f("pk_transcript_texts")),
    )
    said = _SAID[op.get_bind().dialect.name]
    op.execute(
        "INSERT INTO transcript_texts (transcript_id, text) "  # noqa: S608 - no value from outside
        f"SELECT transcript_id, lower({said}) FROM "
        "(SELECT transcript_id, turn_index, text FROM turns ORDER BY transcript_id, turn_index) "
        "AS said GROUP BY transcript_id"
    )
