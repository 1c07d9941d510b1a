"""Finding what is due for deletion, deleting it everywhere in the store, holds and certificates."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from qa.access import Action, Person, require
from qa.errors import NotFoundError, SettingsError
from qa.store.database import Database
from qa.store.tables import (
    calls,
    deletions,
    erasures,
    evaluations,
    legal_holds,
    metadata,
    problems,
    raw_transcripts,
    recording_aliases,
    recordings,
    source_files,
    transcripts,
    voiceprints,
)

_BATCH = 500
#: Kept although they name calls: the proof that something was done says nothing of what was said.
_KEPT = frozenset({"audit_events", "legal_holds", "deletions", "erasures"})
#: Derived from a transcript's words beside those that go with it.
_FROM_WORDS = (
    *("transcript_edits", "call_insights", "commitments", "risks", "topic_calls"),
    "clips",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """One class of data of one call that should go; or an agent's voice, which has no call."""

    call_id: str
    sha256: str
    what: str
    happened_at: datetime
    agent_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Nothing of a call, or of a customer's calls, is deleted while `lifted_at` is None."""

    id: int
    call_id: str
    customer_ref: str
    reason: str
    made_by: str
    made_at: datetime
    lifted_by: str = ""
    lifted_at: datetime | None = None


class Erasure:
    """Deleting for good. Rights and reasons are checked by `qa.retention`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def older_than(self, what: str, moment: datetime) -> list[Due]:
        """Calls before `moment` that still have data of a class."""
        gone = sa.select(erasures.c.sha256).where(erasures.c.what == "raw_audio")
        still: dict[str, sa.ColumnElement[bool]] = {
            "raw_audio": recordings.c.sha256.not_in(gone),
            "raw_text": calls.c.id.in_(sa.select(raw_transcripts.c.call_id)),
            "redacted": calls.c.id.in_(sa.select(transcripts.c.call_id)),
            "evaluations": calls.c.id.in_(sa.select(evaluations.c.call_id)),
        }
        return self._due(what, calls.c.happened_at < moment, still[what])

    def voices(self, *, before: datetime | None = None, agents: Collection[str] = ()) -> list[Due]:
        """Enrolled voices made before a moment, or of these agents."""
        where = (
            voiceprints.c.made_at < before if before else voiceprints.c.agent_id.in_(list(agents))
        )
        query = sa.select(voiceprints.c.agent_id, voiceprints.c.made_at).where(where)
        with self._database.reading() as connection:
            return [
                Due(
                    call_id="",
                    sha256="",
                    what="voiceprint",
                    happened_at=row.made_at,
                    agent_id=row.agent_id,
                )
                for row in connection.execute(query.order_by(voiceprints.c.agent_id))
            ]

    def of_customer(self, customer_ref: str) -> list[Due]:
        """Every call of a customer."""
        return self._due("call", calls.c.customer_ref == customer_ref)

    def of_recordings(self, wanted: Iterable[tuple[str, str]]) -> list[Due]:
        """Data (SHA-256, class) that is here (again)."""
        found: list[Due] = []
        for sha256, what in wanted:
            found += self._due(what, recordings.c.sha256 == sha256)
        return found

    def flagged(self, names: Collection[str]) -> Iterator[tuple[Due, dict[str, str]]]:
        """Calls whose tags hold one of the names, with their tags."""
        like = sa.or_(*(calls.c.tags.ilike(f'%"{name}"%') for name in names))
        tags = self._tags(like)
        for one in self._due("call", like):
            yield one, tags[one.call_id]

    def _tags(self, where: sa.ColumnElement[bool]) -> dict[str, dict[str, str]]:
        with self._database.reading() as connection:
            rows = connection.execute(sa.select(calls.c.id, calls.c.tags).where(where)).all()
        return {row.id: json.loads(row.tags) for row in rows}

    def _due(self, what: str, *where: sa.ColumnElement[bool]) -> list[Due]:
        query = (
            sa.select(calls.c.id, recordings.c.sha256, calls.c.happened_at)
            .join(recordings, recordings.c.id == calls.c.recording_id)
            .where(*where)
            .order_by(calls.c.happened_at, calls.c.id)
        )
        with self._database.reading() as connection:
            return [
                Due(call_id=row.id, sha256=row.sha256, what=what, happened_at=row.happened_at)
                for row in connection.execute(query)
            ]

    def places(self, sha256: str) -> list[str]:
        """Every place where the recording was seen."""
        mine = sa.select(recordings.c.id).where(recordings.c.sha256 == sha256).scalar_subquery()
        columns = (
            sa.select(recordings.c.uri).where(recordings.c.sha256 == sha256),
            sa.select(recording_aliases.c.uri).where(recording_aliases.c.recording_id == mine),
            sa.select(source_files.c.uri).where(source_files.c.recording_id == mine),
        )
        with self._database.reading() as connection:
            found = [uri for query in columns for uri in connection.scalars(query)]
        return list(dict.fromkeys(found))

    def delete(self, due: Due) -> int:
        """Delete the rows of one class of one call; returns how many were named (not cascaded)."""
        with self._database.writing() as connection:
            if self._database.is_sqlite:
                connection.exec_driver_sql("PRAGMA secure_delete=ON")
            if due.what in ("raw_audio", "call"):
                row = {"sha256": due.sha256, "what": due.what, "made_at": self._database.now()}
                connection.execute(self._database.insert_ignoring(erasures), row)
            return sum(connection.execute(one).rowcount for one in _statements(due))

    def is_erased(self, sha256: str) -> bool:
        """Whether everything about these bytes was deleted: they must not be entered again."""
        query = sa.select(erasures.c.sha256).where(
            erasures.c.sha256 == sha256, erasures.c.what == "call"
        )
        with self._database.reading() as connection:
            return connection.scalar(query) is not None

    def certify(self, kind: str, made_by: str, reason: str, certificate: str, digest: str) -> None:
        """Keep a certificate."""
        row = {
            "kind": kind,
            "reason": reason,
            "made_by": made_by,
            "made_at": self._database.now(),
            "certificate": certificate,
            "digest": digest,
        }
        with self._database.writing() as connection:
            connection.execute(sa.insert(deletions), row)

    def certificates(self, limit: int = 100) -> list[dict[str, Any]]:
        """Certificates, newest first, each with its digest."""
        query = sa.select(deletions).order_by(deletions.c.id.desc()).limit(limit)
        with self._database.reading() as connection:
            return [
                {**json.loads(row.certificate), "digest": row.digest}
                for row in connection.execute(query)
            ]

    def compact(self) -> None:
        """Rewrite an SQLite file, so that no deleted page is left in it or in its log.

        PostgreSQL frees the space by itself, and overwrites it in time.
        """
        if not self._database.is_sqlite:
            return
        with suppress(SQLAlchemyError), self._database.engine.connect() as connection:
            driver = connection.connection.driver_connection
            if driver is not None:
                driver.execute("VACUUM")
                driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def hold(
        self, person: Person, *, call_id: str = "", customer_ref: str = "", reason: str
    ) -> int:
        """Keep a call, or all calls of a customer, whatever their age. Returns the hold's id.

        Raises:
            AccessDeniedError: No right to decide about retention.
            SettingsError: Neither or both are named, or no reason.
        """
        require(person, Action.APPLY_RETENTION)
        if bool(call_id) == bool(customer_ref) or not reason.strip():
            raise SettingsError(
                "a hold names one call or one customer, and a reason", "hold", "give them"
            )
        row = {
            "call_id": call_id,
            "customer_ref": customer_ref,
            "reason": reason.strip(),
            "made_by": person.user_id,
            "made_at": self._database.now(),
            "lifted_by": "",
        }
        with self._database.writing() as connection:
            insert = sa.insert(legal_holds).returning(legal_holds.c.id)
            return connection.scalars(insert, row).one()

    def lift(self, person: Person, hold_id: int) -> None:
        """End a hold; it stays on record.

        Raises:
            AccessDeniedError: No right to decide about retention.
            NotFoundError: There is no such hold in force.
        """
        require(person, Action.APPLY_RETENTION)
        mine = sa.and_(legal_holds.c.id == hold_id, legal_holds.c.lifted_at.is_(None))
        change = {"lifted_by": person.user_id, "lifted_at": self._database.now()}
        with self._database.writing() as connection:
            if not connection.execute(sa.update(legal_holds).where(mine), change).rowcount:
                raise NotFoundError(f"no hold {hold_id} is in force", "hold", "qa retention holds")

    def holds(self, *, in_force: bool = True) -> list[Hold]:
        """Holds, oldest first."""
        query = sa.select(legal_holds).order_by(legal_holds.c.id)
        if in_force:
            query = query.where(legal_holds.c.lifted_at.is_(None))
        with self._database.reading() as connection:
            return [Hold(**row) for row in connection.execute(query).mappings()]

    def held(self, call_ids: Iterable[str]) -> set[str]:
        """Those of the calls that a hold keeps."""
        active = legal_holds.c.lifted_at.is_(None)
        named = sa.select(legal_holds.c.call_id).where(active, legal_holds.c.call_id != "")
        customers = sa.select(legal_holds.c.customer_ref).where(
            active, legal_holds.c.customer_ref != ""
        )
        wanted, found = sorted(set(call_ids)), set[str]()
        with self._database.reading() as connection:
            for at in range(0, len(wanted), _BATCH):
                query = sa.select(calls.c.id).where(
                    calls.c.id.in_(wanted[at : at + _BATCH]),
                    sa.or_(calls.c.id.in_(named), calls.c.customer_ref.in_(customers)),
                )
                found |= set(connection.scalars(query))
        return found


def _statements(due: Due) -> Sequence[sa.Delete]:
    if due.what == "raw_audio":
        return []
    if due.what == "voiceprint":
        return [sa.delete(voiceprints).where(voiceprints.c.agent_id == due.agent_id)]
    tables: dict[str, tuple[str, ...]] = {
        "raw_text": ("raw_transcripts",),
        "redacted": ("transcripts", *_FROM_WORDS),
        "evaluations": ("evaluations",),
    }
    if due.what != "call":
        named = (metadata.tables[name] for name in tables[due.what])
        return [sa.delete(table).where(table.c.call_id == due.call_id) for table in named]
    everywhere = [
        sa.delete(table).where(table.c.call_id == due.call_id)
        for table in reversed(metadata.sorted_tables)
        if "call_id" in table.c and table.name not in _KEPT
    ]
    return [
        *everywhere,
        sa.delete(problems).where(problems.c.sha256 == due.sha256),
        sa.delete(recordings).where(recordings.c.sha256 == due.sha256),
    ]
