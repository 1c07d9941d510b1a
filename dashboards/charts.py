"""Charts as Altair values: plain data in, a chart out, tested as dictionaries."""

from __future__ import annotations

import altair as alt
import pandas as pd

BLUE, ORANGE, GREY, RED, GREEN = "#1f5fa8", "#b4591b", "#9aa0a6", "#b3261e", "#1c7c4a"


def weekly_trend(
    weeks: pd.DataFrame, *, titles: dict[str, str], target: float
) -> alt.LayerChart | alt.FacetChart:
    """Weekly mean with its 95 % interval and n in the tooltip.

    Args:
        weeks: Columns week (date), mean, low, high (may be missing for n = 1), n.
        titles: Texts for `week`, `mean`, `n`.
        target: Pass mark, drawn as a dashed line.
    """
    base = alt.Chart(weeks).encode(
        x=alt.X("week:T", title=titles["week"], axis=alt.Axis(format="%m-%d", tickCount="week"))
    )
    scale = alt.Scale(domain=[0, 100])
    tips = [
        alt.Tooltip("week:T", title=titles["week"]),
        alt.Tooltip("mean:Q", title=titles["mean"], format=".1f"),
        alt.Tooltip("n:Q", title=titles["n"]),
    ]
    bars = base.mark_rule(color=BLUE, opacity=0.45, strokeWidth=3).encode(
        y=alt.Y("low:Q", scale=scale, title=titles["mean"]), y2="high:Q"
    )
    line = base.mark_line(color=BLUE).encode(y=alt.Y("mean:Q", scale=scale))
    dots = base.mark_point(color=BLUE, filled=True, size=70).encode(
        y=alt.Y("mean:Q", scale=scale), tooltip=tips
    )
    rule = alt.Chart(pd.DataFrame({"y": [target]})).mark_rule(strokeDash=[5, 4], color=GREY)
    return alt.layer(bars, line, dots, rule.encode(y="y:Q")).properties(height=260)


def section_bars(sections: pd.DataFrame, *, titles: dict[str, str]) -> alt.Chart:
    """Share of points by section, this agent beside the team median.

    Args:
        sections: Columns name, who (already translated), percent, order.
        titles: Texts for `own`, `team`.
    """
    colours = alt.Scale(domain=[titles["own"], titles["team"]], range=[BLUE, "#c9ced6"])
    return (
        alt.Chart(sections)
        .mark_bar()
        .encode(
            y=alt.Y(
                "name:N",
                sort=alt.EncodingSortField("order", op="min"),
                title=None,
                axis=alt.Axis(labelLimit=220, labelOverlap=False),
            ),
            yOffset=alt.YOffset("who:N", sort=[titles["own"], titles["team"]]),
            x=alt.X("percent:Q", title="%", scale=alt.Scale(domain=[0, 100])),
            color=alt.Color("who:N", scale=colours, title=None, legend=alt.Legend(orient="top")),
            tooltip=["name:N", "who:N", alt.Tooltip("percent:Q", format=".0f")],
        )
        # the page fits legend and axis into the height as well
        .properties(height=110 + 34 * sections["name"].nunique())
    )


def score_histogram(
    values: pd.DataFrame, *, titles: dict[str, str], target: float
) -> alt.LayerChart | alt.FacetChart:
    """How many calls got which score; bins of 5 points, the pass mark dashed.

    Args:
        values: Column quality_percent.
        titles: Texts for `score`, `calls`.
        target: Pass mark.
    """
    bars = (
        alt.Chart(values)
        .mark_bar(color=BLUE)
        .encode(
            x=alt.X(
                "quality_percent:Q",
                bin=alt.Bin(step=5, extent=[0, 100]),
                title=titles["score"],
                scale=alt.Scale(domain=[0, 100]),
            ),
            y=alt.Y("count():Q", title=titles["calls"], axis=alt.Axis(tickMinStep=1)),
        )
    )
    rule = alt.Chart(pd.DataFrame({"x": [target]})).mark_rule(strokeDash=[5, 4], color=GREY)
    return alt.layer(bars, rule.encode(x="x:Q")).properties(height=260)
