"""What a management report says, without language and without layout."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from qa.evaluation import Bilingual
from qa.people.effects import Difference
from qa.people.intervals import Estimate
from qa.reports.improvements import Improvement


class Change(StrEnum):
    """What may be said about a figure against the period before."""

    BETTER = "better"
    WORSE = "worse"
    NOISE = "noise"
    UNKNOWN = "unknown"


class Ask(StrEnum):
    """A decision that the report asks for."""

    OWN_DEFECT = "own_defect"
    CRITICAL = "critical"
    OVERDUE = "overdue"
    ACTION_LATE = "action_late"
    DOUBTFUL = "doubtful"
    UNSCORED = "unscored"
    REVIEW = "review"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure of this period against the one before.

    Attributes:
        now: None when no call counts.
        difference: This period minus the one before; None when either is empty.
        change: Better or worse only where the difference stands after Holm's correction over all
            figures of the same table.
    """

    now: Estimate | None
    before: Estimate | None
    difference: Difference | None = None
    change: Change = Change.UNKNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """Calls with a score in [low, high); the last band holds 100 as well."""

    low: int
    high: int
    calls: int
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Critical:
    """Calls without an error of a critical class ÷ calls assessed, 0–1.

    Attributes:
        target: None for the share without even a suspicion.
    """

    name: Bilingual
    target: float | None
    figure: Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class Defect:
    """A criterion that costs points.

    Attributes:
        misses: Calls that missed it.
        lost: Points of weight lost to it per scored call, partial credit included.
        figure: Miss rate, 0–1.
        team: Where most of the misses are; its lead is asked to own it.
        team_misses: How many are there.
        owner: Who has taken it on, by the board of improvements.
    """

    criterion_id: str
    name: Bilingual
    misses: int
    lost: float
    figure: Figure
    team: str
    team_misses: int
    owner: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why customers complained: calls with a complaint alert by reason for the contact."""

    reason: str
    name: Bilingual
    calls: int
    share: float
    running: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Ageing:
    """Risks still open, by priority and days since they were raised."""

    priority: str
    under_1: int
    under_3: int
    under_7: int
    older: int
    overdue: int

    @property
    def open(self) -> int:
        """All of them."""
        return self.under_1 + self.under_3 + self.under_7 + self.older


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognition:
    """How well calls were heard.

    Attributes:
        confidence: Mean word confidence, 0–1; None when the recogniser gives none.
        doubtful: Calls under `DOUBTFUL` among those with a confidence.
        unscored: Calls without a score, of all.
        reviewed: Calls with a person's decision, of all.
        sampled: Calls drawn into a sample, of all.
        agreed: Verdicts of calls drawn by chance on which person and machine agree.
    """

    confidence: Estimate | None
    doubtful: Estimate | None
    unscored: Estimate | None
    reviewed: Estimate | None
    sampled: Estimate | None = None
    agreed: Estimate | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A calibration of the period, or one still open; `closed_on` is None then."""

    name: str
    calls: int
    raters: int
    closed_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of the board of improvements, measured again.

    Attributes:
        about: The indicator; `figure` times `scale` is in its unit.
        overdue: The action should have been done by now.
    """

    item: Improvement
    about: Bilingual
    scale: float
    figure: Figure
    overdue: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What management is asked to decide, with the figures that speak for it."""

    ask: Ask
    name: Bilingual | None = None
    team: str = ""
    value: float = 0.0
    target: float = 0.0
    n: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A month or a week.

    Attributes:
        period: `2026-09` or `2026-W38`.
        made_at: When; open risks are those of this moment.
        calls: Calls of known agents in sight of who asked; `agents` are those who took them.
    """

    period: str
    made_at: datetime
    calls: int
    agents: int
    quality: Figure
    passed: Figure
    bands: tuple[Band, ...]
    critical: tuple[Critical, ...]
    defects: tuple[Defect, ...]
    reasons: tuple[Reason, ...]
    ageing: tuple[Ageing, ...]
    recognition: Recognition
    sessions: tuple[Session, ...]
    board: tuple[Line, ...]
    decisions: tuple[Decision, ...]
