"""Counts behind agreement, report card, error budget and review times, made in the database."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from qa.evaluation import Bilingual
from qa.review.disputes import DECIDED, DisputeState
from qa.review.error_budget import Override
from qa.review.values import Cause, DecisionKind, PickReason
from qa.store.database import Database
from qa.store.recordings import chunks
from qa.store.tables import (
    assignments,
    criterion_results,
    decisions,
    disputes,
    evaluations,
    reviews,
    scorecard_criteria,
    transcript_bodies,
    transcripts,
)

Counts = dict[tuple[str, str], int]
_SETTLING = (
    DecisionKind.ACCEPT.value,
    DecisionKind.CHANGE.value,
    DecisionKind.NOT_APPLICABLE.value,
)
#: Picked whatever the machine thought of them: agreement on these speaks for all calls.
_BY_CHANCE = (PickReason.RANDOM.value, PickReason.STRATIFIED.value, PickReason.REPLACEMENT.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Which decisions count. Times are half-open.

    Attributes:
        scorecard_id: The scorecard; versions are all counted unless `version` is given.
        by_chance: Only calls that were picked by chance, whatever the machine thought of them.
    """

    scorecard_id: str
    version: str = ""
    since: datetime | None = None
    until: datetime | None = None
    by_chance: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewTime:
    """How long a reviewer takes.

    Attributes:
        seconds: One per submitted review: measured active time, else submission − opening.
        audio_ms: Length of the calls in the same order.
    """

    reviewer: str
    seconds: tuple[float, ...]
    audio_ms: tuple[int, ...]


