"""A figure of one stretch of time against the stretch before, and what may be said about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from qa.people.intervals import mean_interval, wilson
from qa.people.measures import Better, Indicator, Kind
from qa.people.ranking import holm
from qa.people.statistics import mean_difference, proportion_difference
from qa.reports.report import Change, Figure

#: Fewer calls than this on either side, and no change is spoken of.
MINIMUM_N = 20


def compared(item: Indicator, now: pd.DataFrame, before: pd.DataFrame) -> Figure:
    """A figure in the indicator's stored unit (proportions 0–1), its change not yet judged."""
    first, second = (
        item.values(frame).astype("float64").dropna().to_numpy() for frame in (before, now)
    )
    if item.kind is Kind.MEAN:
        return Figure(
            now=mean_interval(second.tolist()),
            before=mean_interval(first.tolist()),
            difference=mean_difference(first, second),
        )
    (x1, n1), (x2, n2) = ((int(values.sum()), len(values)) for values in (first, second))
    return compared_shares((x2, n2), (x1, n1))


def compared_shares(now: tuple[int, int], before: tuple[int, int]) -> Figure:
    """A proportion, each side as (hits, n), its change not yet judged."""
    return Figure(
        now=wilson(*now),
        before=wilson(*before),
        difference=proportion_difference(before, now),
    )


def judged(figures: Sequence[Figure], better: Sequence[Better]) -> list[Figure]:
    """The figures of one table with what may be said about their change (Holm over the table)."""
    known = [
        f.difference.p if f.difference and f.difference.p is not None and _enough(f) else np.nan
        for f in figures
    ]
    stands = holm(np.array(known, float), level=0.95)
    found = []
    for figure, p, holds, way in zip(figures, known, stands, better, strict=True):
        change = Change.UNKNOWN if np.isnan(p) else Change.NOISE
        if holds and figure.difference is not None:
            up = figure.difference.value > 0
            change = Change.BETTER if up == (way is Better.HIGHER) else Change.WORSE
        found.append(replace(figure, change=change))
    return found


def _enough(figure: Figure) -> bool:
    sides = (figure.now, figure.before)
    return all(side is not None and side.n >= MINIMUM_N for side in sides)
