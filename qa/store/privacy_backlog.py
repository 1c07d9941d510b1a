"""Redacting what was stored before redaction, or while it was turned off."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from qa.privacy.transcripts import Redacted
from qa.store.database import Database
from qa.store.privacy import Privacy
from qa.store.tables import (
    calls,
    evaluation_bodies,
    evaluations,
    metadata,
    recordings,
    redactions,
    stage_runs,
    transcript_bodies,
    transcript_texts,
    transcripts,
    turns,
)
from qa.store.transcripts import Transcripts, searchable

#: Texts that quote a transcript: table → columns. All but evaluation bodies carry the call's id.
_QUOTING = {
    "analyses": ("body",),
    "call_insights": ("body",),
    "commitments": ("body", "comment"),
    "risks": ("body", "comment"),
    "transcript_edits": ("text", "text_before", "note"),
    "reviews": ("comment",),
    "decisions": ("comment",),
}


class Backlog:
    """Transcripts that nobody has redacted yet."""

    def __init__(self, database: Database, privacy: Privacy, kept: Transcripts) -> None:
        self._database = database
        self._privacy = privacy
        self._kept = kept

    def waiting(self) -> list[tuple[int, str, str]]:
        """Transcripts without redaction: id, call id, digest."""
        done = sa.select(redactions.c.transcript_id)
        query = (
            sa.select(transcripts.c.id, transcripts.c.call_id, transcripts.c.digest)
            .where(transcripts.c.id.not_in(done))
            .order_by(transcripts.c.id)
        )
        with self._database.reading() as connection:
            return [tuple(row) for row in connection.execute(query)]

    def redact(self) -> Iterator[str]:
        """Redact them one by one, each in its own transaction; yields the call ids.

        Quotes in analyses, evaluations and reviews lose the same values; analysis and score of
        these calls fall due again, so that offsets fit the new text.
        """
        for key, call_id, digest in self.waiting():
            stored = self._kept.load(call_id, digest=digest, with_overrides=False)
            redacted = self._privacy.redacted(stored)
            with self._database.writing() as connection:
                self._replace(connection, key, redacted)
                self._requote(connection, call_id, redacted.values)
                self._privacy.keep(connection, key, redacted)
                _fall_due(connection, call_id)
            yield call_id

    @staticmethod
    def _replace(connection: sa.Connection, key: int, redacted: Redacted) -> None:
        rows = redacted.transcript.turns
        for turn in rows:
            mine = sa.and_(turns.c.transcript_id == key, turns.c.turn_index == turn.index)
            change = {"text": turn.text, "raw_text": turn.raw_text}
            connection.execute(sa.update(turns).where(mine), change)
        words = [[[w.text, w.start_ms, w.end_ms, w.confidence] for w in t.words] for t in rows]
        body = json.dumps(words, ensure_ascii=False, separators=(",", ":"))
        mine = transcript_bodies.c.transcript_id == key
        connection.execute(sa.update(transcript_bodies).where(mine), {"words": body})
        said = transcript_texts.c.transcript_id == key
        change = {"text": searchable(redacted.transcript)}
        connection.execute(sa.update(transcript_texts).where(said), change)

    def _requote(self, connection: sa.Connection, call_id: str, hidden: Mapping[str, str]) -> None:
        if not hidden:
            return
        ids = sa.select(evaluations.c.id).where(evaluations.c.call_id == call_id)
        _rewrite(
            connection,
            evaluation_bodies,
            ("body",),
            evaluation_bodies.c.evaluation_id.in_(ids),
            hidden,
        )
        for name, columns in _QUOTING.items():
            table = metadata.tables[name]
            _rewrite(connection, table, columns, table.c.call_id == call_id, hidden)


def _rewrite(
    connection: sa.Connection,
    table: sa.Table,
    columns: Sequence[str],
    where: sa.ColumnElement[bool],
    hidden: Mapping[str, str],
) -> None:
    keys = list(table.primary_key.columns)
    for row in connection.execute(sa.select(table).where(where)).mappings().all():
        change: dict[str, Any] = {}
        for name in columns:
            text = row[name]
            for value, placeholder in hidden.items():
                text = text and text.replace(value, placeholder)
            if text != row[name]:
                change[name] = text
        if change:
            mine = sa.and_(*(key == row[key.name] for key in keys))
            connection.execute(sa.update(table).where(mine), change)


def _fall_due(connection: sa.Connection, call_id: str) -> None:
    of_call = (
        sa.select(recordings.c.sha256)
        .join(calls, calls.c.recording_id == recordings.c.id)
        .where(calls.c.id == call_id)
        .scalar_subquery()
    )
    done = stage_runs.c.stage.in_(("analyse", "score"))
    connection.execute(sa.delete(stage_runs).where(stage_runs.c.sha256 == of_call, done))
