"""A database through one person's eyes: read-only, and holding only the rows in sight."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from qa.errors import StoreError
from qa.store.access import Sight, views
from qa.store.database import Database
from qa.store.failures import in_words


class SeenDatabase(Database):
    """Reads of one person. Connections are shared by everybody whose views read the same."""

    def __init__(self, whole: Database, sight: Sight) -> None:
        if whole.url.database in (None, "", ":memory:"):
            raise StoreError("a store in memory has no views of it", whole.place, "use a file")
        self.sight = sight
        key = sight.profile
        with whole.lock:
            if key not in whole.seen:
                whole.seen[key] = _open(whole, sight)
        self._share(whole, whole.seen[key])

    @property
    def seen_by(self) -> str:
        """What decides about the rows: a key for caches."""
        return repr((self.sight.profile, self.sight.values))

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """Refused: who writes has checked the right, and writes through the whole store."""
        raise StoreError("this view of the store is for reading", self.place, "open it for writing")
        yield

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """One consistent view of the rows in sight."""
        with in_words(self.place), self._connect(write=False) as connection:
            self._focus(connection)
            yield connection

    def close(self) -> None:
        """Nothing: the whole database closes what is shared."""

    def _focus(self, connection: sa.Connection) -> None:
        """Set the teams and the agent id that the views ask for, unless they are set already."""
        lent = connection.connection
        if lent.info.get("sight") == self.sight.values:
            return
        lent.info.pop("sight", None)
        cursor = lent.cursor()
        mark = "?" if self.is_sqlite else "%s"
        if self.is_sqlite:
            cursor.execute("PRAGMA query_only=OFF")
        cursor.execute("DELETE FROM qa_sight")
        for pair in self.sight.values:
            cursor.execute(f"INSERT INTO qa_sight VALUES ({mark}, {mark})", pair)  # noqa: S608
        if self.is_sqlite:
            cursor.execute("PRAGMA query_only=ON")
        cursor.close()
        lent.commit()
        lent.info["sight"] = self.sight.values


def _open(whole: Database, sight: Sight) -> sa.Engine:
    with in_words(whole.place):
        engine = whole.open_reader()
    # After the pragmas, which were registered first and forbid writing
    sa.event.listen(engine.pool, "connect", _viewing(sight, is_sqlite=whole.is_sqlite))
    return engine


def _viewing(sight: Sight, *, is_sqlite: bool) -> Callable[[Any, Any], None]:
    def prepare(driver: Any, _record: Any) -> None:
        cursor = driver.cursor()
        if is_sqlite:
            cursor.execute("PRAGMA query_only=OFF")
            schema = "main"
        else:
            cursor.execute("SELECT current_schema()")
            schema = cursor.fetchone()[0]
        cursor.execute("CREATE TEMP TABLE qa_sight (kind TEXT NOT NULL, value TEXT NOT NULL)")
        for statement in views(sight, schema):
            cursor.execute(statement)
        if is_sqlite:
            cursor.execute("PRAGMA query_only=ON")
        cursor.close()
        driver.commit()

    return prepare
