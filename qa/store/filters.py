"""Which calls: one filter for the command line, the call list and every figure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from qa.store.database import Database
from qa.store.tables import (
    agents,
    calls,
    criterion_results,
    decided_scores,
    evaluations,
    findings,
    recordings,
    risks,
    transcript_texts,
    transcripts,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFilter:
    """All conditions must hold; an empty one does not restrict. Times are half-open and aware.

    Attributes:
        since, until: When the call happened (its start, else when the recording came in).
        min_score, max_score: Inclusive bounds on the score that counts; calls without one drop out.
        bands, states: Of the score that counts (states: `scored`, `needs_person` …).
        missed: Ids of criteria; the call misses at least one of them.
        finding_codes: Codes of suspected auto-fails; at least one is present.
        has_findings, needs_review, evaluated: True or False to restrict, None to ignore.
        alerts: Kinds of alerts; at least one stands.
        text: Part of what was said (as stored: redacted), of the call id or the agent id; any
            script, case ignored.
    """

    call_ids: tuple[str, ...] = ()
    agents: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    queues: tuple[str, ...] = ()
    directions: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    min_score: float | None = None
    max_score: float | None = None
    bands: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    scorecards: tuple[str, ...] = ()
    missed: tuple[str, ...] = ()
    finding_codes: tuple[str, ...] = ()
    has_findings: bool | None = None
    needs_review: bool | None = None
    evaluated: bool | None = None
    min_duration_ms: int | None = None
    max_duration_ms: int | None = None
    alerts: tuple[str, ...] = ()
    text: str = ""

    @property
    def is_empty(self) -> bool:
        """True when every call passes."""
        return self == CallFilter()


#: The call's language: as given, else as detected.
language = sa.func.coalesce(sa.func.nullif(calls.c.language, ""), transcripts.c.language, "")

#: A person has decided on the current evaluation.
is_decided = decided_scores.c.evaluation_id.is_not(None)


def _counting(of_person: sa.Column[Any], of_machine: sa.Column[Any]) -> sa.ColumnElement[Any]:
    return sa.case((is_decided, of_person), else_=of_machine)


#: What counts for a call: the person's where one has decided, else the machine's.
score = _counting(decided_scores.c.percent, evaluations.c.quality_percent)
band = _counting(decided_scores.c.band, evaluations.c.band)
state = _counting(decided_scores.c.state, evaluations.c.state)

#: The newest roster name of the call's agent.
agent_name = (
    sa.select(agents.c.name)
    .where(agents.c.agent_id == calls.c.agent_id)
    .order_by(agents.c.valid_from.desc())
    .limit(1)
    .correlate(calls)
    .scalar_subquery()
)


def joined(*expressions: sa.ColumnElement[Any]) -> sa.FromClause:
    """Calls, with what is needed of recording, current transcript, evaluation and decided score.

    Args:
        expressions: Columns, conditions and orders of the query; their tables decide.
    """
    needed = {
        part.table
        for expression in expressions
        for part in sa.sql.visitors.iterate(expression)
        if isinstance(part, sa.Column)
    }
    source: sa.FromClause = calls
    if recordings in needed:
        source = source.join(recordings, recordings.c.id == calls.c.recording_id)
    if decided_scores in needed:
        needed.add(evaluations)
    for table in (transcripts, evaluations):
        if table in needed:
            current = sa.and_(table.c.call_id == calls.c.id, table.c.is_current)
            source = source.outerjoin(table, current)
    if decided_scores in needed:
        mine = decided_scores.c.evaluation_id == evaluations.c.id
        source = source.outerjoin(decided_scores, mine)
    return source


ORDERS = {
    "newest": (calls.c.happened_at.desc(), calls.c.id),
    "oldest": (calls.c.happened_at, calls.c.id),
    "lowest": (score.asc().nulls_last(), calls.c.id),
    "highest": (score.desc().nulls_last(), calls.c.id),
    "longest": (recordings.c.duration_ms.desc(), calls.c.id),
}


def conditions(wanted: CallFilter, database: Database) -> list[sa.ColumnElement[bool]]:
    """The filter as conditions on `joined`. Values are always bound, never part of the text."""
    return [
        *_one_of(wanted),
        *_ranges(wanted),
        *_flags(wanted),
        *_inside(wanted, database),
    ]


def _one_of(wanted: CallFilter) -> list[sa.ColumnElement[bool]]:
    choices: list[tuple[Any, tuple[str, ...]]] = [
        (calls.c.id, wanted.call_ids),
        (calls.c.agent_id, wanted.agents),
        (calls.c.team, wanted.teams),
        (calls.c.queue, wanted.queues),
        (calls.c.direction, wanted.directions),
        (language, wanted.languages),
        (band, wanted.bands),
        (state, wanted.states),
        (evaluations.c.scorecard_id, wanted.scorecards),
    ]
    return [column.in_(values) for column, values in choices if values]


def _ranges(wanted: CallFilter) -> list[sa.ColumnElement[bool]]:
    bounds: list[tuple[Any, Any]] = [
        (wanted.since, lambda value: calls.c.happened_at >= value),
        (wanted.until, lambda value: calls.c.happened_at < value),
        (wanted.min_score, lambda value: score >= value),
        (wanted.max_score, lambda value: score <= value),
        (wanted.min_duration_ms, lambda value: recordings.c.duration_ms >= value),
        (wanted.max_duration_ms, lambda value: recordings.c.duration_ms <= value),
    ]
    return [make(value) for value, make in bounds if value is not None]


def _flags(wanted: CallFilter) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    for column, flag in (
        (evaluations.c.finding_count, wanted.has_findings),
        (evaluations.c.review_count, wanted.needs_review),
    ):
        if flag is not None:
            found.append(column > 0 if flag else column == 0)
    if wanted.evaluated is not None:
        missing = evaluations.c.id.is_(None)
        found.append(sa.not_(missing) if wanted.evaluated else missing)
    return found


def _inside(wanted: CallFilter, database: Database) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if wanted.missed:
        results = criterion_results.c
        missed = results.criterion_id.in_(wanted.missed) & (results.outcome == "missed")
        found.append(calls.c.id.in_(sa.select(results.call_id).where(results.is_current, missed)))
    if wanted.alerts:
        stands = risks.c.stands & risks.c.kind.in_(wanted.alerts)
        found.append(calls.c.id.in_(sa.select(risks.c.call_id).where(stands)))
    if wanted.finding_codes:
        codes = findings.c.code.in_(wanted.finding_codes)
        found.append(
            calls.c.id.in_(sa.select(findings.c.call_id).where(findings.c.is_current, codes))
        )
    if wanted.text:
        found.append(calls.c.id.in_(_naming(wanted.text, database)))
    return found


def _naming(part: str, database: Database) -> sa.CompoundSelect[Any]:
    """Ids of calls that say it, or are called so: found first, so that only they are joined."""
    said = (
        sa.select(transcripts.c.call_id)
        .join(transcript_texts, transcript_texts.c.transcript_id == transcripts.c.id)
        .where(transcripts.c.is_current, _has(transcript_texts.c.text, part.lower(), database))
    )
    named = (contains(calls.c[name], part, database) for name in ("id", "agent_id"))
    return said.union(sa.select(calls.c.id).where(sa.or_(*named)))


def _has(column: sa.Column[str], part: str, database: Database) -> sa.ColumnElement[bool]:
    """Substring match as it stands."""
    return (sa.func.instr if database.is_sqlite else sa.func.strpos)(column, part) > 0


def contains(column: sa.Column[str], part: str, database: Database) -> sa.ColumnElement[bool]:
    """Substring match, `%` and `_` taken literally. SQLite's LIKE already ignores ASCII case."""
    if part.lower() == part.upper():  # no letters with case (Chinese): a plain search is faster
        return _has(column, part, database)
    if database.is_sqlite:
        return column.contains(part, autoescape=True)
    return column.icontains(part, autoescape=True)
