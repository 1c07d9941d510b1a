"""Measures into points, points into a proposal. A person decides; nothing here is a sanction."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from qa.people.appraisal.scheme import Measure, Part, Scheme
from qa.people.bounds import Floats
from qa.people.indicators import INDICATORS
from qa.people.measures import Kind

_DRAWS = 2_000
#: An indicator with less than this per cent of its shares is missing: one test of ten questions
#: shall not decide a quarter of somebody's year (own).
_LEAST_SHARE = 50.0
#: Least n of measures that the registry does not define: provisional, full.
_OWN_MINIMA = {
    "aht_ratio": (10, 50), "training_plan": (1, 1), "coaching_gain": (8, 20),
    "feedback_acknowledged": (1, 5),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureResult:
    """One measure of one agent.

    Attributes:
        points: 0–100; None where there is too little data.
        weight: Points of the whole that it decides about, after redistribution.
        lost: Points of the whole that it cost: weight · (100 − points) ÷ 100.
        flag: As in `measuring`, or `missing`, `provisional`.
    """

    id: str
    part: str
    value: float | None
    n: int
    low: float | None
    high: float | None
    points: float | None
    weight: float
    lost: float
    flag: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentResult:
    """The proposal for one agent.

    Attributes:
        teams: Team → calls in the period; more than one where somebody moved.
        score: 0–100 with adjustments; None where too little weight has data.
        low, high: Interval of the score (level of the scheme).
        grade: Proposed grade; empty unless `status` is `graded`.
        label: The grade as printed: `B/A borderline` reads `B/A`.
        status: `graded`, `insufficient` or `withheld`.
        provisional: A whole indicator was missing, or n is small.
        gates: What capped or withheld the grade: `compliance_errors`, `compliance_bound`,
            `AF-3` …
        adjustment: Points from verdicts overturned after an earlier period was frozen.
    """

    agent_id: str
    name: str
    team: str
    teams: Mapping[str, int]
    calls: int
    score: float | None
    low: float | None
    high: float | None
    grade: str
    label: str
    status: str
    provisional: bool
    present_weight: float
    gates: tuple[str, ...]
    measures: tuple[MeasureResult, ...]
    adjustment: float = 0.0


def appraise(
    table: pd.DataFrame,
    facts: pd.DataFrame,
    roster: pd.DataFrame,
    scheme: Scheme,
    *,
    adjustments: Mapping[str, float] | None = None,
) -> list[AgentResult]:
    """Proposals for everybody who has calls, shifts or anything else in the period.

    Args:
        table: Of `measure_table`.
        facts: Calls of the period; confirmed errors and teams come from here.
        roster: Names and teams.
        scheme: How to score.
        adjustments: Agent → points from earlier periods.

    Returns:
        In the order of agent ids; never in the order of scores, which would be a ranking.
    """
    owed = adjustments or {}
    names = roster.sort_values("valid_from").drop_duplicates("agent_id", keep="last")
    known = names.set_index("agent_id")
    people = sorted({*table["agent_id"], *facts["agent_id"], *owed})
    rows = {agent: part.set_index("measure") for agent, part in table.groupby("agent_id")}
    calls = dict(iter(facts.groupby("agent_id")))
    empty, none = table.iloc[:0].set_index("measure"), facts.iloc[:0]
    return [
        _appraised(
            str(agent),
            rows.get(agent, empty),
            calls.get(agent, none),
            scheme,
            owed=owed.get(str(agent), 0.0),
            known=known.loc[agent].to_dict() if agent in known.index else {},
        )
        for agent in people
    ]


def _appraised(
    agent: str,
    rows: pd.DataFrame,
    calls: pd.DataFrame,
    scheme: Scheme,
    *,
    owed: float,
    known: Mapping[str, object],
) -> AgentResult:
    parts = [_part(part, rows) for part in scheme.parts]
    present = sum(part.weight for part, found in zip(scheme.parts, parts, strict=True) if found)
    measures = _weighted(scheme, parts, present or 1.0, rows)
    scored = [item for item in measures if item.points is not None]
    enough = present >= scheme.minimum_weight and _has_quality(scored)
    score = min(100.0, max(0.0, 100 - sum(item.lost for item in scored) + owed))
    low, high = _interval(scheme, rows, scored, seed=agent, owed=owed)
    gates = _gates(calls, rows, scheme)
    withheld = [gate for gate in gates if gate in scheme.gates.withheld]
    status = "withheld" if withheld else "graded" if enough else "insufficient"
    grade, label = _grade(scheme, score, (low, high), gates) if status == "graded" else ("", "")
    teams = calls["team"].value_counts()
    return AgentResult(
        agent_id=agent,
        name=str(known.get("name") or ""),
        team=str(teams.index[0] if len(teams) else known.get("team") or ""),
        teams={str(team): int(n) for team, n in teams.items()},
        calls=len(calls),
        score=round(score, 4) if scored and enough else None,
        low=round(low, 4) if scored and enough else None,
        high=round(high, 4) if scored and enough else None,
        grade=grade,
        label=label,
        status=status,
        provisional=present < 99.99 or any(item.flag == "provisional" for item in scored),
        present_weight=present,
        gates=tuple(gates),
        measures=tuple(measures),
        adjustment=owed,
    )


def _minima(name: str) -> tuple[int, int]:
    if name in _OWN_MINIMA:
        return _OWN_MINIMA[name]
    return INDICATORS[name].provisional_n, INDICATORS[name].minimum_n


def _part(part: Part, rows: pd.DataFrame) -> list[Measure]:
    """The measures of an indicator that have enough data; none where they are too few."""
    usable = [
        measure
        for measure in part.measures
        if measure.share > 0
        and measure.id in rows.index
        and rows.loc[measure.id, "n"] >= _minima(measure.id)[0]
        and np.isfinite(rows.loc[measure.id, "value"])
    ]
    return usable if sum(measure.share for measure in usable) >= _LEAST_SHARE else []


def _weighted(
    scheme: Scheme, present: Sequence[Sequence[Measure]], total: float, rows: pd.DataFrame
) -> list[MeasureResult]:
    """Every measure; what is missing leaves its weight to the rest of its indicator (§4.2)."""
    found = []
    for part, usable in zip(scheme.parts, present, strict=True):
        shares = sum(measure.share for measure in usable)
        for measure in part.measures:
            weight = 0.0
            if measure in usable:
                weight = 100 * part.weight / total * measure.share / shares
            found.append(_measured(part, measure, weight, rows))
    return found


def _measured(part: Part, measure: Measure, weight: float, rows: pd.DataFrame) -> MeasureResult:
    if measure.id not in rows.index:
        return MeasureResult(
            id=measure.id, part=part.id, value=None, n=0, low=None, high=None, points=None,
            weight=0.0, lost=0.0, flag="missing",
        )  # fmt: skip
    row = rows.loc[measure.id]
    n = int(row["n"])
    points = float(measure.points(float(row["value"]))) if weight else None
    flag = str(row["flag"])
    if points is None:
        flag = "missing"
    elif n < _minima(measure.id)[1] and flag != "team":
        flag = "provisional"
    return MeasureResult(
        id=measure.id,
        part=part.id,
        value=_known(row["value"]),
        n=n,
        low=_known(row["low"]),
        high=_known(row["high"]),
        points=None if points is None else round(points, 4),
        weight=round(weight, 6),
        lost=0.0 if points is None else round(weight * (100 - points) / 100, 6),
        flag=flag,
    )


def _known(value: object) -> float | None:
    number = float(value)  # type: ignore[arg-type]
    return round(number, 6) if np.isfinite(number) else None


def _interval(
    scheme: Scheme, rows: pd.DataFrame, scored: Sequence[MeasureResult], *, seed: str, owed: float
) -> tuple[float, float]:
    """Interval of the score: every measure varies by its own error; the seed is the agent."""
    rng = np.random.default_rng(zlib.crc32(seed.encode()))
    knots = {measure.id: measure for part in scheme.parts for measure in part.measures}
    total = np.full(_DRAWS, owed)
    for item in scored:
        drawn = _draws(rng, item.id, rows.loc[item.id])
        total += item.weight * knots[item.id].points(drawn) / 100
    tail = (1 - scheme.level) / 2
    low, high = np.quantile(np.clip(total, 0, 100), [tail, 1 - tail])
    own = float(np.clip(100 - sum(item.lost for item in scored) + owed, 0, 100))
    # where all goes well the draws lie on one side: the interval still holds the score itself
    return min(float(low), own), max(float(high), own)


def _draws(rng: np.random.Generator, name: str, row: pd.Series) -> Floats:
    """What the true value may be: Jeffreys' posterior for counts, normal for the rest."""
    value, n = float(row["value"]), float(row["n"])
    item = INDICATORS.get(name)
    if item is not None and item.kind is not Kind.MEAN:
        hits = value / item.scale * n
        if item.kind is Kind.RATE:
            return rng.gamma(hits + 0.5, 1 / n, _DRAWS) * item.scale
        return rng.beta(hits + 0.5, max(0.0, n - hits) + 0.5, _DRAWS) * item.scale
    error = float(row["error"])
    return rng.normal(value, error if np.isfinite(error) else 0.0, _DRAWS)


