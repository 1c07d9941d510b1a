"""The work list of a reviewer: what to review by when, and why each call was picked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st

from dashboards import data, frame
from dashboards.call_filters import call_filters
from dashboards.player import work_list
from dashboards.scored_by import mark
from dashboards.views.calls import open_call
from qa.errors import QaError
from qa.review.values import PickReason
from qa.review.work import Assignment, AssignmentState, SkipReason
from qa.settings import load_settings
from qa.store import CallFilter, Store

_MOST = 500


def render() -> None:
    """Draw the page."""
    t = frame.translator()
    st.title(t("worklist.title"))
    opened = data.require_store(t("app.no_store"))
    mine = opened.assignments.find(reviewer=frame.viewer().user_id, limit=_MOST)
    if not mine:
        _nothing(opened, t)
        return
    now = datetime.now(UTC)
    _numbers(mine, now, opened, t)
    shown, rows = _filtered(mine, opened, t)
    if not shown:
        st.info(t("worklist.none_fits"), icon=":material/filter_alt_off:")
        return
    order = list(dict.fromkeys(item.call_id for item in shown))
    result = work_list(list_data(shown, rows, now, t), key="work_list")
    if result.open in order:
        open_call(str(result.open), order)
    _aside(shown, t)


def _nothing(opened: Store, t: frame.Translate) -> None:
    done = opened.assignments.find(
        reviewer=frame.viewer().user_id, states=[AssignmentState.DONE], limit=1
    )
    st.info(t("worklist.all_done" if done else "worklist.nothing"), icon=":material/task_alt:")
    st.caption(t("worklist.what_to_do"))
    st.page_link(frame.page("calls"), label=t("nav.calls"), icon=":material/list:")


def _numbers(mine: Sequence[Assignment], now: datetime, opened: Store, t: frame.Translate) -> None:
    late = sum(item.is_overdue(now) for item in mine)
    today = sum(
        item.due_at is not None and _local(item.due_at).date() <= _local(now).date()
        for item in mine
    )
    counts = opened.assignments.counts(since=now.replace(hour=0, minute=0, second=0))
    me = frame.viewer().user_id
    done = sum(n for who, state, n in counts if who == me and state == AssignmentState.DONE)
    boxes = st.columns(4)
    boxes[0].metric(t("worklist.open"), len(mine))
    boxes[1].metric(t("worklist.due_today"), today)
    boxes[2].metric(t("worklist.late"), late)
    boxes[3].metric(t("worklist.done"), done)


def _filtered(
    mine: Sequence[Assignment], opened: Store, t: frame.Translate
) -> tuple[list[Assignment], dict[str, Any]]:
    """Assignments that pass the filters, and the rows of their calls."""
    wanted = call_filters("worklist", opened, t)
    reasons = _reasons(mine, t)
    ids = tuple(sorted({item.call_id for item in mine}))
    known = _rows(replace(wanted, call_ids=ids), opened)
    fits = [
        item
        for item in mine  # what is not known was deleted, is out of sight, or filtered away
        if item.call_id in known and (not reasons or set(reasons) & set(item.reasons))
    ]
    return fits, known


def _reasons(mine: Sequence[Assignment], t: frame.Translate) -> list[PickReason]:
    """The reasons to narrow to; nothing to choose where all were picked for one."""
    known = [reason for reason in PickReason if any(reason in item.reasons for item in mine)]
    if len(known) < 2:
        return []
    return st.pills(
        t("worklist.why"),
        known,
        format_func=lambda reason: t(f"pick_reason.{reason.value}"),
        selection_mode="multi",
        key="worklist_why",
    )


def _rows(wanted: CallFilter, opened: Store) -> dict[str, Any]:
    table = data.calls(wanted, _MOST, 0, opened)
    return {str(row["call_id"]): row for row in table.to_dict("records")}


def list_data(
    shown: Sequence[Assignment], rows: Mapping[str, Any], now: datetime, t: frame.Translate
) -> dict[str, Any]:
    """The list as the component draws it."""
    return {
        "head": [t(f"worklist.head_{name}") for name in ("due", "call", "why", "long", "left")]
        + [t("calls.column_score")],
        "rows": [_row(item, rows[item.call_id], now, t) for item in shown],
        "keys": t("worklist.keys"),
    }


def _row(
    item: Assignment, row: Mapping[str, Any], now: datetime, t: frame.Translate
) -> dict[str, Any]:
    score, length, left = row["quality_percent"], row["duration_ms"], row["review_count"]
    seconds = 0 if pd.isna(length) else int(length) // 1000
    parts = (row["agent_name"] or row["agent_id"], row["team"], row["queue"])
    spoken = "" if pd.isna(row["language"]) else frame.label_name(row["language"])
    return {
        "id": item.call_id,
        "name": item.call_id,
        "where": " · ".join(str(part) for part in (*parts, spoken) if part and not pd.isna(part)),
        "due": f"{_local(item.due_at):%m-%d %H:%M}" if item.due_at else t("worklist.no_date"),
        "isLate": item.is_overdue(now),
        "why": [t(f"pick_reason.{reason.value}") for reason in item.reasons]
        or [t(f"purpose.{item.purpose.value}")],
        "length": f"{seconds // 60}:{seconds % 60:02d}",
        "left": "–" if pd.isna(left) else str(int(left)),
        "score": "–" if pd.isna(score) else f"{score:.1f}",
        "scoredBy": ""
        if pd.isna(row["state"])
        else mark(row["machine_percent"], t, is_decided=bool(row["is_decided"])),
    }


def _local(moment: datetime) -> datetime:
    return moment.astimezone(ZoneInfo(load_settings().timezone))


def _aside(shown: Sequence[Assignment], t: frame.Translate) -> None:
    """Put a call aside; the reason is kept and counted."""
    by_id = {item.id: item for item in shown}
    with (
        st.popover(t("worklist.aside"), icon=":material/block:"),
        st.form("aside", border=False),
    ):
        chosen = st.selectbox(
            t("worklist.head_call"), [*by_id], format_func=lambda key: by_id[key].call_id
        )
        reason = st.selectbox(
            t("worklist.reason"),
            [*SkipReason],
            format_func=lambda item: t(f"skip_reason.{item.value}"),
        )
        note = st.text_input(t("worklist.note"))
        pressed = st.form_submit_button(t("worklist.aside"))
    if not pressed:
        return
    try:
        data.writer().assignments.skip(frame.viewer(), chosen, reason, note=note)
    except QaError as error:
        st.error(frame.plain(str(error)), icon=":material/error:")
        return
    st.rerun()
