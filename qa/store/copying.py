"""A whole store from one database to another, row by row, with checks: to move up, or to keep."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from qa.errors import StoreError
from qa.store.columns import Note
from qa.store.database import Database
from qa.store.migrate import present
from qa.store.store import Store
from qa.store.tables import metadata

_CHUNK = 2_000
Told = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class TableCopy:
    """One table after copying: rows on both sides, and the digest of their contents."""

    table: str
    rows: int
    digest: str


def copy_store(source: Store, target: Store, *, tell: Told = lambda *_: None) -> list[TableCopy]:
    """Copy every table into an empty, upgraded store, and compare contents afterwards.

    The source is read in one snapshot, the target written in one transaction: a broken copy leaves
    an empty store. Nothing else may write to the target meanwhile.

    Raises:
        StoreError: The target is not empty, the versions differ, or a table came out different.
    """
    _require_twins(source, target)
    copied = []
    with _snapshot(source.database) as reading, target.database.writing() as writing:
        for table in metadata.sorted_tables:
            expected = _copy_table(reading, writing, table, tell)
            found = digest_table(writing, table)
            if found != expected:
                raise StoreError(
                    f"table {table.name} came out different", target.url, "copy again; report this"
                )
            copied.append(found)
        if not target.database.is_sqlite:
            _set_sequences(writing)
    return copied


def digests(store: Store) -> list[TableCopy]:
    """Rows and content digest of every table, the same on SQLite and PostgreSQL."""
    with _snapshot(store.database) as connection:
        return [digest_table(connection, table) for table in metadata.sorted_tables]


def digest_table(connection: sa.Connection, table: sa.Table) -> TableCopy:
    """Count and digest of a table, independent of the order of rows and of the database."""
    total, rows = 0, 0
    for row in connection.execute(sa.select(table)).yield_per(_CHUNK).mappings():
        total = (total + _row_digest(dict(row))) % (1 << 128)
        rows += 1
    return TableCopy(table=table.name, rows=rows, digest=f"{total:032x}")


def _require_twins(source: Store, target: Store) -> None:
    here, there = present(source.database), present(target.database)
    if here != there:
        raise StoreError(
            f"the stores are of versions {here or 'none'} and {there or 'none'}",
            target.url,
            "run `qa db upgrade` on both",
        )
    with target.database.reading() as connection:
        for table in metadata.sorted_tables:
            if connection.execute(sa.select(sa.literal(1)).select_from(table).limit(1)).first():
                raise StoreError(
                    f"the target is not empty ({table.name})", target.url, "name an empty store"
                )


def _snapshot(database: Database) -> Any:
    """A connection that sees one moment, whoever writes meanwhile."""
    if database.is_sqlite:
        return database.reading()
    return database.engine.connect().execution_options(isolation_level="REPEATABLE READ")


def _copy_table(
    reading: sa.Connection, writing: sa.Connection, table: sa.Table, tell: Told
) -> TableCopy:
    rows, total = 0, 0
    insert = sa.insert(_as_it_is(table))
    for chunk in _chunks(reading, table):
        writing.execute(insert, chunk)
        rows += len(chunk)
        total = (total + sum(map(_row_digest, chunk))) % (1 << 128)
        tell(table.name, rows, 0)
    return TableCopy(table=table.name, rows=rows, digest=f"{total:032x}")


def _as_it_is(table: sa.Table) -> sa.TableClause:
    """The table without what its columns do to typed words: a copy changes nothing."""
    columns = (
        sa.column(each.name, sa.Text() if isinstance(each.type, Note) else each.type)
        for each in table.columns
    )
    return sa.table(table.name, *columns)


def _chunks(connection: sa.Connection, table: sa.Table) -> Iterator[list[dict[str, Any]]]:
    # rows that point to rows of their own table (replies, corrections) must follow them
    own = list(table.primary_key.columns)
    found = connection.execute(sa.select(table).order_by(*own)).yield_per(_CHUNK).mappings()
    for part in found.partitions(_CHUNK):
        yield [dict(row) for row in part]


def _row_digest(row: Mapping[str, Any]) -> int:
    text = json.dumps([_plain(value) for value in row.values()], ensure_ascii=False)
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=16).digest(), "big")


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    return bool(value) if isinstance(value, bool) else value


def _set_sequences(connection: sa.Connection) -> None:
    """PostgreSQL numbers new rows by sequences, which a copy with given ids leaves behind."""
    for table in metadata.sorted_tables:
        column = table.autoincrement_column
        if column is None:
            continue
        newest = connection.scalar(sa.select(sa.func.max(column)))
        name = connection.scalar(sa.select(sa.func.pg_get_serial_sequence(table.name, column.name)))
        if newest and name:
            connection.execute(sa.select(sa.func.setval(name, newest)))
