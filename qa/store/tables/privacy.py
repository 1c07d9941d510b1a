"""Raw text apart from everything else, what was hidden, legal holds, and deletions."""

from __future__ import annotations

import sqlalchemy as sa

from qa.store.columns import CALL_ID, CODE, DIGEST, NAME, NOTE, SHA256, UtcDateTime, metadata


def _transcript() -> sa.Column[int]:
    owner = sa.ForeignKey("transcripts.id", ondelete="CASCADE")
    return sa.Column("transcript_id", owner, primary_key=True, autoincrement=False)


#: The raw class: what was said, sealed. Read only through `store.privacy.raw_transcript`.
raw_transcripts = sa.Table(
    "raw_transcripts",
    metadata,
    _transcript(),
    sa.Column("call_id", CALL_ID, nullable=False),
    sa.Column("key_id", CODE, nullable=False),
    sa.Column("wrapped_key", sa.LargeBinary, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Index("ix_raw_transcripts_call_id", "call_id"),
    sa.Index("ix_raw_transcripts_key_id", "key_id"),
)

#: One row per transcript that was redacted: by which rules, which sound to silence.
redactions = sa.Table(
    "redactions",
    metadata,
    _transcript(),
    sa.Column("call_id", CALL_ID, nullable=False),
    sa.Column("version", CODE, nullable=False),
    sa.Column("sound", sa.Text, nullable=False),
    sa.Column("counts", sa.Text, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Index("ix_redactions_call_id", "call_id"),
)

#: Nothing of a held call, or of any call of a held customer, is deleted until the hold is lifted.
legal_holds = sa.Table(
    "legal_holds",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("call_id", CALL_ID, nullable=False),
    sa.Column("customer_ref", sa.String(64), nullable=False),
    sa.Column("reason", NOTE, nullable=False),
    sa.Column("made_by", NAME, nullable=False),
    sa.Column("made_at", UtcDateTime, nullable=False),
    sa.Column("lifted_by", NAME, nullable=False),
    sa.Column("lifted_at", UtcDateTime),
)

#: Certificates: what was deleted, when, by whom and why; never what it said.
deletions = sa.Table(
    "deletions",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("kind", CODE, nullable=False),
    sa.Column("reason", NOTE, nullable=False),
    sa.Column("made_by", NAME, nullable=False),
    sa.Column("made_at", UtcDateTime, nullable=False),
    sa.Column("certificate", sa.Text, nullable=False),
    sa.Column("digest", DIGEST, nullable=False),
    sa.Index("ix_deletions_made_at", "made_at"),
)

#: Recordings whose sound (`raw_audio`) or everything (`call`) was deleted: they never come back
#: by being listed again.
erasures = sa.Table(
    "erasures",
    metadata,
    sa.Column("sha256", SHA256, primary_key=True),
    sa.Column("what", CODE, primary_key=True),
    sa.Column("made_at", UtcDateTime, nullable=False),
)
