"""How much a criterion may decide alone: earned by figures, lost by them, never assumed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from qa.evaluation import Bilingual
from qa.people.intervals import Estimate, wilson
from qa.review.agreement import Agreement


class Level(StrEnum):
    """The ladder, lowest first.

    `OFF`: not shown. `ASSIST`: a suggestion for the reviewer. `AUDIT`: counts by itself, a random
    share is checked. `AUTO`: counts by itself. Everything but `AUTO` is labelled "suggested".
    """

    OFF = "off"
    ASSIST = "assist"
    AUDIT = "auto_with_audit"
    AUTO = "auto"


LADDER = tuple(Level)
#: Where a criterion begins.
START = Level.ASSIST


@dataclass(frozen=True, slots=True, kw_only=True)
class AutonomyPolicy:
    """What it takes.

    Attributes:
        precision_bar: The lower bound of violation precision must reach it.
        least_n: With at least so many calls judged by a person since the last change of level.
        override_bar: The override rate is certainly above it: one step down.
        overturned: So many disputes overturned, and at least half of those decided: one step down.
    """

    precision_bar: float = 0.85
    least_n: int = 100
    override_bar: float = 0.15
    overturned: int = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What is known about a criterion since its level last changed.

    Attributes:
        agreement: Machine against people.
        overrides: Of `agreement.n` plus abstentions, those where the machine was overruled.
        disputes_decided, disputes_overturned: Since then.
    """

    agreement: Agreement
    overrides: int
    disputes_decided: int = 0
    disputes_overturned: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A step on the ladder, or the reason for standing still (`to` equals the level)."""

    to: Level
    reason: Bilingual
    is_automatic: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelChange:
    """A stored step."""

    id: int
    scorecard_id: str
    criterion_id: str
    level: Level
    reason: str
    made_by: str
    made_at: datetime


def standing(level: Level) -> Bilingual | None:
    """The word beside a verdict of this level that no person has made; none at `AUTO`."""
    if level == Level.AUTO:
        return None
    if level == Level.OFF:
        return _say("机器判定已关闭", "machine off")
    return _say("建议", "suggested")


def next_move(level: Level, evidence: Evidence, policy: AutonomyPolicy | None = None) -> Move:
    """The step that the figures call for.

    A step down is taken at once (`is_automatic`); a step up is offered to a QA lead.
    """
    rules = policy or AutonomyPolicy()
    if level in (Level.AUDIT, Level.AUTO) and (why := _fallen(evidence, rules)) is not None:
        return Move(to=LADDER[LADDER.index(level) - 1], reason=why, is_automatic=True)
    if level == Level.AUTO:
        return Move(to=level, reason=_say("达到最高级别", "at the top of the ladder"))
    if level == Level.OFF:
        return Move(to=level, reason=_say("由质检主管开启", "a QA lead turns it on"))
    return _rise(level, evidence.agreement, rules)


def may_promote(
    level: Level, to: Level, evidence: Evidence, policy: AutonomyPolicy | None = None
) -> bool:
    """Whether a person may set this level now: down always, off → assist always, up as earned."""
    if LADDER.index(to) <= max(LADDER.index(level), LADDER.index(Level.ASSIST)):
        return True
    return next_move(level, evidence, policy).to == to


def _rise(level: Level, found: Agreement, rules: AutonomyPolicy) -> Move:
    if found.n < rules.least_n:
        return Move(
            to=level,
            reason=_say(
                f"样本不足：{found.n}/{rules.least_n}",
                f"not enough data: {found.n} of {rules.least_n}",
            ),
        )
    low = _low(found.precision)
    bar = rules.precision_bar
    if low is None or low < bar:
        shown = "–" if low is None else f"{low:.0%}"
        return Move(
            to=level,
            reason=_say(
                f"违规精确率下限 {shown}，未达 {bar:.0%}",
                f"lower bound of violation precision {shown} is below {bar:.0%}",
            ),
        )
    return Move(
        to=LADDER[LADDER.index(level) + 1],
        reason=_say(
            f"违规精确率下限 {low:.0%} 达到 {bar:.0%}，n = {found.n}",
            f"lower bound of violation precision {low:.0%} reaches {bar:.0%}, n = {found.n}",
        ),
    )


def _fallen(evidence: Evidence, rules: AutonomyPolicy) -> Bilingual | None:
    found = evidence.agreement
    judged = found.n + found.abstained
    rate = wilson(min(evidence.overrides, judged), judged)
    if rate is not None and rate.low is not None and rate.low > rules.override_bar:
        return _say(
            f"改判率 {rate.value:.0%}（n = {judged}）高于 {rules.override_bar:.0%}",
            f"override rate {rate.value:.0%} (n = {judged}) is above {rules.override_bar:.0%}",
        )
    high = None if found.precision is None else found.precision.high
    if high is not None and high < rules.precision_bar:
        return _say(
            f"违规精确率上限 {high:.0%} 低于 {rules.precision_bar:.0%}",
            f"upper bound of violation precision {high:.0%} is below {rules.precision_bar:.0%}",
        )
    lost, decided = evidence.disputes_overturned, evidence.disputes_decided
    if lost >= rules.overturned and 2 * lost >= decided:
        return _say(
            f"申诉改判 {lost}/{decided}", f"{lost} of {decided} decided disputes were overturned"
        )
    return None


def _low(estimate: Estimate | None) -> float | None:
    return None if estimate is None else estimate.low


def _say(zh: str, en: str) -> Bilingual:
    return Bilingual(zh=zh, en=en)
