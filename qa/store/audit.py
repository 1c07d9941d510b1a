"""Audit events in the store: appended in the caller's transaction, one writer at a time."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from qa.access import Person
from qa.audit import AuditEvent, Break, Head, as_detail, breaks, seal
from qa.errors import StoreError
from qa.privacy.redaction import redact_note
from qa.store.database import Database
from qa.store.tables import audit_events, site_settings

if TYPE_CHECKING:
    import pandas as pd

_HEAD = "audit.head"
#: Any fixed number: PostgreSQL's advisory lock that makes writers of the chain wait in turn.
_LOCK = 0x5141415544
_BATCH = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilter:
    """Which events; an empty field does not restrict. Times are half-open and aware."""

    since: datetime | None = None
    until: datetime | None = None
    user_ids: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    subject_kind: str = ""
    subject_id: str = ""


class AuditTrail:
    """What people did, as a chain that shows every later change."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def record(
        self,
        user_id: str,
        action: str,
        *,
        kind: str = "",
        subject: str = "",
        reason: str = "",
        detail: Mapping[str, Any] | None = None,
    ) -> AuditEvent:
        """Append an event; inside a transaction it is kept or lost together with the rest.

        Record last: other writers of the chain wait until the transaction ends.

        Args:
            user_id: Who did it.
            action: One of `qa.audit.AuditAction`, or a further name in the same form.
            kind: What sort of thing it was done to: `call`, `account`, `report` …
            subject: The thing's id.
            reason: Why, in the person's words, where a reason is asked for; personal data in it is
                hidden before it is sealed, for no event is ever changed.
            detail: Plain JSON data; never what a customer said, never a secret.
        """
        with self._database.writing() as connection:
            if not self._database.is_sqlite:
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
            event = AuditEvent(
                sequence=0,
                at=_moment(self._database.now()),
                user_id=_short(user_id),
                action=action,
                subject_kind=kind,
                subject_id=_short(subject),
                reason=redact_note(_storable(reason)),
                detail=as_detail(detail or {}),
            )
            # After the stored head, not the last row: a cut-off end leaves a gap for good.
            after = max(_last(connection), _noted(connection), key=lambda head: head.sequence)
            sealed = seal(event, after)
            connection.execute(sa.insert(audit_events), asdict(sealed))
            self._note_head(connection, Head(sequence=sealed.sequence, hash=sealed.hash))
        return sealed

    def append(self, person: Person, action: str, subject: str, **details: Any) -> AuditEvent:
        """Append an event about a call; a detail named `reason` is the reason."""
        reason = str(details.pop("reason", ""))
        return self.record(
            person.user_id, action, kind="call", subject=subject, reason=reason, detail=details
        )

    def find(
        self, wanted: AuditFilter | None = None, *, limit: int = 200, offset: int = 0
    ) -> list[AuditEvent]:
        """Events, newest first."""
        query = _select(wanted).order_by(audit_events.c.sequence.desc())
        with self._database.reading() as connection:
            rows = connection.execute(query.limit(limit).offset(offset)).mappings()
            return [AuditEvent(**row) for row in rows]

    def count(self, wanted: AuditFilter | None = None) -> int:
        """How many events there are."""
        query = sa.select(sa.func.count()).select_from(_select(wanted).subquery())
        with self._database.reading() as connection:
            return connection.scalar(query) or 0

    def frame(self, wanted: AuditFilter | None = None) -> pd.DataFrame:
        """Events in order as a table: the fields of `AuditEvent`."""
        from qa.store.dataframe import to_frame  # noqa: PLC0415 - pandas only where it is asked for

        with self._database.reading() as connection:
            return to_frame(connection, _select(wanted).order_by(audit_events.c.sequence))

    def users(self) -> list[str]:
        """Everybody of whom there is an event."""
        query = sa.select(audit_events.c.user_id).distinct().order_by(audit_events.c.user_id)
        with self._database.reading() as connection:
            return list(connection.scalars(query))

    def actions(self) -> list[str]:
        """Every action of which there is an event."""
        query = sa.select(audit_events.c.action).distinct().order_by(audit_events.c.action)
        with self._database.reading() as connection:
            return list(connection.scalars(query))

    def head(self) -> Head:
        """The last event's number and hash, to be noted outside the store."""
        with self._database.reading() as connection:
            return _last(connection)

    def verify(self, noted: Head | None = None) -> list[Break]:
        """Every place where the chain does not hold; none when it does.

        Args:
            noted: A head noted earlier elsewhere; the one kept beside the chain is always checked.
        """
        with self._database.reading() as connection:
            stored = _noted(connection)
        found = list(breaks(self.events(), stored))
        if noted is not None:
            known = {one.sequence for one in found}
            found += [one for one in breaks(self.events(), noted) if one.sequence not in known]
        return found

    def events(self) -> Iterator[AuditEvent]:
        """The whole chain in order, in batches. Rows that cannot be read come as empty events."""
        after = -1
        while True:
            query = sa.select(audit_events).where(audit_events.c.sequence > after)
            batch = self._read(query.order_by(audit_events.c.sequence).limit(_BATCH), after)
            if not batch:
                return
            yield from batch
            after = batch[-1].sequence

    def _read(self, query: sa.Select[Any], after: int) -> list[AuditEvent]:
        try:
            with self._database.reading() as connection:
                return [AuditEvent(**row) for row in connection.execute(query).mappings()]
        except (StoreError, ValueError, TypeError):
            return self._read_singly(after)

    def _read_singly(self, after: int) -> list[AuditEvent]:
        """The next row after one that a changed byte made unreadable (no text, no number)."""
        numbers = (
            sa.select(audit_events.c.sequence)
            .where(audit_events.c.sequence > after)
            .order_by(audit_events.c.sequence)
            .limit(1)
        )
        with self._database.reading() as connection:
            number = connection.scalar(numbers)
        if number is None:
            return []
        try:
            with self._database.reading() as connection:
                one = sa.select(audit_events).where(audit_events.c.sequence == number)
                return [AuditEvent(**row) for row in connection.execute(one).mappings()]
        except (StoreError, ValueError, TypeError):
            return [AuditEvent(sequence=number, at="", user_id="", action="")]

    def _note_head(self, connection: sa.Connection, head: Head) -> None:
        row = {
            "key": _HEAD,
            "value": json.dumps(asdict(head)),
            "updated_at": self._database.now(),
        }
        note = self._database.upsert(site_settings, keys=("key",), update=("value", "updated_at"))
        connection.execute(note, row)


