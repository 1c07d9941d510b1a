"""Which of several results of a call is current: exactly one, also when two writers meet."""

from __future__ import annotations

import sqlalchemy as sa

from qa.errors import NotFoundError
from qa.store.tables import calls


def retire_current(connection: sa.Connection, call_id: str, *tables: sa.Table) -> None:
    """Take the `is_current` flag from a call's rows, so that the next insert can carry it.

    The call's row is locked until the transaction ends: a second writer waits, and then sees the
    first one's row. (SQLite has one writer at a time anyway.)

    Raises:
        NotFoundError: There is no such call.
    """
    lock = sa.select(calls.c.id).where(calls.c.id == call_id).with_for_update()
    if connection.scalar(lock) is None:
        raise NotFoundError(f"no call {call_id!r}", "store", "enter recording and call first")
    for table in tables:
        shown = sa.and_(table.c.call_id == call_id, table.c.is_current)
        connection.execute(sa.update(table).where(shown), {"is_current": False})
