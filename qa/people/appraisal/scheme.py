"""How figures become points and grades: data, not code (dossier §4.2, §4.4).

Other centres weigh very differently (dossier §4.2: quality 70 %, volume 45 % …), so weights,
targets, bands and gates are edited and stored as versions.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise

import numpy as np

from qa.errors import SettingsError
from qa.evaluation import Bilingual
from qa.people.indicators import INDICATORS

#: Measures that appraisal computes itself, beside the indicators of the registry.
OWN_MEASURES = {
    "aht_ratio": Bilingual(zh="处理时长比（实际÷应有）", en="Handling time, actual ÷ expected"),
    "training_plan": Bilingual(zh="培训计划完成率", en="Training plan met"),
    "coaching_gain": Bilingual(zh="辅导项改进", en="Gain on coached criteria"),
    "feedback_acknowledged": Bilingual(zh="3 天内确认反馈", en="Feedback acknowledged in 3 days"),
}
#: How they are computed, in words; those of other measures stand in `INDICATORS`.
OWN_FORMULAS = {
    "aht_ratio": Bilingual(
        zh="实际处理时长之和 ÷ 同类型、同队列通话平均时长之和",
        en="sum of handling times ÷ sum of the means of their call type and queue",
    ),
    "training_plan": Bilingual(
        zh="培训小时数 ÷ 本期计划小时数，最多计 150%",
        en="hours of training ÷ hours planned for the period, at most 150 %",
    ),
    "coaching_gain": Bilingual(
        zh="被辅导项达标率的变化减去同期同事的变化，对辅导计划取平均（百分点）",
        en="change on coached criteria less that of peers, mean over plans, in points",
    ),
    "feedback_acknowledged": Bilingual(
        zh="发布后 3 天内由坐席确认的评分 ÷ 已发布的评分",
        en="evaluations acknowledged within 3 days of release ÷ evaluations released",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One measure inside an indicator.

    Attributes:
        id: Key of `INDICATORS` or `OWN_MEASURES`.
        share: Per cent of its indicator.
        knots: (value, points) by rising value; points are linear between, flat outside. Floor is
            60 points, target 85, stretch 100 (dossier §4.2).
    """

    id: str
    share: float
    knots: tuple[tuple[float, float], ...]

    def points(self, value: float | np.ndarray) -> np.ndarray:
        """Points 0–100 of a value, or of an array of them."""
        at, points = zip(*self.knots, strict=True)
        return np.asarray(np.interp(value, at, points), float)

    @property
    def name(self) -> Bilingual:
        """What it is called."""
        return OWN_MEASURES[self.id] if self.id in OWN_MEASURES else INDICATORS[self.id].name


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One of the five indicators: its weight in per cent of the whole, and its measures."""

    id: str
    name: Bilingual
    weight: float
    measures: tuple[Measure, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gates:
    """What no score makes up for (dossier §4.4).

    Attributes:
        compliance_errors: This many confirmed compliance errors cap the grade.
        compliance_bound: So does an upper 95 % bound of compliance accuracy under this per cent.
        cap: The best grade then.
        withheld: Confirmed auto-fails after which no grade is proposed: people decide.
    """

    compliance_errors: int = 2
    compliance_bound: float = 98.0
    cap: str = "B"
    withheld: tuple[str, ...] = ("AF-1", "AF-2", "AF-3", "AF-6", "AF-7")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheme:
    """A whole appraisal scheme.

    Attributes:
        bands: (grade, lower bound), best first; the last one starts at 0. No forced distribution.
        minimum_weight: Under this per cent of weight with data there is no grade.
        newcomer_days: Calls of somebody's first days do not count (dossier §4.6).
        excluded: Half-open ranges of days that do not count, such as a product's launch week.
        training_hours: Planned hours of training per 30 days.
        level: Coverage of the interval that makes a grade "borderline".
    """

    name: str
    parts: tuple[Part, ...]
    bands: tuple[tuple[str, float], ...] = (("A", 90.0), ("B", 80.0), ("C", 70.0), ("D", 0.0))
    gates: Gates = field(default_factory=Gates)
    minimum_weight: float = 60.0
    newcomer_days: int = 30
    excluded: tuple[tuple[date, date], ...] = ()
    training_hours: float = 2.0
    level: float = 0.90

    def grade(self, score: float) -> str:
        """The grade of a score, before gates."""
        return next((name for name, bound in self.bands if score >= bound), self.bands[-1][0])

    def worse(self, one: str, other: str) -> str:
        """The worse of two grades."""
        order = [name for name, _ in self.bands]
        return max(one, other, key=order.index)


def faults(scheme: Scheme) -> list[str]:
    """Everything that is wrong with a scheme, in words; empty when nothing is."""
    return list(_faults(scheme))


def require_sound(scheme: Scheme) -> None:
    """Stop at a scheme that cannot be used.

    Raises:
        SettingsError: With every fault at once.
    """
    if found := faults(scheme):
        raise SettingsError("; ".join(found), f"scheme {scheme.name}", "correct these and save")


def _faults(scheme: Scheme) -> Iterator[str]:
    if not scheme.name.strip():
        yield "the scheme has no name"
    weights = sum(part.weight for part in scheme.parts)
    if abs(weights - 100) > 0.01:
        yield f"weights add up to {weights:g}, not 100"
    for part in scheme.parts:
        if part.weight < 0:
            yield f"{part.id}: the weight is negative"
        shares = sum(measure.share for measure in part.measures)
        if abs(shares - 100) > 0.01:
            yield f"{part.id}: shares add up to {shares:g}, not 100"
        for measure in part.measures:
            yield from _measure_faults(part, measure)
    bounds = [bound for _, bound in scheme.bands]
    if not bounds or bounds[-1] != 0 or any(a <= b for a, b in pairwise(bounds)):
        yield "grade bands must fall from the best to one that starts at 0"
    if scheme.gates.cap not in {name for name, _ in scheme.bands}:
        yield f"the cap {scheme.gates.cap!r} is no grade"
    if any(first >= until for first, until in scheme.excluded):
        yield "an excluded range ends before it begins"


def _measure_faults(part: Part, measure: Measure) -> Iterator[str]:
    place = f"{part.id}/{measure.id}"
    if measure.id not in INDICATORS and measure.id not in OWN_MEASURES:
        yield f"{place}: there is no such measure"
    if measure.share < 0:
        yield f"{place}: the share is negative"
    if len(measure.knots) < 2 or any(a[0] >= b[0] for a, b in pairwise(measure.knots)):
        yield f"{place}: values must rise from knot to knot"
    if any(not 0 <= points <= 100 for _, points in measure.knots):
        yield f"{place}: points lie between 0 and 100"


def _more(name: str, share: float, floor: float, target: float, stretch: float) -> Measure:
    knots = ((0.0, 0.0), (floor, 60.0), (target, 85.0), (stretch, 100.0))
    return Measure(id=name, share=share, knots=knots)


def _less(name: str, share: float, target: float, floor: float, end: float) -> Measure:
    knots = ((0.0, 100.0), (target, 85.0), (floor, 60.0), (end, 0.0))
    return Measure(id=name, share=share, knots=knots)


#: Weights, shares, targets and stretches of dossier §4.2; floors are our own defaults.
SERVICE_MANUAL = Scheme(
    name="service-manual",
    parts=(
        Part(
            id="service_quality", name=Bilingual(zh="服务质量", en="Service quality"), weight=35,
            measures=(
                _more("fair_quality", 50, 70, 85, 95), _more("cc_accuracy", 20, 90, 95, 99),
                _more("rc_accuracy", 20, 95, 98, 100), _more("bc_accuracy", 10, 90, 95, 98),
            ),
        ),
        Part(
            id="handling", name=Bilingual(zh="业务处理能力", en="Handling ability"), weight=25,
            measures=(
                _more("fcr", 35, 65, 75, 85),
                Measure(id="aht_ratio", share=20,
                        knots=((0.6, 0.0), (0.85, 100.0), (1.15, 100.0), (1.6, 0.0))),
                _more("commitments_kept", 20, 90, 95, 99),
                _less("transfer_rate", 15, 10, 20, 40),
                _more("test_score", 10, 60, 80, 95),
            ),
        ),
        Part(
            id="satisfaction", name=Bilingual(zh="客户满意度", en="Customer satisfaction"),
            weight=20,
            measures=(_more("csat", 70, 75, 85, 92), _less("complaints_upheld", 30, 2, 5, 20)),
        ),
        Part(
            id="growth", name=Bilingual(zh="团队合作与个人成长", en="Teamwork and growth"),
            weight=10,
            measures=(
                Measure(id="teamwork", share=50,
                        knots=((1.0, 0.0), (3.5, 60.0), (4.0, 85.0), (4.6, 100.0))),
                Measure(id="coaching_gain", share=30,
                        knots=((-10.0, 0.0), (0.0, 60.0), (5.0, 85.0), (10.0, 100.0))),
                _more("training_plan", 20, 60, 85, 100),
            ),
        ),
        Part(
            id="attendance", name=Bilingual(zh="出勤与工作态度", en="Attendance and attitude"),
            weight=10,
            measures=(
                _more("adherence", 50, 85, 92, 97), _less("lost_minutes", 40, 2, 5, 30),
                _more("feedback_acknowledged", 10, 80, 95, 100),
            ),
        ),
    ),
)  # fmt: skip