def _last(connection: sa.Connection) -> Head:
    chain = audit_events.c
    query = sa.select(chain.sequence, chain.hash).order_by(chain.sequence.desc()).limit(1)
    row = connection.execute(query).first()
    return Head(sequence=row.sequence, hash=row.hash) if row is not None else Head()


def _noted(connection: sa.Connection) -> Head:
    query = sa.select(site_settings.c.value).where(site_settings.c.key == _HEAD)
    text = connection.scalar(query)
    return Head(**json.loads(text)) if text else Head()


def _select(wanted: AuditFilter | None) -> sa.Select[Any]:
    chosen, chain = wanted or AuditFilter(), audit_events.c
    where = []
    if chosen.since:
        where.append(chain.at >= _moment(chosen.since))
    if chosen.until:
        where.append(chain.at < _moment(chosen.until))
    if chosen.user_ids:
        where.append(chain.user_id.in_(chosen.user_ids))
    if chosen.actions:
        where.append(chain.action.in_(chosen.actions))
    if chosen.subject_kind:
        where.append(chain.subject_kind == chosen.subject_kind)
    if chosen.subject_id:
        where.append(chain.subject_id == chosen.subject_id)
    return sa.select(audit_events).where(*where)


def _moment(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="microseconds")


def _short(text: str) -> str:
    """As much as an id column takes: a failed sign-in may carry anything as its name."""
    return _storable(text)[:200]


def _storable(text: str) -> str:
    """Without NUL (PostgreSQL refuses it) and lone surrogates (UTF-8 has none)."""
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")
