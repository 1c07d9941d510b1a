"""From frames of the store to a report: one pure function."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
import pandas as pd

from qa.evaluation import Bilingual
from qa.insight.alerts import RANK, AlertKind, RiskItem, RiskState
from qa.people.indicators import INDICATORS, miss_indicator
from qa.people.intervals import Estimate, mean_interval, wilson
from qa.people.measures import Better, Indicator, Kind
from qa.people.ranking import holm
from qa.people.statistics import Difference, mean_difference, proportion_difference
from qa.reports.decisions import decisions
from qa.reports.report import (
    Ageing,
    Band,
    Change,
    Critical,
    Defect,
    Figure,
    Reason,
    Recognition,
    Report,
)

#: Targets of the critical classes (dossier §4.2); none for what is only suspected.
TARGETS: Mapping[str, float | None] = {
    "cc_accuracy": 0.95, "bc_accuracy": 0.95, "rc_accuracy": 0.98,
    "cc_clear": None, "bc_clear": None, "rc_clear": None,
}  # fmt: skip
#: A call whose words the recogniser was less sure of than this is doubtful.
DOUBTFUL = 0.6
#: Fewer calls than this in either month, and no change is spoken of.
MINIMUM_N = 20
_EDGES = (0, 40, 50, 60, 70, 80, 85, 90, 95, 100)
_DAY = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What a report is made of.

    Attributes:
        facts: Calls of the month, as `PeopleFrames.facts`; `facts_before` of the month before.
        outcomes: Criterion results of the month, as `PeopleFrames.outcomes`.
        risks: Risks of the month's calls, in any state.
        queue: Risks open now, whenever their call was.
        criteria: Criterion id → wording; `reasons` the same of reasons for contact.
    """

    month: str
    made_at: datetime
    facts: pd.DataFrame
    facts_before: pd.DataFrame
    outcomes: pd.DataFrame
    outcomes_before: pd.DataFrame
    risks: Sequence[RiskItem] = ()
    queue: Sequence[RiskItem] = ()
    criteria: Mapping[str, Bilingual] = field(default_factory=dict)
    reasons: Mapping[str, Bilingual] = field(default_factory=dict)


def summarise(given: Material, *, most: int = 8) -> Report:
    """The report of a month.

    Args:
        given: Frames and risks; an empty month gives a report that says so.
        most: So many defects, those that cost most points first.
    """
    ids = ("quality_mean", "pass_rate", *TARGETS)
    heads = _marked(
        [_figure(INDICATORS[name], given.facts, given.facts_before) for name in ids],
        [Better.HIGHER] * len(ids),
    )
    critical = tuple(
        Critical(name=INDICATORS[name].name, target=target, figure=figure)
        for (name, target), figure in zip(TARGETS.items(), heads[2:], strict=True)
    )
    defects = _defects(given)[:most]
    ageing = _ageing(given.queue, given.made_at)
    heard = _recognition(given.facts)
    return Report(
        month=given.month,
        made_at=given.made_at,
        calls=len(given.facts),
        agents=int(given.facts["agent_id"].nunique()),
        quality=heads[0],
        passed=heads[1],
        bands=_bands(given.facts),
        critical=critical,
        defects=defects,
        reasons=_reasons(given.risks, given.reasons),
        ageing=ageing,
        recognition=heard,
        decisions=decisions(critical=critical, defects=defects, ageing=ageing, heard=heard),
    )


def _figure(item: Indicator, now: pd.DataFrame, before: pd.DataFrame) -> Figure:
    """A figure in the indicator's stored unit (proportions 0–1)."""
    first, second = (
        item.values(frame).astype("float64").dropna().to_numpy() for frame in (before, now)
    )
    difference: Difference | None
    if item.kind is Kind.PROPORTION:
        pairs = [(int(values.sum()), len(values)) for values in (first, second)]
        difference = proportion_difference(pairs[0], pairs[1])
        old, new = (wilson(*pair) for pair in pairs)
    else:
        difference = mean_difference(first, second)
        old, new = mean_interval(first.tolist()), mean_interval(second.tolist())
    return Figure(now=new, before=old, difference=difference)


def _marked(figures: Sequence[Figure], better: Sequence[Better]) -> list[Figure]:
    """The figures of one table with what may be said about their change."""
    known = [
        f.difference.p if f.difference and f.difference.p is not None and _enough(f) else np.nan
        for f in figures
    ]
    stands = holm(np.array(known, float))
    found = []
    for figure, p, holds, way in zip(figures, known, stands, better, strict=True):
        change = Change.UNKNOWN if np.isnan(p) else Change.NOISE
        if holds and figure.difference is not None:
            up = figure.difference.value > 0
            change = Change.BETTER if up == (way is Better.HIGHER) else Change.WORSE
        found.append(
            Figure(
                now=figure.now, before=figure.before, difference=figure.difference, change=change
            )
        )
    return found


