"""Scores by week, with n and interval. Pure: a frame in, a frame out."""

from __future__ import annotations

import pandas as pd

from qa.people.intervals import mean_interval


def weekly(scores: pd.DataFrame, timezone: str) -> pd.DataFrame:
    """Mean quality per week.

    Args:
        scores: Columns happened_at (aware), quality_percent.
        timezone: The site's; a week starts on Monday there.

    Returns:
        Columns week (Monday), n, mean, low, high; bounds are NaN for a single call.
    """
    known = scores.dropna(subset=["quality_percent"])
    if known.empty:
        return pd.DataFrame(columns=["week", "n", "mean", "low", "high"])
    local = known["happened_at"].dt.tz_convert(timezone).dt.tz_localize(None)
    weeks = local.dt.to_period("W-SUN").dt.start_time
    rows = []
    for week, values in known["quality_percent"].astype(float).groupby(weeks):
        found = mean_interval(values.tolist())
        assert found is not None
        rows.append((week, found.n, found.value, _bounded(found.low), _bounded(found.high)))
    return pd.DataFrame(rows, columns=["week", "n", "mean", "low", "high"])


def _bounded(value: float | None) -> float | None:
    """A bound of a score cannot lie outside 0–100, though Student's t may put it there."""
    return None if value is None else min(100.0, max(0.0, value))
