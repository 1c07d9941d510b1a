"""Evaluations: appended, never edited. The newest of a call is current."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from qa import codec
from qa.errors import NotFoundError
from qa.evaluation import Evaluation
from qa.form import STANDARD, FormRules
from qa.review.silence import silence
from qa.store import decided_scores
from qa.store.currency import retire_current
from qa.store.database import Database
from qa.store.review_autonomy import turned_off
from qa.store.stages import Stages
from qa.store.tables import (
    criterion_results,
    evaluation_bodies,
    evaluations,
    findings,
    scorecard_criteria,
)
from qa.store.values import StageDone

_FLAGGED = (evaluations, criterion_results, findings)


class Evaluations:
    """Saving and loading evaluations with their criterion results and findings.

    What is loaded says nothing on criteria at level `off`; figures follow when a call is scored
    again, which the next night does.
    """

    def __init__(self, database: Database, stages: Stages) -> None:
        self._database = database
        self._stages = stages

    def save(
        self,
        evaluation: Evaluation,
        *,
        done: StageDone | None = None,
        current: bool = True,
        form: FormRules = STANDARD,
    ) -> int:
        """Append an evaluation, and mark the stage done: all or nothing.

        Args:
            evaluation: Its call must be in the store.
            done: The stage that ends with this.
            current: False for what-if scoring, which no list or figure shows.
            form: The scorecard's arithmetic, for the score after decisions made before.

        Returns:
            The evaluation's id, to which reviews refer.

        Raises:
            LeaseLostError: The work was taken over; nothing is saved.
        """
        with self._database.writing() as connection:
            if current:
                retire_current(connection, evaluation.call_id, *_FLAGGED)
            row = self._row(evaluation, current=current)
            insert = sa.insert(evaluations).returning(evaluations.c.id)
            key = connection.scalars(insert, row).one()
            self._insert_parts(connection, evaluation, key, current=current)
            if current:
                decided_scores.keep(self._database, connection, key, evaluation, form)
            if done is not None:
                self._stages.finish(done)
            return key

    def load(self, call_id: str) -> Evaluation:
        """The current evaluation of a call.

        Raises:
            NotFoundError: The call has not been scored.
        """
        if found := self.load_many([call_id]):
            return found[call_id]
        raise NotFoundError(
            f"call {call_id!r} has not been scored", self._database.place, "run `qa run`"
        )

    def load_many(self, call_ids: Collection[str]) -> dict[str, Evaluation]:
        """Call id → current evaluation; calls that have not been scored are left out."""
        query = (
            sa.select(evaluation_bodies)
            .join(evaluations, evaluations.c.id == evaluation_bodies.c.evaluation_id)
            .where(evaluations.c.call_id.in_(call_ids), evaluations.c.is_current)
        )
        off: dict[str, frozenset[str]] = {}
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
            found = [_decoded(connection, row.body, row.evaluation_id, off) for row in rows]
        return {evaluation.call_id: evaluation for evaluation in found}

    def get(self, evaluation_id: int) -> Evaluation:
        """The evaluation of this id, current or not.

        Raises:
            NotFoundError: There is none.
        """
        query = sa.select(evaluation_bodies.c.body).where(
            evaluation_bodies.c.evaluation_id == evaluation_id
        )
        with self._database.reading() as connection:
            body = connection.scalar(query)
            if body is None:
                raise NotFoundError(
                    f"no evaluation {evaluation_id}",
                    self._database.place,
                    "list them with `qa calls`",
                )
            return _decoded(connection, body, evaluation_id, {})

    def ids_of(self, call_id: str) -> list[int]:
        """Ids of all evaluations of a call, oldest first."""
        query = (
            sa.select(evaluations.c.id)
            .where(evaluations.c.call_id == call_id)
            .order_by(evaluations.c.id)
        )
        with self._database.reading() as connection:
            return list(connection.scalars(query))

    def current_id(self, call_id: str) -> int | None:
        """Id of the current evaluation, or None."""
        mine = sa.and_(evaluations.c.call_id == call_id, evaluations.c.is_current)
        with self._database.reading() as connection:
            return connection.scalar(sa.select(evaluations.c.id).where(mine))

    def _row(self, evaluation: Evaluation, *, current: bool) -> dict[str, Any]:
        columns = (
            "call_id",
            "scorecard_id",
            "scorecard_version",
            "digest",
            "band",
            "quality_percent",
            "if_confirmed_percent",
            "coverage",
            "applicable_weight",
            "positive_share",
        )
        return {name: getattr(evaluation, name) for name in columns} | {
            "is_current": current,
            "state": evaluation.state.value,
            "finding_count": len(evaluation.findings),
            "review_count": sum(result.verdict.review for result in evaluation.results),
            "created_at": self._database.now(),
        }

    def _insert_parts(
        self, connection: sa.Connection, evaluation: Evaluation, key: int, *, current: bool
    ) -> None:
        body = {"evaluation_id": key, "body": codec.to_json(evaluation)}
        connection.execute(sa.insert(evaluation_bodies), body)
        owner = {"evaluation_id": key, "call_id": evaluation.call_id, "is_current": current}
        tables = (
            (sa.insert(criterion_results), _result_rows(evaluation)),
            (sa.insert(findings), _finding_rows(evaluation)),
        )
        for insert, rows in tables:
            if rows:
                connection.execute(insert, [row | owner for row in rows])
        if rows := _criteria_rows(evaluation):
            connection.execute(self._database.insert_ignoring(scorecard_criteria), rows)


def _decoded(
    connection: sa.Connection, body: str, evaluation_id: int, off: dict[str, frozenset[str]]
) -> Evaluation:
    """The evaluation as people may see it: where the machine is turned off, it says nothing.

    `off` remembers for each scorecard where that is.
    """
    stored = codec.from_json(Evaluation, body, place=f"evaluation {evaluation_id}")
    if stored.scorecard_id not in off:
        off[stored.scorecard_id] = turned_off(connection, stored.scorecard_id)
    return silence(stored, off[stored.scorecard_id])


def _result_rows(evaluation: Evaluation) -> list[dict[str, Any]]:
    return [
        {
            "criterion_id": result.criterion_id,
            "outcome": result.verdict.outcome.value,
            "share": result.verdict.share,
            "weight": result.weight,
            "applied_weight": result.applied_weight,
            "points": result.points,
            "confidence": result.verdict.confidence,
            "needs_review": result.verdict.review,
        }
        for result in evaluation.results
    ]


def _finding_rows(evaluation: Evaluation) -> list[dict[str, Any]]:
    return [
        {
            "code": finding.code,
            "criterion_id": finding.criterion_id,
            "critical_class": finding.critical_class.value,
            "state": finding.state.value,
            "name_zh": finding.name.zh,
            "name_en": finding.name.en,
            "confidence": finding.confidence,
        }
        for finding in evaluation.findings
    ]


def _criteria_rows(evaluation: Evaluation) -> list[dict[str, Any]]:
    sections = {section.section_id: section.name for section in evaluation.sections}
    return [
        {
            "digest": evaluation.digest,
            "criterion_id": result.criterion_id,
            "section_id": result.section_id,
            "section_zh": sections[result.section_id].zh if result.section_id in sections else "",
            "section_en": sections[result.section_id].en if result.section_id in sections else "",
            "name_zh": result.name.zh,
            "name_en": result.name.en,
            "weight": result.weight,
            "critical_class": result.critical_class.value,
        }
        for result in evaluation.results
    ]
