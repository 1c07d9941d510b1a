"""Calls that may be picked for review, with how risky and how uncertain each is."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from qa.evaluation import CriticalState
from qa.review.sampling import Candidate
from qa.store.database import Database
from qa.store.filters import CallFilter, conditions, joined
from qa.store.tables import agents, calls, evaluations, findings, reviews, scorecard_criteria

#: Tenure bands: upper bounds in days since hiring. The first month counts as its own.
TENURES = ((30, "0-30d"), (90, "31-90d"), (365, "91-365d"))
_SUSPECTED = CriticalState.SUSPECTED.value


def read_candidates(
    connection: sa.Connection, database: Database, wanted: CallFilter, *, unreviewed: bool
) -> list[Candidate]:
    """Scored calls that pass the filter.

    Risk: share of the score that was lost, raised by open suspicions and candidates.
    Uncertainty: one minus coverage, raised by the share of criteria that ask for a person.
    Both are plain, stated figures for ordering the work, not probabilities.
    """
    forms = _criteria()
    alarms = _alarms()
    where = [evaluations.c.id.is_not(None), *conditions(wanted, database)]
    if unreviewed:
        seen = sa.select(reviews.c.call_id).where(reviews.c.submitted_at.is_not(None))
        where.append(calls.c.id.not_in(seen))
    query = (
        sa.select(
            calls.c.id,
            calls.c.agent_id,
            calls.c.queue,
            calls.c.direction,
            calls.c.happened_at,
            evaluations.c.quality_percent,
            evaluations.c.coverage,
            evaluations.c.review_count,
            forms.c.criteria,
            alarms.c.suspected,
            alarms.c.candidates,
            _hired_on().label("hired_on"),
        )
        .select_from(
            joined(evaluations.c.id, *where)
            .outerjoin(forms, forms.c.digest == evaluations.c.digest)
            .outerjoin(alarms, alarms.c.call_id == calls.c.id)
        )
        .where(*where)
    )
    return [_candidate(row) for row in connection.execute(query)]


def _criteria() -> sa.Subquery:
    """How many criteria each scorecard digest has."""
    c = scorecard_criteria.c
    return sa.select(c.digest, sa.func.count().label("criteria")).group_by(c.digest).subquery()


def _alarms() -> sa.Subquery:
    suspected = sa.func.sum(sa.case((findings.c.state == _SUSPECTED, 1), else_=0))
    return (
        sa.select(
            findings.c.call_id,
            suspected.label("suspected"),
            (sa.func.count() - suspected).label("candidates"),
        )
        .where(findings.c.is_current)
        .group_by(findings.c.call_id)
        .subquery()
    )


def _hired_on() -> Any:
    return (
        sa.select(agents.c.hired_on)
        .where(agents.c.agent_id == calls.c.agent_id, agents.c.hired_on.is_not(None))
        .order_by(agents.c.valid_from.desc())
        .limit(1)
        .correlate(calls)
        .scalar_subquery()
    )


def _candidate(row: Any) -> Candidate:
    score = row.quality_percent
    lost = 0.5 if score is None else (100 - score) / 100
    alarm = min(1.0, 0.6 * (row.suspected or 0) + 0.25 * (row.candidates or 0))
    doubtful = row.review_count / row.criteria if row.criteria else 1.0
    return Candidate(
        call_id=row.id,
        agent_id=row.agent_id,
        queue=row.queue,
        tenure=tenure_of(row.hired_on, row.happened_at),
        direction=row.direction,
        score=score,
        risk=_either(lost, alarm),
        uncertainty=_either(1 - row.coverage, doubtful),
        suspect=bool(row.suspected),
    )


def _either(one: float, two: float) -> float:
    """Chance that at least one of two independent things holds, kept inside 0–1."""
    return min(1.0, max(0.0, 1 - (1 - one) * (1 - two)))


def tenure_of(hired_on: date | None, when: datetime) -> str:
    """Band of the time in the job; `""` when unknown."""
    if hired_on is None:
        return ""
    days = (when.date() - hired_on).days
    return next((name for bound, name in TENURES if days <= bound), "1y+")
