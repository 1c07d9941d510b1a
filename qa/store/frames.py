"""Read-only pandas DataFrames for dashboards and reports. Values are raw: who shows them escapes.

Every frame has the columns of its docstring even when it is empty, with fixed dtypes: `string`,
`Int64`, `float64`, `boolean`, and `datetime64[us, UTC]`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from qa.errors import StoreError
from qa.store.calls import LIST_COLUMNS, select_calls
from qa.store.database import Database
from qa.store.dataframe import to_frame
from qa.store.filters import CallFilter, agent_name, conditions, joined, score
from qa.store.tables import (
    calls,
    criterion_results,
    evaluations,
    findings,
    problems,
    recordings,
    runs,
    scorecard_criteria,
    stage_runs,
)

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Calls in a list, the mean score that counts, calls with something to see, a suspicion."""

    calls: int
    mean_quality: float | None
    with_review: int
    with_findings: int


class Frames:
    """Tables for readers. Pass a `CallFilter` to look at some calls only."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def calls_frame(
        self,
        wanted: CallFilter | None = None,
        *,
        columns: Sequence[str] = (),
        order: str = "newest",
        limit: int | None = None,
        offset: int = 0,
    ) -> pd.DataFrame:
        """One row per call; the columns are the fields of `CallRow`.

        Args:
            wanted: Which calls; all when None.
            columns: Only these, in this order; fewer columns come much faster.
            order: As for `store.calls.find`.
            limit: At most this many rows.
            offset: After skipping this many.
        """
        shown = _list_columns(columns) if columns else LIST_COLUMNS
        wanted = wanted or CallFilter()
        if limit is None:
            return self._frame(select_calls(wanted, self._database, order=order, columns=shown))
        # Ids first: sorting then moves no wide rows, and only one page of them is looked up.
        ids = select_calls(wanted, self._database, order=order, columns=[calls.c.id])
        page = ids.limit(limit).offset(offset).subquery()
        whole = select_calls(CallFilter(), self._database, order=order, columns=shown)
        return self._frame(whole.where(calls.c.id.in_(sa.select(page.c.id))))

    def totals(self, wanted: CallFilter | None = None) -> Totals:
        """What stands above a list of calls, in one query."""
        where = conditions(wanted or CallFilter(), self._database)
        query = (
            sa.select(
                sa.func.count().label("calls"),
                _mean(score).label("mean_quality"),
                _count_if(evaluations.c.review_count > 0).label("with_review"),
                _count_if(evaluations.c.finding_count > 0).label("with_findings"),
            )
            .select_from(joined(score, *where))
            .where(*where)
        )
        with self._database.reading() as connection:
            return Totals(**connection.execute(query).mappings().one())

    def criteria_frame(self, wanted: CallFilter | None = None) -> pd.DataFrame:
        """One row per criterion over the current evaluations.

        Columns: criterion_id, section_id, section_zh, section_en, name_zh, name_en, weight,
        critical_class, met, partial, missed, not_applicable, not_evaluable, review (results that a
        person should look at), applied (met + partial + missed), miss_rate (missed ÷ applied, None
        without any), mean_share (credit, over applied), mean_confidence (over applied).
        """
        import pandas as pd  # noqa: PLC0415 - half a second that the command line need not pay

        results = criterion_results.c
        query = (
            sa.select(
                results.criterion_id,
                results.outcome,
                sa.func.count().label("n"),
                sa.func.sum(results.share).label("share"),
                sa.func.sum(results.confidence).label("confidence"),
                sa.func.sum(sa.cast(results.needs_review, sa.Integer)).label("review"),
            )
            .where(*self._among(results, wanted))
            .group_by(results.criterion_id, results.outcome)
        )
        counted = self._frame(query)
        wide = counted.pivot_table(
            index="criterion_id", columns="outcome", values="n", aggfunc="sum", fill_value=0
        )
        wide = wide.reindex(columns=list(_OUTCOMES), fill_value=0).astype("Int64")
        judged = counted[counted["outcome"].isin(_OUTCOMES[:3])]
        sums = judged.groupby("criterion_id")[["share", "confidence"]].sum()
        wide["review"] = counted.groupby("criterion_id")["review"].sum().astype("Int64")
        wide["applied"] = wide["met"] + wide["partial"] + wide["missed"]
        applied = wide["applied"].astype("float64").where(wide["applied"] > 0)
        wide["miss_rate"] = wide["missed"].astype("float64") / applied
        wide["mean_share"] = sums["share"].reindex(wide.index) / applied
        wide["mean_confidence"] = sums["confidence"].reindex(wide.index) / applied
        names = self._criterion_names()
        frame = names.merge(wide.reset_index(), on="criterion_id", how="right")
        return pd.DataFrame(frame.sort_values("criterion_id", ignore_index=True))

    def criterion_results_frame(
        self, wanted: CallFilter | None = None, *, criteria: Sequence[str] = ()
    ) -> pd.DataFrame:
        """One row per call and criterion of the current evaluations.

        Columns: evaluation_id, call_id, happened_at, agent_id, team, queue, criterion_id, outcome,
        share, weight, applied_weight, points, confidence, needs_review.
        """
        results = criterion_results.c
        query = (
            sa.select(
                results.evaluation_id,
                results.call_id,
                calls.c.happened_at,
                calls.c.agent_id,
                calls.c.team,
                calls.c.queue,
                results.criterion_id,
                results.outcome,
                results.share,
                results.weight,
                results.applied_weight,
                results.points,
                results.confidence,
                results.needs_review,
            )
            .join(calls, calls.c.id == results.call_id)
            .where(*self._among(results, wanted))
        )
        if criteria:
            query = query.where(results.criterion_id.in_(criteria))
        return self._frame(query)

    def findings_frame(self, wanted: CallFilter | None = None) -> pd.DataFrame:
        """One row per suspected auto-fail or candidate of the current evaluations.

        Columns: call_id, happened_at, agent_id, team, code, criterion_id, critical_class, state,
        name_zh, name_en, confidence.
        """
        found = findings.c
        query = (
            sa.select(
                found.call_id,
                calls.c.happened_at,
                calls.c.agent_id,
                calls.c.team,
                found.code,
                found.criterion_id,
                found.critical_class,
                found.state,
                found.name_zh,
                found.name_en,
                found.confidence,
            )
            .join(calls, calls.c.id == found.call_id)
            .where(*self._among(found, wanted))
            .order_by(calls.c.happened_at.desc(), found.id)
        )
        return self._frame(query)

    def agents_frame(self, wanted: CallFilter | None = None) -> pd.DataFrame:
        """One row per agent and team: agent_id, agent_name, team, and the figures of `_people`."""
        keys = (calls.c.agent_id, agent_name.label("agent_name"), calls.c.team)
        return self._people(wanted, keys, (calls.c.agent_id, calls.c.team))

    def teams_frame(self, wanted: CallFilter | None = None) -> pd.DataFrame:
        """One row per team: team, and the figures of `_people`."""
        return self._people(wanted, (calls.c.team,), (calls.c.team,))

    def _people(
        self, wanted: CallFilter | None, shown: Sequence[Any], grouped: Sequence[Any]
    ) -> pd.DataFrame:
        """Figures of a group of calls, over their current evaluations.

        Columns: calls, scored (calls with a score: the n of the means), mean_quality, sd_quality
        (sample standard deviation, None under 2), min_quality, max_quality, mean_coverage,
        with_findings, with_review (calls), audio_ms (recorded time), first_at, last_at.
        """
        where = conditions(wanted or CallFilter(), self._database)
        query = (
            sa.select(
                *shown,
                sa.func.count().label("calls"),
                sa.func.count(score).label("scored"),
                _mean(score).label("mean_quality"),
                _mean(score * score).label("mean_square"),
                sa.func.min(score).label("min_quality"),
                sa.func.max(score).label("max_quality"),
                _mean(evaluations.c.coverage).label("mean_coverage"),
                _count_if(evaluations.c.finding_count > 0).label("with_findings"),
                _count_if(evaluations.c.review_count > 0).label("with_review"),
                sa.cast(sa.func.sum(recordings.c.duration_ms), sa.BigInteger).label("audio_ms"),
                sa.func.min(calls.c.happened_at, type_=calls.c.happened_at.type).label("first_at"),
                sa.func.max(calls.c.happened_at, type_=calls.c.happened_at.type).label("last_at"),
            )
            .select_from(joined(score, recordings.c.duration_ms, *where))
            .where(*where)
            .group_by(*grouped)
            .order_by(*grouped)
        )
        frame = self._frame(query)
        n = frame["scored"].astype("float64")
        spread = (frame["mean_square"] - frame["mean_quality"] ** 2).clip(lower=0)
        frame["mean_square"] = ((spread * n / (n - 1)) ** 0.5).where(n > 1)
        return frame.rename(columns={"mean_square": "sd_quality"})

    def runs_frame(self, limit: int = 100) -> pd.DataFrame:
        """Nights, newest first; the columns are the fields of `Run`, `counts` as JSON text."""
        return self._frame(sa.select(runs).order_by(runs.c.started_at.desc()).limit(limit))

    def problems_frame(self, *, unresolved: bool = True, limit: int = 10_000) -> pd.DataFrame:
        """Problems, last seen first; the columns are the fields of `Problem`."""
        query = sa.select(problems).order_by(problems.c.last_seen_at.desc(), problems.c.id)
        if unresolved:
            query = query.where(problems.c.resolved_at.is_(None))
        return self._frame(query.limit(limit))

    def stages_frame(self) -> pd.DataFrame:
        """Work by stage, digest and state: n, audio_ms, attempts (sums), last_at."""
        rows = stage_runs.c
        query = (
            sa.select(
                rows.stage,
                rows.digest,
                rows.state,
                sa.func.count().label("n"),
                sa.cast(sa.func.sum(rows.audio_ms), sa.BigInteger).label("audio_ms"),
                sa.func.sum(rows.attempts).label("attempts"),
                sa.func.max(rows.finished_at, type_=rows.finished_at.type).label("last_at"),
            )
            .group_by(rows.stage, rows.digest, rows.state)
            .order_by(rows.stage, rows.digest, rows.state)
        )
        return self._frame(query)

    def _criterion_names(self) -> pd.DataFrame:
        """The newest wording of every criterion (the digest used last)."""
        last = (
            sa.select(evaluations.c.digest, sa.func.max(evaluations.c.id).label("last"))
            .group_by(evaluations.c.digest)
            .subquery()
        )
        named = (
            sa.select(scorecard_criteria)
            .join(last, last.c.digest == scorecard_criteria.c.digest)
            .order_by(last.c.last)
        )
        frame = self._frame(named).drop(columns="digest")
        return frame.drop_duplicates("criterion_id", keep="last")

    def _among(self, part: Any, wanted: CallFilter | None) -> list[sa.ColumnElement[bool]]:
        """Rows of the current evaluations of these calls; `part` are a table's columns."""
        if wanted is None or wanted.is_empty:
            return [part.is_current]
        where = [evaluations.c.id.is_not(None), *conditions(wanted, self._database)]
        chosen = sa.select(evaluations.c.id).select_from(joined(*where)).where(*where)
        return [part.evaluation_id.in_(chosen)]

    def _frame(self, query: sa.Select[Any]) -> pd.DataFrame:
        with self._database.reading() as connection:
            return to_frame(connection, query)


_OUTCOMES = ("met", "partial", "missed", "not_applicable", "not_evaluable")


def _list_columns(names: Sequence[str]) -> list[Any]:
    known = {column.name: column for column in LIST_COLUMNS}
    if unknown := [name for name in names if name not in known]:
        raise StoreError(
            f"the call list has no column {unknown[0]!r}", "frames", f"use {', '.join(known)}"
        )
    return [known[name] for name in names]


def _mean(values: sa.ColumnElement[Any]) -> sa.ColumnElement[float]:
    return sa.func.avg(values, type_=sa.Float())


def _count_if(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.coalesce(sa.func.sum(sa.case((condition, 1), else_=0)), 0)
