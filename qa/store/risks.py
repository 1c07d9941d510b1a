"""The risk queue: alerts found by analysis, and what people do about them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from qa import codec
from qa.access import SYSTEM, Action, Person
from qa.errors import NotFoundError
from qa.insight.alerts import RANK, Alert, RiskItem, RiskState, risk_queue
from qa.store.database import Database
from qa.store.reach import reached
from qa.store.tables import call_insights, calls, risk_events, risk_messages, risks


class Risks:
    """Alerts with their state. Who may, is asked of `qa.access` here."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def found(self, call_id: str, alerts: Sequence[Alert]) -> None:
        """Enter what an analysis found in a call, at most one alert of a kind.

        A known alert keeps its age and what people did; a resolved one comes back only when its
        priority has risen since. One that is no longer found goes, unless a person has touched it.
        """
        with self._database.writing() as connection:
            query = sa.select(risks).where(risks.c.call_id == call_id)
            known = {row.kind: row for row in connection.execute(query)}
            for alert in alerts:
                self._enter(connection, known.pop(alert.kind.value, None), alert)
            for row in known.values():
                mine = risks.c.id == row.id
                if row.state == RiskState.NEW and not row.changed_by:
                    connection.execute(sa.delete(risks).where(mine))
                else:
                    connection.execute(sa.update(risks).where(mine), {"stands": False})

    def _enter(self, connection: sa.Connection, known: Any, alert: Alert) -> None:
        row = {"priority": alert.priority, "body": codec.to_json(alert), "stands": True}
        if known is None:
            now = self._database.now()
            fresh = {"call_id": alert.call_id, "kind": alert.kind.value, "raised_at": now}
            connection.execute(sa.insert(risks), row | fresh | {"state": RiskState.NEW.value})
            return
        connection.execute(sa.update(risks).where(risks.c.id == known.id), row)
        seen = known.seen_priority
        if known.state == RiskState.RESOLVED and seen and RANK[alert.priority] < RANK[seen]:
            self._write(connection, known.id, RiskState.NEW, SYSTEM, f"{seen} → {alert.priority}")

    def queue(self, *, person: Person = SYSTEM) -> tuple[RiskItem, ...]:
        """Open risks that the person may handle: the gravest first, then the oldest."""
        return risk_queue(self._items(person, risks.c.state != RiskState.RESOLVED.value))

    def all(
        self,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        person: Person = SYSTEM,
    ) -> list[RiskItem]:
        """Risks of calls of a period in any state, newest first."""
        bounds = [calls.c.happened_at >= since] if since else []
        bounds += [calls.c.happened_at < until] if until else []
        return self._items(person, *bounds)

    def of_call(self, call_id: str, *, person: Person = SYSTEM) -> list[RiskItem]:
        """Risks of one call."""
        return self._items(person, risks.c.call_id == call_id)

    def take(self, risk_id: int, *, person: Person, comment: str = "") -> None:
        """Make the person responsible; somebody else may take it over later."""
        self.change(risk_id, RiskState.TAKEN, person=person, comment=comment)

    def resolve(self, risk_id: int, *, person: Person, comment: str = "") -> None:
        """Close the risk, saying how."""
        self.change(risk_id, RiskState.RESOLVED, person=person, comment=comment)

    def change(self, risk_id: int, state: RiskState, *, person: Person, comment: str = "") -> None:
        """Set the state; also back to new.

        Raises:
            AccessDeniedError: The person may not handle risks.
            NotFoundError: No such risk, or none that the person may see.
        """
        with self._database.writing() as connection:
            query = (
                sa.select(risks.c.id)
                .join(calls, calls.c.id == risks.c.call_id)
                .where(risks.c.id == risk_id, reached(person, Action.HANDLE_RISKS))
            )
            if connection.scalar(query) is None:
                raise NotFoundError(f"no risk {risk_id}", "risks", "list them with `qa risks list`")
            self._write(connection, risk_id, state, person, comment)

    def _write(
        self,
        connection: sa.Connection,
        risk_id: int,
        state: RiskState,
        person: Person,
        comment: str,
    ) -> None:
        now = self._database.now()
        values = {
            "state": state.value,
            "changed_by": person.user_id,
            "changed_at": now,
            "comment": comment,
            "seen_priority": risks.c.priority,
        }
        connection.execute(sa.update(risks).where(risks.c.id == risk_id).values(values))
        event = {"risk_id": risk_id, "state": state.value, "by": person.user_id, "at": now}
        connection.execute(sa.insert(risk_events), event | {"comment": comment})

    def history(self, risk_id: int) -> list[tuple[datetime, str, str, str]]:
        """Changes of a risk, oldest first: when, by whom, to which state, with which words."""
        query = sa.select(risk_events).where(risk_events.c.risk_id == risk_id)
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(risk_events.c.id))
            return [(row.at, row.by, row.state, row.comment) for row in rows]

    def unsent(self, channel: str) -> list[RiskItem]:
        """New risks of which no message in this priority went over the channel, gravest first."""
        sent = sa.select(risk_messages.c.id).where(
            risk_messages.c.risk_id == risks.c.id,
            risk_messages.c.channel == channel,
            risk_messages.c.priority == risks.c.priority,
            risk_messages.c.delivered,
        )
        waiting = risks.c.state == RiskState.NEW.value
        return list(risk_queue(self._items(SYSTEM, waiting, risks.c.stands, ~sent.exists())))

    def sent_at(self, channel: str, *, since: datetime) -> list[datetime]:
        """When messages went over a channel, for its rate limit."""
        query = sa.select(risk_messages.c.sent_at).where(
            risk_messages.c.channel == channel, risk_messages.c.sent_at >= since
        )
        with self._database.reading() as connection:
            return list(connection.scalars(query))

    def record_message(self, item: RiskItem, channel: str, *, problem: str = "") -> None:
        """Note that a message went out, or why it did not."""
        row = {
            "risk_id": item.id,
            "channel": channel,
            "priority": item.alert.priority,
            "sent_at": self._database.now(),
            "delivered": not problem,
            "problem": problem[:500],
        }
        with self._database.writing() as connection:
            connection.execute(sa.insert(risk_messages), row)

    def _items(self, person: Person, *wanted: sa.ColumnElement[bool]) -> list[RiskItem]:
        query = (
            sa.select(
                risks,
                *(calls.c[name] for name in ("agent_id", "team", "queue", "happened_at")),
                call_insights.c.reason,
            )
            .join(calls, calls.c.id == risks.c.call_id)
            .outerjoin(call_insights, call_insights.c.call_id == risks.c.call_id)
            .where(reached(person, Action.HANDLE_RISKS), *wanted)
            .order_by(calls.c.happened_at.desc(), risks.c.id)
        )
        with self._database.reading() as connection:
            return [_item(row) for row in connection.execute(query)]


def _item(row: Any) -> RiskItem:
    return RiskItem(
        id=row.id,
        alert=codec.from_json(Alert, row.body, place=f"risk {row.id}"),
        raised_at=row.raised_at,
        state=RiskState(row.state),
        changed_by=row.changed_by,
        changed_at=row.changed_at,
        comment=row.comment,
        stands=row.stands,
        labels={
            "agent_id": row.agent_id,
            "team": row.team,
            "queue": row.queue,
            "reason": row.reason or "",
            "happened_at": row.happened_at.isoformat(),
        },
    )
