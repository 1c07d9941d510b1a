"""Calls: their metadata, and the list of them with recording and current evaluation."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from qa.calls import Call, ChannelLayout, Direction, Recording
from qa.errors import NotFoundError, StoreError
from qa.store.database import Database
from qa.store.filters import (
    ORDERS,
    CallFilter,
    agent_name,
    band,
    conditions,
    is_decided,
    joined,
    language,
    score,
    state,
)
from qa.store.recordings import chunks, to_recording
from qa.store.tables import calls, evaluations, recordings, transcripts
from qa.store.values import CallRow

#: Columns of `CallRow`, by its field names.
LIST_COLUMNS: tuple[Any, ...] = (
    calls.c.id.label("call_id"),
    calls.c.happened_at,
    calls.c.started_at,
    calls.c.agent_id,
    agent_name.label("agent_name"),
    calls.c.team,
    calls.c.queue,
    calls.c.direction,
    language.label("language"),
    recordings.c.duration_ms,
    recordings.c.id.label("recording_id"),
    recordings.c.sha256,
    recordings.c.uri,
    transcripts.c.id.label("transcript_id"),
    transcripts.c.turn_count,
    evaluations.c.id.label("evaluation_id"),
    evaluations.c.scorecard_id,
    evaluations.c.scorecard_version,
    state.label("state"),
    band.label("band"),
    score.label("quality_percent"),
    is_decided.label("is_decided"),
    evaluations.c.quality_percent.label("machine_percent"),
    evaluations.c.if_confirmed_percent,
    evaluations.c.coverage,
    evaluations.c.finding_count,
    evaluations.c.review_count,
)

_OF_RECORDING = tuple(column.name for column in recordings.c)
_OF_CALL = tuple(column.name for column in calls.c)


class Calls:
    """Finding calls and keeping their metadata."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, call: Call) -> bool:
        """Enter a call once; True when it is new. One recording holds one call.

        Raises:
            StoreError: The call id, or the recording, already belongs to another.
        """
        with self._database.writing() as connection:
            insert = self._database.insert_ignoring(calls).returning(calls.c.id)
            if connection.execute(insert, self._row(connection, call)).first() is not None:
                return True
            row = connection.execute(sa.select(calls).where(calls.c.id == call.id)).first()
            if row is None:
                raise StoreError(
                    f"recording {call.recording_id} already holds another call",
                    f"call {call.id}",
                    "give this recording the call id that it entered with",
                )
            if row.recording_id != call.recording_id:
                raise StoreError(
                    f"call id {call.id!r} already belongs to another recording",
                    f"recording {call.recording_id}",
                    "give each recording its own call_id in the manifest",
                )
            return False

    def update(self, call: Call) -> None:
        """Replace the metadata of a call (a corrected manifest). Id and recording stay.

        Raises:
            NotFoundError: There is no such call.
        """
        with self._database.writing() as connection:
            row = self._row(connection, call)
            chosen = sa.update(calls).where(
                calls.c.id == call.id, calls.c.recording_id == call.recording_id
            )
            if connection.execute(chosen, row).rowcount != 1:
                raise _no_call(call.id, self._database.place)

    def get(self, call_id: str) -> Call:
        """The call of this id.

        Raises:
            NotFoundError: There is none.
        """
        with self._database.reading() as connection:
            return read_call(connection, call_id, self._database.place)

    def of_recording(self, recording_id: str) -> Call | None:
        """The call that a recording holds, or None."""
        query = sa.select(calls).where(calls.c.recording_id == recording_id)
        with self._database.reading() as connection:
            row = connection.execute(query).mappings().first()
        return to_call(row) if row is not None else None

    def with_recordings(self, recording_ids: Iterable[str]) -> dict[str, tuple[Recording, Call]]:
        """Recordings and their calls by recording id, in few queries."""
        both = recordings.join(calls, calls.c.recording_id == recordings.c.id)
        found: dict[str, tuple[Recording, Call]] = {}
        with self._database.reading() as connection:
            for chunk in chunks(recording_ids):
                query = sa.select(recordings, calls).select_from(both)
                chosen = query.where(recordings.c.id.in_(chunk))
                for row in connection.execute(chosen):
                    # By position: a million rows pass here on a night without new calls.
                    record = to_recording(dict(zip(_OF_RECORDING, row, strict=False)))
                    rest = row[len(_OF_RECORDING) :]
                    found[record.id] = (record, to_call(dict(zip(_OF_CALL, rest, strict=True))))
        return found

    def row(self, call_id: str) -> CallRow:
        """One line of the call list.

        Raises:
            NotFoundError: There is no such call.
        """
        found = self.find(CallFilter(call_ids=(call_id,)), limit=1)
        if not found:
            raise _no_call(call_id, self._database.place)
        return found[0]

    def find(
        self,
        wanted: CallFilter | None = None,
        *,
        order: str = "newest",
        limit: int = 100,
        offset: int = 0,
    ) -> list[CallRow]:
        """Lines of the call list.

        Args:
            wanted: Which calls; all when None.
            order: `newest`, `oldest`, `lowest`, `highest` (score) or `longest`.
            limit: At most this many.
            offset: After skipping this many.
        """
        ids = select_calls(
            wanted or CallFilter(), self._database, order=order, columns=[calls.c.id]
        )
        whole = sa.select(*LIST_COLUMNS).select_from(joined(*LIST_COLUMNS))
        with self._database.reading() as connection:
            # Ids first: sorting then moves no wide rows, and only one page of them is looked up.
            page = list(connection.scalars(ids.limit(limit).offset(offset)))
            found = {
                row["call_id"]: CallRow(**_named(row))
                for chunk in chunks(page)
                for row in connection.execute(whole.where(calls.c.id.in_(chunk))).mappings()
            }
        return [found[call_id] for call_id in page]

    def count(self, wanted: CallFilter | None = None) -> int:
        """How many calls pass the filter."""
        where = conditions(wanted or CallFilter(), self._database)
        query = sa.select(sa.func.count()).select_from(joined(*where)).where(*where)
        with self._database.reading() as connection:
            return connection.scalar(query) or 0

    def choices(self, column: str) -> list[str]:
        """What occurs in `agent_id`, `team`, `queue` or `direction`, sorted, without empty ones."""
        if column not in ("agent_id", "team", "queue", "direction"):
            raise StoreError(f"no choices for {column!r}", "calls", "ask for agent_id, team, queue")
        source = calls.c[column]
        query = sa.select(source).where(source != "").distinct().order_by(source)
        with self._database.reading() as connection:
            return list(connection.scalars(query))

    def _row(self, connection: sa.Connection, call: Call) -> dict[str, Any]:
        received = None
        if call.started_at is None:
            received = connection.scalar(
                sa.select(recordings.c.received_at).where(recordings.c.id == call.recording_id)
            )
        return {
            "id": call.id,
            "recording_id": call.recording_id,
            "started_at": call.started_at,
            "happened_at": call.started_at or received or self._database.now(),
            "agent_id": call.agent_id,
            "team": call.team,
            "queue": call.queue,
            "direction": call.direction.value,
            "layout": call.layout.value,
            "language": call.language,
            "customer_ref": call.customer_ref,
            "tags": json.dumps(dict(call.tags), ensure_ascii=False, sort_keys=True),
        }


