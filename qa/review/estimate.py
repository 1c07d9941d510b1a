"""Figures about all calls from a sample in which not every call had the same chance.

Each observation is weighted by one over its probability of inclusion (Horvitz and Thompson 1952).
The mean is the ratio form (Hájek 1971), which does not suffer when the number of reviewed calls
differs from the planned one; its variance is linearised (Särndal, Swensson and Wretman 1992, 5.7).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from qa.errors import ReviewError
from qa.people.intervals import Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What was found on one picked call. `inclusion`: its probability of being picked, 0–1."""

    value: float
    inclusion: float
    stratum: str = ""


def hajek_mean(observations: Sequence[Observation], *, level: float = 0.95) -> Estimate | None:
    """Mean over the population, with interval; None without observations.

    Strata whose picks share one probability are treated as drawn without replacement from them;
    everything else as independent draws, which makes the interval a little wide, never narrow.
    Bounds are None with fewer than two observations.

    Raises:
        ReviewError: A probability is not above 0 and at most 1.
    """
    if not observations:
        return None
    _check(observations)
    weights = [1 / item.inclusion for item in observations]
    size = sum(weights)
    mean = sum(w * item.value for w, item in zip(weights, observations, strict=True)) / size
    if len(observations) < 2:
        return Estimate(value=mean, n=len(observations), low=None, high=None)
    spread = math.sqrt(_variance(observations, mean)) / size
    half = _t(level, len(observations) - 1) * spread
    return Estimate(value=mean, n=len(observations), low=mean - half, high=mean + half)


def horvitz_thompson_total(observations: Sequence[Observation]) -> float:
    """Sum of the values over the population: Σ value ÷ probability. Unbiased.

    Raises:
        ReviewError: A probability is not above 0 and at most 1.
    """
    _check(observations)
    return math.fsum(item.value / item.inclusion for item in observations)


def effective_n(observations: Sequence[Observation]) -> float:
    """How many equally likely calls the sample is worth (Kish 1965): (Σw)² ÷ Σw²."""
    weights = [1 / item.inclusion for item in observations]
    squares = sum(weight * weight for weight in weights)
    return sum(weights) ** 2 / squares if squares else 0.0


def _variance(observations: Sequence[Observation], mean: float) -> float:
    """Variance of the weighted sum of residuals."""
    groups: defaultdict[tuple[str, float], list[Observation]] = defaultdict(list)
    for item in observations:
        groups[item.stratum, item.inclusion].append(item)
    return sum(_group_variance(own, mean) for own in groups.values())


def _group_variance(own: Sequence[Observation], mean: float) -> float:
    chance, n = own[0].inclusion, len(own)
    if chance >= 1.0:
        return 0.0
    residuals = [(item.value - mean) / chance for item in own]
    if own[0].stratum and n > 1:
        centre = sum(residuals) / n
        return (1 - chance) * n / (n - 1) * sum((value - centre) ** 2 for value in residuals)
    return (1 - chance) * sum(value * value for value in residuals)


def _t(level: float, freedom: int) -> float:
    from scipy.stats import t  # noqa: PLC0415  (half a second that `qa --help` need not pay)

    return float(t.ppf(0.5 + level / 2, freedom))


def _check(observations: Sequence[Observation]) -> None:
    for item in observations:
        if not 0 < item.inclusion <= 1:
            raise ReviewError(
                f"a probability of {item.inclusion} cannot be weighted with",
                "estimate",
                "use the probability stored with the pick",
            )
