"""How far machine and people agree on a criterion, with intervals and the number of calls.

Everything is computed from one table of counts: (machine's outcome, person's outcome) → calls.
Bootstrap intervals are seeded and percentile-based, 2,000 resamples of the table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from qa.people.intervals import Estimate, wilson

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: Outcomes that two raters can agree on, worst first; an abstention is no opinion.
OUTCOMES = ("missed", "partial", "met", "not_applicable")
JUDGED = OUTCOMES[:3]
#: Taking credit off is the claim that has to be right.
VIOLATIONS = frozenset({"missed", "partial"})
#: An interval wider than this decides nothing: "not enough data".
WIDE_SHARE = 0.25
WIDE_KAPPA = 0.40
#: Fourteen calls without a difference have a narrow interval too, and prove little.
LEAST_N = 30
_RESAMPLES = 2_000
_SEED = 20_260_101

Counts = Mapping[tuple[str, str], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """Agreement on one criterion.

    Attributes:
        n: Calls on which both have an opinion; `abstained`: the machine had none.
        raw: Share with the same outcome (Wilson).
        kappa: Cohen's kappa over the four outcomes.
        weighted_kappa: Quadratic weights, where both judged (missed < partly < met).
        pabak: 2 × (agreement on "violation or not") − 1, not swayed by rare violations.
        precision: Of the violations the machine named, those a person saw too (Wilson).
        recall: Of the violations people saw, those the machine named (Wilson).
        na_missed: The machine judged what a person finds not applicable.
        na_wrong: The machine found not applicable what a person judged.
        na_both: Both found it not applicable.
    """

    n: int
    abstained: int
    raw: Estimate | None
    kappa: Estimate | None
    weighted_kappa: Estimate | None
    pabak: Estimate | None
    precision: Estimate | None
    recall: Estimate | None
    na_missed: int
    na_wrong: int
    na_both: int

    @property
    def is_enough(self) -> bool:
        """Whether the raw agreement is known well enough to say anything."""
        return is_firm(self.raw)


def is_firm(estimate: Estimate | None, *, wide: float = WIDE_SHARE) -> bool:
    """Whether an interval is narrow enough to act on; otherwise show "not enough data"."""
    if estimate is None or estimate.low is None or estimate.high is None:
        return False
    # full agreement on a few calls gives a bootstrap interval of no width at all
    return estimate.n >= LEAST_N and estimate.high - estimate.low <= wide


def agreement(counts: Counts) -> Agreement:
    """All figures of one criterion.

    Args:
        counts: (machine's outcome, person's outcome) → calls. Outcomes outside `OUTCOMES`
            (`not_evaluable`) are abstentions and enter no figure.
    """
    kept = {pair: n for pair, n in counts.items() if pair[0] in OUTCOMES and pair[1] in OUTCOMES}
    n = sum(kept.values())
    same = sum(count for (a, b), count in kept.items() if a == b)
    named, seen, hits = (_violations(kept, which) for which in ("machine", "person", "both"))
    alike = sum(c for (a, b), c in kept.items() if (a in VIOLATIONS) == (b in VIOLATIONS))
    binary = wilson(alike, n)
    return Agreement(
        n=n,
        abstained=sum(count for (a, _), count in counts.items() if a not in OUTCOMES),
        raw=wilson(same, n),
        kappa=cohen_kappa(kept, OUTCOMES),
        weighted_kappa=cohen_kappa(kept, JUDGED, quadratic=True),
        pabak=_pabak(binary),
        precision=wilson(hits, named),
        recall=wilson(hits, seen),
        na_missed=sum(c for (a, b), c in kept.items() if a in JUDGED and b == "not_applicable"),
        na_wrong=sum(c for (a, b), c in kept.items() if a == "not_applicable" and b in JUDGED),
        na_both=kept.get(("not_applicable", "not_applicable"), 0),
    )


def _violations(counts: Counts, which: str) -> int:
    def is_counted(pair: tuple[str, str]) -> bool:
        machine, person = pair[0] in VIOLATIONS, pair[1] in VIOLATIONS
        return {"machine": machine, "person": person, "both": machine and person}[which]

    return sum(count for pair, count in counts.items() if is_counted(pair))


def _pabak(binary: Estimate | None) -> Estimate | None:
    """Prevalence- and bias-adjusted kappa (Byrt, Bishop and Carlin 1993), linear in agreement."""
    if binary is None or binary.low is None or binary.high is None:
        return None
    low, high = 2 * binary.low - 1, 2 * binary.high - 1
    return Estimate(value=2 * binary.value - 1, n=binary.n, low=low, high=high)


def cohen_kappa(
    counts: Counts, categories: Sequence[str], *, quadratic: bool = False
) -> Estimate | None:
    """Cohen's kappa with a seeded bootstrap interval; None where it is not defined.

    Args:
        counts: Pairs outside `categories` are left out.
        categories: In order, for quadratic weights (Cohen 1968).
        quadratic: Weight disagreements by the square of their distance.

    Kappa is not defined when both raters used one and the same category throughout: chance alone
    would explain full agreement.
    """
    import numpy as np  # noqa: PLC0415  (a page's figure, not the command line's)

    table = np.array([[counts.get((a, b), 0) for b in categories] for a in categories], float)
    n = int(table.sum())
    if n == 0:
        return None
    weights = _distances(len(categories), quadratic=quadratic)
    value = _kappa(table[None], weights)[0]
    if np.isnan(value):
        return None
    draws = np.random.default_rng(_SEED).multinomial(n, table.ravel() / n, size=_RESAMPLES)
    values = _kappa(draws.reshape(_RESAMPLES, *table.shape).astype(float), weights)
    # a resample in which everybody said the same has no kappa; it is full agreement all the same
    low, high = np.quantile(np.nan_to_num(values, nan=1.0), (0.025, 0.975))
    return Estimate(value=float(value), n=n, low=float(low), high=float(high))


def _distances(size: int, *, quadratic: bool) -> NDArray[np.float64]:
    import numpy as np  # noqa: PLC0415

    steps = np.abs(np.subtract.outer(np.arange(size), np.arange(size))).astype(float)
    return steps**2 if quadratic else (steps > 0).astype(float)


def _kappa(tables: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Kappa of each table; nan where chance leaves nothing to disagree about.

    tables: (resamples, categories, categories); weights: (categories, categories).
    """
    import numpy as np  # noqa: PLC0415

    totals = tables.sum(axis=(1, 2))
    rows, columns = tables.sum(axis=2), tables.sum(axis=1)  # (resamples, categories)
    expected = np.einsum("ri,rj,ij->r", rows, columns, weights) / totals
    observed = np.einsum("rij,ij->r", tables, weights)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(expected > 0, 1 - observed / expected, np.nan)


