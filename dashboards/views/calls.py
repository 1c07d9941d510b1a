"""The call list: filters, numbers, and one row per call."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pandas as pd
import streamlit as st

from dashboards import data, frame
from qa.store import CallFilter, Store
from qa.store.access import sight_of

PAGE_SIZE = 50
_COLUMNS = (
    "happened_at",
    "call_id",
    "agent_name",
    "team",
    "queue",
    "language",
    "duration_ms",
    "quality_percent",
    "band",
    "state",
    "finding_count",
    "review_count",
)


def render() -> None:
    """Draw the page."""
    t = frame.translator()
    st.title(t("calls.title"))
    opened = data.require_store(t("app.no_store"))
    st.caption(t("calls.intro"))
    wanted = _filters(opened, t)
    total = data.count(wanted, opened)
    if not total:
        _nothing(wanted, t)
        return
    _numbers(wanted, total, opened, t)
    page = 1
    pages = -(-total // PAGE_SIZE)
    if pages > 1:
        page = int(st.number_input(t("calls.page"), 1, pages, 1, width=140))
    rows = data.calls(wanted, PAGE_SIZE, (page - 1) * PAGE_SIZE, opened)
    _table(rows, t)


def _nothing(wanted: CallFilter, t: frame.Translate) -> None:
    if wanted.is_empty and sight_of(frame.viewer()).released_only:
        st.info(t("calls.none_released"), icon=":material/schedule:")
    else:
        st.info(t("calls.none"), icon=":material/filter_alt_off:")


def _filters(opened: Store, t: frame.Translate) -> CallFilter:
    top = st.columns([3, 2, 2, 2])
    text = top[0].text_input(t("calls.search"), placeholder=t("calls.search_hint"))
    agents = top[1].multiselect(
        t("calls.agent"), data.choices("agent_id", opened), placeholder=t("calls.any")
    )
    teams = top[2].multiselect(
        t("calls.team"), data.choices("team", opened), placeholder=t("calls.any")
    )
    states = top[3].multiselect(
        t("calls.state"),
        ["scored", "needs_person", "not_scorable", "void"],
        format_func=lambda state: t(f"state.{state}"),
        placeholder=t("calls.any"),
    )
    with st.expander(t("calls.more")):
        more = st.columns(4)
        queues = more[0].multiselect(
            t("calls.queue"), data.choices("queue", opened), placeholder=t("calls.any")
        )
        languages = more[1].multiselect(
            t("calls.language"), ["zh", "en"], placeholder=t("calls.any")
        )
        dates = more[2].date_input(t("calls.dates"), value=[], format="YYYY-MM-DD")
        low, high = more[3].slider(t("calls.score_range"), 0, 100, (0, 100), step=5)
        missed = st.multiselect(
            t("calls.criterion"),
            **_criterion_choices(opened),
            placeholder=t("calls.any"),
        )
    since, until = _days(dates)
    return CallFilter(
        text=text.strip(),
        agents=tuple(agents),
        teams=tuple(teams),
        states=tuple(states),
        queues=tuple(queues),
        languages=tuple(languages),
        since=since,
        until=until,
        min_score=low or None,
        max_score=high if high < 100 else None,
        missed=tuple(missed),
    )


def _criterion_choices(opened: Store) -> dict[str, Any]:
    table = data.criteria(CallFilter(), opened)
    side = f"name_{frame.evidence_language()}"
    names = dict(zip(table["criterion_id"], table[side], strict=True))
    show: Callable[[str], str] = lambda key: f"{key} {names.get(key, '')}"  # noqa: E731
    return {"options": [*names], "format_func": show}


def _days(chosen: Any) -> tuple[datetime | None, datetime | None]:
    """Half-open range of whole days from a date picker, which may be empty or half chosen."""
    days = list(chosen) if isinstance(chosen, (list, tuple)) else [chosen]
    if not days:
        return None, None
    begin = datetime.combine(days[0], time.min, tzinfo=UTC)
    end = datetime.combine(days[-1], time.min, tzinfo=UTC) + timedelta(days=1)
    return begin, (end if len(days) > 1 else None)


def _numbers(wanted: CallFilter, total: int, opened: Store, t: frame.Translate) -> None:
    table = data.scores(wanted, opened)
    mean = table["quality_percent"].mean()
    boxes = st.columns(4)
    boxes[0].metric(t("calls.found", count=""), f"{total:,}")
    boxes[1].metric(t("calls.mean"), "–" if pd.isna(mean) else f"{mean:.1f}")
    boxes[2].metric(t("calls.to_review"), int((table["review_count"].fillna(0) > 0).sum()))
    boxes[3].metric(t("calls.suspected"), int((table["finding_count"].fillna(0) > 0).sum()))


def _table(rows: pd.DataFrame, t: frame.Translate) -> None:
    shown = rows.assign(
        agent_name=rows["agent_name"].replace("", pd.NA).fillna(rows["agent_id"]),
        duration_ms=pd.to_datetime(rows["duration_ms"], unit="ms").dt.strftime("%M:%S"),
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
        "band": column.TextColumn(t("calls.band"), width="small"),
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
