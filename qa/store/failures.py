"""Database errors in words: what happened to the store and what to do. Passwords never appear."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from qa.errors import QaError, StoreError, TransientError

#: (text in the driver's message, what it means, what to do). First match wins.
_FATAL = (
    ("disk is full", "the disk is full", "free some space, then run again; nothing was lost"),
    ("no space left", "the disk is full", "free some space, then run again; nothing was lost"),
    ("disk i/o error", "the disk failed or is full", "check the disk and its free space"),
    (
        "readonly database",
        "the store is read-only",
        "give this user write access to the file and its folder, or open it for reading only",
    ),
    (
        "read-only transaction",
        "the store was opened for reading only",
        "open it for writing",
    ),
    (
        "unable to open database file",
        "the store file cannot be opened",
        "check that the folder exists and that this user may write to it",
    ),
    (
        "file is not a database",
        "the file is not a store",
        "name another file, or restore a backup",
    ),
    (
        "foreign key",
        "it refers to a recording or call that is not in the store",
        "enter that first",
    ),
    ("unique constraint", "it is in the store already", "change the existing one"),
    ("value too long", "a name is longer than the store takes", "shorten it"),
    ("malformed", "the store file is damaged", "restore the last backup"),
    (
        "no such table",
        "the store has no tables of this version",
        "run `qa db upgrade`",
    ),
    ("no such column", "the store is older than this program", "run `qa db upgrade`"),
    ("undefinedtable", "the store has no tables of this version", "run `qa db upgrade`"),
    ("undefinedcolumn", "the store is older than this program", "run `qa db upgrade`"),
    (
        "authentication failed",
        "the database refused the user or password",
        "check the user and password in the store URL",
    ),
    (
        'fatal:  database "',
        "the database does not exist or may not be used",
        "create it, or correct the store URL",
    ),
    ('fatal:  role "', "the database does not know the user", "check the user in the store URL"),
    ("no pg_hba.conf entry", "the database refuses this machine", "allow it in pg_hba.conf"),
    ("permission denied", "the database refused access", "grant this user rights on the tables"),
)
_TRANSIENT = (
    ("database is locked", "another process is writing to the store"),
    ("database table is locked", "another process is writing to the store"),
    ("connection refused", "the database server does not answer"),
    ("could not connect", "the database server does not answer"),
    ("connection failed", "the database server does not answer"),
    ("connection timeout", "the database server does not answer"),
    ("server closed the connection", "the database server closed the connection"),
    ("terminating connection", "the database server closed the connection"),
    ("starting up", "the database server is starting"),
    ("shutting down", "the database server is stopping"),
    ("deadlock detected", "two writers blocked each other"),
    ("could not serialize", "two writers met"),
    ("lock timeout", "another process is writing to the store"),
    ("too many clients", "the database server has no free connection"),
)


@contextmanager
def in_words(place: str) -> Iterator[None]:
    """Turn the errors of SQLAlchemy and its drivers into `StoreError` or `TransientError`.

    Args:
        place: The store's URL without password.
    """
    try:
        yield
    except QaError:
        raise
    except SQLAlchemyError as error:
        raise explain(error, place) from error


def explain(error: SQLAlchemyError, place: str) -> QaError:
    """The error in the system's words."""
    if isinstance(error, PoolTimeoutError):
        return TransientError(
            "no free database connection", place, "try again, or use fewer workers"
        )
    cause = error.orig if isinstance(error, DBAPIError) else None
    text = f"{type(cause).__name__} {cause}".lower()
    for sign, meaning, remedy in _FATAL:
        if sign in text:
            return StoreError(meaning, place, remedy)
    for sign, meaning in _TRANSIENT:
        if sign in text:
            return TransientError(meaning, place, "try again in a moment")
    first_line = str(cause or error).strip().splitlines()[0] if str(cause or error).strip() else ""
    return StoreError(first_line or type(error).__name__, place, "see the program's log")
