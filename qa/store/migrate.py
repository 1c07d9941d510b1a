"""Schema versions: Alembic revisions shipped inside the package, run without an ini file."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from qa.errors import StoreError
from qa.store.database import Database

if TYPE_CHECKING:
    from alembic.config import Config

_FOLDER = Path(__file__).parent / "migrations"

#: Any fixed number: PostgreSQL's advisory lock that lets one process upgrade at a time.
_LOCK = 0x51415F5354


def _config(connection: sa.Connection | None = None) -> Config:
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


@cache
def _revisions() -> dict[str, str]:
    """Revision → the one before it; read as text, as loading Alembic costs every command 0.3 s."""
    named = re.compile(r'^revision = "(\w+)"\ndown_revision = (?:"(\w+)"|None)', re.MULTILINE)
    files = (_FOLDER / "versions").glob("r*.py")
    return dict(named.findall("".join(file.read_text(encoding="utf-8") for file in files)))


def newest() -> str:
    """The revision of this version of the program."""
    (head,) = _revisions().keys() - _revisions().values()
    return head


def present(database: Database) -> str:
    """The revision of the store, `""` for an empty one."""
    with database.reading() as connection:
        if not sa.inspect(connection).has_table("alembic_version"):
            return ""
        return connection.scalar(sa.text("SELECT version_num FROM alembic_version")) or ""


def upgrade(database: Database) -> None:
    """Bring the tables up to this version, in one transaction."""
    if _known(database) == newest():
        return
    from alembic import command  # noqa: PLC0415 - only upgrades pay for Alembic

    with database.writing() as connection:  # SQLite: takes the write lock at once
        if not database.is_sqlite:
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
        command.upgrade(_config(connection), "head")


def require_current(database: Database) -> None:
    """Check the version and change nothing."""
    if (found := _known(database)) != newest():
        state = f"is at revision {found}" if found else "has no tables yet"
        raise StoreError(f"the store {state}", database.place, "run `qa db upgrade`")


def _known(database: Database) -> str:
    """The revision of the store, unless this program is too old for it."""
    found = present(database)
    if found and found not in _revisions():
        raise StoreError(
            f"the store was written by a newer version (revision {found})",
            database.place,
            "update the program, or name another store",
        )
    return found
