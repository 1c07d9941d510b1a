"""Differences: between two samples, before and after, and against peers; and how many calls."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import betaincc, ndtri, stdtr, stdtrit

from qa.people.bounds import Numbers, wilson_bounds


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A difference with its interval.

    Attributes:
        value: Second minus first.
        low: Lower bound; None where a sample has fewer than two values.
        high: Upper bound.
        p: Two-sided p-value; None like the bounds.
        n: Sizes of the samples, in the order they were given.
    """

    value: float
    low: float | None
    high: float | None
    p: float | None
    n: tuple[int, ...]

    @property
    def excludes_zero(self) -> bool:
        """Whether the interval says that there is a difference at all."""
        return self.low is not None and self.high is not None and not self.low <= 0 <= self.high


def mean_difference(first: Numbers, second: Numbers, *, level: float = 0.95) -> Difference | None:
    """Welch's interval of mean(second) − mean(first); None when one sample is empty."""
    return _contrast((first, second), (-1.0, 1.0), level)


def difference_in_differences(
    before: Numbers,
    after: Numbers,
    peers_before: Numbers,
    peers_after: Numbers,
    *,
    level: float = 0.90,
) -> Difference | None:
    """Own change less the peers' change; None when one of the four samples is empty.

    Peers carry what would have happened anyway (drift, easier calls, regression to the mean when
    they are chosen alike). Welch-Satterthwaite freedom over the four samples.
    Source: dossier §5.4 (90 % interval).
    """
    return _contrast((before, after, peers_before, peers_after), (-1.0, 1.0, 1.0, -1.0), level)


def proportion_difference(
    first: tuple[int, int], second: tuple[int, int], *, level: float = 0.95
) -> Difference | None:
    """Newcombe's hybrid score interval of second − first; each is (hits, n).

    Source: Newcombe 1998, method 10. The p-value is the pooled z-test's.
    """
    (x1, n1), (x2, n2) = first, second
    if not n1 or not n2:
        return None
    p1, p2 = x1 / n1, x2 / n2
    low, high = wilson_bounds([x1, x2], [n1, n2], level=level)
    change = p2 - p1
    down = math.sqrt((p2 - low[1]) ** 2 + (high[0] - p1) ** 2)
    up = math.sqrt((high[1] - p2) ** 2 + (p1 - low[0]) ** 2)
    pooled = (x1 + x2) / (n1 + n2)
    error = math.sqrt(pooled * (1 - pooled) * (1 / n1 + 1 / n2))
    p = math.erfc(abs(change) / error / math.sqrt(2)) if error else 1.0
    return Difference(value=change, low=change - down, high=change + up, p=p, n=(n1, n2))


def exceeds(misses: int, n: int, target: float, *, centre: float = 0.5, k: float = 2.0) -> float:
    """Posterior chance that the true rate lies over the target.

    Beta prior of mean `centre` worth `k` calls: pass those of `shrink_proportions` for the team,
    or keep the flat one.
    """
    return float(betaincc(k * centre + misses, k * (1 - centre) + n - misses, target))


def calls_for_mean(spread: float, margin: float, *, level: float = 0.95) -> int:
    """Calls needed so that a mean's interval is ± `margin` wide: (z·SD ÷ margin)², rounded up."""
    z = float(ndtri(0.5 + level / 2))
    return math.ceil((z * spread / margin) ** 2 - 1e-9)


def calls_for_proportion(share: float, margin: float, *, level: float = 0.95) -> int:
    """Calls needed so that a proportion near `share` is known to ± `margin`."""
    return calls_for_mean(math.sqrt(share * (1 - share)), margin, level=level)


def calls_for_effect(
    spread: float, effect: float, *, power: float = 0.80, level: float = 0.90
) -> int:
    """Calls before, and again after, so that a change of `effect` shows with this power.

    Two samples of equal size and spread: n = 2·((z₁₋α/₂ + z_power)·SD ÷ effect)².
    """
    z = float(ndtri(0.5 + level / 2) + ndtri(power))
    return math.ceil(2 * (z * spread / effect) ** 2 - 1e-9)


def _contrast(
    samples: tuple[Numbers, ...], signs: tuple[float, ...], level: float
) -> Difference | None:
    arrays = [np.asarray(sample, float) for sample in samples]
    sizes = tuple(len(array) for array in arrays)
    if not all(sizes):
        return None
    value = float(sum(sign * array.mean() for sign, array in zip(signs, arrays, strict=True)))
    if min(sizes) < 2:
        return Difference(value=value, low=None, high=None, p=None, n=sizes)
    parts = np.array([array.var(ddof=1) / len(array) for array in arrays])
    error = math.sqrt(float(parts.sum()))
    if error == 0:  # nothing varies: the interval would have no width, which nobody should believe
        return Difference(value=value, low=None, high=None, p=None, n=sizes)
    freedom = float(
        parts.sum() ** 2 / sum(p**2 / (n - 1) for p, n in zip(parts, sizes, strict=True))
    )
    half = float(stdtrit(freedom, 0.5 + level / 2)) * error
    p = float(2 * stdtr(freedom, -abs(value) / error))
    return Difference(value=value, low=value - half, high=value + half, p=p, n=sizes)
