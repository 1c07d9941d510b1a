"""Queries on verdicts: what the machine said of each criterion, and what people made of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa

from qa.evaluation import JUDGED
from qa.store.tables import call_facts, criterion_results, decisions, evaluations

RESULTS = criterion_results.c
#: One row per call and criterion, as the machine has it.
OUTCOMES = sa.select(
    RESULTS.call_id, call_facts.c.agent_id, call_facts.c.team, call_facts.c.day,
    call_facts.c.month, RESULTS.criterion_id, RESULTS.outcome, RESULTS.share, RESULTS.weight,
    RESULTS.applied_weight, RESULTS.points, RESULTS.confidence,
).join_from(
    # by evaluation, as results lie: half the time of looking them up by call
    criterion_results, evaluations, evaluations.c.id == RESULTS.evaluation_id
).join(call_facts, call_facts.c.call_id == evaluations.c.call_id)  # fmt: skip

#: What is added up: verdicts that judged, those of them that missed, points won and possible.
SUMMED = ("n", "misses", "points", "applied")


def machine_sums(by: Sequence[str]) -> sa.Select[Any]:
    """Columns of `by`, and `SUMMED` of what the machine said; conditions may be added."""
    return _summed(by, RESULTS.outcome, points=RESULTS.points, applied=RESULTS.applied_weight)


def people_sums(
    by: Sequence[str], *of_calls: sa.ColumnElement[bool], since: date, until: date
) -> sa.Select[Any]:
    """As `machine_sums`, where people have had the last word on `last_said` calls."""
    said = last_said(*of_calls, since=since, until=until).subquery()
    outcome = sa.func.coalesce(said.c.outcome, RESULTS.outcome)
    weight = sa.case((outcome.in_(JUDGED), RESULTS.weight), else_=0.0)
    credit = sa.func.coalesce(said.c.share, 0.0) * weight
    is_machines = said.c.outcome.is_(None)
    return _summed(
        by,
        outcome,
        points=sa.case((is_machines, RESULTS.points), else_=credit),
        applied=sa.case((is_machines, RESULTS.applied_weight), else_=weight),
    ).outerjoin(
        said, sa.and_(said.c.call_id == RESULTS.call_id, said.c.subject == RESULTS.criterion_id)
    )


def last_said(*of_calls: sa.ColumnElement[bool], since: date, until: date) -> sa.Select[Any]:
    """The last word of people on calls of local days [since, until): one row per call, subject.

    Columns: call_id, subject, outcome, share.

    Args:
        of_calls: Further conditions, on `call_facts`: without them every decision is looked at.
        since: The first day.
        until: The day after the last.
    """
    said = decisions.c
    newest_first = sa.func.row_number().over(
        partition_by=(said.call_id, said.subject), order_by=said.version.desc()
    )
    query = (
        sa.select(said.call_id, said.subject, said.outcome, said.share, newest_first.label("age"))
        .join(call_facts, call_facts.c.call_id == said.call_id)
        .where(
            said.outcome.is_not(None),
            call_facts.c.day >= since,
            call_facts.c.day < until,
            *of_calls,
        )
    )
    found = query.subquery()
    columns = (found.c.call_id, found.c.subject, found.c.outcome, found.c.share)
    return sa.select(*columns).where(found.c.age == 1)


def _summed(
    by: Sequence[str],
    outcome: sa.ColumnElement[str],
    *,
    points: sa.ColumnElement[float],
    applied: sa.ColumnElement[float],
) -> sa.Select[Any]:
    keys = [OUTCOMES.selected_columns[name] for name in by]
    sums: tuple[sa.ColumnElement[Any], ...] = (
        _times(outcome.in_(JUDGED)),
        _times(outcome == "missed"),
        sa.func.sum(points, type_=sa.Float()),
        sa.func.sum(applied, type_=sa.Float()),
    )
    named = (column.label(name) for column, name in zip(sums, SUMMED, strict=True))
    return OUTCOMES.with_only_columns(*keys, *named, maintain_column_froms=True).group_by(*keys)


def _times(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.sum(sa.case((condition, 1), else_=0), type_=sa.Integer())
