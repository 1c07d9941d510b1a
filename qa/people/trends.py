"""A trend has a label only when a test stands behind it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from qa.people.bounds import Numbers

#: Mann-Kendall p < 0.05 over at least 8 weeks, slope by Theil-Sen (dossier §4.5).
MINIMUM_POINTS = 8
SIGNIFICANT = 0.05


class TrendLabel(StrEnum):
    """What may be said about the direction of a series."""

    RISING = "rising"
    FALLING = "falling"
    NONE = "none"
    TOO_FEW = "too_few"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """Direction of a series.

    Attributes:
        slope: Theil-Sen slope per step; None where there are too few points.
        p: Two-sided p-value of Mann-Kendall; None where there are too few points.
        n: Points used.
    """

    label: TrendLabel
    slope: float | None
    p: float | None
    n: int


def trend(values: Numbers, *, minimum: int = MINIMUM_POINTS) -> Trend:
    """Mann-Kendall test and Theil-Sen slope of a series, one value per step; NaN is a gap.

    Mann-Kendall is Kendall's τ against time, tie-corrected.

    Source: Mann 1945; Kendall 1975; Sen 1968; thresholds dossier §4.5.
    """
    series = np.asarray(values, float)
    known = np.isfinite(series)
    n = int(known.sum())
    if n < minimum:
        return Trend(label=TrendLabel.TOO_FEW, slope=None, p=None, n=n)
    if np.ptp(series[known]) == 0:
        return Trend(label=TrendLabel.NONE, slope=0.0, p=1.0, n=n)
    from scipy.stats import kendalltau, theilslopes  # noqa: PLC0415  (half a second)

    steps = np.flatnonzero(known)
    p = float(kendalltau(steps, series[known]).pvalue)
    slope = float(theilslopes(series[known], steps).slope)
    if p >= SIGNIFICANT or slope == 0:
        return Trend(label=TrendLabel.NONE, slope=slope, p=p, n=n)
    label = TrendLabel.RISING if slope > 0 else TrendLabel.FALLING
    return Trend(label=label, slope=slope, p=p, n=n)
