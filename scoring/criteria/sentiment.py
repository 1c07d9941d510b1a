"""`sentiment`, `sentiment_outcome`: the customer's words, never the agent's (dossier §0.7, S11)."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from statistics import median
from typing import Annotated, Literal

from pydantic import Field

from qa.calls import Role
from scoring.criteria.base import RuleBase, Scope
from scoring.criteria.findings import Finding, Spot, cannot, counted, no_occasion, say
from scoring.criteria.view import CallView

_MAX_SLOPE_TURNS = 120
Score = Annotated[float, Field(ge=-1, le=1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """How the customer's sentiment ran (dossier §2.1).

    Attributes:
        start: Mean of the first 20 % of customer turns (at least 3).
        end: Mean of the last 20 %.
        lowest: Minimum of the 3-turn moving average.
        slope: Theil–Sen slope per turn.
    """

    start: float
    end: float
    mean: float
    lowest: float
    slope: float
    turns: int
    lowest_turn: int


def course_of(view: CallView, scope: Scope | None = None) -> Course | None:
    """The course over customer turns in the scope; None when no sentiment was measured."""
    measured = view.analysis.sentiment
    if measured is None:
        return None
    scores = [
        (item.turn_index, item.score) for item in sorted(measured, key=lambda i: i.turn_index)
    ]
    if scope is not None and scope.window is not None:
        span = view.range_of(scope)
        inside = {
            turn.index for p, turn in enumerate(view.turns) if span.holds(view.turn_spot(p, "s"))
        }
        scores = [(index, score) for index, score in scores if index in inside]
    if not scores:
        return None
    values = [score for _, score in scores]
    edge = min(len(values), max(3, round(len(values) * 0.2)))
    moving = [
        sum(values[i : i + 3]) / len(values[i : i + 3]) for i in range(max(1, len(values) - 2))
    ]
    at = min(range(len(moving)), key=lambda i: (moving[i], i))
    return Course(
        start=sum(values[:edge]) / edge,
        end=sum(values[-edge:]) / edge,
        mean=sum(values) / len(values),
        lowest=moving[at],
        slope=_theil_sen(values),
        turns=len(values),
        lowest_turn=scores[at][0],
    )


def _theil_sen(values: list[float]) -> float:
    """Median slope over all pairs; long calls are thinned evenly."""
    step = max(1, len(values) // _MAX_SLOPE_TURNS)
    points = list(enumerate(values))[::step]
    slopes = [(y2 - y1) / (x2 - x1) for (x1, y1), (x2, y2) in combinations(points, 2)]
    return median(slopes) if slopes else 0.0


class Sentiment(RuleBase):
    """A level, the trend or the recovery of customer sentiment against bounds.

    `of`: `start`, `end`, `mean`, `lowest` (−1…+1), `trend` (slope per turn) or
    `recovery` (end − lowest).
    """

    kind: Literal["sentiment"]
    of: Literal["start", "end", "mean", "lowest", "trend", "recovery"]
    at_least: Annotated[float, Field(ge=-2, le=2)] | None = None
    at_most: Annotated[float, Field(ge=-2, le=2)] | None = None
    min_turns: Annotated[int, Field(ge=1)] = 3

    def check(self, view: CallView, scope: Scope) -> Finding:
        """Compare the value with the bounds."""
        scope = self.scoped(scope)
        course = course_of(view, scope)
        if course is None or course.turns < self.min_turns:
            return cannot(
                "没有足够的情绪数据", "too little sentiment was measured", rule="sentiment"
            )
        value = _value(course, self.of)
        low = self.at_least if self.at_least is not None else -2.0
        high = self.at_most if self.at_most is not None else 2.0
        met = low <= value <= high
        return Finding(
            share=1.0 if met else 0.0,
            reason=say(
                f"客户情绪 {self.of} 为 {value:+.2f}",
                f"customer sentiment {self.of} is {value:+.2f}",
            ),
            rule=f"sentiment {self.of}",
            spots=_lowest_spot(course, view) if met else (),
            confidence=0.7,
            measured={"value": round(value, 4), "low": low, "high": high},
        )


class SentimentOutcome(RuleBase):
    """How the customer leaves (S11): well or recovered → 1, slightly negative → ½, badly → 0."""

    kind: Literal["sentiment_outcome"]
    good_end: Score = 0.0
    recovered_by: Annotated[float, Field(ge=0, le=2)] = 0.5
    bad_end: Score = -0.4
    min_turns: Annotated[int, Field(ge=1)] = 6

    def check(self, view: CallView, scope: Scope) -> Finding:
        """Compare end, start and low point."""
        del scope
        if view.analysis.sentiment is None:
            return cannot("没有情绪数据", "no sentiment was measured", rule="sentiment_outcome")
        course = course_of(view)
        if course is None or course.turns < self.min_turns:
            return no_occasion(
                f"客户发言不足 {self.min_turns} 轮",
                f"fewer than {self.min_turns} customer turns",
                rule="sentiment_outcome",
            )
        good = course.end >= self.good_end or course.end - course.lowest >= self.recovered_by
        bad = course.end <= self.bad_end and course.end <= course.start
        share = 1.0 if good else 0.0 if bad else 0.5
        return Finding(
            share=share,
            reason=say(
                f"客户情绪开始 {course.start:+.2f}、最低 {course.lowest:+.2f}、"
                f"结束 {course.end:+.2f}",
                f"customer sentiment starts {course.start:+.2f}, lowest {course.lowest:+.2f}, "
                f"ends {course.end:+.2f}",
            ),
            rule="sentiment_outcome",
            spots=_lowest_spot(course, view) if share < 1 else (),
            confidence=0.7,
            measured={
                "start": round(course.start, 4),
                "lowest": round(course.lowest, 4),
                "end": round(course.end, 4),
            },
        )


def _value(course: Course, of: str) -> float:
    if of == "trend":
        return course.slope
    if of == "recovery":
        return course.end - course.lowest
    return float(getattr(course, of))


def _lowest_spot(course: Course, view: CallView) -> tuple[Spot, ...]:
    for pos, turn in enumerate(view.turns):
        if turn.index == course.lowest_turn:
            return (view.turn_spot(pos, "sentiment"),)
    return ()


class NegativeTurns(RuleBase):
    """Customer turns whose sentiment is at or below a level: each is a hit.

    Without sentiment the condition is simply not met: words still speak for themselves.
    """

    kind: Literal["negative_turns"]
    at_most: Score = -0.5
    at_least: Annotated[int, Field(ge=1)] = 1

    def check(self, view: CallView, scope: Scope) -> Finding:
        """Find the turns."""
        scope = self.scoped(scope)
        low = {s.turn_index for s in view.analysis.sentiment or () if s.score <= self.at_most}
        span = view.range_of(scope)
        spots = [
            view.turn_spot(pos, "sentiment")
            for pos, turn in enumerate(view.turns)
            if turn.index in low and turn.role == Role.CUSTOMER
        ]
        spots = [s._replace(confidence=min(s.confidence, 0.7)) for s in spots if span.holds(s)]
        return Finding(
            share=1.0 if len(spots) >= self.at_least else 0.0,
            reason=say(
                f"客户负面语句 {len(spots)} 句(≤ {self.at_most:g})",
                f"{counted(len(spots), 'negative customer turn')} (≤ {self.at_most:g})",
            ),
            rule="negative_turns",
            spots=tuple(spots[:50]),
            confidence=0.7,
            measured={"turns": float(len(spots)), "threshold": self.at_most},
        )
