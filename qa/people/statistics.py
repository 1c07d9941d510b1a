"""The statistics of people's figures, under one name: honest intervals or none.

| question | function |
|---|---|
| How sure is this figure? | `wilson`, `mean_interval`, `bootstrap_interval`, arrays: `*_bounds` |
| What does a small sample say? | `shrink_means`, `shrink_proportions` |
| Who is better? | `tie`, `separated_pairs` |
| Or are the calls harder? | `case_mix` |
| Has it changed? | `trend`, `attribute_chart`, `mean_chart`, `individuals_chart`, `rare_chart` |
| Did it help? | `mean_difference`, `proportion_difference`, `difference_in_differences` |
| Is a rate over its target? | `exceeds` |
| How many calls? | `calls_for_mean`, `calls_for_proportion`, `calls_for_effect` |
| The sample is mixed | `inverse_weights`, `weighted_mean`, `weighted_proportion` |
| The machine errs | `audit_corrected` |
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from qa.people.bounds import (
    Floats,
    Numbers,
    poisson_bounds,
    pooled_variance,
    t_bounds,
    wilson_bounds,
)
from qa.people.casemix import case_mix, hour_band
from qa.people.control import (
    Chart,
    ControlChart,
    attribute_chart,
    individuals_chart,
    mean_chart,
    rare_chart,
)
from qa.people.effects import (
    Difference,
    calls_for_effect,
    calls_for_mean,
    calls_for_proportion,
    difference_in_differences,
    exceeds,
    mean_difference,
    proportion_difference,
)
from qa.people.intervals import Estimate, mean_interval, wilson
from qa.people.ranking import Ties, holm, separated_pairs, tie
from qa.people.shrinkage import Shrunk, shrink_means, shrink_proportions
from qa.people.trends import Trend, TrendLabel, trend
from qa.people.weighting import (
    audit_corrected,
    effective_size,
    inverse_weights,
    weighted_mean,
    weighted_proportion,
)

__all__ = [
    "Chart",
    "ControlChart",
    "Difference",
    "Estimate",
    "Floats",
    "Numbers",
    "Shrunk",
    "Ties",
    "Trend",
    "TrendLabel",
    "attribute_chart",
    "audit_corrected",
    "bootstrap_interval",
    "calls_for_effect",
    "calls_for_mean",
    "calls_for_proportion",
    "case_mix",
    "difference_in_differences",
    "effective_size",
    "exceeds",
    "holm",
    "hour_band",
    "individuals_chart",
    "inverse_weights",
    "mean_chart",
    "mean_difference",
    "mean_interval",
    "poisson_bounds",
    "pooled_variance",
    "proportion_difference",
    "rare_chart",
    "separated_pairs",
    "shrink_means",
    "shrink_proportions",
    "t_bounds",
    "tie",
    "trend",
    "weighted_mean",
    "weighted_proportion",
    "wilson",
    "wilson_bounds",
]


def bootstrap_interval(
    values: Numbers,
    *,
    statistic: Callable[..., Floats] = np.mean,
    level: float = 0.95,
    draws: int = 2_000,
    seed: int = 1,
) -> Estimate | None:
    """A statistic with its bias-corrected (BCa) bootstrap interval; the same seed, the same bounds.

    For figures without a formula: medians, ratios, skewed times. None for no values; no bounds for
    fewer than two different ones.

    Args:
        values: Shape (calls,).
        statistic: Takes an array and `axis`, e.g. `numpy.median`.
        level: Coverage.
        draws: Resamples.
        seed: Of the random generator.

    Source: Efron 1987.
    """
    sample = np.asarray(values, float)
    n = len(sample)
    if n == 0:
        return None
    value = float(statistic(sample, axis=0))
    if n < 2 or np.ptp(sample) == 0:
        return Estimate(value=value, n=n, low=None, high=None)
    from scipy.stats import bootstrap  # noqa: PLC0415  (half a second)

    found = bootstrap(
        (sample,),
        statistic,
        confidence_level=level,
        n_resamples=draws,
        rng=np.random.default_rng(seed),
        vectorized=True,
    ).confidence_interval
    return Estimate(value=value, n=n, low=float(found.low), high=float(found.high))
