"""Interval bounds for many groups at once, as arrays; `intervals` has the same for one figure."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import gammaincinv, ndtri, stdtrit

Floats = npt.NDArray[np.float64]
Numbers = npt.ArrayLike


def wilson_bounds(successes: Numbers, n: Numbers, *, level: float = 0.95) -> tuple[Floats, Floats]:
    """Wilson score bounds of proportions; NaN where n is 0.

    Both arrays have the same shape. Fractions are allowed: weighted samples pass their effective
    size (Korn and Graubard 1998 do the same with the exact interval).

    Source: Wilson 1927; Brown, Cai and DasGupta 2001.
    """
    hits, size = np.asarray(successes, float), np.asarray(n, float)
    z = float(ndtri(0.5 + level / 2))
    with np.errstate(divide="ignore", invalid="ignore"):
        share = hits / size
        scale = 1 + z * z / size
        centre = (share + z * z / (2 * size)) / scale
        spread = z / scale * np.sqrt(share * (1 - share) / size + z * z / (4 * size * size))
    # the bounds at 0 and n are exactly 0 and 1; floating point leaves a residue there
    low = np.where(hits <= 0, 0.0, np.clip(centre - spread, 0, 1))
    high = np.where(hits >= size, 1.0, np.clip(centre + spread, 0, 1))
    empty = size <= 0
    return np.where(empty, np.nan, low), np.where(empty, np.nan, high)


def t_bounds(
    n: Numbers,
    mean: Numbers,
    variance: Numbers,
    *,
    level: float = 0.95,
    limits: tuple[float, float] = (-np.inf, np.inf),
) -> tuple[Floats, Floats]:
    """Student's t bounds of means; NaN where n is under 2.

    Args:
        n: Sizes, shape (groups,).
        mean: Sample means, same shape.
        variance: Sample variances (ddof 1), same shape.
        level: Coverage.
        limits: What the figure cannot leave, e.g. (0, 100) for a score.
    """
    size, centre = np.asarray(n, float), np.asarray(mean, float)
    enough = size >= 2
    quantile = stdtrit(np.where(enough, size - 1, 1), 0.5 + level / 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        half = quantile * np.sqrt(np.asarray(variance, float) / size)
    low, high = np.clip(centre - half, *limits), np.clip(centre + half, *limits)
    return np.where(enough, low, np.nan), np.where(enough, high, np.nan)


def poisson_bounds(
    events: Numbers, exposure: Numbers, *, level: float = 0.95
) -> tuple[Floats, Floats]:
    """Exact bounds of a rate, events ÷ exposure; NaN without exposure.

    Zero events in n calls still allow about 3.7 ÷ n (two-sided; 3 ÷ n one-sided).

    Source: Garwood 1936.
    """
    count, base = np.asarray(events, float), np.asarray(exposure, float)
    tail = (1 - level) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        low = np.where(count > 0, gammaincinv(np.maximum(count, 1e-9), tail), 0.0) / base
        high = gammaincinv(count + 1, 1 - tail) / base
    empty = base <= 0
    return np.where(empty, np.nan, low), np.where(empty, np.nan, high)


def pooled_variance(n: Numbers, variance: Numbers) -> float:
    """Variance inside groups, Σ(n−1)s² ÷ Σ(n−1); NaN when no group has two values."""
    size, spread = np.asarray(n, float), np.asarray(variance, float)
    known = (size >= 2) & np.isfinite(spread)
    freedom = size[known] - 1
    if not freedom.sum():
        return float("nan")
    return float((freedom * spread[known]).sum() / freedom.sum())
