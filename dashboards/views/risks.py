"""Topics and risks: what a manager would notice if she listened to every call."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
import streamlit as st

from dashboards import data, frame, insight_data
from dashboards.views import topics
from dashboards.views.calls import open_call
from qa.access import Action, may
from qa.errors import QaError
from qa.evaluation import Evidence
from qa.insight.alerts import RANK, AlertReason, RiskItem, RiskState
from qa.store import Store

_SECTIONS = ("queue", "reasons", "new_topics", "voice")
_WEEKS = (4, 13, 52, 0)
_PRIORITIES = ("P1", "P2", "high", "P3", "medium")


def render() -> None:
    """Draw the page; `?section=` names the part."""
    t = frame.translator()
    st.title(t("risks.title"))
    opened = data.require_store(t("app.no_store"))
    left, right = st.columns([5, 2], vertical_alignment="bottom")
    sections = [
        name for name in _SECTIONS if name != "queue" or may(frame.viewer(), Action.HANDLE_RISKS)
    ]
    asked = st.query_params.get("section", sections[0])
    section = left.segmented_control(
        t("risks.section"),
        sections,
        format_func=lambda name: t(f"risks.{name}"),
        default=asked if asked in sections else sections[0],
        label_visibility="collapsed",
    )
    weeks = right.selectbox(
        t("risks.period"),
        _WEEKS,
        index=len(_WEEKS) - 1,
        format_func=lambda n: t(f"risks.weeks_{n}"),
    )
    since = insight_data.since_weeks(weeks, datetime.now(UTC))
    if section == "queue":
        _queue(since, opened, t)
    elif section == "reasons":
        topics.draw_reasons(since, opened, t)
    elif section == "new_topics":
        topics.draw_topics(opened, t)
    elif section == "voice":
        topics.draw_voice(since, opened, t)


def _queue(since: datetime | None, opened: Store, t: frame.Translate) -> None:
    now = datetime.now(UTC)
    items = insight_data.risks(frame.viewer(), since, opened)
    if not items:
        st.info(t("risks.none"), icon=":material/check_circle:")
        return
    waiting = [item for item in items if item.state != RiskState.RESOLVED]
    boxes = st.columns(5)
    for box, name in zip(boxes, ("P1", "P2", "P3"), strict=False):
        count = sum(item.alert.priority == name for item in waiting)
        box.metric(t("risks.open_of", priority=name), count)
    churn = sum(item.alert.kind == "churn" for item in waiting)
    boxes[3].metric(t("risks.open_churn"), churn)
    boxes[4].metric(t("risks.overdue"), sum(item.is_overdue(now) for item in waiting))
    shown = _filtered(items, t)
    if not shown:
        st.info(t("risks.none_left"), icon=":material/check_circle:")
        return
    table, detail = st.columns([3, 2], gap="medium")
    with table:
        chosen = _table(shown, now, t)
    with detail:
        _detail(chosen, now, t)


def _filtered(items: list[RiskItem], t: frame.Translate) -> list[RiskItem]:
    left, middle, right = st.columns(3)
    state = left.segmented_control(
        t("risks.state"),
        ["open", "new", "taken", "resolved"],
        format_func=lambda name: t(f"risks.state_{name}"),
        default="open",
    )
    kinds = middle.multiselect(
        t("risks.kind"),
        ["complaint", "churn"],
        format_func=lambda name: t(f"risks.kind_{name}"),
        placeholder=t("calls.any"),
    )
    priorities = right.multiselect(
        t("risks.priority"),
        _PRIORITIES,
        format_func=lambda name: t(f"risks.priority_{name}"),
        placeholder=t("calls.any"),
    )
    wanted = [
        item
        for item in items
        if (
            state is None
            or item.state == state
            or (state == "open" and item.state != RiskState.RESOLVED)
        )
        and (not kinds or item.alert.kind in kinds)
        and (not priorities or item.alert.priority in priorities)
    ]
    return sorted(wanted, key=lambda item: (RANK[item.alert.priority], item.raised_at, item.id))


def _table(items: list[RiskItem], now: datetime, t: frame.Translate) -> RiskItem:
    titles = insight_data.reason_titles(frame.evidence_language())
    rows = pd.DataFrame(
        [
            {
                "priority": t(f"risks.priority_{item.alert.priority}"),
                "kind": t(f"risks.kind_{item.alert.kind.value}"),
                "age": age_text(item.age(now), t),
                "state": t(f"risks.state_{item.state.value}"),
                "why": " · ".join(_words(reason) for reason in item.alert.reasons),
                "by": item.changed_by,
                "agent": item.labels["agent_id"],
                "reason": titles.get(item.labels["reason"], item.labels["reason"]),
                "call": item.alert.call_id,
            }
            for item in items
        ]
    )
    column = st.column_config
    event = st.dataframe(
        rows,
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        key="risk_rows",
        height=min(560, 38 + 35 * len(rows)),
        column_config={
            "priority": column.TextColumn(t("risks.priority"), width=76),
            "kind": column.TextColumn(t("risks.kind"), width=84),
            "why": column.TextColumn(t("risks.why"), width=230),
            "reason": column.TextColumn(t("risks.contact_reason")),
            "agent": column.TextColumn(t("calls.agent"), width="small"),
            "age": column.TextColumn(t("risks.age"), width=76),
            "state": column.TextColumn(t("risks.state"), width=72),
            "by": column.TextColumn(t("risks.by"), width="small"),
            "call": column.TextColumn(t("calls.column_call")),
        },
    )
    st.caption(t("risks.pick"))
    chosen = [at for at in event.selection.rows if at < len(items)]
    return items[chosen[0]] if chosen else items[0]


def age_text(age: timedelta, t: frame.Translate) -> str:
    """An age in the largest unit that fits: minutes, hours or days."""
    minutes = max(0, int(age.total_seconds() // 60))
    if minutes < 60:
        return t("risks.minutes", count=minutes)
    if minutes < 48 * 60:
        return t("risks.hours", count=minutes // 60)
    return t("risks.days", count=minutes // 1440)


def _words(reason: AlertReason) -> str:
    return reason.text.in_language(frame.evidence_language())


def _detail(item: RiskItem, now: datetime, t: frame.Translate) -> None:
    with st.container(border=True):
        priority = t(f"risks.priority_{item.alert.priority}")
        kind = t(f"risks.kind_{item.alert.kind.value}")
        st.markdown(f"**{priority} · {kind}**  \n{frame.plain(item.alert.call_id)}")
        st.caption(" · ".join(_facts(item, now, t)))
        for number, reason in enumerate(item.alert.reasons):
            _reason(item, reason, number, t)
        if item.alert.note:
            st.caption(item.alert.note.in_language(frame.evidence_language()))
        if not item.stands:
            st.caption(t("risks.withdrawn"))
        _actions(item, t)


def _facts(item: RiskItem, now: datetime, t: frame.Translate) -> list[str]:
    facts = [t("risks.raised", age=age_text(item.age(now), t))]
    if item.alert.respond_within_minutes is not None and item.state == RiskState.NEW:
        target = age_text(timedelta(minutes=item.alert.respond_within_minutes), t)
        key = "risks.target_missed" if item.is_overdue(now) else "risks.target"
        facts.append(t(key, target=target))
    if item.alert.points:
        facts.append(t("risks.points", points=item.alert.points))
    if item.changed_by:
        state = t(f"risks.state_{item.state.value}")
        facts.append(t("risks.changed", state=state, name=frame.plain(item.changed_by)))
    if item.comment:
        facts.append(frame.plain(item.comment))
    return facts


def _reason(item: RiskItem, reason: AlertReason, number: int, t: frame.Translate) -> None:
    words = frame.plain(_words(reason))
    points = f" (+{reason.points})" if reason.points else ""
    if not reason.evidence:
        st.markdown(f"- {words}{points}")
        return
    left, right = st.columns([6, 1], vertical_alignment="center")
    left.markdown(f"- {words}{points}  \n  “{frame.plain(_around(reason.evidence[0]))}”")
    if right.button(
        "",
        icon=":material/play_arrow:",
        help=t("risks.listen"),
        key=f"risk-play-{item.id}-{number}",
        type="tertiary",
    ):
        open_call(item.alert.call_id, [], start_ms=reason.evidence[0].start_ms)


def _around(found: Evidence) -> str:
    return found.quote[:80]


def _actions(item: RiskItem, t: frame.Translate) -> None:
    comment = st.text_input(
        t("risks.comment"), key=f"risk-comment-{item.id}", placeholder=t("risks.comment_hint")
    )
    names = {
        RiskState.NEW: (RiskState.TAKEN, RiskState.RESOLVED),
        RiskState.TAKEN: (RiskState.RESOLVED, RiskState.NEW),
        RiskState.RESOLVED: (RiskState.NEW,),
    }[item.state]
    boxes = st.columns(3)
    for place, (box, state) in enumerate(zip(boxes, names, strict=False)):
        kind: Any = "primary" if place == 0 and state != RiskState.NEW else "secondary"
        label = t(f"risks.do_{state.value}")
        if box.button(label, key=f"risk-{item.id}-{state.value}", type=kind, width="stretch"):
            _change(item, state, comment, t)
    if boxes[2].button(t("risks.open_call"), key=f"risk-open-{item.id}", width="stretch"):
        open_call(item.alert.call_id, [])


def _change(item: RiskItem, state: RiskState, comment: str, t: frame.Translate) -> None:
    try:
        data.writer().risks.change(item.id, state, person=frame.viewer(), comment=comment.strip())
    except QaError as error:
        st.error(f"{frame.plain(error.message)} → {frame.plain(error.remedy)}")
        return
    insight_data.forget()
    st.toast(t("risks.done", state=t(f"risks.state_{state.value}")))
    st.rerun()
