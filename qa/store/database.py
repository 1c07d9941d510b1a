"""One connection pool with short transactions: SQLite in WAL mode, or PostgreSQL."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.pool import StaticPool

from qa.errors import StoreError
from qa.runtime import data_home
from qa.store.failures import in_words

#: How long a writer waits for another one. Transactions last milliseconds, never a model call.
BUSY_TIMEOUT_MS = 15_000

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The wall clock, in UTC."""
    return datetime.now(UTC)


def default_url() -> str:
    """The store of this site: `store.db` in the data home."""
    return f"sqlite:///{data_home() / 'store.db'}"


def parse_url(url: str) -> sa.URL:
    """Read a store URL; the empty one means the default.

    Raises:
        StoreError: Unknown kind of database. The message carries no password.
    """
    if "://" not in (url or default_url()):
        raise StoreError(
            f"{url!r} is not a store URL",
            "store",
            "write sqlite:///FILE or postgresql+psycopg://USER@HOST/DATABASE",
        )
    try:
        parsed = sa.make_url(url or default_url())
    except (ArgumentError, ValueError):
        raise StoreError(
            "the store URL cannot be read",
            "store",
            "write sqlite:///FILE or postgresql+psycopg://USER@HOST/DATABASE",
        ) from None
    if parsed.drivername in ("postgresql", "postgres"):
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername not in ("sqlite", "sqlite+pysqlite", "postgresql+psycopg"):
        raise StoreError(
            f"stores of kind {parsed.drivername!r} are not supported",
            "store",
            "use sqlite:///FILE or postgresql+psycopg://USER@HOST/DATABASE",
        )
    return parsed


class Database:
    """Connections and transactions. Nested `writing()` blocks of one thread join the outer one."""

    def __init__(self, url: str = "", *, read_only: bool = False, now: Clock = utc_now) -> None:
        self.url = parse_url(url)
        self.place = self.url.render_as_string(hide_password=True)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.read_only = read_only
        self.now = now
        self.lock = threading.Lock()
        self.seen: dict[Any, sa.Engine] = {}  # by what people may see: `qa.store.access`
        self._open = threading.local()
        with in_words(self.place):
            self.engine = (
                _sqlite(self.url, read_only) if self.is_sqlite else _postgres(self.url, read_only)
            )

    @property
    def seen_by(self) -> str:
        """What decides about the rows that are read here: nothing, for the whole database."""
        return ""

    def open_reader(self) -> sa.Engine:
        """Another, smaller pool of connections for reading."""
        if self.is_sqlite:
            return _sqlite(self.url, read_only=True)
        return _postgres(self.url, read_only=True, pool_size=2)

    def _share(self, whole: Database, engine: sa.Engine) -> None:
        """Become a view of a whole database, reading through this engine."""
        self.url, self.place, self.is_sqlite = whole.url, whole.place, whole.is_sqlite
        self.read_only, self.now, self.engine = True, whole.now, engine
        self._open = threading.local()

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """A transaction that commits at the end, or rolls back on any error.

        Raises:
            StoreError: The database refuses (full, read-only, too old …).
            TransientError: Trying again may help (locked, server away).
        """
        if (outer := self._joined()) is not None:
            yield outer
            return
        with in_words(self.place), self._connect(write=True) as connection:
            self._open.connection = connection
            try:
                with connection.begin():
                    yield connection
            finally:
                self._open.connection = None

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """One consistent view for several reads; inside `writing()` it sees that transaction."""
        if (outer := self._joined()) is not None:
            with in_words(self.place):
                yield outer
            return
        with in_words(self.place), self._connect(write=False) as connection:
            yield connection

    def _joined(self) -> sa.Connection | None:
        return getattr(self._open, "connection", None)

    def _connect(self, *, write: bool) -> sa.Connection:
        return self.engine.connect().execution_options(qa_write=write)

    def upsert(
        self, table: sa.Table, *, keys: Sequence[str], update: Sequence[str] | Mapping[str, Any]
    ) -> Any:
        """An INSERT that updates the named columns (or sets expressions) where the keys exist."""
        insert = self._insert(table)
        changes = (
            dict(update)
            if isinstance(update, Mapping)
            else {name: insert.excluded[name] for name in update}
        )
        return insert.on_conflict_do_update(index_elements=list(keys), set_=changes)

    def incoming(self, table: sa.Table, names: Sequence[str]) -> dict[str, Any]:
        """For `upsert`: set these columns to what the refused row brought."""
        excluded = self._insert(table).excluded
        return {name: excluded[name] for name in names}

    def insert_ignoring(self, table: sa.Table) -> Any:
        """An INSERT that leaves existing rows alone, in the words of this database."""
        return self._insert(table).on_conflict_do_nothing()

    def _insert(self, table: sa.Table) -> Any:
        return sqlite.insert(table) if self.is_sqlite else postgresql.insert(table)

    def close(self) -> None:
        """Give every connection back; SQLite first refreshes the statistics that its plans need."""
        if self.is_sqlite and not self.read_only:
            with suppress(SQLAlchemyError), self.engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA analysis_limit=400")
                connection.exec_driver_sql("PRAGMA optimize")
                connection.commit()
        for engine in (self.engine, *self.seen.values()):
            engine.dispose()


