"""The commitments ledger: what was promised, what is due, what was kept."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st

from dashboards import data, exports, frame, insight_data
from dashboards.views.calls import open_call
from qa.access import Action, may
from qa.errors import QaError
from qa.insight.commitments import CommitmentOutcome, CommitmentState, LedgerItem
from qa.insight.ledger_files import LEDGER_COLUMNS, ledger_row, read_outcomes
from qa.people.intervals import wilson
from qa.settings import load_settings
from qa.store import Store

_GROUPS = ("due", "overdue", "undated", "settled", "all")
_SETTLED = (CommitmentState.KEPT, CommitmentState.LATE, CommitmentState.BROKEN)
_WEEKS = (4, 13, 52, 0)
#: Rows of the table, the most urgent first; the export holds all.
_MOST = 1000


def render() -> None:
    """Draw the page."""
    t = frame.translator()
    st.title(t("commitments.title"))
    opened = data.require_store(t("app.no_store"))
    st.caption(t("commitments.intro"))
    now = datetime.now(UTC)
    left, middle, right = st.columns([4, 2, 2], vertical_alignment="bottom")
    group = left.segmented_control(
        t("commitments.show"),
        _GROUPS,
        format_func=lambda name: t(f"commitments.group_{name}"),
        default="due",
    )
    side = middle.selectbox(
        t("commitments.by"),
        ["agent", "customer", ""],
        format_func=lambda name: t(f"role.{name}") if name else t("calls.any"),
    )
    weeks = right.selectbox(
        t("risks.period"),
        _WEEKS,
        index=len(_WEEKS) - 1,
        format_func=lambda n: t(f"risks.weeks_{n}"),
    )
    since = insight_data.since_weeks(weeks, now)
    items = [
        item
        for item in insight_data.promises(frame.viewer(), since, opened)
        if not side or item.commitment.by == side
    ]
    if not items:
        st.info(t("commitments.none"), icon=":material/handshake:")
        _import(opened, t)
        return
    _numbers(items, now, t)
    shown = [item for item in items if _in_group(item.state(now), group or "all")]
    if shown:
        _list(shown[:_MOST], now, t)
        if len(shown) > _MOST:
            st.caption(t("commitments.first", shown=_MOST, n=f"{len(shown):,}"))
    else:
        st.info(t("commitments.none_left"), icon=":material/check_circle:")
    _export(shown, now, t)
    _import(opened, t)


def _in_group(state: CommitmentState, group: str) -> bool:
    return {
        "due": state in (CommitmentState.OPEN, CommitmentState.OVERDUE),
        "overdue": state == CommitmentState.OVERDUE,
        "undated": state == CommitmentState.UNDATED,
        "settled": state in _SETTLED,
    }.get(group, True)


def _numbers(items: list[LedgerItem], now: datetime, t: frame.Translate) -> None:
    states = [item.state(now) for item in items]
    zone = _zone()
    today = datetime.now(zone).date()
    due = [
        item
        for item, state in zip(items, states, strict=True)
        if state == CommitmentState.OPEN
        and item.commitment.due_at is not None
        and item.commitment.due_at.astimezone(zone).date() == today
    ]
    kept = wilson(states.count(CommitmentState.KEPT), sum(state in _SETTLED for state in states))
    boxes = st.columns(5)
    boxes[0].metric(t("commitments.open"), states.count(CommitmentState.OPEN))
    boxes[1].metric(t("commitments.due_today"), len(due))
    boxes[2].metric(t("commitments.overdue"), states.count(CommitmentState.OVERDUE))
    boxes[3].metric(t("commitments.group_undated"), states.count(CommitmentState.UNDATED))
    if kept is None:
        boxes[4].metric(t("commitments.kept_rate"), "–", help=t("commitments.kept_none"))
    else:
        interval = t("commitments.interval", low=f"{kept.low:.0%}", high=f"{kept.high:.0%}")
        boxes[4].metric(
            t("commitments.kept_rate"),
            f"{kept.value:.0%}",
            delta=f"n = {kept.n} · {interval}",
            delta_color="off",
        )


def _zone() -> ZoneInfo:
    return ZoneInfo(load_settings().timezone)


def _list(items: list[LedgerItem], now: datetime, t: frame.Translate) -> None:
    column, local = st.column_config, now.astimezone(_zone())
    event = st.dataframe(
        pd.DataFrame([_cells(item, local, t) for item in items]),
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        key="commitment_rows",
        height=min(520, 38 + 35 * len(items)),
        column_config={
            "state": column.TextColumn(t("risks.state"), width=100),
            "due": column.TextColumn(t("commitments.due"), width=130),
            "said": column.TextColumn(t("commitments.said"), width=130),
            "action": column.TextColumn(t("commitments.action"), width="small"),
            "by": column.TextColumn(t("commitments.by"), width="small"),
            "agent": column.TextColumn(t("calls.agent"), width="small"),
            "quote": column.TextColumn(t("commitments.quote"), width=330),
            "call": column.TextColumn(t("calls.column_call")),
        },
    )
    chosen = [at for at in event.selection.rows if at < len(items)]
    if not chosen:
        st.caption(t("commitments.pick"))
        return
    _detail(items[chosen[0]], now, t)


def _cells(item: LedgerItem, now: datetime, t: frame.Translate) -> dict[str, Any]:
    """A promise as a row, its time in the zone of `now`."""
    promise = item.commitment
    due = f"{promise.due_at.astimezone(now.tzinfo):%m-%d %H:%M}" if promise.due_at else "–"
    return {
        "state": t(f"commitments.state_{item.state(now).value}"),
        "due": due,
        "said": promise.due_text or promise.vague or "–",
        "action": action_title(promise.action),
        "by": t(f"role.{promise.by.value}"),
        "agent": item.labels["agent_id"],
        "quote": promise.quote.strip(),
        "call": promise.call_id,
    }


def action_title(action: str) -> str:
    """The action in the session's language; unknown codes as they are."""
    from scoring.commitment_words import ACTIONS  # noqa: PLC0415 - compiles many expressions

    known = ACTIONS.get(action)
    return known.title.in_language(frame.evidence_language()) if known else action


