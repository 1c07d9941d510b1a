"""The library of clips: proposed by coaches, shared only while their agent agrees."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from qa.access import Action, Person, require
from qa.calls import Role
from qa.coaching.clips import LONGEST_MS, Clip, lines_of
from qa.errors import AccessDeniedError, NotFoundError, SettingsError
from qa.store.database import Database
from qa.store.review_rows import call_facts, require_row
from qa.store.tables import clips

if TYPE_CHECKING:
    from qa.store.audit import AuditTrail
    from qa.store.transcripts import Transcripts


class Clips:
    """Moments worth hearing. Reading shows what the store shows: see `qa.store.access`."""

    def __init__(self, database: Database, transcripts: Transcripts, audit: AuditTrail) -> None:
        self._database, self._transcripts, self._audit = database, transcripts, audit

    def propose(
        self, person: Person, call_id: str, criterion_id: str, span: tuple[int, int], *, why: str
    ) -> Clip:
        """Enter a moment; nobody beside its coaches hears it until the agent agrees.

        Args:
            person: Who coaches the agent of the call.
            call_id: The call.
            criterion_id: What it is an example of.
            span: Start and end in the recording, ms, at most `LONGEST_MS` apart.
            why: What is good about it.

        Raises:
            AccessDeniedError: The person does not coach this agent.
            NotFoundError: There is no such call, or no transcript of it.
            SettingsError: No reason, an impossible stretch, or it is in the library.
        """
        start_ms, end_ms = span
        if not why.strip() or not 0 <= start_ms < end_ms <= start_ms + LONGEST_MS:
            raise SettingsError(
                "a clip needs a reason and a stretch of the call", call_id, "say what is good"
            )
        transcript = self._transcripts.load(call_id)
        with self._database.writing() as connection:
            facts = call_facts(connection, call_id)
            require_row(person, Action.COACH, facts)
            row = {
                "call_id": call_id,
                "agent_id": facts.agent_id,
                "criterion_id": criterion_id,
                "start_ms": start_ms,
                "end_ms": end_ms,
                "why": why.strip(),
                "quote": json.dumps(
                    lines_of(transcript.turns, start_ms, end_ms), ensure_ascii=False
                ),
                "language": transcript.language,
                "proposed_by": person.user_id,
                "proposed_at": self._database.now(),
            }
            same = {name: row[name] for name in ("call_id", "criterion_id", "start_ms")}
            if connection.scalar(sa.select(clips.c.id).filter_by(**same)) is not None:
                raise SettingsError("this moment is in the library", call_id, "choose another one")
            key = connection.scalars(sa.insert(clips).returning(clips.c.id), row).one()
            self._note(person, "clip_proposed", key)
        return self.get(key)

    def answer(self, person: Person, clip_id: int, *, agrees: bool) -> Clip:
        """The agent's word on sharing her own moment; she may take it back.

        Raises:
            AccessDeniedError: It is somebody else's call.
        """
        require(person, Action.ACKNOWLEDGE)
        clip = self.get(clip_id)
        if not person.agent_id or person.agent_id != clip.agent_id:
            raise AccessDeniedError(
                "only the agent decides about her own call", f"clip {clip_id}", "sign in as her"
            )
        given = {"consented": agrees, "answered_at": self._database.now()}
        with self._database.writing() as connection:
            connection.execute(sa.update(clips).where(clips.c.id == clip_id).values(given))
            self._note(person, "clip_shared" if agrees else "clip_withheld", clip_id)
        return self.get(clip_id)

    def remove(self, person: Person, clip_id: int) -> None:
        """Take a moment out of the library.

        Raises:
            AccessDeniedError: The person does not coach this agent.
        """
        clip = self.get(clip_id)
        with self._database.writing() as connection:
            require_row(person, Action.COACH, call_facts(connection, clip.call_id))
            connection.execute(sa.delete(clips).where(clips.c.id == clip_id))
            self._note(person, "clip_removed", clip_id)

    def get(self, clip_id: int) -> Clip:
        """A moment.

        Raises:
            NotFoundError: There is none, or it is out of sight.
        """
        found = self._read(clips.c.id == clip_id)
        if not found:
            raise NotFoundError(f"no clip {clip_id}", "the library", "reload the page")
        return found[0]

    def all(self) -> list[Clip]:
        """Moments in sight, by criterion, newest first."""
        return self._read(sa.true())

    def _read(self, where: sa.ColumnElement[bool]) -> list[Clip]:
        query = sa.select(clips).where(where).order_by(clips.c.criterion_id, clips.c.id.desc())
        with self._database.reading() as connection:
            return [_clip(row) for row in connection.execute(query).mappings()]

    def _note(self, person: Person, action: str, key: int) -> None:
        self._audit.record(person.user_id, action, kind="clip", subject=str(key))


def _clip(row: sa.RowMapping) -> Clip:
    given: dict[str, Any] = {name: value for name, value in row.items() if name != "quote"}
    lines = tuple((Role(role), text) for role, text in json.loads(row["quote"]))
    return Clip(**given, lines=lines)
