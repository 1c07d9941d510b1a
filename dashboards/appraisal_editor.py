"""Weights, targets, bands and gates as tables that can be edited and saved as a new version."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import streamlit as st

from dashboards import data, frame
from qa.errors import QaError
from qa.people.appraisal.scheme import OWN_MEASURES, Measure, Scheme, faults
from qa.people.indicators import INDICATORS


def draw(scheme: Scheme, t: frame.Translate) -> None:
    """The scheme of a period, and a form for its next version."""
    st.caption(t("appraisal.scheme_help"))
    column = st.column_config
    edited = st.data_editor(
        _table(scheme), hide_index=True, height="content", disabled=("part", "measure"),
        key="scheme_measures",
        column_config={
            "part": column.TextColumn(t("appraisal.part")),
            "measure": column.TextColumn(t("kpis.indicator")),
            "weight": column.NumberColumn(
                t("appraisal.part_weight"), min_value=0, max_value=100, format="%.0f"
            ),
            "share": column.NumberColumn(
                t("appraisal.share"), min_value=0, max_value=100, format="%.0f"
            ),
            "knots": column.TextColumn(t("appraisal.knots"), help=t("appraisal.knots_help")),
            "part_id": None, "measure_id": None,
        },
    )  # fmt: skip
    bands = st.text_input(
        t("appraisal.bands"), " ".join(f"{name}:{bound:g}" for name, bound in scheme.bands)
    )
    gates = st.columns(3)
    errors = gates[0].number_input(
        t("appraisal.gate_errors"), 1, 100, scheme.gates.compliance_errors
    )
    bound = gates[1].number_input(
        t("appraisal.gate_bound"), 0.0, 100.0, scheme.gates.compliance_bound
    )
    cap = gates[2].text_input(t("appraisal.gate_cap"), scheme.gates.cap)
    if not st.button(t("appraisal.save_scheme"), icon=":material/save:"):
        return
    try:
        made = _scheme(scheme, edited, bands)
        kept = replace(scheme.gates, compliance_errors=errors, compliance_bound=bound, cap=cap)
        made = replace(made, gates=kept)
    except ValueError as error:
        st.error(t("appraisal.unreadable", what=str(error)), icon=":material/error:")
        return
    if found := faults(made):
        st.error("\n".join(f"- {fault}" for fault in found), icon=":material/error:")
        return
    try:
        data.writer().appraisals.schemes.save(frame.viewer(), made)
    except QaError as error:
        frame.refuse(error)
        return
    st.success(t("appraisal.saved_scheme"))


def _table(scheme: Scheme) -> pd.DataFrame:
    side = frame.evidence_language()
    return pd.DataFrame(
        [
            {
                "part_id": part.id, "measure_id": item.id, "part": part.name.in_language(side),
                "weight": part.weight, "measure": _name(item, side), "share": item.share,
                "knots": " ".join(f"{value:g}:{points:g}" for value, points in item.knots),
            }
            for part in scheme.parts
            for item in part.measures
        ]
    )  # fmt: skip


def _name(item: Measure, side: str) -> str:
    own = OWN_MEASURES.get(item.id)
    return (own or INDICATORS[item.id].name).in_language(side)


def _scheme(scheme: Scheme, table: pd.DataFrame, bands: str) -> Scheme:
    parts = []
    for part in scheme.parts:
        rows = table[table["part_id"] == part.id]
        measures = tuple(
            Measure(id=row["measure_id"], share=float(row["share"]), knots=_pairs(row["knots"]))
            for row in rows.to_dict("records")
        )
        # the weight stands on every line of an indicator: a line that was changed counts
        weights = [float(weight) for weight in rows["weight"]]
        changed = [weight for weight in weights if weight != part.weight]
        parts.append(
            replace(part, measures=measures, weight=changed[0] if changed else part.weight)
        )
    grades = tuple((name, bound) for name, bound in _named(bands))
    return replace(scheme, parts=tuple(parts), bands=grades)


def _pairs(text: str) -> tuple[tuple[float, float], ...]:
    return tuple((float(name), bound) for name, bound in _named(text))


def _named(text: str) -> list[tuple[str, float]]:
    found = []
    for word in text.replace("：", ":").split():
        name, colon, number = word.partition(":")
        if not colon:
            raise ValueError(word)
        found.append((name, float(number)))
    return found