def _postgres(url: sa.URL, read_only: bool, pool_size: int = 5) -> sa.Engine:
    try:
        engine = sa.create_engine(
            url,
            hide_parameters=True,
            pool_pre_ping=True,
            pool_size=pool_size,
            max_overflow=10,
            connect_args={"connect_timeout": 10, "options": "-c timezone=UTC -c jit=off"},
        )
    except ModuleNotFoundError as error:
        raise StoreError(
            f"PostgreSQL needs the package {error.name!r}",
            "store",
            "pip install 'call-quality[postgres]'",
        ) from error
    return engine.execution_options(postgresql_readonly=True) if read_only else engine


def _sqlite(url: sa.URL, read_only: bool) -> sa.Engine:
    in_memory = url.database in (None, "", ":memory:")
    if not in_memory and read_only and not Path(str(url.database)).is_file():
        raise StoreError("there is no store yet", str(url.database), "run `qa run SOURCE` first")
    if not in_memory and not read_only:
        _make_folder(Path(str(url.database)).parent)
    engine = sa.create_engine(
        url,
        hide_parameters=True,
        connect_args={"timeout": BUSY_TIMEOUT_MS / 1000, "check_same_thread": False},
        **({"poolclass": StaticPool} if in_memory else {}),
    )
    sa.event.listen(engine, "connect", _pragmas(read_only=read_only))
    sa.event.listen(engine, "begin", _begin)
    return engine


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"the folder of the store cannot be made ({error.strerror})",
            str(folder),
            "name another place with --store or QA_STORE, or correct the rights",
        ) from error


def _pragmas(*, read_only: bool) -> Callable[[Any, Any], None]:
    def apply(driver: Any, _record: Any) -> None:
        driver.isolation_level = None  # `_begin` opens transactions, not the driver
        cursor = driver.cursor()
        cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
        if not read_only:
            _write_ahead(cursor)
        for pragma in (
            "foreign_keys=ON",
            "synchronous=NORMAL",
            "temp_store=MEMORY",
            "cache_size=-65536",
            *(("query_only=ON",) if read_only else ()),
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    return apply


def _write_ahead(cursor: Any) -> None:
    # Two processes that open a new store at once: turning the journal on does not wait for the
    # other one, whatever `busy_timeout` says.
    deadline = time.monotonic() + BUSY_TIMEOUT_MS / 1000
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            return


def _begin(connection: sa.Connection) -> None:
    # A transaction that reads first and writes later fails at once when another writer came
    # between; taking the write lock at the start makes it wait `busy_timeout` instead.
    write = connection.get_execution_options().get("qa_write")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")
