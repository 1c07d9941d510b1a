"""Is the score fair? Against recognition confidence, tenure and queue; and how appeals ended.

Recognisers err more with some accents (dossier §4.6, [38]): where scores follow the recogniser's
confidence, the score measures the recogniser.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtri

from qa.people.bounds import Floats, wilson_bounds
from qa.people.casemix import case_mix
from qa.people.effects import Difference, mean_difference
from qa.people.intervals import Estimate
from qa.review.agreement import is_firm

#: Over this |r| the score must not be used for appraisal (dossier §4.6).
LIMIT = 0.3
#: Fewer people than this say nothing about a relation between people.
LEAST_PEOPLE = 10
#: An interval wider than this many points, a band of the service standard, decides nothing.
WIDE_POINTS = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """How score and something else go together, over agents.

    Attributes:
        r: Pearson correlation; None where it is not defined.
        low, high: 95 % interval (Fisher's z).
        n: Agents.
        alarming: |r| over the limit with enough people.
    """

    name: str
    r: float | None
    low: float | None
    high: float | None
    n: int
    alarming: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupGap:
    """A group's mean score beside everybody's, raw and at equal mix of calls.

    Bounds are of 95 % intervals over calls; None where there is nothing to compare with, where
    nothing varies, and in periods frozen before there were any.

    Attributes:
        n: Calls of the group.
        mean, gap: In points; `gap` is against all calls, the group's own among them.
        low, high: Of `gap`: Welch against the rest, times the rest's share of the calls.
        adjusted_gap: At equal mix of calls; None where there is one group only.
        adjusted_low, adjusted_high: Of that, from the regression.
    """

    group: str
    n: int
    mean: float
    gap: float
    adjusted_gap: float | None
    low: float | None = None
    high: float | None = None
    adjusted_low: float | None = None
    adjusted_high: float | None = None

    @property
    def raw(self) -> Estimate | None:
        """The gap with its interval; None where there is one group only."""
        if self.adjusted_gap is None:
            return None
        return Estimate(value=self.gap, n=self.n, low=self.low, high=self.high)

    @property
    def adjusted(self) -> Estimate | None:
        """The gap at equal mix with its interval."""
        if self.adjusted_gap is None:
            return None
        return Estimate(
            value=self.adjusted_gap, n=self.n, low=self.adjusted_low, high=self.adjusted_high
        )


def is_known(gap: Estimate | None) -> bool:
    """Whether a gap is known well enough to show; otherwise say "not enough data"."""
    return is_firm(gap, wide=WIDE_POINTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Appeals:
    """How disputes of the period's calls ended."""

    decided: int
    upheld: int
    share: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fairness:
    """The fairness report of a period.

    Attributes:
        relations: `confidence` (recognition), `tenure` (days since hiring), `unheard` (share of
            the form that could not be judged).
        queues, languages: Gaps between groups of calls.
        appeals: Outcome of disputes.
    """

    relations: tuple[Relation, ...]
    queues: tuple[GroupGap, ...]
    languages: tuple[GroupGap, ...]
    appeals: Appeals

    @property
    def alarming(self) -> tuple[str, ...]:
        """Relations that stop the use for appraisal until a person has looked."""
        return tuple(item.name for item in self.relations if item.alarming)


def fairness(facts: pd.DataFrame, roster: pd.DataFrame, disputes: pd.DataFrame) -> Fairness:
    """Judge a period's scores.

    Args:
        facts: Calls of the period.
        roster: With `hired_on`.
        disputes: Decided disputes of these calls: columns call_id, upheld (bool).
    """
    known = facts.dropna(subset=["fair_quality"])
    own = known.groupby("agent_id").agg(
        score=("fair_quality", "mean"),
        confidence=("word_confidence", "mean"),
        coverage=("coverage", "mean"),
        last=("day", "max"),
    )
    hired = roster.dropna(subset=["hired_on"]).groupby("agent_id")["hired_on"].min()
    since = pd.to_datetime(pd.Series(own.index.map(hired), index=own.index))
    tenure = (pd.to_datetime(own["last"]) - since).dt.days
    score = own["score"].astype(float)
    return Fairness(
        relations=(
            relation("confidence", score, own["confidence"].astype(float)),
            relation("tenure", score, tenure.astype(float)),
            relation("unheard", score, 1 - own["coverage"].astype(float)),
        ),
        queues=_gaps(known, "queue", ("call_type",)),
        languages=_gaps(known, "language", ("queue", "call_type")),
        appeals=_appeals(disputes),
    )


def relation(name: str, left: pd.Series, right: pd.Series) -> Relation:
    """Pearson's r over people with Fisher's interval; not defined without spread or people."""
    both = pd.DataFrame({"x": left, "y": right}).dropna()
    n = len(both)
    if n < 4 or both["x"].std() < 1e-9 or both["y"].std() < 1e-9:
        return Relation(name=name, r=None, low=None, high=None, n=n, alarming=False)
    r = float(np.clip(np.corrcoef(both["x"], both["y"])[0, 1], -0.999999, 0.999999))
    half = float(ndtri(0.975)) / np.sqrt(n - 3)
    low, high = np.tanh(np.arctanh(r) - half), np.tanh(np.arctanh(r) + half)
    return Relation(
        name=name, r=r, low=float(low), high=float(high), n=n,
        alarming=n >= LEAST_PEOPLE and abs(r) > LIMIT and name != "tenure",
    )  # fmt: skip


def _gaps(known: pd.DataFrame, by: str, strata: Sequence[str]) -> tuple[GroupGap, ...]:
    named = known[known[by].fillna("") != ""]
    if named.empty:
        return ()
    mixed = case_mix(named, "fair_quality", by=by, strata=strata)
    scores = named["fair_quality"].to_numpy(float)
    groups = named[by].to_numpy()
    return tuple(
        _gap(row, str(row[by]), scores, groups == row[by])
        for row in mixed.sort_values("n", ascending=False).to_dict("records")
    )


def _gap(row: Mapping[Any, Any], group: str, scores: Floats, own: NDArray[np.bool_]) -> GroupGap:
    overall = float(scores.mean())
    found = mean_difference(scores[~own], scores[own])
    low, high = _bounds(found, share=1 - own.mean())
    # a model that explains every call, or has none to spare, gives no width: nobody should believe
    has_width = found is not None and row["high"] > row["low"]
    return GroupGap(
        group=group,
        n=int(row["n"]),
        mean=float(row["raw"]),
        gap=float(row["raw"]) - overall,
        low=low,
        high=high,
        adjusted_gap=None if found is None else float(row["adjusted"]) - overall,
        adjusted_low=float(row["low"]) - overall if has_width else None,
        adjusted_high=float(row["high"]) - overall if has_width else None,
    )


def _bounds(found: Difference | None, *, share: float) -> tuple[float | None, float | None]:
    """Of a group against all calls, from the group against the rest, `share` of them."""
    if found is None or found.low is None or found.high is None:
        return None, None
    return found.low * share, found.high * share


def _appeals(disputes: pd.DataFrame) -> Appeals:
    n = len(disputes)
    upheld = int(disputes["upheld"].sum()) if n else 0
    if not n:
        return Appeals(decided=0, upheld=0, share=None, low=None, high=None)
    low, high = wilson_bounds(upheld, n)
    return Appeals(decided=n, upheld=upheld, share=upheld / n, low=float(low), high=float(high))
