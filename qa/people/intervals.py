"""Intervals for small samples: every figure about a person is shown with one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist, fmean, stdev


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A figure with its sample size and interval; bounds are None where n allows none."""

    value: float
    n: int
    low: float | None
    high: float | None


def wilson(successes: int, n: int, *, level: float = 0.95) -> Estimate | None:
    """Proportion with the Wilson score interval; None when n is 0.

    Source: Wilson 1927; recommended for small n by Brown, Cai and DasGupta 2001.

    Raises:
        ValueError: `successes` is not between 0 and `n`.
    """
    if not 0 <= successes <= n:
        raise ValueError(f"{successes} successes of {n}")
    if n == 0:
        return None
    z = NormalDist().inv_cdf(0.5 + level / 2)
    share = successes / n
    scale = 1 + z * z / n
    centre = (share + z * z / (2 * n)) / scale
    half = z / scale * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    # the bounds at 0 and n are exactly 0 and 1; floating point leaves a residue there
    low = 0.0 if successes == 0 else max(0.0, centre - half)
    high = 1.0 if successes == n else min(1.0, centre + half)
    return Estimate(value=share, n=n, low=low, high=high)


def mean_interval(values: Sequence[float], *, level: float = 0.95) -> Estimate | None:
    """Mean with Student's t interval; None for no values, no bounds for a single one."""
    n = len(values)
    if n == 0:
        return None
    mean = fmean(values)
    if n == 1:
        return Estimate(value=mean, n=1, low=None, high=None)
    from scipy.stats import t  # noqa: PLC0415  (half a second that `qa --help` need not pay)

    half = float(t.ppf(0.5 + level / 2, n - 1)) * stdev(values) / math.sqrt(n)
    return Estimate(value=mean, n=n, low=mean - half, high=mean + half)