def select_calls(
    wanted: CallFilter,
    database: Database,
    *,
    order: str = "newest",
    columns: Sequence[Any] = LIST_COLUMNS,
) -> sa.Select[Any]:
    """The call list as a query, for rows and for frames."""
    if order not in ORDERS:
        raise StoreError(f"no order {order!r}", "calls", f"use one of {', '.join(ORDERS)}")
    where = conditions(wanted, database)
    return (
        sa.select(*columns)
        .select_from(joined(*columns, *where, *ORDERS[order]))
        .where(*where)
        .order_by(*ORDERS[order])
    )


def read_call(connection: sa.Connection, call_id: str, place: str) -> Call:
    """The call of this id, read on an open connection."""
    query = sa.select(calls).where(calls.c.id == call_id)
    row = connection.execute(query).mappings().first()
    if row is None:
        raise _no_call(call_id, place)
    return to_call(row)


def to_call(row: Any) -> Call:
    """A call from a row (any mapping with the table's column names)."""
    fields = {name: row[name] for name in Call.__slots__}
    typed = {
        "direction": Direction(row["direction"]),
        "layout": ChannelLayout(row["layout"]),
        "tags": json.loads(row["tags"]),
    }
    return Call(**(fields | typed))


def _named(row: sa.RowMapping) -> dict[str, Any]:
    values = dict(row)
    return values | {"agent_name": values["agent_name"] or ""}


def _no_call(call_id: str, place: str) -> NotFoundError:
    return NotFoundError(f"no call {call_id!r}", place, "list the calls with `qa calls`")