def _enough(figure: Figure) -> bool:
    sides = (figure.now, figure.before)
    return all(side is not None and side.n >= MINIMUM_N for side in sides)


def _bands(facts: pd.DataFrame) -> tuple[Band, ...]:
    scores = facts["quality"].astype("float64").dropna().to_numpy()
    counts, _ = np.histogram(scores, bins=_EDGES)
    total = max(len(scores), 1)
    return tuple(
        Band(low=low, high=high, calls=int(n), share=float(n) / total)
        for low, high, n in zip(_EDGES, _EDGES[1:], counts, strict=False)
    )


def _defects(given: Material) -> tuple[Defect, ...]:
    """Criteria by points lost, dearest first; those that cost nothing are left out."""
    table, scored = given.outcomes, int(given.facts["quality"].notna().sum())
    groups = {str(key): part for key, part in table.groupby("criterion_id")}
    old = {str(key): part for key, part in given.outcomes_before.groupby("criterion_id")}
    empty = given.outcomes_before.iloc[:0]
    ids = list(groups)
    figures = _marked(
        [_figure(miss_indicator(key), groups[key], old.get(key, empty)) for key in ids],
        [Better.LOWER] * len(ids),
    )
    found = []
    for key, figure in zip(ids, figures, strict=True):
        part = groups[key]
        lost = float((part["applied_weight"] - part["points"]).clip(lower=0).sum())
        missed = part[part["outcome"] == "missed"]
        teams = missed["team"].fillna("").value_counts()
        if lost <= 0:
            continue
        found.append(
            Defect(
                criterion_id=key,
                name=given.criteria.get(key, Bilingual(zh=key, en=key)),
                misses=len(missed),
                lost=lost / max(scored, 1),
                figure=figure,
                team=str(teams.index[0]) if len(teams) else "",
                team_misses=int(teams.iloc[0]) if len(teams) else 0,
            )
        )
    return tuple(sorted(found, key=lambda one: (-one.lost, one.criterion_id)))


def _reasons(risks: Sequence[RiskItem], names: Mapping[str, Bilingual]) -> tuple[Reason, ...]:
    """Pareto of complaints; the rest of the taxonomy stands last."""
    complaints = [r for r in risks if r.alert.kind is AlertKind.COMPLAINT and r.stands]
    counts: dict[str, int] = {}
    for item in complaints:
        reason = item.labels.get("reason") or "other"
        counts[reason] = counts.get(reason, 0) + 1
    ordered = sorted(counts.items(), key=lambda pair: (pair[0] == "other", -pair[1], pair[0]))
    found, running = [], 0
    for reason, n in ordered:
        running += n
        name = names.get(reason, Bilingual(zh=reason, en=reason))
        total = len(complaints)
        found.append(
            Reason(reason=reason, name=name, calls=n, share=n / total, running=running / total)
        )
    return tuple(found)


def _ageing(queue: Sequence[RiskItem], now: datetime) -> tuple[Ageing, ...]:
    waiting = [item for item in queue if item.stands and item.state is not RiskState.RESOLVED]
    priorities = sorted({item.alert.priority for item in waiting}, key=lambda p: (RANK[p], p))
    rows = []
    for priority in priorities:
        own = [item for item in waiting if item.alert.priority == priority]
        days = np.array([item.age(now).total_seconds() / _DAY for item in own])
        counts = [int(n) for n in np.histogram(days, bins=(-np.inf, 1, 3, 7, np.inf))[0]]
        rows.append(
            Ageing(
                priority=priority,
                under_1=counts[0],
                under_3=counts[1],
                under_7=counts[2],
                older=counts[3],
                overdue=sum(item.is_overdue(now) for item in own),
            )
        )
    return tuple(rows)


def _recognition(facts: pd.DataFrame) -> Recognition:
    words = facts["word_confidence"].astype("float64").dropna()
    return Recognition(
        confidence=mean_interval(words.tolist()),
        doubtful=_share(words < DOUBTFUL),
        unscored=_share(facts["quality"].isna()),
        reviewed=_share(facts["decision_id"].fillna(0) > 0),
    )


def _share(hits: pd.Series) -> Estimate | None:
    return wilson(int(hits.sum()), len(hits))
