"""Where the points went: from 100, by indicator and measure, down to criteria, calls and clips."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from qa.people.appraisal.scoring import AgentResult


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One bar: from `start` to `end`; `kind` is start, loss, adjustment or total."""

    id: str
    part: str
    kind: str
    start: float
    end: float

    @property
    def points(self) -> float:
        """Points gained (negative: lost)."""
        return self.end - self.start


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionLoss:
    """What a criterion cost over the period.

    Attributes:
        points: Mean points of the quality score that it cost, per scored call.
        missed: Calls on which it was missed or partial.
        calls: Calls that lost most by it, worst first.
    """

    criterion_id: str
    points: float
    missed: int
    judged: int
    calls: tuple[str, ...]


def steps(result: AgentResult) -> list[Step]:
    """The waterfall of a proposal; the last bar ends at the score."""
    found = [Step(id="full", part="", kind="start", start=0.0, end=100.0)]
    at = 100.0
    for item in result.measures:
        if item.lost > 0:
            found.append(
                Step(id=item.id, part=item.part, kind="loss", start=at, end=at - item.lost)
            )
            at -= item.lost
    if result.adjustment:
        found.append(
            Step(id="adjustment", part="", kind="adjustment", start=at, end=at + result.adjustment)
        )
        at += result.adjustment
    end = min(100.0, max(0.0, at)) if result.score is None else result.score
    return [*found, Step(id="score", part="", kind="total", start=0.0, end=end)]


def criterion_losses(outcomes: pd.DataFrame, *, shown: int = 5) -> list[CriterionLoss]:
    """What each criterion cost one agent, worst first.

    Args:
        outcomes: `PeopleFrames.outcomes` of the agent and period.
        shown: Calls named per criterion.
    """
    judged = outcomes[outcomes["applied_weight"] > 0]
    if judged.empty:
        return []
    weights = judged.groupby("call_id")["applied_weight"].transform("sum").astype(float)
    lost = (judged["applied_weight"] * (1 - judged["share"])).astype(float)
    table = judged.assign(cost=100 * lost / weights)
    calls = table["call_id"].nunique()
    found = []
    for criterion, part in table.groupby("criterion_id"):
        worst = part[part["cost"] > 0].sort_values(
            ["cost", "confidence", "call_id"], ascending=[False, False, True]
        )
        if len(worst):
            found.append(
                CriterionLoss(
                    criterion_id=str(criterion),
                    points=float(part["cost"].sum()) / calls,
                    missed=len(worst),
                    judged=len(part),
                    calls=tuple(worst["call_id"].head(shown)),
                )
            )
    return sorted(found, key=lambda item: (-item.points, item.criterion_id))
