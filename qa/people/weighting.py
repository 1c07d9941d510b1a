"""Figures from mixed samples: calls picked with unequal chances weigh by one over their chance."""

from __future__ import annotations

import math

import numpy as np
from scipy.special import stdtrit

from qa.people.bounds import Floats, Numbers, wilson_bounds
from qa.people.intervals import Estimate


def inverse_weights(probabilities: Numbers) -> Floats:
    """One over the chance that a call came into the sample (Horvitz and Thompson 1952).

    Raises:
        ValueError: A chance is not in (0, 1]: such calls say nothing about the rest.
    """
    chances = np.asarray(probabilities, float)
    if ((chances <= 0) | (chances > 1) | ~np.isfinite(chances)).any():
        raise ValueError("inclusion probabilities lie in (0, 1]")
    return 1 / chances


def effective_size(weights: Numbers) -> float:
    """Kish's effective sample size, (Σw)² ÷ Σw²."""
    given = np.asarray(weights, float)
    squares = float((given**2).sum())
    return float(given.sum() ** 2 / squares) if squares else 0.0


def weighted_mean(values: Numbers, weights: Numbers, *, level: float = 0.95) -> Estimate | None:
    """Mean of the population behind a mixed sample, with its interval; None without values.

    The ratio (Hájek) estimator with its linearised variance, t with n − 1 degrees of freedom.
    Source: Särndal, Swensson and Wretman 1992, §5.7 and §7.3.

    Args:
        values: Shape (calls,).
        weights: One over each call's chance of being sampled, same shape.
        level: Coverage.
    """
    figures, given = np.asarray(values, float), np.asarray(weights, float)
    n = len(figures)
    if n == 0:
        return None
    total = float(given.sum())
    mean = float((given * figures).sum() / total)
    if n == 1:
        return Estimate(value=mean, n=1, low=None, high=None)
    residuals = given * (figures - mean) / total
    error = math.sqrt(n / (n - 1) * float((residuals**2).sum()))
    half = float(stdtrit(n - 1, 0.5 + level / 2)) * error
    return Estimate(value=mean, n=n, low=mean - half, high=mean + half)


def weighted_proportion(hits: Numbers, weights: Numbers, *, level: float = 0.95) -> Estimate | None:
    """Proportion in the population behind a mixed sample; Wilson on the effective size.

    The effective size is p(1 − p) ÷ the linearised variance, and Kish's where that is undefined
    (all or none hit). Source: Korn and Graubard 1998, with Wilson's interval for the exact one.

    Args:
        hits: True or 1 where the call has the property, shape (calls,).
        weights: As for `weighted_mean`.
        level: Coverage.
    """
    figures, given = np.asarray(hits, float), np.asarray(weights, float)
    n = len(figures)
    if n == 0:
        return None
    total = float(given.sum())
    share = float((given * figures).sum() / total)
    size = effective_size(given)
    if n > 1 and 0 < share < 1:
        residuals = given * (figures - share) / total
        variance = n / (n - 1) * float((residuals**2).sum())
        size = min(float(n), share * (1 - share) / variance) if variance > 0 else size
    low, high = wilson_bounds(share * size, size, level=level)
    return Estimate(value=share, n=n, low=float(low), high=float(high))


def audit_corrected(observed: float, *, sensitivity: float, specificity: float) -> float | None:
    """The error rate behind a machine's rate, from how well the machine did against people.

    (obs + spec − 1) ÷ (sens + spec − 1), cut to 0–1; None when the machine is no better than
    chance. Source: Rogan and Gladen 1978; dossier §2.4.
    """
    gain = sensitivity + specificity - 1
    if gain <= 0:
        return None
    return min(1.0, max(0.0, (observed + specificity - 1) / gain))
