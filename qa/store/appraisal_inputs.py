"""What an appraisal reads: figures of its days, feedback acknowledged, disputes, later verdicts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

import sqlalchemy as sa

from qa.access import Action, Person
from qa.coaching.plans import LAST_LOOK, Plan, opened_on
from qa.store.coaching import Coaching
from qa.store.database import Database
from qa.store.dataframe import to_frame
from qa.store.people_frames import PeopleFrames
from qa.store.tables import acknowledgements, call_facts, disputes, releases

if TYPE_CHECKING:
    import pandas as pd

    from qa.coaching.effect import Effect
    from qa.people.appraisal.measuring import Inputs

#: Feedback is to be acknowledged within this time (dossier §4.2).
_ACKNOWLEDGE = timedelta(days=3)
#: Rare answers are pooled over this many days (dossier §4.2).
_POOL_DAYS = 90
_Z90, _Z95 = 1.644854, 1.959964


class _Frozen(Protocol):
    @property
    def first_day(self) -> date: ...
    @property
    def until_day(self) -> date: ...
    @property
    def frozen_at(self) -> datetime | None: ...


def inputs_of(
    database: Database,
    frames: PeopleFrames,
    coaching: Coaching,
    person: Person,
    span: tuple[date, date],
) -> Inputs:
    """Everything that the measures of some days, half-open, are made of."""
    import pandas as pd  # noqa: PLC0415

    from qa.people.appraisal.measuring import COLUMNS, Inputs  # noqa: PLC0415

    since, until = span
    pool = until - timedelta(days=_POOL_DAYS)
    facts = frames.facts(person, since=since, until=until, action=Action.APPRAISE)
    effects = coaching.effects(person, today=until - timedelta(days=1), action=Action.APPRAISE)
    more = [acknowledged(database, since, until), coaching_gain(effects, since)]
    filled = [part for part in more if len(part)]
    return Inputs(
        facts=facts,
        pooled=facts
        if pool >= since
        else frames.facts(person, since=pool, until=until, action=Action.APPRAISE),
        days=frames.days(person, since=since, until=until),
        training=frames.training(person, since=since, until=until),
        ratings=frames.ratings(person, since=since, until=until),
        roster=frames.roster(),
        extra=pd.concat(filled) if filled else pd.DataFrame(columns=list(COLUMNS)),
        days_long=(until - since).days,
    )


def acknowledged(database: Database, since: date, until: date) -> pd.DataFrame:
    """Share of released evaluations that their agents acknowledged within three days."""
    import pandas as pd  # noqa: PLC0415

    from qa.people.appraisal.measuring import COLUMNS  # noqa: PLC0415
    from qa.people.bounds import wilson_bounds  # noqa: PLC0415

    facts = call_facts.c
    query = (
        sa.select(facts.agent_id, releases.c.visible_at, acknowledgements.c.made_at)
        .join(call_facts, facts.call_id == releases.c.call_id)
        .outerjoin(acknowledgements, acknowledgements.c.release_id == releases.c.id)
        .where(facts.day >= since, facts.day < until, facts.agent_id != "")
    )
    with database.reading() as connection:
        rows = to_frame(connection, query)
    if rows.empty:
        return pd.DataFrame(columns=list(COLUMNS))
    late = rows["visible_at"] + _ACKNOWLEDGE
    now = pd.Timestamp(database.now())
    known = rows.assign(kept=rows["made_at"] <= late)[rows["made_at"].notna() | (late < now)]
    counts = known.groupby("agent_id")["kept"].agg(["sum", "size"])
    low, high = wilson_bounds(counts["sum"], counts["size"])
    share = (counts["sum"] + 2) / (counts["size"] + 4)
    error = 100 * (share * (1 - share) / (counts["size"] + 4)) ** 0.5
    return pd.DataFrame(
        {
            "agent_id": counts.index, "measure": "feedback_acknowledged",
            "n": counts["size"].to_numpy(),
            "value": (100 * counts["sum"] / counts["size"]).to_numpy(float),
            "low": 100 * low, "high": 100 * high, "error": error.to_numpy(float), "flag": "",
        }
    )  # fmt: skip


def coaching_gain(effects: Sequence[tuple[Plan, Effect]], since: date) -> pd.DataFrame:
    """Mean gain on coached criteria per agent, in points of credit, beyond that of peers.

    Args:
        effects: Plans and what they came to by the period's end.
        since: First day: plans whose last look lay before it do not count again.
    """
    import pandas as pd  # noqa: PLC0415

    from qa.people.appraisal.measuring import COLUMNS  # noqa: PLC0415

    gains: dict[str, list[tuple[float, float, int]]] = {}
    for plan, effect in effects:
        gap = effect.difference
        if gap is None or gap.low is None or gap.high is None or plan.goes_to_management:
            continue
        if opened_on(plan) + LAST_LOOK >= since:
            error = (gap.high - gap.low) / (2 * _Z90)
            gains.setdefault(plan.agent_id, []).append((gap.value, error, effect.n[1]))
    rows = []
    for agent, found in gains.items():
        value = 100 * sum(gain for gain, _, _ in found) / len(found)
        error = 100 * math.hypot(*(e for _, e, _ in found)) / len(found)
        n, half = sum(n for _, _, n in found), _Z95 * error
        rows.append((agent, "coaching_gain", n, value, value - half, value + half, error, ""))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def upheld(database: Database, since: date, until: date) -> pd.DataFrame:
    """Closed disputes of calls of these days: call_id, upheld (the verdict was changed)."""
    query = (
        sa.select(disputes.c.call_id, disputes.c.outcome_before, disputes.c.outcome_after)
        .join(call_facts, call_facts.c.call_id == disputes.c.call_id)
        .where(
            disputes.c.closed_at.is_not(None),
            call_facts.c.day >= since,
            call_facts.c.day < until,
        )
    )
    with database.reading() as connection:
        rows = to_frame(connection, query)
    changed = rows["outcome_after"].notna() & (rows["outcome_after"] != rows["outcome_before"])
    return rows[["call_id"]].assign(upheld=changed.astype(bool))


def later_facts(database: Database, period: _Frozen) -> pd.DataFrame:
    """Facts of a period's calls that people decided after it was frozen."""
    from qa.people.appraisal.snapshot import LEDGER  # noqa: PLC0415

    columns: list[Any] = [call_facts.c[name] for name in LEDGER]
    query = sa.select(*columns).where(
        call_facts.c.day >= period.first_day,
        call_facts.c.day < period.until_day,
        call_facts.c.decided_at > period.frozen_at,
    )
    with database.reading() as connection:
        return to_frame(connection, query)
