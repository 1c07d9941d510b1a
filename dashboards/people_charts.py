"""Charts of people's figures as Altair values: intervals, control charts, waterfalls."""

from __future__ import annotations

from collections.abc import Mapping

import altair as alt
import pandas as pd

from dashboards.charts import BLUE, GREEN, GREY, ORANGE, RED
from qa.people.statistics import ControlChart

Titles = Mapping[str, str]


def intervals(
    table: pd.DataFrame, *, titles: Titles, centre: float | None
) -> alt.LayerChart | alt.FacetChart:
    """Raw value with its interval, and the shrunk value beside it, one line per group.

    Args:
        table: Columns label, value, low, high, shrunk, n, order.
        titles: Texts for `value`, `shrunk`, `n`, `interval`.
        centre: What small samples are pulled towards; a dashed line.
    """
    sort = alt.SortField("order")
    base = alt.Chart(table).encode(
        y=alt.Y(
            "label:N", sort=sort, title=None, axis=alt.Axis(labelLimit=170, labelOverlap=False)
        ),
        tooltip=[
            alt.Tooltip("label:N", title=" "),
            alt.Tooltip("value:Q", title=titles["value"], format=".1f"),
            alt.Tooltip("low:Q", title=titles["low"], format=".1f"),
            alt.Tooltip("high:Q", title=titles["high"], format=".1f"),
            alt.Tooltip("shrunk:Q", title=titles["shrunk"], format=".1f"),
            alt.Tooltip("n:Q", title=titles["n"]),
        ],
    )
    scale = alt.Scale(zero=False, nice=True)
    bars = base.mark_rule(color=BLUE, opacity=0.4, strokeWidth=5).encode(
        x=alt.X("low:Q", scale=scale, title=titles["value"]), x2="high:Q"
    )
    raw = base.mark_point(color=BLUE, filled=True, size=55).encode(x=alt.X("value:Q", scale=scale))
    pulled = base.mark_point(color=ORANGE, shape="diamond", size=45, strokeWidth=2).encode(
        x=alt.X("shrunk:Q", scale=scale)
    )
    layers = [bars, raw, pulled]
    if centre is not None:
        rule = alt.Chart(pd.DataFrame({"x": [centre]})).mark_rule(strokeDash=[5, 4], color=GREY)
        layers.append(rule.encode(x="x:Q"))
    return alt.layer(*layers).properties(height=max(120, 24 * len(table)))


def control(
    chart: ControlChart, weeks: list[pd.Timestamp], *, scale: float, titles: Titles
) -> alt.LayerChart | alt.FacetChart:
    """A control chart: values, centre, limits as steps, signals marked.

    Args:
        chart: From `qa.people.statistics`.
        weeks: Start of each point.
        scale: What values are multiplied by to be shown.
        titles: Texts for `week`, `value`, `n`, `signal`.
    """
    table = pd.DataFrame(
        {
            "week": weeks, "value": chart.value * scale, "n": chart.size,
            "low": chart.low * scale, "high": chart.high * scale,
            "centre": chart.centre * scale,
            "signal": [", ".join(titles.get(rule, rule) for rule in s) for s in chart.signals],
        }
    )  # fmt: skip
    base = alt.Chart(table).encode(
        x=alt.X("week:T", title=titles["week"], axis=alt.Axis(format="%m-%d"))
    )
    y = alt.Y("value:Q", title=titles["value"], scale=alt.Scale(zero=False))
    limits = [
        base.mark_line(color=GREY, strokeDash=[4, 3], interpolate="step").encode(y=f"{side}:Q")
        for side in ("low", "high")
    ]
    centre = base.mark_line(color=GREY).encode(y="centre:Q")
    line = base.mark_line(color=BLUE).encode(y=y)
    dots = base.mark_point(filled=True, size=70).encode(
        y=y,
        color=alt.condition(alt.datum.signal != "", alt.value(RED), alt.value(BLUE)),
        tooltip=[
            alt.Tooltip("week:T", title=titles["week"]),
            alt.Tooltip("value:Q", title=titles["value"], format=".1f"),
            alt.Tooltip("n:Q", title=titles["n"]),
            alt.Tooltip("signal:N", title=titles["signal"]),
        ],
    )
    return alt.layer(*limits, centre, line, dots).properties(height=300)


def dumbbells(table: pd.DataFrame, *, titles: Titles) -> alt.LayerChart | alt.FacetChart:
    """Raw and adjusted figures, joined by a line.

    Args:
        table: Columns label, raw, adjusted, n, order.
        titles: Texts for `raw`, `adjusted`, `n`.
    """
    sort = alt.SortField("order")
    y = alt.Y("label:N", sort=sort, title=None, axis=alt.Axis(labelLimit=170, labelOverlap=False))
    scale = alt.Scale(zero=False)
    line = alt.Chart(table).mark_rule(color=GREY, strokeWidth=3, opacity=0.6).encode(
        y=y, x=alt.X("raw:Q", scale=scale, title=None), x2="adjusted:Q"
    )  # fmt: skip
    long = table.melt(["label", "order", "n"], ["raw", "adjusted"], "kind", "value")
    long["kind"] = long["kind"].map({"raw": titles["raw"], "adjusted": titles["adjusted"]})
    colours = alt.Scale(domain=[titles["raw"], titles["adjusted"]], range=[GREY, BLUE])
    dots = (
        alt.Chart(long)
        .mark_point(filled=True, size=70)
        .encode(
            y=y,
            x=alt.X("value:Q", scale=scale),
            color=alt.Color("kind:N", scale=colours, title=None, legend=alt.Legend(orient="top")),
            tooltip=["label:N", "kind:N", alt.Tooltip("value:Q", format=".1f"),
                     alt.Tooltip("n:Q", title=titles["n"])],
        )
    )  # fmt: skip
    return alt.layer(line, dots).properties(height=max(140, 24 * table["label"].nunique()))


def waterfall(table: pd.DataFrame, *, titles: Titles) -> alt.LayerChart | alt.FacetChart:
    """From 100 down to the score.

    Args:
        table: Columns label, kind (start, loss, gain, total), start, end, points, order.
        titles: Text for `points`.
    """
    colours = alt.Scale(
        domain=["start", "loss", "gain", "total"], range=[GREY, ORANGE, GREEN, BLUE]
    )
    shown = table.assign(right=table[["start", "end"]].max(axis=1))
    base = alt.Chart(shown).encode(
        y=alt.Y("label:N", sort=alt.SortField("order"), title=None,
                axis=alt.Axis(labelLimit=240, labelOverlap=False)),
        tooltip=[alt.Tooltip("label:N", title=" "),
                 alt.Tooltip("points:Q", title=titles["points"], format="+.1f")],
    )  # fmt: skip
    bars = base.mark_bar(height=16).encode(
        x=alt.X("start:Q", title=titles["points"], scale=alt.Scale(domain=[0, 106])),
        x2="end:Q",
        color=alt.Color("kind:N", scale=colours, legend=None),
    )
    text = base.mark_text(align="left", dx=5, color="#1d2530").encode(
        x="right:Q", text="text:N"
    )  # fmt: skip
    return alt.layer(bars, text).properties(height=max(160, 34 * len(table)))
