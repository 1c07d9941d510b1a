"""Where a rule of meaning draws the line: labelled pairs by similarity, and the threshold."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from dashboards import frame
from dashboards.charts import BLUE, GREY, ORANGE
from scoring.scorecard import Scorecard
from scoring.semantics import shipped_thresholds

_BIN = 0.05
#: Kind of rule → operators its similarity serves, and the field that holds its own threshold.
_KINDS = {
    "paraphrase": (("paraphrase",), "similarity"),
    "semantic": (("empathy", "answered", "explained"), "threshold"),
}


def render(card: Scorecard, t: frame.Translate) -> None:
    """A histogram for each operator of meaning that the scorecard's rules use; else nothing."""
    own = {rule.kind: rule for rule in card.rules() if rule.kind in _KINDS}
    if not own:
        return
    st.subheader(t("thresholds.title"))
    st.caption(t("thresholds.intro"))
    shipped = shipped_thresholds()
    for kind, rule in own.items():
        operators, field = _KINDS[kind]
        places = st.columns(max(2, len(operators)))
        for name, place in zip(operators, places, strict=False):
            found = shipped[name]
            place.markdown(f"**{t(f'thresholds.{name}')}**")
            place.altair_chart(_chart(found, float(getattr(rule, field)), t), width="stretch")
            place.caption(
                t(
                    "thresholds.figures",
                    pairs=found["pairs"],
                    threshold=f"{found['threshold']:.2f}",
                    precision=f"{found['precision']:.0%}",
                    recall=f"{found['recall']:.0%}",
                    own=f"{getattr(rule, field):.2f}",
                )
            )


def _chart(
    found: dict[str, Any], own: float, t: frame.Translate
) -> alt.LayerChart | alt.FacetChart:
    """Pairs per bin that should and should not count; lines at the set and the own threshold."""
    yes, no = t("thresholds.yes"), t("thresholds.no")
    rows = [
        {"from": index * _BIN, "to": (index + 1) * _BIN, "pairs": count, "kind": kind}
        for index, counts in enumerate(found["histogram"])
        for kind, count in zip((no, yes), counts, strict=True)
        if count
    ]
    bars = (
        alt.Chart(pd.DataFrame(rows))
        .mark_bar()
        .encode(
            x=alt.X(
                "from:Q",
                bin="binned",
                title=t("thresholds.similarity"),
                scale=alt.Scale(domain=[0, 1]),
            ),
            x2="to:Q",
            y=alt.Y("pairs:Q", title=t("thresholds.pairs"), stack=True),
            color=alt.Color(
                "kind:N",
                title=None,
                scale=alt.Scale(domain=[yes, no], range=[BLUE, "#c9ced6"]),
                legend=alt.Legend(orient="top"),
            ),
        )
    )
    lines = alt.Chart(pd.DataFrame([{"at": found["threshold"]}])).mark_rule(color=GREY, size=2)
    mine = alt.Chart(pd.DataFrame([{"at": own}])).mark_rule(color=ORANGE, size=2, strokeDash=[4, 3])
    return alt.layer(bars, lines.encode(x="at:Q"), mine.encode(x="at:Q")).properties(height=200)
