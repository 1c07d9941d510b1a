"""Frames of people's raw rows and roll-ups, each with what the viewer may see and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from qa.access import Action, Person, Scope, require, scope_of
from qa.evaluation import JUDGED
from qa.people.periods import month_of
from qa.store.database import Database
from qa.store.dataframe import to_frame
from qa.store.tables import (
    agents,
    attendance,
    call_facts,
    commitments,
    crm_cases,
    csat,
    decisions,
    evaluations,
    handled_calls,
    people_months,
    ratings,
    training,
)
from qa.store.verdict_queries import (
    OUTCOMES,
    RESULTS,
    SUMMED,
    last_said,
    machine_sums,
    people_sums,
)

if TYPE_CHECKING:
    import pandas as pd


def inside(columns: Any, scope: Scope) -> sa.ColumnElement[bool]:
    """Rows with `agent_id` and `team` that a scope covers."""
    if scope.everything:
        return sa.true()
    own = columns.agent_id == scope.agent_id if scope.agent_id else sa.false()
    return sa.or_(columns.team.in_(sorted(scope.teams)), own)


class PeopleFrames:
    """Reading; every method takes who asks."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def facts(
        self,
        person: Person,
        *,
        since: date,
        until: date,
        teams: Sequence[str] = (),
        agent_ids: Sequence[str] = (),
        action: Action = Action.READ_KPIS,
    ) -> pd.DataFrame:
        """One row per scored call of local days [since, until), with what was imported about it.

        Columns: those of `call_facts`; csat_score, complaint_upheld, resolved, commitment_kept,
        transferred (from imports and the promises of calls); repeated (boolean, NA unknown).
        `handle_s` is the switch's talk + hold + after-call time where that was imported.

        Raises:
            AccessDeniedError: The person may not.
        """
        require(person, action)
        facts, switch = call_facts.c, handled_calls.c
        own = [column for column in facts if column.name != "handle_s"]
        handled = sa.func.coalesce(switch.talk_s + switch.hold_s + switch.acw_s, facts.handle_s)
        promises = _promises().subquery()
        kept = sa.func.coalesce(crm_cases.c.commitment_kept, promises.c.kept, type_=sa.Boolean())
        query = (
            sa.select(
                *own,
                sa.type_coerce(handled, sa.Float()).label("handle_s"),
                csat.c.score.label("csat_score"),
                crm_cases.c.complaint_upheld,
                crm_cases.c.resolved,
                kept.label("commitment_kept"),
                switch.transferred,
            )
            .outerjoin(handled_calls, switch.call_id == facts.call_id)
            .outerjoin(csat, csat.c.call_id == facts.call_id)
            .outerjoin(crm_cases, crm_cases.c.call_id == facts.call_id)
            .outerjoin(promises, promises.c.call_id == facts.call_id)
            .where(
                facts.day >= since,
                facts.day < until,
                facts.agent_id != "",
                inside(facts, scope_of(person, action)),
                *_among(facts, teams, agent_ids),
            )
        )
        frame = self._frame(query)
        frame["repeated"] = frame["call_id"].map(self._repeats(since, until)).astype("boolean")
        return frame

    def scores(
        self,
        person: Person,
        *,
        teams: Sequence[str] = (),
        agent_ids: Sequence[str] = (),
        action: Action = Action.READ_AGENT,
    ) -> pd.DataFrame:
        """One row per scored call, as people's decisions have left it, oldest first.

        Columns: call_id, team, happened_at, quality_percent, suspected (boolean).
        """
        require(person, action)
        facts = call_facts.c
        classes = (facts.customer_critical, facts.business_critical, facts.compliance_critical)
        query = sa.select(
            facts.call_id,
            facts.team,
            facts.happened_at,
            facts.quality.label("quality_percent"),
            sa.or_(*(state == "suspected" for state in classes)).label("suspected"),
        ).where(inside(facts, scope_of(person, action)), *_among(facts, teams, agent_ids))
        return self._frame(query.order_by(facts.happened_at))

    def _repeats(self, since: date, until: date) -> pd.Series:
        import pandas as pd  # noqa: PLC0415

        from qa.people.repeats import REPEAT_DAYS, repeated  # noqa: PLC0415

        facts = call_facts.c
        topic = sa.func.coalesce(sa.func.nullif(crm_cases.c.topic, ""), facts.topic)
        query = (
            sa.select(facts.call_id, facts.customer_ref, topic.label("topic"), facts.happened_at)
            .outerjoin(crm_cases, crm_cases.c.call_id == facts.call_id)
            .where(
                facts.customer_ref != "",
                facts.day >= since,
                facts.day < until + timedelta(days=REPEAT_DAYS + 1),
            )
        )
        contacts = self._frame(query)
        with self._database.reading() as connection:
            # on the last day, which has an index
            day = sa.select(sa.func.max(facts.day)).scalar_subquery()
            latest = sa.select(sa.func.max(facts.happened_at, type_=_MOMENT))
            last = connection.scalar(latest.where(facts.day == day))
        if last is None or contacts.empty:
            return pd.Series(dtype="boolean")
        return repeated(contacts, pd.Timestamp(last))

    def outcomes(
        self,
        person: Person,
        *,
        since: date,
        until: date,
        teams: Sequence[str] = (),
        agent_ids: Sequence[str] = (),
        criteria: Sequence[str] = (),
        action: Action = Action.READ_KPIS,
    ) -> pd.DataFrame:
        """One row per call and criterion, people's decisions laid over the machine's word.

        Columns: call_id, agent_id, team, day, month, criterion_id, outcome, share, weight,
        applied_weight, points, confidence, decided (boolean).
        """
        where = self._judged(person, action, since, until, teams=teams, agent_ids=agent_ids)
        where += _among_criteria(criteria)
        said = last_said(*_among(call_facts.c, teams, agent_ids), since=since, until=until)
        return _decided(self._frame(OUTCOMES.where(*where)), self._frame(said))

    def outcome_sums(
        self,
        person: Person,
        by: Sequence[str],
        *,
        since: date,
        until: date,
        teams: Sequence[str] = (),
        agent_ids: Sequence[str] = (),
        criteria: Sequence[str] = (),
        action: Action = Action.READ_KPIS,
    ) -> pd.DataFrame:
        """What `outcomes` holds, added up; by the database where no person has decided.

        Columns: those of `by` (agent_id, team, criterion_id), n (met, partial or missed), misses,
        points, applied.
        """
        import pandas as pd  # noqa: PLC0415

        where = self._judged(person, action, since, until, teams=teams, agent_ids=agent_ids)
        where += _among_criteria(criteria)
        call_decided = sa.exists().where(
            decisions.c.call_id == call_facts.c.call_id, decisions.c.outcome.is_not(None)
        )
        own = _among(call_facts.c, teams, agent_ids)
        said = people_sums(by, *own, since=since, until=until)
        both = pd.concat([
            self._frame(machine_sums(by).where(*where, ~call_decided)),
            self._frame(said.where(*where, call_decided)),
        ])  # fmt: skip
        return both.groupby(list(by), as_index=False, sort=True)[list(SUMMED)].sum()

    def _judged(
        self,
        person: Person,
        action: Action,
        since: date,
        until: date,
        *,
        teams: Sequence[str],
        agent_ids: Sequence[str],
    ) -> list[sa.ColumnElement[bool]]:
        """Conditions on current verdicts on known agents' calls that the person may see."""
        require(person, action)
        facts = call_facts.c
        return [
            evaluations.c.is_current,
            facts.day >= since,
            facts.day < until,
            facts.agent_id != "",
            inside(facts, scope_of(person, action)),
            *_among(facts, teams, agent_ids),
        ]

    def days(self, person: Person, *, since: date, until: date) -> pd.DataFrame:
        """One row per agent and scheduled day: the columns of `attendance`, and team."""
        where = (attendance.c.day >= since, attendance.c.day < until)
        return self._with_team(person, sa.select(attendance).where(*where))

    def training(self, person: Person, *, since: date, until: date) -> pd.DataFrame:
        """One row per agent and course: the columns of `training`, and team."""
        where = (training.c.day >= since, training.c.day < until)
        return self._with_team(person, sa.select(training).where(*where))

    def ratings(self, person: Person, *, since: date, until: date) -> pd.DataFrame:
        """One row per ratee, role and rater: score is that rater's mean over items; team, day.

        Periods are `2026-09`, `2026-Q3` or `2026`; they belong to their last month.
        """
        import pandas as pd  # noqa: PLC0415

        from qa.people.periods import last_day  # noqa: PLC0415

        rows = self._frame(sa.select(ratings))
        ends = [last_day(period) for period in rows["period"]]
        rows["day"] = pd.Series([day.isoformat() for day in ends], index=rows.index, dtype="string")
        inside_span = pd.Series([since <= day < until for day in ends], rows.index, dtype=bool)
        kept = rows[inside_span]
        keys = ["agent_id", "rater_role", "rater", "day"]
        mean = kept.groupby(keys, as_index=False)["score"].mean()
        return self._teams_of(person, mean)

    def months(
        self,
        person: Person,
        measures: Sequence[str],
        *,
        since: date,
        until: date,
        teams: Sequence[str] = (),
        agent_ids: Sequence[str] = (),
        by: Sequence[str] = ("measure", "month", "agent_id", "team"),
    ) -> pd.DataFrame:
        """Sums of the roll-up over whole months: the columns of `by`, n, total, square, base.

        Args:
            person: Who asks.
            measures: Ids of indicators.
            since: Any day of the first month.
            until: The day after the last one, like a period's end.
            teams: Only these teams.
            agent_ids: Only these agents.
            by: What is kept apart; the database adds up over the rest.
        """
        require(person, Action.READ_KPIS)
        sums = people_months.c
        added = [
            sa.func.sum(sums[name], type_=sums[name].type).label(name)
            for name in ("n", "total", "square", "base")
        ]
        query = (
            sa.select(*(sums[name] for name in by), *added)
            .where(
                sums.measure.in_(list(measures)),
                sums.month >= month_of(since),
                sums.month <= month_of(until - timedelta(days=1)),
                inside(sums, scope_of(person, Action.READ_KPIS)),
                *_among(sums, teams, agent_ids),
            )
            .group_by(*(sums[name] for name in by))
            .order_by(*(sums[name] for name in by))
        )
        return self._frame(query)

    def roster(self) -> pd.DataFrame:
        """The roster: agent_id, valid_from, valid_to, name, team, hired_on."""
        return self._frame(sa.select(agents).order_by(agents.c.agent_id, agents.c.valid_from))

    def _with_team(self, person: Person, query: sa.Select[Any]) -> pd.DataFrame:
        return self._teams_of(person, self._frame(query))

    def _teams_of(self, person: Person, rows: pd.DataFrame) -> pd.DataFrame:
        from qa.people.repeats import team_at  # noqa: PLC0415

        require(person, Action.READ_KPIS)
        rows["team"] = team_at(rows, self.roster())
        scope = scope_of(person, Action.READ_KPIS)
        if scope.everything:
            return rows
        seen = rows["team"].isin(scope.teams) | (rows["agent_id"] == (scope.agent_id or None))
        return rows[seen].reset_index(drop=True)

    def _frame(self, query: sa.Select[Any]) -> pd.DataFrame:
        with self._database.reading() as connection:
            return to_frame(connection, query)


