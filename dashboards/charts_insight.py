"""Charts of reasons, topics and mood as Altair values: plain data in, a chart out."""

from __future__ import annotations

import altair as alt
import pandas as pd

from dashboards.charts import BLUE, GREEN, GREY, ORANGE, RED


def pareto_bars(table: pd.DataFrame, *, titles: dict[str, str]) -> alt.LayerChart | alt.FacetChart:
    """Calls per reason with the running share beside each bar.

    Args:
        table: Columns reason, name, calls, share, running, in order.
        titles: Texts for `calls`, `running`.
    """
    order = table["name"].tolist()
    base = alt.Chart(table).encode(
        y=alt.Y(
            "name:N", sort=order, title=None, axis=alt.Axis(labelLimit=200, labelOverlap=False)
        ),
        tooltip=[
            alt.Tooltip("name:N", title=" "),
            alt.Tooltip("calls:Q", title=titles["calls"]),
            alt.Tooltip("share:Q", title="%", format=".0%"),
            alt.Tooltip("running:Q", title=titles["running"], format=".0%"),
        ],
    )
    colour = alt.condition(alt.datum.reason == "other", alt.value("#c9ced6"), alt.value(BLUE))
    bars = base.mark_bar().encode(
        x=alt.X("calls:Q", title=titles["calls"], axis=alt.Axis(tickMinStep=1)), color=colour
    )
    words = base.mark_text(align="left", dx=4, color=GREY).encode(
        x="calls:Q", text=alt.Text("running:Q", format=".0%")
    )
    return alt.layer(bars, words).properties(height=90 + 26 * len(table))


def reason_lines(weekly: pd.DataFrame, *, titles: dict[str, str]) -> alt.Chart:
    """Calls per week of the commonest reasons.

    Args:
        weekly: Columns week (date), name, calls.
        titles: Texts for `week`, `calls`.
    """
    return (
        alt.Chart(weekly)
        .mark_line(point=True)
        .encode(
            x=alt.X("week:T", title=None, axis=alt.Axis(format="%m-%d", tickCount="week")),
            y=alt.Y("calls:Q", title=titles["calls"], axis=alt.Axis(tickMinStep=1)),
            color=alt.Color(
                "name:N",
                title=None,
                scale=alt.Scale(scheme="tableau10"),
                legend=alt.Legend(orient="bottom", columns=3),
            ),
            tooltip=[
                alt.Tooltip("name:N", title=" "),
                alt.Tooltip("week:T", title=titles["week"]),
                alt.Tooltip("calls:Q", title=titles["calls"]),
            ],
        )
        .properties(height=280)
    )


def week_spark(weekly: pd.DataFrame, *, titles: dict[str, str]) -> alt.Chart:
    """A strip of weekly counts without axes.

    Args:
        weekly: Columns week (`2026-W47`), calls.
        titles: Texts for `week`, `calls`.
    """
    return (
        alt.Chart(weekly)
        .mark_bar(color=ORANGE)
        .encode(
            x=alt.X("week:N", axis=None),
            y=alt.Y("calls:Q", axis=None),
            tooltip=[
                alt.Tooltip("week:N", title=titles["week"]),
                alt.Tooltip("calls:Q", title=titles["calls"]),
            ],
        )
        .properties(height=48)
    )


def mood_quarters(
    quarters: pd.DataFrame, *, titles: dict[str, str]
) -> alt.LayerChart | alt.FacetChart:
    """Mean customer sentiment per quarter of a call, −1 to +1.

    Args:
        quarters: Columns quarter (1–4), score (may be missing).
        titles: Texts for `quarter`, `score`.
    """
    known = quarters.dropna(subset=["score"])
    scale = alt.Scale(domain=[-1, 1])
    colour = alt.condition(alt.datum.score < 0, alt.value(RED), alt.value(GREEN))
    signed = "datum.value === 0 ? '0' : format(datum.value, '+.0f')"
    ticks = alt.Axis(values=[-1, 0, 1], labelExpr=signed)
    bars = (
        alt.Chart(known)
        .mark_bar(size=34)
        .encode(
            x=alt.X(
                "quarter:O", title=titles["quarter"], axis=alt.Axis(labelAngle=0),
                scale=alt.Scale(domain=[1, 2, 3, 4]),
            ),
            y=alt.Y("score:Q", title=None, scale=scale, axis=ticks),
            color=colour,
            tooltip=[alt.Tooltip("score:Q", title=titles["score"], format="+.2f")],
        )
    )  # fmt: skip
    zero = alt.Chart(pd.DataFrame({"y": [0]})).mark_rule(color=GREY).encode(y="y:Q")
    return alt.layer(bars, zero).properties(height=170)