class ReviewFigures:
    """Reads only."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def scorecards(self) -> list[str]:
        """Scorecards on which anything was decided."""
        query = sa.select(decisions.c.scorecard_id).distinct().order_by(decisions.c.scorecard_id)
        with self._database.reading() as connection:
            return [*connection.scalars(query)]

    def confusion(self, period: Period) -> dict[str, Counts]:
        """Criterion → (machine's outcome, person's outcome) → calls.

        The last word per call and criterion counts; what the machine said is what it had said to
        that person.
        """
        return self.confusion_and_causes(period)[0]

    def confusion_and_causes(
        self, period: Period
    ) -> tuple[dict[str, Counts], dict[str, dict[Cause, int]]]:
        """As `confusion`; and criterion → cause → overrides that count, most frequent first."""
        last = self._last(period)
        c = decisions.c
        keys = (c.subject, c.machine_outcome, c.outcome, c.overrides, c.cause)
        query = sa.select(*keys, sa.func.count()).join(last, last.c.id == c.id).group_by(*keys)
        outcomes: defaultdict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
        causes: defaultdict[str, Counter[Cause]] = defaultdict(Counter)
        with self._database.reading() as connection:
            for subject, machine, person, overrides, cause, n in connection.execute(query):
                outcomes[subject][machine, person] += n
                if overrides:
                    causes[subject][Cause(cause)] += n
        told = {name: _frequent_first(found) for name, found in causes.items()}
        return {name: dict(outcomes[name]) for name in sorted(outcomes)}, told

    def human_pairs(self, period: Period) -> dict[str, Counts]:
        """Criterion → (one person's outcome, another's) → calls: the ceiling for a machine."""
        one, two = decisions.alias("one"), decisions.alias("two")
        each = sa.select(self._each(period).c.id)
        where = [
            one.c.call_id == two.c.call_id,
            one.c.subject == two.c.subject,
            one.c.scorecard_version == two.c.scorecard_version,
            one.c.made_by < two.c.made_by,
            one.c.id.in_(each),
            two.c.id.in_(each),
        ]
        query = (
            sa.select(one.c.subject, one.c.outcome, two.c.outcome, sa.func.count())
            .where(*where)
            .group_by(one.c.subject, one.c.outcome, two.c.outcome)
        )
        found: defaultdict[str, Counts] = defaultdict(dict)
        with self._database.reading() as connection:
            for subject, first, second, n in connection.execute(query):
                found[subject][first, second] = n
        return dict(found)

    def overrides(self, since: datetime, until: datetime) -> list[Override]:
        """Every override made in a half-open stretch of time, with what it cost."""
        c, r = decisions.c, criterion_results.c
        query = (
            sa.select(
                c.subject,
                c.cause,
                c.scorecard_version,
                c.digest,
                c.outcome,
                c.share,
                c.machine_share,
                c.made_at,
                c.call_id,
                r.weight,
            )
            .outerjoin(
                criterion_results,
                sa.and_(r.evaluation_id == c.evaluation_id, r.criterion_id == c.subject),
            )
            .where(c.overrides, c.made_at >= since, c.made_at < until)
            .order_by(c.id)
        )
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
            models = _models(connection, {row.call_id for row in rows})
        return [_to_override(row, models.get(row.call_id, "")) for row in rows]

    def disputes_of(self, period: Period) -> dict[str, tuple[int, int]]:
        """Criterion → (decided, overturned)."""
        c = disputes.c
        overturned = sa.case((c.state == DisputeState.OVERTURNED.value, 1), else_=0)
        where = [
            c.scorecard_id == period.scorecard_id,
            c.state.in_([state.value for state in DECIDED]),
            *_within(c.closed_at, period),
        ]
        if period.version:
            where.append(c.scorecard_version == period.version)
        query = sa.select(c.subject, sa.func.count(), sa.func.sum(overturned)).where(*where)
        with self._database.reading() as connection:
            rows = connection.execute(query.group_by(c.subject))
            return {name: (decided, lost) for name, decided, lost in rows}

    def names(self, scorecard_id: str) -> dict[str, Bilingual]:
        """Criterion → its newest name, in the order of ids."""
        used = (
            sa.select(evaluations.c.digest, sa.func.max(evaluations.c.id).label("last"))
            .where(evaluations.c.scorecard_id == scorecard_id)
            .group_by(evaluations.c.digest)
            .subquery()
        )
        query = (
            sa.select(scorecard_criteria)
            .join(used, used.c.digest == scorecard_criteria.c.digest)
            .order_by(used.c.last)
        )
        with self._database.reading() as connection:
            return {
                row.criterion_id: Bilingual(zh=row.name_zh, en=row.name_en)
                for row in connection.execute(query)
            }

    def review_times(self, since: datetime, until: datetime) -> list[ReviewTime]:
        """Per reviewer, the time of every submitted review."""
        from qa.store.tables import calls, recordings  # noqa: PLC0415 - only here

        c = reviews.c
        query = (
            sa.select(
                c.reviewer, c.active_ms, c.opened_at, c.submitted_at, recordings.c.duration_ms
            )
            .join(calls, calls.c.id == c.call_id)
            .join(recordings, recordings.c.id == calls.c.recording_id)
            .where(c.submitted_at >= since, c.submitted_at < until)
            .order_by(c.reviewer, c.id)
        )
        found: defaultdict[str, list[tuple[float, int]]] = defaultdict(list)
        with self._database.reading() as connection:
            for row in connection.execute(query):
                passed = (row.submitted_at - row.opened_at).total_seconds()
                seconds = row.active_ms / 1000 if row.active_ms else passed
                found[row.reviewer].append((seconds, row.duration_ms))
        return [
            ReviewTime(
                reviewer=name,
                seconds=tuple(seconds for seconds, _ in pairs),
                audio_ms=tuple(ms for _, ms in pairs),
            )
            for name, pairs in found.items()
        ]

    def _last(self, period: Period) -> sa.Subquery:
        """Ids of the last settling decision per call and criterion."""
        c = decisions.c
        return (
            sa.select(sa.func.max(c.id).label("id"))
            .where(*self._where(period))
            .group_by(c.call_id, c.subject, c.scorecard_version)
            .subquery()
        )

    def _each(self, period: Period) -> sa.Subquery:
        """Ids of every person's last settling decision per call and criterion, disputes apart.

        Of calls that several people decided on.
        """
        c = decisions.c
        where = [*self._where(period), c.round == 0]
        several = (
            sa.select(c.call_id)
            .where(*where)
            .group_by(c.call_id)
            .having(sa.func.min(c.made_by) < sa.func.max(c.made_by))
        )
        return (
            sa.select(sa.func.max(c.id).label("id"))
            .where(*where, c.call_id.in_(several))
            .group_by(c.call_id, c.subject, c.scorecard_version, c.made_by)
            .subquery()
        )

    @staticmethod
    def _where(period: Period) -> list[sa.ColumnElement[bool]]:
        c = decisions.c
        where: list[sa.ColumnElement[bool]] = [
            c.scorecard_id == period.scorecard_id,
            c.kind.in_(_SETTLING),
            *_within(c.made_at, period),
        ]
        if period.version:
            where.append(c.scorecard_version == period.version)
        if period.by_chance:
            chance = sa.or_(*(assignments.c.reasons.contains(code) for code in _BY_CHANCE))
            picked = (
                sa.select(reviews.c.id)
                .join(assignments, assignments.c.id == reviews.c.assignment_id)
                .where(chance)
            )
            where.append(c.review_id.in_(picked))
        return where


def _frequent_first(causes: Counter[Cause]) -> dict[Cause, int]:
    return dict(sorted(causes.items(), key=lambda one: (-one[1], one[0])))


def _within(column: Any, period: Period) -> list[sa.ColumnElement[bool]]:
    found = []
    if period.since is not None:
        found.append(column >= period.since)
    if period.until is not None:
        found.append(column < period.until)
    return found


def _models(connection: sa.Connection, call_ids: set[str]) -> dict[str, str]:
    """Call → what heard it: name and model of the transcript's first stamp."""
    found: dict[str, str] = {}
    for chunk in chunks(sorted(call_ids), 500):
        query = (
            sa.select(transcripts.c.call_id, transcript_bodies.c.header)
            .join(transcript_bodies, transcript_bodies.c.transcript_id == transcripts.c.id)
            .where(transcripts.c.is_current, transcripts.c.call_id.in_(chunk))
        )
        for call_id, header in connection.execute(query):
            stamps = json.loads(header).get("stamps") or [{}]
            parts = (stamps[0].get("name", ""), stamps[0].get("model", ""))
            found[call_id] = " ".join(part for part in parts if part)
    return found


def _to_override(row: Any, model: str) -> Override:
    weight = row.weight or 0.0
    if row.outcome == "not_applicable":
        points = weight * (1 - row.machine_share)
    else:
        points = weight * abs((row.share or 0.0) - row.machine_share)
    return Override(
        criterion_id=row.subject,
        cause=Cause(row.cause) if row.cause else Cause.JUDGEMENT,
        scorecard_version=row.scorecard_version,
        digest=row.digest,
        model=model,
        points=round(points, 4),
        made_at=row.made_at,
    )
