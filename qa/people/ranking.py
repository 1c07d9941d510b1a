"""Ranks only where intervals separate: everybody else is tied."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, stdtr

from qa.people.bounds import Numbers

#: "No difference" unless the 90 % interval of the difference excludes 0 (dossier §4.3).
LEVEL = 0.90
Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ties:
    """Who can be told apart, in the order the groups came.

    Attributes:
        group: 1 for the best; equal numbers are tied, 0 is not ranked. Every member of a group is
            separated from every member of every other one.
        best_rank: 1 + how many are separated as better.
        worst_rank: Ranked people less those separated as worse.
        separated: Matrix (people, people), True where two differ.
    """

    group: Ints
    best_rank: Ints
    worst_rank: Ints
    separated: Bools


def separated_pairs(
    value: Numbers, error: Numbers, *, freedom: Numbers | None = None, level: float = LEVEL
) -> Bools:
    """Which pairs differ, Holm-corrected over all pairs (Holm 1979).

    Args:
        value: Figures, shape (people,); NaN is never separated.
        error: Their standard errors, same shape.
        freedom: Degrees of freedom of the errors; None for normal figures. Pairs use the
            Welch-Satterthwaite freedom.
        level: 1 − the chance that any pair is falsely told apart.

    Returns:
        Symmetric matrix (people, people).
    """
    figures, spread = np.asarray(value, float), np.asarray(error, float)
    people = len(figures)
    left, right = np.triu_indices(people, 1)
    variance = spread**2
    pooled = variance[left] + variance[right]
    with np.errstate(divide="ignore", invalid="ignore"):
        distance = np.abs(figures[left] - figures[right]) / np.sqrt(pooled)
        if freedom is None:
            chance = 2 * ndtr(-distance)
        else:
            own = np.maximum(np.asarray(freedom, float), 1)
            shared = pooled**2 / (
                variance[left] ** 2 / own[left] + variance[right] ** 2 / own[right]
            )
            chance = 2 * stdtr(np.maximum(shared, 1), -distance)
    differs = holm(chance, level=level)
    matrix = np.zeros((people, people), bool)
    matrix[left[differs], right[differs]] = True
    return matrix | matrix.T


def holm(chances: Numbers, *, level: float = LEVEL) -> Bools:
    """Holm's step-down: which p-values stay significant together; NaN never does."""
    values = np.asarray(chances, float)
    known = np.flatnonzero(np.isfinite(values))
    order = known[np.argsort(values[known], kind="stable")]
    bars = (1 - level) / np.arange(len(order), 0, -1)
    fails = np.flatnonzero(values[order] > bars)
    passed = order[: fails[0]] if len(fails) else order
    found = np.zeros(len(values), bool)
    found[passed] = True
    return found


def tie(
    value: Numbers,
    error: Numbers,
    *,
    freedom: Numbers | None = None,
    eligible: npt.ArrayLike | None = None,
    higher_is_better: bool = True,
    level: float = LEVEL,
) -> Ties:
    """Rank into groups that separate, and give everybody the span of ranks that is possible.

    Args:
        value: Figures, shape (people,).
        error: Standard errors, same shape.
        freedom: As for `separated_pairs`.
        eligible: Who is ranked at all (n at or over the minimum); all when None.
        higher_is_better: Direction of the indicator.
        level: As for `separated_pairs`.
    """
    figures = np.asarray(value, float)
    ranked = np.isfinite(figures) & np.isfinite(np.asarray(error, float))
    if eligible is not None:
        ranked &= np.asarray(eligible, bool)
    members = np.flatnonzero(ranked)
    apart = np.zeros((len(figures), len(figures)), bool)
    apart[np.ix_(members, members)] = separated_pairs(
        figures[members],
        np.asarray(error, float)[members],
        freedom=None if freedom is None else np.asarray(freedom, float)[members],
        level=level,
    )
    good = figures if higher_is_better else -figures
    group, best, worst = (np.zeros(len(figures), np.int64) for _ in range(3))
    if not len(members):
        return Ties(group=group, best_rank=best, worst_rank=worst, separated=apart)
    better = apart & (good[None, :] > good[:, None])
    best[members] = 1 + better[members].sum(axis=1)
    worst[members] = len(members) - better[:, members].sum(axis=0)
    order = members[np.argsort(-good[members], kind="stable")]
    for place, split in enumerate(_splits(apart, order), start=1):
        group[split] = place
    return Ties(group=group, best_rank=best, worst_rank=worst, separated=apart)


def _splits(apart: Bools, order: Ints) -> list[Ints]:
    """Cut the order wherever everybody before is separated from everybody after."""
    if not len(order):
        return []
    together = ~apart[np.ix_(order, order)]
    # the farthest person, in order, that somebody up to here is tied with
    reach = np.maximum.accumulate(np.where(together, np.arange(len(order))[None, :], 0).max(axis=1))
    cuts = np.flatnonzero(reach <= np.arange(len(order))) + 1
    return [part for part in np.split(order, cuts) if len(part)]