_MOMENT = call_facts.c.happened_at.type


def _decided(frame: pd.DataFrame, latest: pd.DataFrame) -> pd.DataFrame:
    """Outcomes with the last word of people laid over them."""
    if latest.empty:
        return frame.assign(decided=False)
    latest = latest.rename(
        columns={"subject": "criterion_id", "outcome": "new", "share": "new_share"}
    )
    both = frame.merge(latest, on=["call_id", "criterion_id"], how="left")
    decided = both["new"].notna()
    judged = both["new"].isin(JUDGED)
    both["outcome"] = both["outcome"].mask(decided, both["new"])
    both["share"] = both["share"].mask(decided, both["new_share"].fillna(0.0))
    applied = both["weight"].where(judged, 0.0)
    both["applied_weight"] = both["applied_weight"].mask(decided, applied)
    points = both["share"] * both["applied_weight"]
    both["points"] = both["points"].mask(decided, points)
    return both.assign(decided=decided).drop(columns=["new", "new_share"])


def _among(columns: Any, teams: Sequence[str], people: Sequence[str]) -> list[Any]:
    wanted = ((columns.team, teams), (columns.agent_id, people))
    return [column.in_(list(values)) for column, values in wanted if values]


def _among_criteria(criteria: Sequence[str]) -> list[Any]:
    return [RESULTS.criterion_id.in_(list(criteria))] if criteria else []


def _promises() -> sa.Select[Any]:
    """Calls whose agent's promises have an outcome: kept when none was broken."""
    promise = commitments.c
    broken = sa.func.max(sa.case((promise.broken, 1), else_=0))
    return (
        sa.select(promise.call_id, (broken == 0).label("kept"))
        .where(promise.settled, promise.stands, promise.by == "agent")
        .group_by(promise.call_id)
    )
