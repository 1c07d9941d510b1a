"""The score that counts, kept for every evaluation on which a person has decided.

Lists filter, sort and sum by it; it is written with the decision itself, and again when a call with
decisions is scored again.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from qa.evaluation import Evaluation
from qa.form import FormRules
from qa.review.effective import effective
from qa.review.values import DecisionKind
from qa.store import review_decisions
from qa.store.database import Database
from qa.store.tables import decided_scores, decisions, evaluations


def keep(
    database: Database,
    connection: sa.Connection,
    evaluation_id: int,
    evaluation: Evaluation,
    form: FormRules,
) -> None:
    """Write what counts for an evaluation now; nothing where no decision fits it.

    Args:
        database: For its dialect.
        connection: A transaction that saw, or made, the newest decision.
        evaluation_id: Of the machine's evaluation.
        evaluation: The machine's.
        form: The scorecard's arithmetic.
    """
    said = review_decisions.of_call(connection, evaluation.call_id)
    if not said:  # as good as every call of a night
        return
    found = effective(evaluation, said, form)
    if not found.decided:
        mine = decided_scores.c.evaluation_id == evaluation_id
        connection.execute(sa.delete(decided_scores).where(mine))
        return
    row: dict[str, Any] = {
        "evaluation_id": evaluation_id,
        "call_id": evaluation.call_id,
        "decision_id": max(decision.id for decision in said),
        "percent": found.final_percent,
        "band": found.final_band,
        "state": found.evaluation.state.value,
    }
    update = [name for name in row if name != "evaluation_id"]
    connection.execute(database.upsert(decided_scores, keys=("evaluation_id",), update=update), row)


def due(connection: sa.Connection) -> list[int]:
    """Ids of current evaluations whose newest decision is not in what is kept."""
    newest = (
        sa.select(decisions.c.call_id, sa.func.max(decisions.c.id).label("last"))
        .where(decisions.c.kind != DecisionKind.COMMENT.value)
        .group_by(decisions.c.call_id)
        .subquery()
    )
    kept = decided_scores.c
    query = (
        sa.select(evaluations.c.id)
        .join(newest, newest.c.call_id == evaluations.c.call_id)
        .outerjoin(decided_scores, kept.evaluation_id == evaluations.c.id)
        .where(evaluations.c.is_current, sa.func.coalesce(kept.decision_id, 0) < newest.c.last)
        .order_by(evaluations.c.id)
    )
    return list(connection.scalars(query))
