"""Imported people data: applied as a batch, idempotent, and undone as a batch."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from qa.access import Action, Person, require
from qa.errors import NotFoundError, StoreError
from qa.people.importing import KINDS, ImportKind, Known, Preview
from qa.people.importing.parsing import day, moment
from qa.people.periods import last_day, month_of
from qa.store.audit import AuditTrail
from qa.store.database import Database
from qa.store.people_rollup import mark_stale
from qa.store.tables import (
    agents,
    call_facts,
    calls,
    import_batches,
    import_changes,
    metadata,
    people_month_states,
)

#: Bound values per statement; SQLite takes 32,766.
_CHUNK = 2_000
Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """One imported file.

    Attributes:
        id: 0 when nothing was new: then nothing was stored either.
        inserted, changed, unchanged: Rows of the file, against what was there.
        refused: Rows kept out.
        undone_by: Who undid it; None while it stands.
    """

    id: int
    kind: str
    file_name: str
    sha256: str
    inserted: int
    changed: int
    unchanged: int
    refused: int
    made_by: str
    made_at: datetime
    undone_by: str | None = None
    undone_at: datetime | None = None


class Imports:
    """What files brought, and how to take it back."""

    def __init__(self, database: Database, audit: AuditTrail) -> None:
        self._database = database
        self._audit = audit

    def known(self, kind_id: str, today: date) -> Known:
        """What the rows of a file are checked against."""
        kind = KINDS[kind_id]
        with self._database.reading() as connection:
            roster = connection.execute(
                sa.select(agents.c.agent_id, agents.c.valid_from, agents.c.valid_to)
            ).all()
            seen = set(connection.scalars(sa.select(calls.c.agent_id).distinct()))
            needed = any(field.name == "call_id" for field in kind.fields)
            ids = connection.scalars(sa.select(calls.c.id)) if needed else ()
            return Known(
                agents=frozenset({row.agent_id for row in roster} | seen) - {""},
                calls=frozenset(ids),
                roster={(row.agent_id, row.valid_from): row.valid_to for row in roster},
                today=today,
            )

    def compare(self, preview: Preview) -> tuple[int, int, int]:
        """How many rows would be new, changed, unchanged."""
        with self._database.reading() as connection:
            before = _stored(connection, preview.kind, preview.rows)
        merged = [(_old(before, preview, row), row) for row in preview.rows]
        new = sum(old is None for old, _ in merged)
        changed = sum(old is not None and _merged(preview, old, row) != old for old, row in merged)
        return new, changed, len(merged) - new - changed

    def apply(self, person: Person, preview: Preview) -> Batch:
        """Store the good rows of a file as one batch, all or nothing.

        Importing the same file again stores nothing. Columns that the file does not have keep
        what was there.

        Raises:
            AccessDeniedError: The person may not import.
        """
        require(person, Action.IMPORT_PEOPLE)
        with self._database.writing() as connection:
            before = _stored(connection, preview.kind, preview.rows)
            changes, counts = [], {"inserted": 0, "changed": 0, "unchanged": 0}
            for row in preview.rows:
                old = _old(before, preview, row)
                new = row if old is None else _merged(preview, old, row)
                what = "inserted" if old is None else "unchanged" if new == old else "changed"
                counts[what] += 1
                if new != old:
                    changes.append((old, new))
            batch = _batch(preview, counts, person.user_id, self._database.now())
            if not changes:
                return Batch(id=0, **batch)
            insert = sa.insert(import_batches).returning(import_batches.c.id)
            mapping = json.dumps(dict(preview.mapping), ensure_ascii=False)
            key = connection.scalars(insert, {**batch, "mapping": mapping}).one()
            self._write(connection, preview.kind, [new for _, new in changes])
            _remember(connection, key, preview.kind, changes)
            self._touch(connection, preview.kind, [new for _, new in changes])
            self._note(person, "import", key, {**counts, "file": preview.file_name})
        return Batch(id=key, **batch)

    def undo(self, person: Person, batch_id: int) -> Batch:
        """Take a batch back: rows it brought go, rows it changed are again as before.

        Raises:
            AccessDeniedError: The person may not import.
            NotFoundError: There is no such batch.
            StoreError: It is undone already, or a later batch changed the same rows.
        """
        require(person, Action.IMPORT_PEOPLE)
        with self._database.writing() as connection:
            batch = self._get(connection, batch_id)
            if batch.undone_at is not None:
                raise StoreError(
                    f"batch {batch_id} is undone already", "imports", "import the file again"
                )
            later = _later(connection, batch)
            if later:
                raise StoreError(
                    f"batch {later} changed rows of batch {batch_id} afterwards",
                    "imports",
                    f"undo batch {later} first",
                )
            kind = KINDS[batch.kind]
            self._revert(connection, kind, batch_id)
            connection.execute(
                sa.update(import_batches).where(import_batches.c.id == batch_id),
                {"undone_by": person.user_id, "undone_at": self._database.now()},
            )
            self._note(person, "undo_import", batch_id, {"file": batch.file_name})
            return self._get(connection, batch_id)

    def batches(self, person: Person, limit: int = 100) -> list[Batch]:
        """Imported files, newest first."""
        require(person, Action.IMPORT_PEOPLE)
        query = sa.select(import_batches).order_by(import_batches.c.id.desc()).limit(limit)
        with self._database.reading() as connection:
            return [_to_batch(row) for row in connection.execute(query).mappings()]

    def _note(self, person: Person, action: str, batch: int, detail: Mapping[str, Any]) -> None:
        self._audit.record(
            person.user_id, action, kind="import_batch", subject=str(batch), detail=detail
        )

    def _get(self, connection: sa.Connection, batch_id: int) -> Batch:
        query = sa.select(import_batches).where(import_batches.c.id == batch_id)
        row = connection.execute(query).mappings().first()
        if row is None:
            raise NotFoundError(f"no batch {batch_id}", "imports", "list them: qa people batches")
        return _to_batch(row)

    def _write(self, connection: sa.Connection, kind: ImportKind, rows: Sequence[Row]) -> None:
        table = metadata.tables[kind.table]
        others = [field.name for field in kind.fields if field.name not in kind.keys]
        statement = self._database.upsert(table, keys=kind.keys, update=others)
        for at in range(0, len(rows), _CHUNK):
            connection.execute(statement, list(rows[at : at + _CHUNK]))

    def _revert(self, connection: sa.Connection, kind: ImportKind, batch_id: int) -> None:
        change = import_changes.c
        query = sa.select(change.row_key, change.before, change.after)
        found = connection.execute(query.where(change.batch_id == batch_id)).all()
        gone = [_decoded(kind, row.after) for row in found if row.before is None]
        back = [_decoded(kind, row.before) for row in found if row.before is not None]
        if gone:
            table = metadata.tables[kind.table]
            same = [table.c[name] == sa.bindparam(f"key_{name}") for name in kind.keys]
            keys = [{f"key_{name}": row[name] for name in kind.keys} for row in gone]
            connection.execute(sa.delete(table).where(*same), keys)
        self._write(connection, kind, back)
        self._touch(connection, kind, [*gone, *back])

    def _touch(self, connection: sa.Connection, kind: ImportKind, rows: Sequence[Row]) -> None:
        """Mark the months that these rows count in; a new roster moves calls between teams."""
        if kind.id == "roster":
            people = sorted({row["agent_id"] for row in rows})
            for at in range(0, len(people), _CHUNK):
                mine = call_facts.c.agent_id.in_(people[at : at + _CHUNK])
                connection.execute(sa.update(call_facts).where(mine).values(evaluation_id=0))
            months = connection.scalars(sa.select(people_month_states.c.month))
            mark_stale(self._database, list(months))
            return
        mark_stale(self._database, _months(connection, kind, rows))


def _months(connection: sa.Connection, kind: ImportKind, rows: Sequence[Row]) -> set[str]:
    if kind.id == "ratings":
        return {month_of(last_day(row["period"])) for row in rows}
    if kind.day == "day":
        return {month_of(row["day"]) for row in rows}
    ids = [row["call_id"] for row in rows]
    found: set[str] = set()
    for at in range(0, len(ids), _CHUNK):
        mine = call_facts.c.call_id.in_(ids[at : at + _CHUNK])
        found |= set(connection.scalars(sa.select(call_facts.c.month).where(mine).distinct()))
    return found


def _stored(
    connection: sa.Connection, kind: ImportKind, rows: Iterable[Row]
) -> dict[tuple[Any, ...], Row]:
    """What is stored under the first key of these rows, by whole key."""
    table = metadata.tables[kind.table]
    names = [field.name for field in kind.fields]
    first = table.c[kind.keys[0]]
    wanted = sorted({row[kind.keys[0]] for row in rows})
    found: dict[tuple[Any, ...], Row] = {}
    for at in range(0, len(wanted), _CHUNK):
        query = sa.select(*(table.c[name] for name in names))
        for row in connection.execute(query.where(first.in_(wanted[at : at + _CHUNK]))).mappings():
            found[tuple(row[name] for name in kind.keys)] = dict(row)
    return found


def _old(before: Mapping[tuple[Any, ...], Row], preview: Preview, row: Row) -> Row | None:
    return before.get(tuple(row[name] for name in preview.kind.keys))


def _merged(preview: Preview, old: Row, row: Row) -> Row:
    given = {*preview.mapping, *preview.kind.keys}
    return {name: row[name] if name in given else value for name, value in old.items()}


def _batch(preview: Preview, counts: Mapping[str, int], who: str, now: datetime) -> dict[str, Any]:
    return {
        "kind": preview.kind.id,
        "file_name": preview.file_name,
        "sha256": preview.sha256,
        **counts,
        "refused": preview.refused,
        "made_by": who,
        "made_at": now,
    }


def _remember(
    connection: sa.Connection,
    batch_id: int,
    kind: ImportKind,
    changes: Sequence[tuple[Row | None, Row]],
) -> None:
    rows = [
        {
            "batch_id": batch_id,
            "position": at,
            "kind": kind.id,
            "row_key": _key(kind, new),
            "before": None if old is None else _encoded(old),
            "after": _encoded(new),
        }
        for at, (old, new) in enumerate(changes)
    ]
    for at in range(0, len(rows), _CHUNK):
        connection.execute(sa.insert(import_changes), rows[at : at + _CHUNK])


def _later(connection: sa.Connection, batch: Batch) -> int | None:
    """The newest standing batch that changed one of this batch's rows afterwards."""
    mine, other = import_changes.alias(), import_changes.alias()
    query = (
        sa.select(sa.func.max(other.c.batch_id))
        .join(mine, sa.and_(mine.c.kind == other.c.kind, mine.c.row_key == other.c.row_key))
        .join(import_batches, import_batches.c.id == other.c.batch_id)
        .where(
            mine.c.batch_id == batch.id,
            other.c.batch_id > batch.id,
            import_batches.c.undone_at.is_(None),
        )
    )
    return connection.scalar(query)


def _key(kind: ImportKind, row: Row) -> str:
    return json.dumps([row[name] for name in kind.keys], ensure_ascii=False, default=str)


def _encoded(row: Row) -> str:
    return json.dumps(row, ensure_ascii=False, default=lambda value: value.isoformat())


def _decoded(kind: ImportKind, text: str) -> Row:
    row: Row = json.loads(text)
    timed = {field.name: field.parse for field in kind.fields if field.parse in (day, moment)}
    return {name: timed[name](value) if name in timed else value for name, value in row.items()}


def _to_batch(row: Any) -> Batch:
    return Batch(**{name: row[name] for name in Batch.__slots__})