def _detail(item: LedgerItem, now: datetime, t: frame.Translate) -> None:
    promise = item.commitment
    with st.container(border=True):
        st.markdown(f"“{frame.plain(promise.quote)}”")
        told = item.outcome
        if told is not None:
            state = t(f"commitments.state_{item.state(now).value}")
            words = " · ".join(part for part in (told.by, told.comment) if part)
            st.caption(f"{state} · {frame.plain(words)}")
        comment = st.text_input(
            t("risks.comment"), key=f"promise-comment-{promise.id}", label_visibility="collapsed",
            placeholder=t("risks.comment_hint"),
        )  # fmt: skip
        boxes = st.columns(4)
        choices = {
            "kept": CommitmentOutcome(commitment_id=promise.id, kept_at=now, comment=comment),
            "broken": CommitmentOutcome(commitment_id=promise.id, broken=True, comment=comment),
            "reopen": CommitmentOutcome(commitment_id=promise.id),
        }
        for box, (name, outcome) in zip(boxes, choices.items(), strict=False):
            barred = (name == "reopen") != (told is not None)
            label = t(f"commitments.do_{name}")
            key = f"promise-{promise.id}-{name}"
            if box.button(label, key=key, disabled=barred, width="stretch"):
                _settle([outcome], t)
        if boxes[3].button(
            t("risks.listen"), icon=":material/play_arrow:", key=f"promise-{promise.id}-open",
            width="stretch",
        ):  # fmt: skip
            open_call(promise.call_id, [], start_ms=promise.start_ms)


def _settle(outcomes: list[CommitmentOutcome], t: frame.Translate) -> None:
    try:
        unknown = data.writer().commitments.settle(outcomes, person=frame.viewer())
    except QaError as error:
        st.error(f"{frame.plain(error.message)} → {frame.plain(error.remedy)}")
        return
    insight_data.forget()
    st.toast(t("commitments.entered", count=len(outcomes) - len(unknown)))
    if unknown:
        st.warning(t("commitments.unknown", ids=frame.plain(", ".join(unknown[:5]))))
        return
    st.rerun()


def _export(items: list[LedgerItem], now: datetime, t: frame.Translate) -> None:
    if not items or not may(frame.viewer(), Action.EXPORT):
        return

    def content() -> bytes:
        text = io.StringIO()
        sheet = csv.DictWriter(text, LEDGER_COLUMNS)
        sheet.writeheader()
        sheet.writerows(ledger_row(item, now) for item in items)
        return text.getvalue().encode("utf-8-sig")

    exports.offer(
        t("commitments.export"),
        content,
        "commitments.csv",
        kind="commitments",
        detail={"promises": len(items)},
    )


def _import(opened: Store, t: frame.Translate) -> None:
    del opened
    with st.expander(t("commitments.import")):
        st.caption(t("commitments.import_hint"))
        given = st.file_uploader("CSV", type=["csv"], label_visibility="collapsed")
        if given is None or not st.button(t("commitments.import_do")):
            return
        outcomes, errors = read_outcomes(given.getvalue(), given.name)
        for error in errors[:5]:
            st.warning(frame.plain(str(error)))
        if outcomes:
            _settle(outcomes, t)
