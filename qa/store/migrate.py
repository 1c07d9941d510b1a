"""Schema versions: Alembic revisions shipped inside the package, run without an ini file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from qa.errors import StoreError
from qa.store.database import Database

if TYPE_CHECKING:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

_FOLDER = Path(__file__).parent / "migrations"

#: Any fixed number: PostgreSQL's advisory lock that lets one process upgrade at a time.
_LOCK = 0x51415F5354


def _config(connection: sa.Connection | None = None) -> Config:
    from alembic.config import Config  # noqa: PLC0415 - only upgrades pay for Alembic

    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _scripts() -> ScriptDirectory:
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    return ScriptDirectory.from_config(_config())


def newest() -> str:
    """The revision of this version of the program."""
    return _scripts().get_current_head() or ""


def present(database: Database) -> str:
    """The revision of the store, `""` for an empty one."""
    from alembic.runtime.migration import MigrationContext  # noqa: PLC0415

    with database.reading() as connection:
        return MigrationContext.configure(connection).get_current_revision() or ""


def upgrade(database: Database) -> None:
    """Bring the tables up to this version, in one transaction."""
    from alembic import command  # noqa: PLC0415

    if present(database) == newest():
        return
    _refuse_unknown(database)
    with database.writing() as connection:  # SQLite: takes the write lock at once
        if not database.is_sqlite:
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
        command.upgrade(_config(connection), "head")


def require_current(database: Database) -> None:
    """Check the version and change nothing."""
    _refuse_unknown(database)
    if (found := present(database)) != newest():
        state = f"is at revision {found}" if found else "has no tables yet"
        raise StoreError(f"the store {state}", database.place, "run `qa db upgrade`")


def _refuse_unknown(database: Database) -> None:
    known = {script.revision for script in _scripts().walk_revisions()}
    found = present(database)
    if found and found not in known:
        raise StoreError(
            f"the store was written by a newer version (revision {found})",
            database.place,
            "update the program, or name another store",
        )
