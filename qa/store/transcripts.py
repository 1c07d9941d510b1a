"""Transcripts: one row per turn, words beside them, and people's word on the roles."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from qa import codec
from qa.calls import Role
from qa.errors import NotFoundError
from qa.store.currency import retire_current
from qa.store.database import Database
from qa.store.privacy import Privacy
from qa.store.stages import Stages
from qa.store.tables import (
    role_overrides,
    transcript_bodies,
    transcript_texts,
    transcripts,
    turns,
)
from qa.store.values import RoleOverride, StageDone
from qa.transcript import RoleAssignment, Transcript, Turn, Word

#: Speaker labels that name a channel mean the same in every transcript of a call.
_CHANNEL_LABELS = frozenset({"left", "right"})


class Transcripts:
    """Saving and loading transcripts. Those of older engines are kept; one per call is current."""

    def __init__(self, database: Database, stages: Stages, privacy: Privacy) -> None:
        self._database = database
        self._stages = stages
        self._privacy = privacy

    def save(self, transcript: Transcript, digest: str, *, done: StageDone | None = None) -> int:
        """Redact, save with its turns, make it current, mark the stage done: all or nothing.

        What is stored is redacted as the site's policy says; the raw text goes, sealed, to its own
        class (`store.privacy`), or nowhere.

        Args:
            transcript: Its call must be in the store.
            digest: Stamp digest of what made it; saving the same digest again replaces it.
            done: The stage that ends with this.

        Returns:
            The row id.

        Raises:
            LeaseLostError: The work was taken over; nothing is saved.
        """
        redacted = self._privacy.redacted(transcript)  # takes a while: not inside the transaction
        with self._database.writing() as connection:
            retire_current(connection, transcript.call_id, transcripts)
            same = sa.and_(
                transcripts.c.call_id == transcript.call_id, transcripts.c.digest == digest
            )
            connection.execute(sa.delete(transcripts).where(same))
            row = self._row(transcript, digest)
            insert = sa.insert(transcripts).returning(transcripts.c.id)
            key = connection.scalars(insert, row).one()
            self._insert_turns(connection, redacted.transcript, key)
            self._privacy.keep(connection, key, redacted)
            if done is not None:
                self._stages.finish(done)
            return key

    def load(self, call_id: str, *, digest: str = "", with_overrides: bool = True) -> Transcript:
        """The current transcript of a call, or the one of a stamp digest.

        Args:
            call_id: The call.
            digest: Stamp digest; the current one when empty.
            with_overrides: Apply the newest word of a person on the roles.

        Raises:
            NotFoundError: The call has no such transcript.
        """
        which = transcripts.c.digest == digest if digest else transcripts.c.is_current
        with self._database.reading() as connection:
            query = sa.select(transcripts).where(transcripts.c.call_id == call_id, which)
            row = connection.execute(query).first()
            if row is None:
                raise NotFoundError(
                    f"call {call_id!r} has no transcript", self._database.place, "run `qa run`"
                )
            transcript = read_transcript(connection, row)
            override = self._override(connection, call_id) if with_overrides else None
        if override is None or not _fits(override, row.digest):
            return transcript
        return with_roles(transcript, override)

    def digest_of(self, call_id: str) -> str:
        """Stamp digest of the current transcript, `""` when there is none."""
        query = sa.select(transcripts.c.digest).where(
            transcripts.c.call_id == call_id, transcripts.c.is_current
        )
        with self._database.reading() as connection:
            return connection.scalar(query) or ""

    def override_roles(
        self, call_id: str, roles: Mapping[str, Role], *, made_by: str, note: str = ""
    ) -> None:
        """Record a person's word on who is who. Appended: the newest counts, the others stay."""
        row = {
            "call_id": call_id,
            "transcript_digest": self.digest_of(call_id),
            "roles": json.dumps({label: role.value for label, role in roles.items()}),
            "made_by": made_by,
            "made_at": self._database.now(),
            "note": note,
        }
        with self._database.writing() as connection:
            connection.execute(sa.insert(role_overrides), row)

    def role_override(self, call_id: str) -> RoleOverride | None:
        """The newest word of a person on the roles of this call, or None."""
        with self._database.reading() as connection:
            return self._override(connection, call_id)

    def _row(self, transcript: Transcript, digest: str) -> dict[str, Any]:
        return {
            "call_id": transcript.call_id,
            "digest": digest,
            "is_current": True,
            "language": transcript.language,
            "duration_ms": transcript.duration_ms,
            "turn_count": len(transcript.turns),
            "created_at": self._database.now(),
        }

    @staticmethod
    def _insert_turns(connection: sa.Connection, transcript: Transcript, key: int) -> None:
        rows = [_turn_row(turn, transcript.call_id, key) for turn in transcript.turns]
        if rows:
            connection.execute(sa.insert(turns), rows)
        said = {"transcript_id": key, "text": searchable(transcript)}
        connection.execute(sa.insert(transcript_texts), said)
        words = [
            [[word.text, word.start_ms, word.end_ms, word.confidence] for word in turn.words]
            for turn in transcript.turns
        ]
        body = {
            "transcript_id": key,
            "header": codec.to_json(replace(transcript, turns=())),
            "words": json.dumps(words, ensure_ascii=False, separators=(",", ":")),
        }
        connection.execute(sa.insert(transcript_bodies), body)

    @staticmethod
    def _override(connection: sa.Connection, call_id: str) -> RoleOverride | None:
        query = (
            sa.select(role_overrides)
            .where(role_overrides.c.call_id == call_id)
            .order_by(role_overrides.c.id.desc())
            .limit(1)
        )
        row = connection.execute(query).mappings().first()
        if row is None:
            return None
        fields = {name: row[name] for name in RoleOverride.__slots__}
        return RoleOverride(**(fields | {"roles": json.loads(row["roles"])}))


