"""From frames of the store to a report: one pure function."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
import pandas as pd

from qa.evaluation import Bilingual
from qa.insight.alerts import RANK, AlertKind, RiskItem, RiskState
from qa.people.indicators import INDICATORS, MISS
from qa.people.intervals import Estimate, mean_interval, wilson
from qa.people.measures import Better
from qa.reports.comparing import compared, compared_shares, judged
from qa.reports.decisions import decisions
from qa.reports.report import (
    Ageing,
    Band,
    Critical,
    Defect,
    Line,
    Reason,
    Recognition,
    Report,
    Session,
)
from qa.review.agreement import OUTCOMES

#: Targets of the critical classes (dossier §4.2); none for what is only suspected.
TARGETS: Mapping[str, float | None] = {
    "cc_accuracy": 0.95, "bc_accuracy": 0.95, "rc_accuracy": 0.98,
    "cc_clear": None, "bc_clear": None, "rc_clear": None,
}  # fmt: skip
#: A call whose words the recogniser was less sure of than this is doubtful.
DOUBTFUL = 0.6
_EDGES = (0, 40, 50, 60, 70, 80, 85, 90, 95, 100)
_DAY = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What a report is made of.

    Attributes:
        facts: Calls of the period, as `PeopleFrames.facts`; `facts_before` of the one before.
        outcomes: Verdicts of the period by criterion and team, as `PeopleFrames.outcome_sums`.
        risks: Risks of the period's calls, in any state.
        queue: Risks open now, whenever their call was.
        sampled: Calls that were drawn into samples, of whatever period.
        verdicts: (machine's outcome, person's outcome) → verdicts on calls drawn by chance.
        board: Improvements in hand, measured again.
        criteria: Criterion id → wording; `reasons` the same of reasons for contact.
    """

    period: str
    made_at: datetime
    facts: pd.DataFrame
    facts_before: pd.DataFrame
    outcomes: pd.DataFrame
    outcomes_before: pd.DataFrame
    risks: Sequence[RiskItem] = ()
    queue: Sequence[RiskItem] = ()
    sampled: frozenset[str] = frozenset()
    verdicts: Mapping[tuple[str, str], int] = field(default_factory=dict)
    sessions: tuple[Session, ...] = ()
    board: tuple[Line, ...] = ()
    criteria: Mapping[str, Bilingual] = field(default_factory=dict)
    reasons: Mapping[str, Bilingual] = field(default_factory=dict)


def summarise(given: Material, *, most: int = 8) -> Report:
    """The report of a period.

    Args:
        given: Frames and risks; an empty period gives a report that says so.
        most: So many defects, those that cost most points first.
    """
    ids = ("quality_mean", "pass_rate", *TARGETS)
    heads = judged(
        [compared(INDICATORS[name], given.facts, given.facts_before) for name in ids],
        [Better.HIGHER] * len(ids),
    )
    critical = tuple(
        Critical(name=INDICATORS[name].name, target=target, figure=figure)
        for (name, target), figure in zip(TARGETS.items(), heads[2:], strict=True)
    )
    defects = _defects(given)[:most]
    ageing = _ageing(given.queue, given.made_at)
    heard = _recognition(given)
    return Report(
        period=given.period,
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
        sessions=given.sessions,
        board=given.board,
        decisions=decisions(
            critical=critical, defects=defects, ageing=ageing, heard=heard, board=given.board
        ),
    )


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
    owners = _owners(given.board)
    now, old = (_misses(frame) for frame in (given.outcomes, given.outcomes_before))
    figures = judged(
        [compared_shares(now[key], old.get(key, (0, 0))) for key in now],
        [Better.LOWER] * len(now),
    )
    found = []
    for key, figure in zip(now, figures, strict=True):
        part = table[table["criterion_id"] == key]
        lost = float((part["applied"] - part["points"]).sum())
        if lost <= 0:
            continue
        teams = part[part["misses"] > 0].nlargest(1, "misses")
        found.append(
            Defect(
                criterion_id=key,
                name=given.criteria.get(key, Bilingual(zh=key, en=key)),
                misses=now[key][0],
                lost=lost / max(scored, 1),
                figure=figure,
                team=str(teams["team"].iloc[0]) if len(teams) else "",
                team_misses=int(teams["misses"].iloc[0]) if len(teams) else 0,
                owner=owners.get(key, ""),
            )
        )
    return tuple(sorted(found, key=lambda one: (-one.lost, one.criterion_id)))


def _misses(sums: pd.DataFrame) -> dict[str, tuple[int, int]]:
    """Criterion → calls that missed it, calls where it was judged."""
    whole = sums.groupby("criterion_id")[["misses", "n"]].sum()
    return {str(row.Index): (int(row.misses), int(row.n)) for row in whole.itertuples()}


def _owners(board: Sequence[Line]) -> dict[str, str]:
    """Criterion → who has taken it on."""
    taken = [line.item for line in board if line.item.owner and line.item.closed_at is None]
    return {
        item.measure.removeprefix(MISS): item.owner
        for item in taken
        if item.measure.startswith(MISS)
    }


_OTHER = Bilingual(zh="其他", en="Other")


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
        name = names.get(reason, _OTHER if reason == "other" else Bilingual(zh=reason, en=reason))
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


def _recognition(given: Material) -> Recognition:
    facts = given.facts
    opinions = {
        pair: n for pair, n in given.verdicts.items() if all(one in OUTCOMES for one in pair)
    }
    words = facts["word_confidence"].astype("float64").dropna()
    return Recognition(
        confidence=mean_interval(words.tolist()),
        doubtful=_share(words < DOUBTFUL),
        unscored=_share(facts["quality"].isna()),
        reviewed=_share(facts["decision_id"].fillna(0) > 0),
        sampled=_share(facts["call_id"].isin(given.sampled)),
        agreed=wilson(
            sum(n for (machine, person), n in opinions.items() if machine == person),
            sum(opinions.values()),
        ),
    )


def _share(hits: pd.Series) -> Estimate | None:
    return wilson(int(hits.sum()), len(hits))
