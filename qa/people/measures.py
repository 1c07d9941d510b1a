"""What an indicator is, and how rows become sums that add up over months and teams."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import inf
from typing import TYPE_CHECKING

from qa.evaluation import Bilingual

if TYPE_CHECKING:  # a second that no command or worker without figures must pay
    import pandas as pd


class Kind(StrEnum):
    """How sums become a figure."""

    MEAN = "mean"
    PROPORTION = "proportion"
    RATE = "rate"


class Better(StrEnum):
    """Which way is good; `BAND` has no good direction of its own."""

    HIGHER = "higher"
    LOWER = "lower"
    BAND = "band"


class Table(StrEnum):
    """Which frame holds the raw rows."""

    CALLS = "calls"
    DAYS = "days"
    TRAINING = "training"
    RATINGS = "ratings"


Values = Callable[["pd.DataFrame"], "pd.Series"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """One figure.

    Attributes:
        formula: In words, shown on hover wherever the number appears.
        unit: `points`, `percent`, `seconds`, `per_1000`, `minutes`, `stars` or `hours`.
        source: Where definition and norm come from.
        values: Frame → one value per row, NaN where the row does not count; 0 and 1 for
            proportions and events.
        minimum_n: Under this there is no rank and no grade; `provisional_n` is marked.
        scale: What a stored figure is multiplied by to be shown in `unit`.
        limits: What the shown figure cannot leave.
    """

    id: str
    name: Bilingual
    formula: Bilingual
    unit: str
    kind: Kind
    better: Better
    source: str
    values: Values
    table: Table = Table.CALLS
    minimum_n: int = 20
    provisional_n: int = 10
    scale: float = 1.0
    limits: tuple[float, float] = (-inf, inf)


def moments(
    frame: pd.DataFrame, indicator: Indicator, by: Sequence[str] = ("agent_id",)
) -> pd.DataFrame:
    """Sums of a frame per group: columns of `by`, n, total, square, base; no row without values."""
    value = indicator.values(frame).astype("float64")
    known = value.notna().to_numpy()
    part = frame.loc[known, list(by)].assign(
        n=1, total=value[known], square=value[known] ** 2, base=1.0
    )
    return part.groupby(list(by), as_index=False, observed=True, sort=True).sum()
