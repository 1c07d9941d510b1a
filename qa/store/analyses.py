"""Analyses: what the criteria saw, so that a call can be scored again without sound or models."""

from __future__ import annotations

from dataclasses import replace

import sqlalchemy as sa

from qa import codec
from qa.analysis import Analysis
from qa.calls import Call
from qa.errors import NotFoundError
from qa.store.calls import read_call
from qa.store.currency import retire_current
from qa.store.database import Database
from qa.store.stages import Stages
from qa.store.tables import analyses, transcripts
from qa.store.transcripts import apply_roles, read_transcript
from qa.store.values import StageDone
from qa.transcript import RoleAssignment, Transcript


class Analyses:
    """Saving and loading analyses. Call and transcript are stored once and joined on reading."""

    def __init__(self, database: Database, stages: Stages) -> None:
        self._database = database
        self._stages = stages

    def save(self, analysis: Analysis, digest: str, *, done: StageDone | None = None) -> int:
        """Save beside the call's current transcript, make it current, mark the stage done.

        Args:
            analysis: Its transcript must be the call's current one (roles may be a person's).
            digest: Stamp digest of what made it; saving the same digest again replaces it.
            done: The stage that ends with this.

        Raises:
            NotFoundError: The call has no transcript in the store.
            LeaseLostError: The work was taken over; nothing is saved.
        """
        call_id = analysis.call.id
        with self._database.writing() as connection:
            retire_current(connection, call_id, analyses)
            current = sa.select(transcripts.c.id).where(
                transcripts.c.call_id == call_id, transcripts.c.is_current
            )
            if (transcript_id := connection.scalar(current)) is None:
                raise NotFoundError(
                    f"call {call_id!r} has no transcript", self._database.place, "save that first"
                )
            same = sa.and_(analyses.c.call_id == call_id, analyses.c.digest == digest)
            connection.execute(sa.delete(analyses).where(same))
            row = {
                "call_id": call_id,
                "transcript_id": transcript_id,
                "digest": digest,
                "is_current": True,
                "roles": codec.to_json(analysis.transcript.roles),
                "body": codec.to_json(_without_parts(analysis)),
                "created_at": self._database.now(),
            }
            key = connection.scalars(sa.insert(analyses).returning(analyses.c.id), row).one()
            if done is not None:
                self._stages.finish(done)
            return key

    def load(self, call_id: str, *, digest: str = "") -> Analysis:
        """The current analysis of a call (or that of a digest), as the criteria saw it.

        Raises:
            NotFoundError: The call has no such analysis.
        """
        which = analyses.c.digest == digest if digest else analyses.c.is_current
        with self._database.reading() as connection:
            query = sa.select(analyses).where(analyses.c.call_id == call_id, which)
            row = connection.execute(query).first()
            if row is None:
                raise NotFoundError(
                    f"call {call_id!r} has no analysis", self._database.place, "run `qa run`"
                )
            place = f"analysis {row.id} of call {call_id}"
            body = codec.from_json(Analysis, row.body, place=place)
            roles = codec.from_json(RoleAssignment, row.roles, place=place)
            heard = connection.execute(
                sa.select(transcripts).where(transcripts.c.id == row.transcript_id)
            ).one()
            transcript = read_transcript(connection, heard)
            call = read_call(connection, call_id, self._database.place)
        return replace(body, call=call, transcript=apply_roles(transcript, roles))

    def digest_of(self, call_id: str) -> str:
        """Stamp digest of the current analysis, `""` when there is none."""
        query = sa.select(analyses.c.digest).where(
            analyses.c.call_id == call_id, analyses.c.is_current
        )
        with self._database.reading() as connection:
            return connection.scalar(query) or ""


def _without_parts(analysis: Analysis) -> Analysis:
    return replace(
        analysis,
        call=Call(id=analysis.call.id, recording_id=analysis.call.recording_id),
        transcript=Transcript(
            call_id=analysis.transcript.call_id,
            language=analysis.transcript.language,
            duration_ms=analysis.transcript.duration_ms,
            turns=(),
        ),
    )
