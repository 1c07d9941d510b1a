"""Is the score fair? Against recognition confidence, tenure and queue; and how appeals ended.

Recognisers err more with some accents (dossier §4.6, [38]): where scores follow the recogniser's
confidence, the score measures the recogniser.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtri

from qa.people.bounds import wilson_bounds
from qa.people.casemix import case_mix

#: Over this |r| the score must not be used for appraisal (dossier §4.6).
LIMIT = 0.3
#: Fewer people than this say nothing about a relation between people.
LEAST_PEOPLE = 10


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
    """A group's mean score beside everybody's, raw and at equal mix of calls."""

    group: str
    n: int
    mean: float
    gap: float
    adjusted_gap: float | None


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
    overall = float(named["fair_quality"].astype(float).mean())
    alone = len(mixed) < 2
    return tuple(
        GroupGap(
            group=str(row[by]),
            n=int(row["n"]),
            mean=float(row["raw"]),
            gap=float(row["raw"]) - overall,
            adjusted_gap=None if alone else float(row["adjusted"]) - overall,
        )
        for row in mixed.sort_values("n", ascending=False).to_dict("records")
    )


def _appeals(disputes: pd.DataFrame) -> Appeals:
    n = len(disputes)
    upheld = int(disputes["upheld"].sum()) if n else 0
    if not n:
        return Appeals(decided=0, upheld=0, share=None, low=None, high=None)
    low, high = wilson_bounds(upheld, n)
    return Appeals(decided=n, upheld=upheld, share=upheld / n, low=float(low), high=float(high))
