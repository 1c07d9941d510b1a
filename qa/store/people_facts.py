"""Facts per call: made once per evaluation, made again when a person decides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from qa import codec
from qa.analysis import Analysis
from qa.evaluation import Evaluation
from qa.form import STANDARD, FormRules
from qa.people.facts import Judged, facts_of
from qa.review.effective import effective
from qa.store.calls import read_call
from qa.store.database import Database
from qa.store.review_decisions import to_decision
from qa.store.tables import (
    agents,
    analyses,
    call_facts,
    calls,
    decisions,
    evaluation_bodies,
    evaluations,
)

if TYPE_CHECKING:
    from qa.review.values import Decision

#: Calls per transaction: short enough that nobody waits for the night.
BATCH = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What the numbers of a site depend on.

    Attributes:
        timezone: The site's.
        forms: Scorecard digest → its arithmetic, for scores after decisions; the service
            standard's where one is not named.
    """

    timezone: str
    forms: Mapping[str, FormRules]


def due(connection: sa.Connection) -> list[str]:
    """Calls whose current evaluation, or newest decision, is not in the facts yet."""
    newest = (
        sa.select(decisions.c.call_id, sa.func.max(decisions.c.id).label("last"))
        .group_by(decisions.c.call_id)
        .subquery()
    )
    known = call_facts.c
    query = (
        sa.select(evaluations.c.call_id)
        .outerjoin(call_facts, known.call_id == evaluations.c.call_id)
        .outerjoin(newest, newest.c.call_id == evaluations.c.call_id)
        .where(
            evaluations.c.is_current,
            sa.or_(
                known.call_id.is_(None),
                known.evaluation_id != evaluations.c.id,
                known.decision_id != sa.func.coalesce(newest.c.last, 0),
            ),
        )
        .order_by(evaluations.c.id)
    )
    return list(connection.scalars(query))


def write(database: Database, call_ids: Sequence[str], source: Source) -> set[str]:
    """Make the facts of these calls; returns the months they touch, before and after."""
    with database.writing() as connection:
        known = sa.select(call_facts.c.month).where(call_facts.c.call_id.in_(call_ids))
        months = set(connection.scalars(known.distinct()))
        rows = _rows(connection, call_ids, source, database.place)
        if rows:
            names = [column.name for column in call_facts.columns if column.name != "call_id"]
            statement = database.upsert(call_facts, keys=("call_id",), update=names)
            connection.execute(statement, rows)
        return months | {str(row["month"]) for row in rows}


def _rows(
    connection: sa.Connection, call_ids: Sequence[str], source: Source, place: str
) -> list[dict[str, Any]]:
    said = _decisions(connection, call_ids)
    heard = dict(
        connection.execute(
            sa.select(analyses.c.call_id, analyses.c.body).where(
                analyses.c.call_id.in_(call_ids), analyses.c.is_current
            )
        ).all()
    )
    found = connection.execute(
        sa.select(
            evaluations.c.id,
            evaluations.c.call_id,
            evaluations.c.digest,
            calls.c.happened_at,
            evaluation_bodies.c.body,
        )
        .join(evaluation_bodies, evaluation_bodies.c.evaluation_id == evaluations.c.id)
        .join(calls, calls.c.id == evaluations.c.call_id)
        .where(evaluations.c.call_id.in_(call_ids), evaluations.c.is_current)
    ).all()
    rows = []
    for row in found:
        call = read_call(connection, row.call_id, place)
        machine = codec.from_json(Evaluation, row.body, place=f"evaluation {row.id}")
        form = source.forms.get(row.digest, STANDARD)
        body = heard.get(row.call_id)
        rows.append(
            facts_of(
                call,
                _judged(row.id, machine, said.get(row.call_id, ()), form),
                None if body is None else codec.from_json(Analysis, body, place=row.call_id),
                team=_team(connection, call.agent_id, row.happened_at),
                timezone=source.timezone,
                happened_at=row.happened_at,
            )
        )
    return rows


def _judged(
    evaluation_id: int, machine: Evaluation, said: Sequence[Decision], form: FormRules
) -> Judged:
    if not said:
        return Judged(
            evaluation=machine, final_percent=machine.quality_percent, evaluation_id=evaluation_id
        )
    counted = effective(machine, said, form)
    return Judged(
        evaluation=counted.evaluation,
        final_percent=counted.final_percent,
        evaluation_id=evaluation_id,
        decision_id=max(decision.id for decision in said),
        decided_at=max(decision.made_at for decision in said),
    )


def _decisions(connection: sa.Connection, call_ids: Sequence[str]) -> dict[str, list[Decision]]:
    found: dict[str, list[Decision]] = {}
    query = sa.select(decisions).where(decisions.c.call_id.in_(call_ids)).order_by(decisions.c.id)
    for row in connection.execute(query):
        found.setdefault(row.call_id, []).append(to_decision(row))
    return found


def _team(connection: sa.Connection, agent_id: str, moment: Any) -> str:
    day = moment.date()
    query = (
        sa.select(agents.c.team)
        .where(
            agents.c.agent_id == agent_id,
            agents.c.valid_from <= day,
            sa.or_(agents.c.valid_to.is_(None), agents.c.valid_to > day),
        )
        .order_by(agents.c.valid_from.desc())
        .limit(1)
    )
    return connection.scalar(query) or ""
