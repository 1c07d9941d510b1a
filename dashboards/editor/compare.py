"""What a draft would change: stored calls scored again beside the results on record."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pandas as pd
import streamlit as st

from qa.analysis import Analysis
from qa.errors import NotFoundError
from qa.evaluation import Evaluation
from qa.store import CallFilter, Store
from scoring.criteria.view import PhraseMatcher
from scoring.loader import list_scorecards, load_scorecard
from scoring.replay import ReplayReport, replay
from scoring.scorecard import Scorecard

Translate = Callable[..., str]
_SIZES = (20, 100, 500, 2000)


def render(
    card: Scorecard, opened: Store, matcher: PhraseMatcher, language: str, t: Translate
) -> None:
    """Draw the comparison of a draft with what is on record."""
    st.caption(t("editor.compare_intro"))
    left, right, _ = st.columns([2, 2, 6], vertical_alignment="bottom")
    size = left.selectbox(t("editor.compare_size"), _SIZES, index=1, key="compare.size")
    if right.button(t("editor.compare_run"), type="primary", key="compare.run"):
        with st.spinner(t("editor.compare_running")):
            st.session_state["compare.report"] = (
                card.id,
                card.version,
                _run(card, opened, matcher, size),
            )
    known = st.session_state.get("compare.report")
    if known is not None and known[:2] == (card.id, card.version):
        _report(known[2], language, t)


def _run(card: Scorecard, opened: Store, matcher: PhraseMatcher, size: int) -> ReplayReport:
    from dashboards.editor.session import folder  # noqa: PLC0415  (session draws on settings)

    def before(analysis: Analysis) -> Evaluation | None:
        try:
            return opened.evaluations.load(analysis.call.id)
        except NotFoundError:
            return None

    path = list_scorecards(folder()).get(card.id)
    active = load_scorecard(path) if path is not None else None
    return replay(_recent(opened, size), before, card, matcher=matcher, active=active)


def _recent(opened: Store, size: int) -> Iterator[Analysis]:
    for row in opened.calls.find(CallFilter(evaluated=True), limit=size):
        try:
            yield opened.analyses.load(row.call_id)
        except NotFoundError:
            continue


def _report(report: ReplayReport, language: str, t: Translate) -> None:
    boxes = st.columns(4)
    boxes[0].metric(t("editor.replayed"), report.calls)
    boxes[1].metric(t("editor.changed_calls"), report.changed)
    boxes[2].metric(t("editor.mean_before"), _figure(report.mean_before))
    difference = None
    if report.mean_before is not None and report.mean_after is not None:
        difference = f"{report.mean_after - report.mean_before:+.2f}"
    boxes[3].metric(t("editor.mean_after"), _figure(report.mean_after), delta=difference)
    moved = [change for change in report.criteria if change.changed]
    if not moved:
        st.success(t("editor.no_change"), icon=":material/check:")
        return
    table = pd.DataFrame(
        {
            t("editor.criterion"): f"{item.criterion_id} {item.name.in_language(language)}",
            t("editor.calls"): item.calls,
            t("editor.changed_calls"): item.changed,
            t("editor.flips"): "  ".join(f"{_said(k, t)} × {n}" for k, n in item.flips.items()),
        }
        for item in moved
    )
    st.dataframe(table, hide_index=True, width="stretch")
    st.subheader(t("editor.flip_examples"))
    flips = pd.DataFrame(
        {
            t("editor.criterion"): item.criterion_id,
            t("editor.call"): flip.call_id,
            t("editor.flips"): f"{t('outcome.' + flip.before)} → {t('outcome.' + flip.after)}",
            t("editor.reason"): flip.reason.in_language(language),
            t("editor.quote"): flip.quote,
        }
        for item in moved
        for flip in item.examples
    )
    if len(flips):
        st.dataframe(flips, hide_index=True, width="stretch")


def _said(flip: str, t: Translate) -> str:
    parts = flip.split("→")
    try:
        return " → ".join(t(f"outcome.{part}") for part in parts)
    except KeyError:  # a criterion that the other scorecard does not have
        return flip


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}"
