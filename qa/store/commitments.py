"""The commitments ledger: promises found by analysis, and what became of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from qa import codec
from qa.access import SYSTEM, Action, Person
from qa.insight.commitments import Commitment, CommitmentOutcome, LedgerItem
from qa.store.database import Database
from qa.store.reach import reached
from qa.store.tables import calls, commitments

_OUTCOME = ("settled", "kept_at", "broken", "settled_by", "settled_at", "comment")


class Commitments:
    """Promises with their outcome. Who may, is asked of `qa.access` here."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def found(self, call_id: str, items: Sequence[Commitment]) -> None:
        """Enter what an analysis found in a call.

        A settled promise keeps its outcome, also when a better transcript puts it into another
        turn; an open one that is no longer found goes.
        """
        with self._database.writing() as connection:
            query = sa.select(commitments).where(commitments.c.call_id == call_id)
            known = {row["id"]: dict(row) for row in connection.execute(query).mappings()}
            ids = {item.id for item in items}
            moved = {
                (row["by"], row["action"], row["due_at"]): row
                for row in known.values()
                if row["settled"] and row["id"] not in ids
            }
            connection.execute(sa.delete(commitments).where(commitments.c.call_id == call_id))
            for item in items:
                old = known.get(item.id)
                if old is None or not old["settled"]:
                    old = moved.pop((item.by.value, item.action, item.due_at), old)
                connection.execute(sa.insert(commitments), _row(item) | _kept(old))
            for row in moved.values():  # settled, but not heard any more: shown as it was
                connection.execute(sa.insert(commitments), row | {"stands": False})

    def settle(
        self, outcomes: Sequence[CommitmentOutcome], *, person: Person = SYSTEM
    ) -> list[str]:
        """Enter outcomes; returns the ids that are not in the ledger or out of reach.

        Raises:
            AccessDeniedError: The person may not handle risks.
        """
        unknown = []
        with self._database.writing() as connection:
            for told in outcomes:
                within = (
                    sa.select(commitments.c.id)
                    .join(calls, calls.c.id == commitments.c.call_id)
                    .where(
                        commitments.c.id == told.commitment_id,
                        reached(person, Action.HANDLE_RISKS),
                    )
                )
                values = {
                    "settled": told.broken or told.kept_at is not None,
                    "kept_at": told.kept_at,
                    "broken": told.broken,
                    "settled_by": told.by or person.user_id,
                    "settled_at": self._database.now(),
                    "comment": told.comment,
                }
                if connection.scalar(within) is None:
                    unknown.append(told.commitment_id)
                    continue
                mine = sa.update(commitments).where(commitments.c.id == told.commitment_id)
                connection.execute(mine, values)
        return unknown

    def all(
        self,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        open_only: bool = False,
        person: Person = SYSTEM,
    ) -> list[LedgerItem]:
        """Promises of calls of a period: by due time, undated ones last."""
        wanted = [calls.c.happened_at >= since] if since else []
        wanted += [calls.c.happened_at < until] if until else []
        wanted += [sa.not_(commitments.c.settled)] if open_only else []
        return self._items(person, *wanted)

    def of_call(self, call_id: str, *, person: Person = SYSTEM) -> list[LedgerItem]:
        """Promises of one call."""
        return self._items(person, commitments.c.call_id == call_id)

    def _items(self, person: Person, *wanted: sa.ColumnElement[bool]) -> list[LedgerItem]:
        query = (
            sa.select(
                commitments,
                *(calls.c[name] for name in ("agent_id", "team", "queue", "happened_at")),
            )
            .join(calls, calls.c.id == commitments.c.call_id)
            .where(reached(person, Action.HANDLE_RISKS), *wanted)
            .order_by(commitments.c.due_at.asc().nulls_last(), commitments.c.id)
        )
        with self._database.reading() as connection:
            return [_item(row) for row in connection.execute(query)]


def _row(item: Commitment) -> dict[str, Any]:
    return {
        "id": item.id,
        "call_id": item.call_id,
        "by": item.by.value,
        "action": item.action,
        "due_at": item.due_at if item.due_at is None or item.due_at.tzinfo else None,
        "body": codec.to_json(item),
        "stands": True,
    }


def _kept(old: Mapping[str, Any] | None) -> dict[str, Any]:
    if old is None:
        return {"settled": False, "broken": False, "settled_by": "", "comment": ""}
    return {name: old[name] for name in _OUTCOME}


def _item(row: Any) -> LedgerItem:
    outcome = CommitmentOutcome(
        commitment_id=row.id,
        kept_at=row.kept_at,
        broken=row.broken,
        by=row.settled_by,
        comment=row.comment,
    )
    return LedgerItem(
        commitment=codec.from_json(Commitment, row.body, place=f"commitment {row.id}"),
        outcome=outcome if row.settled else None,
        labels={
            "agent_id": row.agent_id,
            "team": row.team,
            "queue": row.queue,
            "happened_at": row.happened_at.isoformat(),
        },
    )
