"""The call list: filters, numbers, and one row per call."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from dashboards import data, frame
from dashboards.call_filters import call_filters
from dashboards.scored_by import SCORED_BY_PX, scored_by
from qa.clock import clock
from qa.store import CallFilter
from qa.store.access import sight_of
from qa.store.frames import Totals

PAGE_SIZE = 50
_COLUMNS = (
    "happened_at",
    "call_id",
    "agent_name",
    "quality_percent",
    "band",
    "scored_by",
    "finding_count",
    "review_count",
    "state",
    "duration_ms",
    "queue",
    "team",
    "language",
)


def render() -> None:
    """Draw the page."""
    t = frame.translator()
    st.title(t("calls.title"))
    opened = data.require_store(t("app.no_store"))
    st.caption(t("calls.intro"))
    wanted = call_filters("calls", opened, t)
    found = data.totals(wanted, opened)
    if not found.calls:
        _nothing(wanted, t)
        return
    _numbers(found, t)
    page = 1
    pages = -(-found.calls // PAGE_SIZE)
    if pages > 1:
        page = int(st.number_input(t("calls.page"), 1, pages, 1, width=140))
    rows = data.calls(wanted, PAGE_SIZE, (page - 1) * PAGE_SIZE, opened)
    _table(rows, t)


def _nothing(wanted: CallFilter, t: frame.Translate) -> None:
    if wanted.is_empty and sight_of(frame.viewer()).released_only:
        st.info(t("calls.none_released"), icon=":material/schedule:")
    else:
        st.info(t("calls.none"), icon=":material/filter_alt_off:")


def _numbers(found: Totals, t: frame.Translate) -> None:
    boxes = st.columns(4)
    boxes[0].metric(t("calls.count"), f"{found.calls:,}")
    mean = found.mean_quality
    boxes[1].metric(t("calls.mean"), "–" if mean is None else f"{mean:.1f}")
    boxes[2].metric(t("calls.to_review"), f"{found.with_review:,}")
    boxes[3].metric(t("calls.suspected"), f"{found.with_findings:,}")


def _table(rows: pd.DataFrame, t: frame.Translate) -> None:
    shown = rows.assign(
        agent_name=rows["agent_name"].replace("", pd.NA).fillna(rows["agent_id"]),
        duration_ms=rows["duration_ms"].map(clock, na_action="ignore"),
        language=rows["language"].fillna("").map(lambda name: name and frame.label_name(name)),
        scored_by=scored_by(rows, t),
        state=rows["state"].fillna("waiting").map(lambda state: t(f"state.{state}")),
    )
    event = st.dataframe(
        shown,
        column_order=_COLUMNS,
        column_config=_column_config(t),
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        key="call_rows",
        height=min(640, 38 + 35 * len(shown)),
    )
    chosen = event.selection.rows
    st.caption(t("calls.pick"))
    if chosen:
        open_call(str(rows.iloc[chosen[0]]["call_id"]), rows["call_id"].tolist())


def _column_config(t: frame.Translate) -> dict[str, Any]:
    column = st.column_config
    return {
        "happened_at": column.DatetimeColumn(t("calls.column_time"), format="YYYY-MM-DD HH:mm"),
        "call_id": column.TextColumn(t("calls.column_call")),
        "agent_name": column.TextColumn(t("calls.agent")),
        "team": column.TextColumn(t("calls.team")),
        "queue": column.TextColumn(t("calls.queue")),
        "language": column.TextColumn(t("calls.language"), width="small"),
        "duration_ms": column.TextColumn(t("calls.column_duration"), width="small"),
        "quality_percent": column.ProgressColumn(
            t("calls.column_score"), format="%.1f", min_value=0, max_value=100
        ),
        "band": column.TextColumn(t("calls.band"), width=56),
        "scored_by": column.TextColumn(t("calls.column_basis"), width=SCORED_BY_PX),
        "state": column.TextColumn(t("calls.state")),
        "finding_count": column.NumberColumn(t("calls.column_findings"), width="small"),
        "review_count": column.NumberColumn(t("calls.column_review"), width="small"),
    }


def open_call(call_id: str, neighbours: list[str], *, start_ms: int = 0) -> None:
    """Go to the page of a call; `neighbours` are the calls for next and previous."""
    st.session_state["neighbours"] = neighbours
    st.session_state.pop("call_rows", None)
    query = {"id": call_id, **({"at": str(start_ms)} if start_ms else {})}
    st.switch_page(frame.page("call"), query_params=query)