def _gates(calls: pd.DataFrame, rows: pd.DataFrame, scheme: Scheme) -> list[str]:
    codes = {code for text in calls["confirmed"].dropna() for code in str(text).split()}
    found = sorted(codes & set(scheme.gates.withheld))
    errors = int((calls["compliance_critical"] == "confirmed").sum())
    if errors >= scheme.gates.compliance_errors:
        found.append("compliance_errors")
    if "rc_accuracy" in rows.index and rows.loc["rc_accuracy", "high"] < (
        scheme.gates.compliance_bound
    ):
        found.append("compliance_bound")
    return found


def _grade(
    scheme: Scheme, score: float, bounds: tuple[float, float], gates: Sequence[str]
) -> tuple[str, str]:
    """The grade, and as printed: with its neighbour where the interval crosses a boundary."""
    own = scheme.grade(score)
    others = [scheme.grade(bound) for bound in reversed(bounds)]
    if gates:
        own, *others = (scheme.worse(name, scheme.gates.cap) for name in (own, *others))
    better, worse = others
    order = [name for name, _ in scheme.bands]
    at = order.index(own)
    if better != own:
        return own, f"{own}/{order[at - 1]}"
    return own, f"{own}/{order[at + 1]}" if worse != own else own


def _has_quality(scored: Sequence[MeasureResult]) -> bool:
    """Without a score of calls there is nothing to grade: attendance alone is no appraisal."""
    return any(item.id in ("fair_quality", "quality_mean") for item in scored)