def read_transcript(connection: sa.Connection, row: Any) -> Transcript:
    """The transcript of a row of `transcripts`, with turns and words."""
    place = f"transcript {row.id} of call {row.call_id}"
    texts = sa.select(transcript_bodies).where(transcript_bodies.c.transcript_id == row.id)
    body = connection.execute(texts).one()
    header = codec.from_json(Transcript, body.header, place=place)
    words = json.loads(body.words)
    query = sa.select(turns).where(turns.c.transcript_id == row.id).order_by(turns.c.turn_index)
    found = connection.execute(query).all()
    return replace(
        header,
        turns=tuple(_to_turn(turn, heard) for turn, heard in zip(found, words, strict=True)),
    )


def with_roles(transcript: Transcript, override: RoleOverride) -> Transcript:
    """The transcript as a person says it is: confidence 1, and the reason names who said so."""
    return apply_roles(
        transcript,
        RoleAssignment(
            roles={label: Role(role) for label, role in override.roles.items()},
            confidence=1.0,
            reasons=(*transcript.roles.reasons, f"person {override.made_by}"),
        ),
    )


def apply_roles(transcript: Transcript, roles: RoleAssignment) -> Transcript:
    """Give every turn the role of its speaker; speakers that are not named keep theirs."""
    return replace(
        transcript,
        roles=roles,
        turns=tuple(
            replace(turn, role=roles.roles.get(turn.speaker, turn.role))
            for turn in transcript.turns
        ),
    )


def base_digest(digest: str) -> str:
    """Digest of the machine's transcript behind a corrected one (`DIGEST+MARK`)."""
    return digest.partition("+")[0]


def _fits(override: RoleOverride, digest: str) -> bool:
    same = base_digest(override.transcript_digest) == base_digest(digest)
    return same or _CHANNEL_LABELS.issuperset(override.roles)


def searchable(transcript: Transcript) -> str:
    """What a search looks at: the turns, one per line, in small letters."""
    return "\n".join(turn.text for turn in transcript.turns).lower()


def _turn_row(turn: Turn, call_id: str, transcript_id: int) -> dict[str, Any]:
    return {
        "transcript_id": transcript_id,
        "turn_index": turn.index,
        "call_id": call_id,
        "role": turn.role.value,
        "speaker": turn.speaker,
        "start_ms": turn.start_ms,
        "end_ms": turn.end_ms,
        "text": turn.text,
        "raw_text": turn.raw_text,
        "language": turn.language,
        "confidence": turn.confidence,
    }


def _to_turn(row: Any, heard: list[list[Any]]) -> Turn:
    return Turn(
        index=row.turn_index,
        role=Role(row.role),
        start_ms=row.start_ms,
        end_ms=row.end_ms,
        text=row.text,
        raw_text=row.raw_text,
        speaker=row.speaker,
        language=row.language,
        words=tuple(
            Word(text=text, start_ms=start, end_ms=end, confidence=confidence)
            for text, start, end, confidence in heard
        ),
        confidence=row.confidence,
    )
