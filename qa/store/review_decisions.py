"""Decisions: appended with a version per call and subject, so that none is ever lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from qa.evaluation import Evaluation, Outcome
from qa.review.drafts import Settled
from qa.review.values import Cause, ConflictShown, Decision, DecisionKind, Draft, Saved
from qa.store.database import Database
from qa.store.tables import decisions


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What a decision is about.

    Attributes:
        seen: Version of the subject that the person had on the screen; 0 for none.
    """

    review_id: int | None
    evaluation_id: int
    evaluation: Evaluation
    made_by: str
    seen: int
    round: int = 0


def append(
    database: Database, connection: sa.Connection, draft: Draft, settled: Settled, about: Context
) -> Saved:
    """Write one decision. The caller holds the lock on the call's row."""
    newest = _newest(connection, about.evaluation.call_id, draft.subject)
    theirs = _unseen(connection, draft, settled, about)
    row = _row(draft, settled, about) | {
        "version": newest + 1,
        "conflict_with": theirs.id if theirs else None,
        "made_at": database.now(),
    }
    key = connection.scalars(sa.insert(decisions).returning(decisions.c.id), row).one()
    stored = connection.execute(sa.select(decisions).where(decisions.c.id == key)).one()
    mine = to_decision(stored)
    conflict = ConflictShown(subject=draft.subject, mine=mine, theirs=theirs) if theirs else None
    return Saved(decision=mine, conflict=conflict)


def _newest(connection: sa.Connection, call_id: str, subject: str) -> int:
    query = sa.select(sa.func.coalesce(sa.func.max(decisions.c.version), 0)).where(
        decisions.c.call_id == call_id, decisions.c.subject == subject
    )
    return int(connection.scalar(query) or 0)


def _unseen(
    connection: sa.Connection, draft: Draft, settled: Settled, about: Context
) -> Decision | None:
    """The newest decision of somebody else, unseen and of another opinion."""
    if draft.kind == DecisionKind.COMMENT:
        return None
    query = (
        sa.select(decisions)
        .where(
            decisions.c.call_id == about.evaluation.call_id,
            decisions.c.subject == draft.subject,
            decisions.c.version > about.seen,
            decisions.c.made_by != about.made_by,
            decisions.c.kind != DecisionKind.COMMENT.value,
        )
        .order_by(decisions.c.version.desc())
        .limit(1)
    )
    row = connection.execute(query).first()
    if row is None:
        return None
    theirs = to_decision(row)
    same = (theirs.outcome, theirs.share) == (settled.outcome, settled.share)
    agrees = same and (theirs.outcome is not None or theirs.kind == draft.kind)
    return None if agrees else theirs


def _row(draft: Draft, settled: Settled, about: Context) -> dict[str, Any]:
    clip = draft.clip_ms or (None, None)
    return {
        "review_id": about.review_id,
        "call_id": about.evaluation.call_id,
        "evaluation_id": about.evaluation_id,
        "scorecard_id": about.evaluation.scorecard_id,
        "scorecard_version": about.evaluation.scorecard_version,
        "digest": about.evaluation.digest,
        "subject": draft.subject,
        "kind": draft.kind.value,
        "outcome": settled.outcome.value if settled.outcome else None,
        "share": settled.share,
        "machine_outcome": settled.machine.outcome,
        "machine_share": settled.machine.share,
        "machine_confidence": settled.machine.confidence,
        "overrides": settled.overrides,
        "cause": draft.cause.value if draft.cause and settled.overrides else None,
        "comment": draft.comment.strip(),
        "clip_start_ms": clip[0],
        "clip_end_ms": clip[1],
        "round": about.round,
        "made_by": about.made_by,
    }


def to_decision(row: Any) -> Decision:
    """A row of `decisions` as a value."""
    clip = None if row.clip_start_ms is None else (row.clip_start_ms, row.clip_end_ms)
    plain = ("id", "review_id", "call_id", "evaluation_id", "scorecard_id", "scorecard_version")
    more = ("digest", "subject", "version", "share", "machine_outcome", "machine_share")
    last = ("machine_confidence", "overrides", "comment", "conflict_with", "round", "made_by")
    return Decision(
        **{name: getattr(row, name) for name in (*plain, *more, *last)},
        kind=DecisionKind(row.kind),
        outcome=Outcome(row.outcome) if row.outcome else None,
        cause=Cause(row.cause) if row.cause else None,
        clip_ms=clip,
        made_at=row.made_at,
    )


def of_call(connection: sa.Connection, call_id: str) -> list[Decision]:
    """All decisions on a call, in the order they were saved."""
    query = sa.select(decisions).where(decisions.c.call_id == call_id).order_by(decisions.c.id)
    return [to_decision(row) for row in connection.execute(query)]


def of_calls(connection: sa.Connection, call_ids: Sequence[str]) -> dict[str, list[Decision]]:
    """All decisions on several calls."""
    found: dict[str, list[Decision]] = {call_id: [] for call_id in call_ids}
    query = sa.select(decisions).where(decisions.c.call_id.in_(call_ids)).order_by(decisions.c.id)
    for row in connection.execute(query):
        found[row.call_id].append(to_decision(row))
    return found
