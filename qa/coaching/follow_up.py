"""What a plan came to when it was looked at again, after 2, 6 and 12 weeks (dossier §5.4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd

from qa.coaching.effect import CALLS, MINIMUM_N, Effect, effect_of
from qa.coaching.patterns import CREDIT
from qa.coaching.plans import FOLLOW_UPS, Plan
from qa.evaluation import JUDGED
from qa.people.intervals import Estimate, wilson

#: Still within so much of the best look before: the gain was sustained.
KEPT = 0.03


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """One look.

    Attributes:
        weeks: After the opening.
        due: Its day; `rate` and `effect` are None until then.
        rate: Miss rate over the agent's last calls up to that day, 0–1, Wilson.
        effect: Against the calls before the plan, and against peers.
        reached: Whether the goal was met; None under `MINIMUM_N` calls.
        sustained: At the last look: whether a goal once met was kept; None otherwise.
    """

    weeks: int
    due: date
    rate: Estimate | None = None
    effect: Effect | None = None
    reached: bool | None = None
    sustained: bool | None = None


def follow_up_results(
    outcomes: pd.DataFrame, plan: Plan, opened: date, today: date
) -> tuple[FollowUp, ...]:
    """Every look, those to come included.

    Args:
        outcomes: As for `effect_of`.
        plan: What was agreed.
        opened: The day it was opened.
        today: Looks after this day are still to come.
    """
    found: list[FollowUp] = []
    for weeks in FOLLOW_UPS:
        due = opened + timedelta(weeks=weeks)
        if due > today:
            found.append(FollowUp(weeks=weeks, due=due))
            continue
        rate = _miss_rate(outcomes, plan.agent_id, opened, due)
        enough = rate is not None and rate.n >= MINIMUM_N
        found.append(
            FollowUp(
                weeks=weeks,
                due=due,
                rate=rate,
                effect=effect_of(outcomes, plan.agent_id, opened, until=due),
                reached=rate.value <= plan.goal if rate and enough else None,
                sustained=_sustained(found, rate) if enough and weeks == FOLLOW_UPS[-1] else None,
            )
        )
    return tuple(found)


def _miss_rate(outcomes: pd.DataFrame, agent_id: str, opened: date, due: date) -> Estimate | None:
    day = pd.to_datetime(outcomes["day"]).dt.date
    mine = outcomes[
        (outcomes["agent_id"] == agent_id)
        & outcomes["outcome"].isin(JUDGED)
        & (day > opened)
        & (day <= due)
    ]
    last = mine.sort_values(["day", "call_id"]).tail(CALLS)
    return wilson(int((last["share"].astype("float64") < CREDIT).sum()), len(last))


def _sustained(earlier: list[FollowUp], now: Estimate | None) -> bool | None:
    met = [look.rate.value for look in earlier if look.reached and look.rate]
    return now.value <= min(met) + KEPT if met and now else None
