"""Why somebody's proposal is what it is: bars, measures, and the calls that cost points."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboards import frame, people_data
from qa.errors import QaError
from qa.people.appraisal.scheme import OWN_FORMULAS, OWN_MEASURES
from qa.people.appraisal.scoring import AgentResult, MeasureResult
from qa.people.appraisal.waterfall import criterion_losses, steps
from qa.people.indicators import INDICATORS
from qa.store import Store
from qa.store.appraisal_values import Period

#: Ratios and stars differ in the second place.
_FORMATS = {"value": "%.2f", "low": "%.2f", "high": "%.2f"}


def measure_name(key: str) -> str:
    """What a measure is called, in the session's language."""
    side = frame.evidence_language()
    return (OWN_MEASURES[key] if key in OWN_MEASURES else INDICATORS[key].name).in_language(side)


def measure_formula(key: str) -> str:
    """How a measure is computed, in the session's language."""
    side = frame.evidence_language()
    formula = OWN_FORMULAS[key] if key in OWN_FORMULAS else INDICATORS[key].formula
    return formula.in_language(side)


def bars(item: AgentResult, t: frame.Translate) -> pd.DataFrame:
    """The bars of the waterfall."""
    rows = []
    for order, step in enumerate(steps(item)):
        label = measure_name(step.id) if step.part else t(f"appraisal.step_{step.id}")
        kind = step.kind
        if kind == "adjustment":
            kind = "gain" if step.points > 0 else "loss"
        text = f"{step.end:.1f}" if kind in ("start", "total") else f"{step.points:+.1f}"
        rows.append(
            {"label": label, "kind": kind, "start": step.start, "end": step.end,
             "points": step.points, "order": order, "text": text}
        )  # fmt: skip
    return pd.DataFrame(rows)


def measures(item: AgentResult, t: frame.Translate) -> None:
    """The table of measures."""
    rows = [
        {
            "name": measure_name(m.id), "value": m.value, "n": m.n, "low": m.low, "high": m.high,
            "points": m.points, "weight": m.weight, "lost": m.lost, "flag": _flag(m, t),
        }
        for m in item.measures
    ]  # fmt: skip
    column = st.column_config
    names = {"value": t("kpis.raw"), "low": t("kpis.low"), "high": t("kpis.high"),
             "points": t("appraisal.points"), "weight": t("appraisal.weight"),
             "lost": t("appraisal.lost")}  # fmt: skip
    config = {
        key: column.NumberColumn(name, format=_FORMATS.get(key, "%.1f"))
        for key, name in names.items()
    }
    st.dataframe(
        pd.DataFrame(rows), hide_index=True, placeholder="–", height="content",
        column_config={
            "name": column.TextColumn(t("kpis.indicator")), "n": column.NumberColumn(t("kpis.n")),
            "flag": column.TextColumn(
                t("appraisal.remark"), help=t("appraisal.flag_help"), width="medium"
            ),
            **config,
        },
    )  # fmt: skip
    with st.expander(t("appraisal.formula"), icon=":material/help:"):
        for m in item.measures:
            formula = frame.plain(measure_formula(m.id))
            st.caption(f"**{frame.plain(measure_name(m.id))}** — {formula}")


def _flag(item: MeasureResult, t: frame.Translate) -> str:
    return t(f"appraisal.flag_{item.flag}") if item.flag else ""


def losses(period: Period, item: AgentResult, opened: Store, t: frame.Translate) -> None:
    """Criteria that cost most, each with links to the clips."""
    st.subheader(t("appraisal.losses"))
    outcomes = opened.people.frames.outcomes(
        frame.viewer(), since=period.first_day, until=period.until_day, agent_ids=(item.agent_id,)
    )
    names = people_data.criterion_names(opened)
    side = frame.evidence_language()
    found = criterion_losses(outcomes)[:6]
    if not found:
        st.caption(t("appraisal.no_losses"))
    for loss in found:
        wording = names[loss.criterion_id].in_language(side) if loss.criterion_id in names else ""
        with st.container(border=True):
            left, *buttons = st.columns([6, *[1] * len(loss.calls)], vertical_alignment="center")
            left.markdown(
                f"**{loss.criterion_id} {frame.plain(wording)}** · "
                + t("appraisal.loss", points=f"{loss.points:.1f}", missed=loss.missed,
                    judged=loss.judged)
            )  # fmt: skip
            for number, (box, call_id) in enumerate(zip(buttons, loss.calls, strict=True), 1):
                box.page_link(
                    frame.page("call"), label=t("appraisal.call", n=number),
                    icon=":material/play_arrow:", query_params=_clip(call_id, loss.criterion_id,
                                                                     opened),
                )  # fmt: skip


def _clip(call_id: str, criterion: str, opened: Store) -> dict[str, str]:
    """The link to the clip that cost the points; to the whole call where there is none."""
    try:
        results = opened.evaluations.load(call_id).results
    except QaError:
        return {"id": call_id}
    clips = [e for r in results if r.criterion_id == criterion for e in r.verdict.evidence]
    return (
        {"id": call_id, "at": str(max(1, clips[0].start_ms - 1000))} if clips else {"id": call_id}
    )
