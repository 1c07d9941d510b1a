"""Recordings by their bytes, and the memory of what earlier listings have seen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from itertools import islice
from typing import Any, TypeVar

import sqlalchemy as sa

from qa.calls import Recording
from qa.errors import NotFoundError, StoreError
from qa.store.database import Database
from qa.store.tables import calls, recording_aliases, recordings, source_files
from qa.store.values import SeenFile

T = TypeVar("T")

_RECORDING = tuple(column.name for column in recordings.c)

#: Bound values in one statement; both databases take far more, this keeps plans and memory small.
CHUNK = 5_000


def chunks(items: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    """Lists of at most `size` items, in order."""
    source = iter(items)
    while chunk := list(islice(source, size)):
        yield chunk


class Recordings:
    """Files known by content. A renamed or re-sent file is the same recording, with an alias."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, recording: Recording) -> bool:
        """Enter a recording once; True when it is new. Another URI of known bytes becomes an alias.

        Raises:
            StoreError: Two different files share an id (first 16 hex digits of SHA-256).
        """
        with self._database.writing() as connection:
            insert = self._database.insert_ignoring(recordings).returning(recordings.c.id)
            if connection.execute(insert, asdict(recording)).first() is not None:
                return True
            known = self._by(connection, recordings.c.id == recording.id)
            if known is None or known.sha256 != recording.sha256:
                raise StoreError(
                    f"id {recording.id} already belongs to other bytes",
                    recording.uri,
                    "report this; the file was not entered",
                )
            if known.uri != recording.uri:
                alias = {
                    "recording_id": recording.id,
                    "uri": recording.uri,
                    "seen_at": recording.received_at,
                }
                connection.execute(self._database.insert_ignoring(recording_aliases), alias)
            return False

    def get(self, recording_id: str) -> Recording:
        """The recording of this id.

        Raises:
            NotFoundError: There is none.
        """
        with self._database.reading() as connection:
            found = self._by(connection, recordings.c.id == recording_id)
        if found is None:
            raise NotFoundError(
                f"no recording {recording_id!r}", self._database.place, "list them with `qa calls`"
            )
        return found

    def by_sha256(self, sha256: str) -> Recording | None:
        """The recording of these bytes, or None."""
        with self._database.reading() as connection:
            return self._by(connection, recordings.c.sha256 == sha256)

    def describe(self, recording: Recording) -> None:
        """Store what decoding found out: codec, channels, sampling rate, duration."""
        facts = ("codec", "channels", "sample_rate_hz", "duration_ms")
        with self._database.writing() as connection:
            connection.execute(
                sa.update(recordings).where(recordings.c.id == recording.id),
                {name: getattr(recording, name) for name in facts},
            )

    def move(self, recording_id: str, uri: str) -> None:
        """Note that the bytes are now found at `uri`; the old place stays as an alias."""
        with self._database.writing() as connection:
            known = self._by(connection, recordings.c.id == recording_id)
            if known is None or known.uri == uri:
                return
            alias = {"recording_id": known.id, "uri": known.uri, "seen_at": known.received_at}
            connection.execute(self._database.insert_ignoring(recording_aliases), alias)
            connection.execute(
                sa.update(recordings).where(recordings.c.id == recording_id), {"uri": uri}
            )

    def aliases(self, recording_id: str) -> tuple[str, ...]:
        """Other URIs where the same bytes were found, in order of name."""
        query = (
            sa.select(recording_aliases.c.uri)
            .join(recordings, recordings.c.id == recording_aliases.c.recording_id)
            .where(recordings.c.id == recording_id, recording_aliases.c.uri != recordings.c.uri)
            .order_by(recording_aliases.c.uri)
        )
        with self._database.reading() as connection:
            return tuple(connection.scalars(query))

    def total_ms(self, sha256s: Iterable[str]) -> int:
        """Length of these recordings together, in milliseconds."""
        total = sa.select(sa.func.coalesce(sa.func.sum(recordings.c.duration_ms), 0))
        with self._database.reading() as connection:
            return sum(
                int(connection.scalar(total.where(recordings.c.sha256.in_(chunk))) or 0)
                for chunk in chunks(sha256s)
            )

    def count(self) -> int:
        """How many recordings there are."""
        with self._database.reading() as connection:
            return connection.scalar(sa.select(sa.func.count()).select_from(recordings)) or 0

    @staticmethod
    def _by(connection: sa.Connection, condition: sa.ColumnElement[bool]) -> Recording | None:
        row = connection.execute(sa.select(recordings).where(condition)).mappings().first()
        return to_recording(row) if row is not None else None


def to_recording(row: Any) -> Recording:
    """A recording from a row (any mapping with the table's column names)."""
    return Recording(**{name: row[name] for name in _RECORDING})


class SourceFiles:
    """What listings remember, so that known files are not read again."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def seen(self, uris: Iterable[str]) -> dict[str, SeenFile]:
        """What is remembered of these files; unknown ones are left out."""
        found: dict[str, SeenFile] = {}
        with self._database.reading() as connection:
            for chunk in chunks(uris):
                query = sa.select(source_files).where(source_files.c.uri.in_(chunk))
                for row in connection.execute(query).mappings():
                    found[row["uri"]] = SeenFile(**row)
        return found

    def entered(self, uris: Iterable[str]) -> dict[str, tuple[int, str, str, str, str]]:
        """Of files that became recordings: size, version, details digest, SHA-256 and call id."""
        query = (
            sa.select(
                source_files.c.uri,
                source_files.c.size_bytes,
                source_files.c.version,
                source_files.c.details_digest,
                recordings.c.sha256,
                calls.c.id,
            )
            .join(recordings, recordings.c.id == source_files.c.recording_id)
            .join(calls, calls.c.recording_id == recordings.c.id)
        )
        found: dict[str, tuple[int, str, str, str, str]] = {}
        with self._database.reading() as connection:
            for chunk in chunks(uris):
                rows = connection.execute(query.where(source_files.c.uri.in_(chunk))).all()
                found.update((row[0], row[1:]) for row in rows)
        return found

    def remember(self, files: Sequence[SeenFile]) -> None:
        """Note files as seen now; a later note of the same URI replaces the earlier one."""
        now = self._database.now()
        rows = [asdict(file) | {"seen_at": file.seen_at or now} for file in files]
        names = [column.name for column in source_files.c if column.name != "uri"]
        statement = self._database.upsert(source_files, keys=("uri",), update=names)
        with self._database.writing() as connection:
            for chunk in chunks(rows):
                connection.execute(statement, chunk)

    def forget(self, uris: Iterable[str]) -> None:
        """Read these files again at the next listing."""
        with self._database.writing() as connection:
            for chunk in chunks(uris):
                connection.execute(sa.delete(source_files).where(source_files.c.uri.in_(chunk)))
