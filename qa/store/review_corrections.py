"""People's corrections of transcripts: every edit a row, the corrected transcript beside the old.

A corrected transcript is saved as a further one of the call, under the machine's digest with a
suffix, and is current: search, analysis and scoring then see it, and the machine's own stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from qa import codec
from qa.access import Action, Person
from qa.calls import Role
from qa.review.corrections import Correction, TurnEdit, check_edit, corrected
from qa.store.database import Database
from qa.store.review_rows import Recorder, call_facts, forbid_own, no_record, require_row
from qa.store.tables import transcript_edits
from qa.store.transcripts import Transcripts, base_digest
from qa.transcript import Transcript


class Corrections:
    """Saving edits and reading them back."""

    def __init__(
        self, database: Database, transcripts: Transcripts, *, record: Recorder = no_record
    ) -> None:
        self._database = database
        self._transcripts = transcripts
        self._record = record

    def save(
        self, person: Person, call_id: str, edits: Sequence[TurnEdit], *, note: str = ""
    ) -> Transcript:
        """Append edits, and make the corrected transcript the call's current one.

        Returns:
            The corrected transcript, with the roles that people gave it: analyse and score it.

        Raises:
            ReviewError: An edit changes nothing or names no turn; then none is saved.
            AccessDeniedError: No right to review this call.
        """
        with self._database.writing() as connection:
            facts = call_facts(connection, call_id, lock=True)
            require_row(person, Action.REVIEW, facts)
            forbid_own(person, facts)
            digest = base_digest(self._transcripts.digest_of(call_id))
            shown = self._transcripts.load(call_id)
            rows = [self._row(person, shown, edit) for edit in edits]
            self._materialise(call_id, digest, edits)
            stored = self._transcripts.load(call_id)
            # what was typed is redacted like what was heard: keep what the store kept
            texts = {turn.index: turn.text for turn in stored.turns}
            common = {"transcript_digest": digest, "note": note.strip()}
            kept = [
                row | common | {"text": row["text"] and texts[row["turn_index"]]} for row in rows
            ]
            connection.execute(sa.insert(transcript_edits), kept)
            self._record(person, "transcript_corrected", call_id=call_id, turns=len(rows))
            return stored

    def of_call(self, call_id: str) -> list[Correction]:
        """Every correction of a call, oldest first."""
        query = (
            sa.select(transcript_edits)
            .where(transcript_edits.c.call_id == call_id)
            .order_by(transcript_edits.c.id)
        )
        with self._database.reading() as connection:
            return [_to_correction(row) for row in connection.execute(query)]

    def machine_transcript(self, call_id: str) -> Transcript:
        """What the machine wrote, without anybody's corrections.

        Raises:
            NotFoundError: The call has no transcript.
        """
        digest = base_digest(self._transcripts.digest_of(call_id))
        return self._transcripts.load(call_id, digest=digest, with_overrides=False)

    def _row(self, person: Person, shown: Transcript, edit: TurnEdit) -> dict[str, Any]:
        turn = check_edit(shown, edit)
        return {
            "call_id": shown.call_id,
            "turn_index": edit.turn_index,
            "text": edit.text,
            "role": edit.role.value if edit.role else None,
            "text_before": turn.text,
            "role_before": turn.role.value,
            "made_by": person.user_id,
            "made_at": self._database.now(),
        }

    def _materialise(self, call_id: str, digest: str, new: Sequence[TurnEdit]) -> None:
        made = [item.edit for item in self.of_call(call_id) if item.transcript_digest == digest]
        edits = [*made, *new]
        base = self._transcripts.load(call_id, digest=digest, with_overrides=False)
        mark = codec.digest([codec.to_plain(edit) for edit in edits])
        self._transcripts.save(corrected(base, edits), f"{digest}+{mark}")


def _to_correction(row: Any) -> Correction:
    return Correction(
        id=row.id,
        call_id=row.call_id,
        transcript_digest=row.transcript_digest,
        edit=TurnEdit(
            turn_index=row.turn_index, text=row.text, role=Role(row.role) if row.role else None
        ),
        text_before=row.text_before,
        role_before=Role(row.role_before),
        made_by=row.made_by,
        made_at=row.made_at,
        note=row.note,
    )
