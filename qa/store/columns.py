"""Column types and naming shared by every table, the same on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.engine import Dialect

from qa.privacy.redaction import redact_note

#: Constraint names are spelled out so that migrations can address them on both databases.
metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

RECORDING_ID = sa.String(16)
SHA256 = sa.String(64)
DIGEST = sa.String(64)
CALL_ID = sa.String(200)
CODE = sa.String(64)
NAME = sa.String(200)


class UtcDateTime(sa.types.TypeDecorator[datetime]):
    """A moment. Stored in UTC (SQLite has no zones), read back aware; naive values are refused."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Convert to UTC; drop the zone where the database cannot hold it."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Attach UTC again."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Note(sa.types.TypeDecorator[str]):
    """What somebody types: a comment, an answer, a reason. Personal data in it is hidden.

    On its way in, so that no page or command can forget it; what holds typed words otherwise calls
    `redact_note` itself.
    """

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Hide what is personal."""
        del dialect
        return redact_note(value) if value else value


NOTE = Note()