def krippendorff_alpha(
    ratings: Sequence[Sequence[str | None]],
    categories: Sequence[str],
    *,
    ordinal: bool = False,
    resamples: int = 300,
) -> Estimate | None:
    """Krippendorff's alpha for any number of raters and gaps, with a bootstrap over units.

    Args:
        ratings: Rater → unit → outcome, None where there is none; every row of one length.
        categories: Outcomes that count, in order; others are gaps.
        ordinal: Weigh disagreements by rank instead of counting all alike.
        resamples: Bootstrap resamples of units.

    Returns:
        The estimate, n = units with two ratings or more; None when fewer than two such units
        exist, or only one outcome was ever used.
    """
    import numpy as np  # noqa: PLC0415

    codes = {name: float(at) for at, name in enumerate(categories)}
    data = np.array(
        [[codes.get(cell, np.nan) if cell else np.nan for cell in row] for row in ratings]
    )
    data = data[:, (~np.isnan(data)).sum(axis=0) >= 2] if data.size else data
    if data.size == 0 or data.shape[1] < 2 or len(np.unique(data[~np.isnan(data)])) < 2:
        return None
    alpha = _alpha("ordinal" if ordinal else "nominal", len(categories))
    value = alpha(data)
    random = np.random.default_rng(_SEED)
    units = data.shape[1]
    drawn = [alpha(data[:, random.integers(0, units, units)]) for _ in range(resamples)]
    low, high = np.quantile(np.nan_to_num(drawn, nan=1.0), (0.025, 0.975))
    return Estimate(value=float(value), n=units, low=float(low), high=float(high))


def _alpha(
    level: Literal["nominal", "ordinal"], size: int
) -> Callable[[NDArray[np.float64]], float]:
    import krippendorff  # noqa: PLC0415
    import numpy as np  # noqa: PLC0415

    domain = np.arange(size, dtype=float)

    def of(data: NDArray[np.float64]) -> float:
        if len(np.unique(data[~np.isnan(data)])) < 2:
            return float("nan")
        return float(
            krippendorff.alpha(
                reliability_data=data, level_of_measurement=level, value_domain=domain
            )
        )

    return of
