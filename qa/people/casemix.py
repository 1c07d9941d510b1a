"""Case mix: what each one's calls let expect, so that a hard queue is not a bad agent.

Two ways, raw and adjusted side by side. *Regression* compares people inside the same queue, call
type and hour, and is unbiased when people work on different ones. *Indirect standardisation*
compares with the centre's average in each cell; it is easier to explain, and is pulled towards "no
difference" where one person makes up much of a cell.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from qa.people.bounds import Floats
from qa.people.ranking import Ints

#: Hours of the day as one factor: night, morning, midday, afternoon, evening.
_HOURS = (0, 8, 11, 14, 18, 24)
#: Levels with fewer calls than this are one level, "other": a cell of three says nothing.
_RARE = 10


def hour_band(hours: pd.Series) -> pd.Series:
    """The part of the day of each hour, as `08-11`; `?` where unknown."""
    names = [f"{a:02d}-{b:02d}" for a, b in pairwise(_HOURS)]
    cut = pd.cut(hours.astype("float64"), bins=list(_HOURS), right=False, labels=names)
    return cut.astype("object").where(cut.notna(), "?").astype(str)


def case_mix(
    frame: pd.DataFrame,
    value: str,
    *,
    by: str = "agent_id",
    strata: Sequence[str] = ("queue", "call_type", "hour_band"),
    method: str = "regression",
    level: float = 0.95,
) -> pd.DataFrame:
    """Raw and adjusted figure of every group.

    Args:
        frame: One row per call: `value` (number or bool), `by`, and the strata.
        value: The figure; rows without it are left out.
        by: Whom to compare.
        strata: What people cannot choose.
        method: `regression` (least squares with one effect per group: Frisch, Waugh and Lovell) or
            `indirect` (indirect standardisation: actual − expected + overall; Breslow and Day
            1987, additive form).
        level: Coverage of the adjusted interval.

    Returns:
        Columns `by`, n, raw, expected (mean of the centre's calls with this mix), adjusted, low,
        high; one row per group. `adjusted − overall` is the group's own part.
    """
    known = frame[[by, value, *strata]].dropna(subset=[value, by])
    if known.empty:
        return pd.DataFrame(columns=[by, "n", "raw", "expected", "adjusted", "low", "high"])
    y = known[value].astype("float64").to_numpy()
    codes, groups = pd.factorize(known[by], sort=True)
    n = np.bincount(codes, minlength=len(groups)).astype(float)
    raw = np.bincount(codes, y, len(groups)) / n
    if method == "indirect":
        expected, error = _indirect(known, y, codes, n, strata)
    else:
        expected, error = _regression(known, y, codes, n, strata)
    adjusted = raw - expected + y.mean()
    freedom = max(1, len(y) - len(groups))
    half = stdtrit(freedom, 0.5 + level / 2) * error
    return pd.DataFrame(
        {
            by: np.asarray(groups),
            "n": n.astype(int),
            "raw": raw,
            "expected": expected,
            "adjusted": adjusted,
            "low": adjusted - half,
            "high": adjusted + half,
        }
    )


def _indirect(
    known: pd.DataFrame, y: Floats, codes: Ints, n: Floats, strata: Sequence[str]
) -> tuple[Floats, Floats]:
    cells = known.groupby(list(strata), observed=True, dropna=False)[strata[0]].ngroup()
    cell = cells.to_numpy()
    sizes = np.bincount(cell)
    means = np.bincount(cell, y) / sizes
    predicted = means[cell]
    expected = np.bincount(codes, predicted, len(n)) / n
    variance = float(((y - predicted) ** 2).sum()) / max(1, len(y) - len(sizes))
    return expected, np.sqrt(variance / n)


def _regression(
    known: pd.DataFrame, y: Floats, codes: Ints, n: Floats, strata: Sequence[str]
) -> tuple[Floats, Floats]:
    x = _dummies(known, strata)
    if x.shape[1] == 0:
        spread = float(((y - (np.bincount(codes, y, len(n)) / n)[codes]) ** 2).sum())
        error = np.sqrt(spread / max(1, len(y) - len(n)) / n)
        return np.full(len(n), y.mean()), error
    sums = np.zeros((len(n), x.shape[1]))
    np.add.at(sums, codes, x)
    means = sums / n[:, None]
    inside, own = x - means[codes], y - (np.bincount(codes, y, len(n)) / n)[codes]
    normal = inside.T @ inside
    inverse = np.linalg.pinv(normal, hermitian=True)
    slope = inverse @ (inside.T @ own)
    rank = int(np.linalg.matrix_rank(normal, hermitian=True))
    variance = float(((own - inside @ slope) ** 2).sum()) / max(1, len(y) - len(n) - rank)
    shift = means - x.mean(axis=0)
    expected = y.mean() + shift @ slope
    error = np.sqrt(variance * (1 / n + np.einsum("ij,jk,ik->i", shift, inverse, shift)))
    return expected, error


def _dummies(known: pd.DataFrame, strata: Sequence[str]) -> Floats:
    """Indicator columns (calls, levels − 1 per stratum); rare levels are one level."""
    parts: list[Floats] = []
    for name in strata:
        level = known[name].astype("object").where(known[name].notna(), "?").astype(str)
        counts = level.value_counts()
        level = level.where(level.map(counts) >= _RARE, "(other)")
        parts.append(pd.get_dummies(level, drop_first=True, dtype=float).to_numpy())
    return np.hstack(parts) if parts else np.empty((len(known), 0))
