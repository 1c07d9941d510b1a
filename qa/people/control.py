"""Control charts: which weeks differ by more than chance, with rules that fit the data.

Turning all Western-Electric rules on cuts the in-control run length from about 370 to about 46
points: attribute charts use the first two only (dossier §4.5).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from scipy.special import chdtrc

from qa.people.bounds import Floats, Numbers
from qa.people.ranking import Bools

#: Baseline of 20 points; from 8 on it is provisional (dossier §4.5).
BASELINE, PROVISIONAL = 20, 8
#: Merge weeks until a week is expected to hold this many (dossier §4.5).
LEAST_EXPECTED = 5.0
#: Over this many calls a week Poisson and binomial limits are too narrow (dossier §4.5, Laney).
_MANY_CALLS = 200
#: d₂ of two points: mean moving range ÷ d₂ is σ (Montgomery, table VI).
_D2 = 1.128


class Chart(StrEnum):
    """Which chart was drawn."""

    P = "p"
    U = "u"
    P_PRIME = "p_prime"
    U_PRIME = "u_prime"
    INDIVIDUALS = "individuals"
    XBAR = "xbar"
    G = "g"


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlChart:
    """A chart's points and limits; arrays of shape (points,).

    Attributes:
        centre: Mean of the baseline.
        sigma: One standard deviation at each point.
        low: Lower limit, not under what is possible.
        high: Upper limit.
        signals: Point → which rules it broke; empty where none.
        provisional: Fewer points than a baseline needs.
        spread: σz of Laney; 1 where the plain limits fit.
        merged: Point of the chart that each given point went into.
    """

    kind: Chart
    value: Floats
    size: Floats
    centre: float
    sigma: Floats
    low: Floats
    high: Floats
    signals: tuple[tuple[str, ...], ...]
    provisional: bool
    spread: float = 1.0
    merged: tuple[int, ...] = ()


def attribute_chart(
    defects: Numbers, sizes: Numbers, *, per_unit: bool = False, merge: bool = True
) -> ControlChart | None:
    """p-chart (or u-chart) of defects by week; Laney's p′ (u′) when weeks spread more than chance.

    Args:
        defects: Calls with a defect (p), or defects (u), shape (weeks,).
        sizes: Calls looked at, same shape; weeks without calls are left out.
        per_unit: Count defects, not defective calls.
        merge: Join neighbouring weeks until each is expected to hold five defects.

    Returns:
        The chart, or None when there is nothing to draw.

    Source: Montgomery, Introduction to Statistical Quality Control, §7.3; Laney 2002.
    """
    count, size = np.asarray(defects, float), np.asarray(sizes, float)
    if not size.sum():
        return None
    merged = _merge(size, count.sum() / size.sum()) if merge else _present(size)
    points = max(merged) + 1
    joined = np.array([at for at in merged if at >= 0])
    kept = np.flatnonzero(np.asarray(merged) >= 0)
    count = np.bincount(joined, count[kept], points).astype(float)
    size = np.bincount(joined, size[kept], points).astype(float)
    centre = float(count.sum() / size.sum())
    variance = centre if per_unit else centre * (1 - centre)
    sigma = np.sqrt(variance / size)
    value = count / size
    spread = _laney(value, centre, sigma, size)
    kind = Chart.U if per_unit else Chart.P
    if spread > 1:
        kind = Chart.U_PRIME if per_unit else Chart.P_PRIME
    top = np.inf if per_unit else 1.0
    made = _chart(
        value, size, centre, sigma * spread, kind=kind, limits=(0.0, top), rules=ATTRIBUTE_RULES
    )
    return replace(made, spread=spread, merged=tuple(merged))


def individuals_chart(
    values: Numbers, *, limits: tuple[float, float] = (-np.inf, np.inf)
) -> ControlChart | None:
    """Individuals chart with limits from the moving range; None under two points.

    Source: Montgomery §6.4.
    """
    series = np.asarray(values, float)
    series = series[np.isfinite(series)]
    if len(series) < 2:
        return None
    sigma = float(np.abs(np.diff(series)).mean()) / _D2
    return _chart(
        series,
        np.ones(len(series)),
        float(series.mean()),
        np.full(len(series), sigma),
        kind=Chart.INDIVIDUALS,
        limits=limits,
        rules=VARIABLE_RULES,
    )


def mean_chart(
    means: Numbers,
    sizes: Numbers,
    variances: Numbers,
    *,
    limits: tuple[float, float] = (-np.inf, np.inf),
) -> ControlChart | None:
    """X̄ chart of weekly means with unequal sizes; σ from the spread inside weeks.

    Falls back to the individuals chart where weeks spread more than their calls explain, because
    then the weeks are the unit that varies. None under two points.

    Source: Montgomery §6.3; dossier §4.5 ("X̄ or I-MR").
    """
    mean, size = np.asarray(means, float), np.asarray(sizes, float)
    inside = np.asarray(variances, float)
    known = np.isfinite(mean) & (size > 0)
    mean, size, inside = mean[known], size[known], inside[known]
    free = np.maximum(size - 1, 0)
    usable = np.isfinite(inside) & (free > 0)
    if len(mean) < 2:
        return None
    if not usable.any() or not (inside[usable] > 0).any():
        return individuals_chart(mean, limits=limits)
    pooled = float((free[usable] * inside[usable]).sum() / free[usable].sum())
    centre = float(np.average(mean, weights=size))
    sigma = np.sqrt(pooled / size)
    if chdtrc(len(mean) - 1, float((((mean - centre) / sigma) ** 2).sum())) < 0.05:
        found = individuals_chart(mean, limits=limits)
        return None if found is None else replace(found, size=size)
    return _chart(mean, size, centre, sigma, kind=Chart.XBAR, limits=limits, rules=VARIABLE_RULES)


def rare_chart(gaps: Numbers) -> ControlChart | None:
    """g-chart: calls between two rare events; only the lower side is bad (events come closer).

    Source: Benneyan 2001; dossier §4.5 (rare auto-fails).
    """
    between = np.asarray(gaps, float)
    if len(between) < 2:
        return None
    centre = float(between.mean())
    sigma = np.full(len(between), np.sqrt(centre * (centre + 1)))
    return _chart(
        between,
        np.ones(len(between)),
        centre,
        sigma,
        kind=Chart.G,
        limits=(0.0, np.inf),
        rules=ATTRIBUTE_RULES,
    )


Rule = Callable[[Floats], Bools]


def _beyond(z: Floats) -> Bools:
    return np.abs(z) > 3


def _nine_on_one_side(z: Floats) -> Bools:
    return _runs(np.sign(z), 9)


def _six_in_a_row(z: Floats) -> Bools:
    steps = np.sign(np.diff(z))
    return np.concatenate([[False], _runs(steps, 5)]) if len(z) > 1 else np.zeros(len(z), bool)


def _two_of_three(z: Floats) -> Bools:
    found = np.zeros(len(z), bool)
    for side in (1, -1):
        far = side * z > 2
        for at in range(2, len(z)):
            found[at] |= bool(far[at] and far[at - 2 : at + 1].sum() >= 2)
    return found


ATTRIBUTE_RULES: dict[str, Rule] = {"beyond_3s": _beyond, "nine_on_one_side": _nine_on_one_side}
VARIABLE_RULES: dict[str, Rule] = {
    **ATTRIBUTE_RULES,
    "six_in_a_row": _six_in_a_row,
    "two_of_three_beyond_2s": _two_of_three,
}


def _runs(signs: Floats, length: int) -> Bools:
    """True from the point on where the same non-zero sign has stood `length` times in a row."""
    found, run = np.zeros(len(signs), bool), 0
    for at, sign in enumerate(signs):
        run = run + 1 if sign and at and sign == signs[at - 1] else int(sign != 0)
        found[at] = run >= length
    return found


def _chart(
    value: Floats,
    size: Floats,
    centre: float,
    sigma: Floats,
    *,
    kind: Chart,
    limits: tuple[float, float],
    rules: dict[str, Rule],
) -> ControlChart:
    z = np.divide(value - centre, sigma, out=np.zeros_like(value), where=sigma > 0)
    broken = {name: rule(z) for name, rule in rules.items()}
    signals = tuple(tuple(name for name in rules if broken[name][at]) for at in range(len(value)))
    # with too few points nothing is called a signal
    if len(value) < PROVISIONAL:
        signals = ((),) * len(value)
    return ControlChart(
        kind=kind,
        value=value,
        size=size,
        centre=centre,
        sigma=sigma,
        low=np.clip(centre - 3 * sigma, *limits),
        high=np.clip(centre + 3 * sigma, *limits),
        signals=signals,
        provisional=len(value) < BASELINE,
    )


def _laney(value: Floats, centre: float, sigma: Floats, size: Floats) -> float:
    """σz of Laney, from the moving range of the z values; 1 where the plain limits fit.

    Used when the weeks spread more than chance (χ², p < 0.05), or weeks are large or very unequal;
    never to make the limits narrower.
    """
    if len(value) < 3 or not (sigma > 0).all():
        return 1.0
    z = (value - centre) / sigma
    spreads = float(chdtrc(len(z) - 1, float((z**2).sum()))) < 0.05
    if not spreads and size.mean() <= _MANY_CALLS and size.max() <= 3 * size.min():
        return 1.0
    return max(1.0, float(np.abs(np.diff(z)).mean()) / _D2)


def _present(size: Floats) -> list[int]:
    places, at = [], 0
    for calls in size:
        places.append(at if calls > 0 else -1)
        at += calls > 0
    return places


def _merge(size: Floats, share: float) -> list[int]:
    """Point of every week: neighbours join until five defects are expected; the rest joins back."""
    places: list[int] = []
    at, held = 0, 0.0
    for calls in size:
        places.append(at if calls > 0 else -1)
        held += calls
        if held * share >= LEAST_EXPECTED:
            at, held = at + 1, 0.0
    if held and at:
        places = [min(place, at - 1) for place in places]
    return places
