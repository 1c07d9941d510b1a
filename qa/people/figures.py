"""Sums into figures: value, n, interval, shrunk value, and ranks only where people separate."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from qa.people.bounds import Floats, poisson_bounds, pooled_variance, t_bounds, wilson_bounds
from qa.people.indicators import Better, Indicator, Kind, moments
from qa.people.ranking import tie
from qa.people.shrinkage import Shrunk, shrink_means, shrink_proportions
from qa.people.weighting import inverse_weights, weighted_mean, weighted_proportion

_SUMS = ["n", "total", "square", "base"]


def figures(
    frame: pd.DataFrame,
    item: Indicator,
    by: Sequence[str] = ("agent_id",),
    *,
    probabilities: str = "",
    level: float = 0.95,
) -> pd.DataFrame:
    """Figures of a frame of raw rows, one row per group.

    Args:
        frame: The rows of `item.table`, with the columns of `by`.
        item: The indicator.
        by: Grouping columns.
        probabilities: Column with each call's chance of having been sampled, for mixed samples;
            raw value and interval are then of the population behind the sample.
        level: Coverage of intervals.

    Returns:
        As `from_sums`.
    """
    sums = moments(frame, item, by)
    found = from_sums(sums, item, level=level)
    if probabilities and len(found):
        _reweigh(found, frame, item, chances=probabilities, level=level)
    return found


def from_sums(
    sums: pd.DataFrame, item: Indicator, *, level: float = 0.95, ranked: bool = True
) -> pd.DataFrame:
    """Figures from sums.

    Args:
        sums: Key columns, n, total, square, base, one row per group (see `combine`).
        item: The indicator.
        level: Coverage of intervals.
        ranked: Compare groups pair by pair; False where there is nobody to rank.

    Returns:
        The key columns and, in the indicator's unit: n; value; low, high (interval of the raw
        value, NaN where n allows none); shrunk, shrunk_low, shrunk_high (pulled towards the
        groups' centre); weight (share of the own data in `shrunk`); error (standard error);
        enough, provisional (bool); group, best_rank, worst_rank (0 where not ranked).
    """
    keys = [name for name in sums.columns if name not in _SUMS]
    out = sums[[*keys, "n"]].reset_index(drop=True).copy()
    n, total, square, base = (sums[name].to_numpy(float) for name in _SUMS)
    value = np.divide(total, base, out=np.full_like(total, np.nan), where=base > 0)
    low, high, error, shrunk = _spread(item, n, total, square, level)
    out["value"], out["low"], out["high"] = value * item.scale, low * item.scale, high * item.scale
    if item.kind is Kind.MEAN:
        out["low"], out["high"] = (np.clip(x * item.scale, *item.limits) for x in (low, high))
    for name, part in (("shrunk", shrunk.value), ("shrunk_low", shrunk.low),
                       ("shrunk_high", shrunk.high)):  # fmt: skip
        out[name] = np.clip(part * item.scale, *item.limits)
    out["weight"] = n / (n + shrunk.k)
    out["error"] = error * item.scale
    out["enough"] = n >= item.minimum_n
    out["provisional"] = (n < item.minimum_n) & (n >= item.provisional_n)
    ties = tie(
        value,
        error,
        freedom=n - 1 if item.kind is Kind.MEAN else None,
        eligible=(n >= item.minimum_n) & ranked & (item.better is not Better.BAND),
        higher_is_better=item.better is Better.HIGHER,
    )
    out["group"], out["best_rank"], out["worst_rank"] = ties.group, ties.best_rank, ties.worst_rank
    return out


def combine(sums: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Add sums up over everything that is not in `by` (months into a year, agents into a team)."""
    if not by:
        return pd.DataFrame([sums[_SUMS].sum()])
    return sums.groupby(list(by), as_index=False, observed=True)[_SUMS].sum()


def _spread(
    item: Indicator, n: Floats, total: Floats, square: Floats, level: float
) -> tuple[Floats, Floats, Floats, Shrunk]:
    if item.kind is Kind.MEAN:
        return _of_means(n, total, square, level)
    if item.kind is Kind.RATE:
        low, high = poisson_bounds(total, n, level=level)
        # a rate of rare events is a proportion as far as shrinkage goes
        return low, high, np.sqrt(total + 0.5) / np.maximum(n, 1), shrink_proportions(total, n)
    low, high = wilson_bounds(total, n, level=level)
    # two cases of each kind are added (Agresti and Coull 1998): the error is never zero
    share = (total + 2) / (n + 4)
    return low, high, np.sqrt(share * (1 - share) / (n + 4)), shrink_proportions(total, n)


def _of_means(
    n: Floats, total: Floats, square: Floats, level: float
) -> tuple[Floats, Floats, Floats, Shrunk]:
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = total / n
        variance = np.where(n > 1, np.clip(square - n * mean**2, 0, None) / (n - 1), np.nan)
    # equal values by luck are no proof that nothing varies: the others' spread stands in
    shared = pooled_variance(n, variance)
    flat = (n > 1) & ~(variance > 1e-12 * np.maximum(1, mean**2))
    used = np.where(flat & np.isfinite(shared), shared, variance)
    low, high = t_bounds(n, mean, used, level=level)
    with np.errstate(divide="ignore", invalid="ignore"):
        error = np.sqrt(used / n)
    error = np.where(error > 0, error, np.nan)
    return low, high, error, shrink_means(n, mean, variance, level=level)


def _reweigh(
    found: pd.DataFrame, frame: pd.DataFrame, item: Indicator, *, chances: str, level: float
) -> None:
    """Replace value and interval by those of the population behind a mixed sample."""
    by = [str(name) for name in found.columns if name in frame.columns and name != "n"]
    values = item.values(frame).astype("float64")
    known = values.notna() & frame[chances].notna()
    given = frame.loc[known, by].assign(value=values[known], chance=frame.loc[known, chances])
    estimate = weighted_mean if item.kind is Kind.MEAN else weighted_proportion
    for key, part in given.groupby(by, observed=True):
        rows = np.logical_and.reduce([found[n] == k for n, k in zip(by, key, strict=True)])
        weights = inverse_weights(part["chance"].to_numpy(float))
        estimated = estimate(part["value"].to_numpy(float), weights, level=level)
        assert estimated is not None
        bounds = (estimated.value, estimated.low, estimated.high)
        found.loc[rows, ["value", "low", "high"]] = [
            np.nan if bound is None else bound * item.scale for bound in bounds
        ]
