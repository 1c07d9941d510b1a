"""Where the machine was overruled and what it cost: by cause, criterion and version, per week."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from qa.review.values import Cause


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """One overruled verdict.

    Attributes:
        model: What heard the call (`faster-whisper base`), for recognition errors.
        points: Points of 100 that the verdict was wrong by.
    """

    criterion_id: str
    cause: Cause
    scorecard_version: str
    digest: str
    model: str
    points: float
    made_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetLine:
    """One thing to repair.

    Attributes:
        version: Scorecard version for rules, model for recognition and roles.
        share: Part of all points lost in the period.
    """

    cause: Cause
    criterion_id: str
    version: str
    overrides: int
    points: float
    share: float


#: Causes that lie in hearing, not in the rules: the model is what has a version.
HEARING = frozenset({Cause.RECOGNITION, Cause.ROLE_SWAPPED})


def week_of(when: datetime, zone: str) -> date:
    """Monday of the week, in the site's time zone."""
    day = when.astimezone(ZoneInfo(zone)).date()
    return day - timedelta(days=day.weekday())


def budget(overrides: Sequence[Override]) -> list[BudgetLine]:
    """Lines by cause, criterion and version, dearest first."""
    counts: Counter[tuple[Cause, str, str]] = Counter()
    points: defaultdict[tuple[Cause, str, str], float] = defaultdict(float)
    for item in overrides:
        key = (item.cause, item.criterion_id, _version(item))
        counts[key] += 1
        points[key] += item.points
    whole = sum(points.values())
    lines = [
        BudgetLine(
            cause=cause,
            criterion_id=criterion_id,
            version=version,
            overrides=counts[cause, criterion_id, version],
            points=round(cost, 2),
            share=cost / whole if whole else 0.0,
        )
        for (cause, criterion_id, version), cost in points.items()
    ]
    return sorted(
        lines, key=lambda line: (-line.points, -line.overrides, line.cause, line.criterion_id)
    )


def by_week(
    overrides: Iterable[Override], zone: str
) -> Mapping[date, Mapping[Cause, tuple[int, float]]]:
    """Monday → cause → (overrides, points), weeks in order."""
    found: defaultdict[date, dict[Cause, tuple[int, float]]] = defaultdict(dict)
    for item in overrides:
        week = found[week_of(item.made_at, zone)]
        n, points = week.get(item.cause, (0, 0.0))
        week[item.cause] = (n + 1, points + item.points)
    return dict(sorted(found.items()))


def _version(item: Override) -> str:
    return item.model if item.cause in HEARING and item.model else item.scorecard_version
