"""When an agent may see an evaluation, and that she has seen it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from qa.access import Action, Person
from qa.errors import NotFoundError, ReviewError
from qa.review.disputes import Acknowledgement, DisputePolicy, Release
from qa.store.database import Database
from qa.store.review_rows import Recorder, call_facts, no_record, require_row
from qa.store.tables import acknowledgements, evaluations, releases, reviews

_LONGEST_WAIT = timedelta(days=45)


class Releases:
    """Releasing evaluations and acknowledging them. The newest release of a call counts."""

    def __init__(
        self,
        database: Database,
        *,
        policy: DisputePolicy | None = None,
        record: Recorder = no_record,
    ) -> None:
        self._database = database
        self._record = record
        self.policy = policy or DisputePolicy()

    def release(
        self, person: Person, call_ids: Sequence[str], *, at: datetime | None = None
    ) -> list[Release]:
        """Show the current evaluations of calls to their agents, now or at a moment.

        Raises:
            ReviewError: The moment lies more than 45 days ahead.
            NotFoundError: A call has not been scored.
            AccessDeniedError: No right to release one of them; then none is released.
        """
        now = self._database.now()
        when = max(at or now, now)
        if when - now > _LONGEST_WAIT:
            raise ReviewError("more than 45 days ahead", "release", "choose an earlier date")
        with self._database.writing() as connection:
            made = []
            for call_id in call_ids:
                require_row(person, Action.RELEASE, call_facts(connection, call_id, lock=True))
                row = {
                    "call_id": call_id,
                    "evaluation_id": _current(connection, call_id),
                    "visible_at": when,
                    "dispute_until": when + timedelta(days=self.policy.window_days),
                    "rounds": self.policy.rounds,
                    "made_by": person.user_id,
                    "made_at": now,
                }
                insert = sa.insert(releases).returning(releases)
                made.append(_to_release(connection.execute(insert, row).one()))
                self._record(person, "released", call_id=call_id)
            return made

    def release_of(self, call_id: str) -> Release | None:
        """The newest release of a call, or None."""
        with self._database.reading() as connection:
            return _newest(connection, call_id)

    def newest(self, limit: int = 50) -> list[Release]:
        """The newest release of each call, latest first."""
        last = sa.select(sa.func.max(releases.c.id)).group_by(releases.c.call_id)
        query = (
            sa.select(releases)
            .where(releases.c.id.in_(last))
            .order_by(releases.c.visible_at.desc(), releases.c.id.desc())
            .limit(limit)
        )
        with self._database.reading() as connection:
            return [_to_release(row) for row in connection.execute(query)]

    def unreleased(self, limit: int = 200) -> list[tuple[str, str, datetime, float | None]]:
        """Reviewed calls not shown to their agents: (call, reviewer, when, final), newest first."""
        last = (
            sa.select(sa.func.max(reviews.c.id))
            .where(reviews.c.submitted_at.is_not(None))
            .group_by(reviews.c.call_id)
        )
        c = reviews.c
        query = (
            sa.select(c.call_id, c.reviewer, c.submitted_at, c.final_percent)
            .where(c.id.in_(last), c.call_id.not_in(sa.select(releases.c.call_id)))
            .order_by(c.submitted_at.desc(), c.id.desc())
            .limit(limit)
        )
        with self._database.reading() as connection:
            return [tuple(row) for row in connection.execute(query)]

    def acknowledge(self, person: Person, call_id: str, *, comment: str = "") -> Acknowledgement:
        """The agent confirms having seen the evaluation; saying it twice changes nothing.

        Raises:
            ReviewError: It is not released yet.
            AccessDeniedError: Not the person's own call.
        """
        with self._database.writing() as connection:
            require_row(person, Action.ACKNOWLEDGE, call_facts(connection, call_id))
            found = self._release(connection, call_id)
            if not found.is_visible(self._database.now()):
                raise ReviewError("it is not released yet", f"call {call_id}", "wait for it")
            row = {
                "release_id": found.id,
                "call_id": call_id,
                "comment": comment.strip(),
                "made_by": person.user_id,
                "made_at": self._database.now(),
            }
            connection.execute(self._database.insert_ignoring(acknowledgements), row)
            self._record(person, "acknowledged", call_id=call_id)
            return self._acknowledgement(connection, found.id)

    def acknowledgement_of(self, call_id: str) -> Acknowledgement | None:
        """The acknowledgement of the newest release, or None."""
        with self._database.reading() as connection:
            found = _newest(connection, call_id)
            if found is None:
                return None
            mine = acknowledgements.c.release_id == found.id
            row = connection.execute(sa.select(acknowledgements).where(mine)).first()
            return None if row is None else _to_acknowledgement(row)

    def _release(self, connection: sa.Connection, call_id: str) -> Release:
        found = _newest(connection, call_id)
        if found is None:
            raise ReviewError("it is not released", f"call {call_id}", "wait for the release")
        return found

    @staticmethod
    def _acknowledgement(connection: sa.Connection, release_id: int) -> Acknowledgement:
        mine = acknowledgements.c.release_id == release_id
        return _to_acknowledgement(
            connection.execute(sa.select(acknowledgements).where(mine)).one()
        )


def _newest(connection: sa.Connection, call_id: str) -> Release | None:
    query = (
        sa.select(releases)
        .where(releases.c.call_id == call_id)
        .order_by(releases.c.id.desc())
        .limit(1)
    )
    row = connection.execute(query).first()
    return _to_release(row) if row is not None else None


def _current(connection: sa.Connection, call_id: str) -> int:
    query = sa.select(evaluations.c.id).where(
        evaluations.c.call_id == call_id, evaluations.c.is_current
    )
    found = connection.scalar(query)
    if found is None:
        raise NotFoundError(f"call {call_id!r} has not been scored", "release", "run `qa run`")
    return found


def _to_release(row: Any) -> Release:
    return Release(**{name: getattr(row, name) for name in Release.__slots__})


def _to_acknowledgement(row: Any) -> Acknowledgement:
    return Acknowledgement(**{name: getattr(row, name) for name in Acknowledgement.__slots__})
