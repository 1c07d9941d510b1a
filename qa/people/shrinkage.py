"""Empirical-Bayes shrinkage: small samples are pulled towards the team, and shown so.

q̂ = (n·x̄ + k·μ) ÷ (n + k), with k = σ²within ÷ σ²between (dossier §4.3; Efron and Morris 1975).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import betaincinv, ndtri

from qa.people.bounds import Floats, Numbers, pooled_variance

#: Where the team is too small to tell how much people differ (dossier §4.3 "start at 10").
DEFAULT_K = 10.0
#: Fewer groups than this do not tell how much people differ.
MINIMUM_GROUPS = 5
#: Nor do fewer calls than this per group.
MINIMUM_CALLS = 5
#: Never pretend that nobody differs: with k = 200 an agent of 200 calls is still half themselves.
LARGEST_K = 200.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Shrunk:
    """Shrunk figures of groups, in the order they came.

    Attributes:
        value: Shrunk figures, shape (groups,); the centre where a group has no data.
        low: Lower bounds of the posterior interval, same shape.
        high: Upper bounds, same shape.
        centre: What small samples are pulled towards (μ).
        k: How many calls of one's own weigh as much as the centre.
    """

    value: Floats
    low: Floats
    high: Floats
    centre: float
    k: float


def shrink_means(
    n: Numbers,
    mean: Numbers,
    variance: Numbers,
    *,
    expected: Numbers | None = None,
    level: float = 0.95,
) -> Shrunk:
    """Shrink means towards the team's, or towards what each one's mix of calls lets expect.

    Args:
        n: Sizes, shape (groups,).
        mean: Sample means, same shape; ignored where n is 0.
        variance: Sample variances, same shape; NaN under two values.
        expected: Expected mean of each group's case mix, same shape; deviations are shrunk then.
        level: Coverage of the posterior interval.
    """
    size = np.asarray(n, float)
    base = np.zeros_like(size) if expected is None else np.asarray(expected, float)
    own = np.where(size > 0, np.asarray(mean, float) - base, 0.0)
    within = pooled_variance(size, variance)
    if not np.isfinite(within) or within <= 0:
        within = float(np.var(own[size > 0])) if (size > 0).any() else 0.0
    k = _ratio(size, own, within)
    centre, uncertain = _centre(size, own, within, k)
    weight = size / (size + k)
    value = weight * own + (1 - weight) * centre + base
    spread = np.sqrt(within / (size + k) + (1 - weight) ** 2 * uncertain)
    half = float(ndtri(0.5 + level / 2)) * spread
    shown = centre + (float(np.average(base, weights=size)) if size.sum() else 0.0)
    return Shrunk(value=value, low=value - half, high=value + half, centre=shown, k=k)


def shrink_proportions(successes: Numbers, n: Numbers, *, level: float = 0.95) -> Shrunk:
    """Shrink proportions: the beta-binomial model, fitted by moments (Kleinman 1973).

    Args:
        successes: Hits, shape (groups,).
        n: Sizes, same shape.
        level: Coverage of the posterior beta interval.
    """
    hits, size = np.asarray(successes, float), np.asarray(n, float)
    total = size.sum()
    if not total:
        empty = np.full_like(size, np.nan)
        return Shrunk(value=empty, low=empty, high=empty, centre=float("nan"), k=DEFAULT_K)
    overall = float(hits.sum() / total)
    share = np.divide(hits, size, out=np.full_like(size, overall), where=size > 0)
    k = _ratio(size, share, overall * (1 - overall))
    centre, _ = _centre(size, share, max(overall * (1 - overall), 1e-12), k)
    # a prior at exactly 0 or 1 would never let anybody differ: half a case stands against it
    prior = np.clip(centre, 0.5 / (total + 1), 1 - 0.5 / (total + 1))
    alpha, beta = k * prior + hits, k * (1 - prior) + size - hits
    tail = (1 - level) / 2
    return Shrunk(
        value=alpha / (alpha + beta),
        low=betaincinv(alpha, beta, tail),
        high=betaincinv(alpha, beta, 1 - tail),
        centre=float(prior),
        k=k,
    )


def _ratio(size: Floats, own: Floats, within: float) -> float:
    """The ratio k; σ²between by analysis of variance for unequal sizes."""
    known = size > 0
    groups, total = int(known.sum()), float(size.sum())
    if groups < MINIMUM_GROUPS or total < MINIMUM_CALLS * groups or within <= 0:
        return DEFAULT_K
    mean = float((size * own).sum() / total)
    spread = float((size[known] * (own[known] - mean) ** 2).sum()) / (groups - 1)
    typical = (total - float((size**2).sum()) / total) / (groups - 1)
    between = (spread - within) / typical
    return float(min(LARGEST_K, within / between)) if between > 0 else LARGEST_K


def _centre(size: Floats, own: Floats, within: float, k: float) -> tuple[float, float]:
    """Random-effects mean and its variance: groups weigh by n ÷ (n + k)."""
    weight = size / (size + k)
    if not weight.sum():
        return float("nan"), float("nan")
    return float(np.average(own, weights=weight)), float(within / k / weight.sum())
