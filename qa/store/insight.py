"""Summaries of calls: reason, mood, voices. Saving one saves its risks and promises with it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa

from qa import codec
from qa.access import SYSTEM, Action, Person
from qa.errors import NotFoundError
from qa.insight.alerts import Alert
from qa.insight.commitments import Commitment
from qa.insight.summaries import CallSummary
from qa.store.commitments import Commitments
from qa.store.database import Database
from qa.store.reach import reached
from qa.store.risks import Risks
from qa.store.tables import call_insights, calls

#: The same customer with the same reason again within this is one issue (FCR, dossier §4.2).
CONTACT_WINDOW = timedelta(days=7)
_OTHER = "other"


class ReasonOfCall(NamedTuple):
    """One call's contact reason, for counts over time."""

    call_id: str
    reason: str
    call_type: str
    happened_at: datetime


class Insight:
    """What calls say beside their score."""

    def __init__(self, database: Database, risks: Risks, commitments: Commitments) -> None:
        self._database = database
        self._risks = risks
        self._commitments = commitments

    def save(
        self,
        summary: CallSummary,
        *,
        alerts: Sequence[Alert] = (),
        commitments: Sequence[Commitment] = (),
    ) -> None:
        """Save or update everything found in one call; what people did about it stays."""
        row = {
            "call_id": summary.call_id,
            "call_type": summary.call_type,
            "reason": summary.reason,
            "contacts": summary.contacts,
            "low_score": summary.low_score,
            "has_suggestion": bool(summary.suggestions),
            "body": codec.to_json(summary),
            "updated_at": self._database.now(),
        }
        names = [name for name in row if name != "call_id"]
        with self._database.writing() as connection:
            statement = self._database.upsert(call_insights, keys=("call_id",), update=names)
            connection.execute(statement, row)
            self._risks.found(summary.call_id, alerts)
            self._commitments.found(summary.call_id, commitments)

    def load(self, call_id: str) -> CallSummary:
        """The summary of a call.

        Raises:
            NotFoundError: The call has not been analysed.
        """
        query = sa.select(call_insights.c.body).where(call_insights.c.call_id == call_id)
        with self._database.reading() as connection:
            body = connection.scalar(query)
        if body is None:
            raise NotFoundError(
                f"call {call_id!r} has no insight", self._database.place, "run `qa run`"
            )
        return codec.from_json(CallSummary, body, place=f"insight of call {call_id}")

    def contacts(self, call_id: str, customer_ref: str, reason: str, at: datetime | None) -> int:
        """Contacts of this customer for this reason in the week up to `at`, this one included.

        A call without a customer, a time or a known reason is the first of its kind.
        """
        if not customer_ref or at is None or reason == _OTHER:
            return 1
        query = (
            sa.select(sa.func.count())
            .select_from(calls.join(call_insights, call_insights.c.call_id == calls.c.id))
            .where(
                calls.c.customer_ref == customer_ref,
                call_insights.c.reason == reason,
                calls.c.id != call_id,
                calls.c.happened_at < at,
                calls.c.happened_at >= at - CONTACT_WINDOW,
            )
        )
        with self._database.reading() as connection:
            return 1 + int(connection.scalar(query) or 0)

    def miscounted(self) -> dict[str, int]:
        """Calls whose stored count of contacts is out of date → the count it should be.

        Calls do not come in in the order in which they happened.
        """
        query = (
            sa.select(
                calls.c.id,
                calls.c.customer_ref,
                calls.c.happened_at,
                call_insights.c.reason,
                call_insights.c.contacts,
            )
            .join(call_insights, call_insights.c.call_id == calls.c.id)
            .where(calls.c.customer_ref != "", call_insights.c.reason != _OTHER)
            .order_by(calls.c.customer_ref, call_insights.c.reason, calls.c.happened_at)
        )
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
        found: dict[str, int] = {}
        recent: list[Any] = []
        for row in rows:
            recent = [
                one
                for one in recent
                if (one.customer_ref, one.reason) == (row.customer_ref, row.reason)
                and one.happened_at >= row.happened_at - CONTACT_WINDOW
            ]
            before = sum(one.happened_at < row.happened_at for one in recent)
            if row.contacts != before + 1:
                found[row.id] = before + 1
            recent.append(row)
        return found

    def reasons(
        self,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        person: Person = SYSTEM,
    ) -> list[ReasonOfCall]:
        """Contact reason and type of every analysed call of a period, oldest first."""
        query = self._select(person, since, until).with_only_columns(
            calls.c.id, call_insights.c.reason, call_insights.c.call_type, calls.c.happened_at
        )
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(calls.c.happened_at, calls.c.id))
            return [ReasonOfCall(*row) for row in rows]

    def summaries(
        self,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        only: str = "",
        limit: int | None = None,
        person: Person = SYSTEM,
    ) -> list[tuple[CallSummary, datetime]]:
        """Summaries with the time of the call, newest first.

        Args:
            since: When the call happened, at the earliest.
            until: And before.
            only: `suggestions` or `lows` (a turn at or under −0.5) to leave the others out.
            limit: At most so many.
            person: Who asks.
        """
        query = self._select(person, since, until)
        if only == "suggestions":
            query = query.where(call_insights.c.has_suggestion)
        elif only == "lows":
            query = query.where(call_insights.c.low_score <= LOW)
        newest = query.order_by(calls.c.happened_at.desc(), calls.c.id).limit(limit)
        with self._database.reading() as connection:
            return [
                (codec.from_json(CallSummary, row.body), row.happened_at)
                for row in connection.execute(newest)
            ]

    def _select(self, person: Person, since: datetime | None, until: datetime | None) -> Any:
        query = (
            sa.select(call_insights.c.body, calls.c.happened_at)
            .join(calls, calls.c.id == call_insights.c.call_id)
            .where(reached(person, Action.READ_TOPICS))
        )
        if since is not None:
            query = query.where(calls.c.happened_at >= since)
        if until is not None:
            query = query.where(calls.c.happened_at < until)
        return query


#: A turn at or under this is a grievance.
LOW = -0.5
