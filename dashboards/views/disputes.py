"""Release, acknowledge, dispute, decide: what each viewer may do of it."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, time, timedelta
from statistics import median
from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st

from dashboards import data, frame, review_data
from dashboards.review_data import figure
from dashboards.views import disputes_own
from dashboards.views.calls import open_call
from qa.access import Action, may
from qa.errors import NotFoundError, QaError
from qa.evaluation import Outcome
from qa.people.intervals import wilson
from qa.review.disputes import DECIDED, Dispute, DisputeState
from qa.review.values import Cause, DecisionKind, Draft, result_of
from qa.settings import load_settings
from qa.store import Store

_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
_CHOICES = ("upheld", "met", "partial", "missed", "not_applicable")


def render() -> None:
    """Draw the page."""
    t = frame.translator()
    st.title(t("disputes.title"))
    opened = data.require_store(t("app.no_store"))
    person = frame.viewer()
    parts = {
        "own": may(person, Action.DISPUTE) or may(person, Action.ACKNOWLEDGE),
        "queue": may(person, Action.DECIDE_DISPUTE),
        "release": may(person, Action.RELEASE),
        "outcomes": may(person, Action.READ_AGREEMENT),
    }
    shown = [name for name, is_shown in parts.items() if is_shown]
    st.caption(t("disputes.intro"))
    if not shown:
        st.info(t("disputes.nothing_for_you"), icon=":material/info:")
        return
    draws = {
        "own": disputes_own.draw_own,
        "queue": _queue,
        "release": _release,
        "outcomes": _outcomes,
    }
    shown.sort(key=lambda name: name != "queue")
    for tab, name in zip(
        st.tabs([t(f"disputes.tab_{name}") for name in shown]), shown, strict=True
    ):
        with tab:
            draws[name](opened, t)


def _queue(opened: Store, t: frame.Translate) -> None:
    pending = opened.disputes.pending()
    now = datetime.now(UTC)
    boxes = st.columns(3)
    boxes[0].metric(t("disputes.pending"), len(pending))
    boxes[1].metric(t("disputes.overdue"), sum(item.is_overdue(now) for item in pending))
    waited = [(now - item.opened_at).days for item in pending]
    boxes[2].metric(t("disputes.oldest"), t("disputes.days", n=max(waited, default=0)))
    if not pending:
        st.info(t("disputes.none"), icon=":material/check_circle:")
        return
    labels = {
        item.id: " · ".join(
            (review_data.short_name(item.subject, item.scorecard_id, opened), item.call_id)
        )
        for item in pending
    }
    left, right = st.columns([2, 3], gap="large")
    with left:
        chosen = st.radio(
            t("disputes.choose"),
            [item.id for item in pending],
            format_func=labels.__getitem__,
            captions=[_caption(item, now, t) for item in pending],
        )
    with right:
        _case(next(item for item in pending if item.id == chosen), opened, t)


def _caption(item: Dispute, now: datetime, t: frame.Translate) -> str:
    left = (item.due_at - now).total_seconds() / 86_400
    when = t("disputes.late") if left < 0 else t("disputes.left", n=f"{left:.1f}")
    return t("disputes.round", n=item.round) + " · " + when


def _case(item: Dispute, opened: Store, t: frame.Translate) -> None:
    with st.container(border=True):
        st.markdown(
            f"**{frame.plain(review_data.subject_name(item.subject, item.call_id, opened))}**"
        )
        who = frame.plain(review_data.name_of(item.opened_by, opened))
        wished = t(f"outcome.{item.wished.value}") if item.wished else "–"
        st.markdown(t("disputes.says", who=who, what=frame.plain(item.comment)))
        st.caption(t("disputes.wished", outcome=wished))
        _verdict(item, opened, t)
        if st.button(t("disputes.open_call"), icon=":material/graphic_eq:", key=f"call{item.id}"):
            open_call(item.call_id, [item.call_id])
    _decision(item, t)
    with st.expander(t("disputes.steps")):
        for when, by, state, _ in opened.disputes.events(item.id):
            name = frame.plain(review_data.name_of(by, opened))
            st.caption(f"{_local(when)} · {name} · {t(f'dispute_state.{state.value}')}")


def _verdict(item: Dispute, opened: Store, t: frame.Translate) -> None:
    """What the machine said and on what grounds, then what people said."""
    try:
        evaluation = opened.evaluations.get(item.evaluation_id)
    except NotFoundError:
        return
    side = frame.evidence_language()
    result = result_of(evaluation, item.subject)
    if result is not None:
        verdict = result.verdict
        outcome = t(f"outcome.{verdict.outcome.value}")
        reason = frame.plain(verdict.reason.in_language(side))
        said = f"**{outcome}** · {reason}"
        st.markdown(t("disputes.says", who=t("disputes.machine"), what=said))
        for piece in verdict.evidence[:3]:
            if piece.quote:
                st.markdown(f"> {frame.plain(piece.quote)}")
    for decision in opened.reviews.decisions(item.call_id):
        if decision.subject == item.subject and decision.outcome is not None:
            who = frame.plain(review_data.name_of(decision.made_by, opened))
            said = f"**{t(f'outcome.{decision.outcome.value}')}**"
            said += f" · {frame.plain(decision.comment)}" if decision.comment else ""
            st.markdown(t("disputes.says", who=who, what=said))


def _decision(item: Dispute, t: frame.Translate) -> None:
    finding = item.subject.startswith("AF")
    every = ("upheld", "confirm", "reject") if finding else _CHOICES
    choices = [name for name in every if name != item.outcome_before]
    with st.form(f"decide{item.id}", border=True):
        choice = st.segmented_control(
            t("disputes.decision"), choices, format_func=lambda name: t(f"verdict_choice.{name}")
        )
        cause = st.selectbox(
            t("disputes.cause"),
            list(Cause),
            index=None,
            placeholder=t("disputes.cause_hint"),
            format_func=lambda name: t(f"cause.{name.value}"),
        )
        answer = st.text_area(t("disputes.answer"), height=80, help=t("disputes.answer_help"))
        if not st.form_submit_button(t("disputes.decide"), type="primary"):
            return
    if not choice:
        st.warning(t("disputes.no_choice"), icon=":material/error:")
        return
    try:
        data.writer().disputes.decide(
            frame.viewer(),
            item.id,
            answer=answer,
            draft=draft_of(item.subject, choice, cause),
            form=review_data.form_of(item.scorecard_id),
        )
    except QaError as error:
        st.error(frame.plain(str(error)), icon=":material/error:")
        return
    st.toast(t("disputes.decided"), icon=":material/check_circle:")
    st.rerun()


def draft_of(subject: str, choice: str, cause: Cause | None) -> Draft | None:
    """The decision that a choice of the form stands for; None where the verdict stands."""
    if choice == "upheld":
        return None
    if choice in ("confirm", "reject", "not_applicable"):
        return Draft(subject=subject, kind=DecisionKind(choice), cause=cause)
    return Draft(subject=subject, kind=DecisionKind.CHANGE, outcome=Outcome(choice), cause=cause)


def _release(opened: Store, t: frame.Translate) -> None:
    st.caption(t("disputes.release_intro", days=opened.disputes.policy.window_days))
    waiting = opened.disputes.unreleased()
    if not waiting:
        st.info(t("disputes.all_released"), icon=":material/check_circle:")
        return
    table = pd.DataFrame(
        [
            {
                "call": call_id,
                "score": score,
                "reviewer": review_data.name_of(who, opened),
                "when": _local(when),
            }
            for call_id, who, when, score in waiting
        ]
    )
    column = st.column_config
    event = st.dataframe(
        table,
        hide_index=True,
        on_select="rerun",
        selection_mode="multi-row",
        column_config={
            "call": column.TextColumn(t("disputes.call"), width="medium"),
            "score": column.NumberColumn(t("disputes.score"), format="%.0f"),
            "reviewer": column.TextColumn(t("disputes.reviewer")),
            "when": column.TextColumn(t("disputes.reviewed_at")),
        },
    )
    chosen = table["call"].iloc[event.selection.rows].tolist()
    left, right = st.columns([2, 3], vertical_alignment="bottom")
    today = datetime.now(_zone()).date()
    day = left.date_input(
        t("disputes.visible"), value=today, min_value=today, max_value=today + timedelta(days=44)
    )
    pressed = right.button(
        t("disputes.release", n=len(chosen)), type="primary", disabled=not chosen
    )
    if pressed:
        at = None if day == today else datetime.combine(day, time(8), tzinfo=_zone())
        try:
            data.writer().disputes.release(frame.viewer(), chosen, at=at)
        except QaError as error:
            st.error(frame.plain(str(error)), icon=":material/error:")
            return
        st.rerun()


def _outcomes(opened: Store, t: frame.Translate) -> None:
    found = opened.disputes.between(_LONG_AGO, datetime.now(UTC))
    if not found:
        st.info(t("disputes.no_outcomes"), icon=":material/info:")
        return
    by = st.segmented_control(
        t("disputes.group"),
        ("subject", "reviewer", "version"),
        default="subject",
        format_func=lambda name: t(f"disputes.group_{name}"),
    )
    table = outcome_table(found, by or "subject")
    if by == "reviewer":
        named = [
            review_data.name_of(who, opened) or t("disputes.machine") for who in table["group"]
        ]
        table = table.assign(group=named)
    column = st.column_config
    st.dataframe(
        table,
        hide_index=True,
        column_config={
            "group": column.TextColumn(t(f"disputes.group_{by or 'subject'}")),
            "opened": column.NumberColumn(t("disputes.opened")),
            "decided": column.NumberColumn(t("disputes.decided_n")),
            "overturned": column.NumberColumn(t("disputes.overturned")),
            "rate": column.TextColumn(t("disputes.rate"), help=t("disputes.rate_help")),
            "days": column.NumberColumn(t("disputes.median_days"), format="%.1f"),
            "expired": column.NumberColumn(t("disputes.expired")),
        },
    )


def outcome_table(found: list[Dispute], by: str) -> pd.DataFrame:
    """Disputes by criterion, reviewer or rule version, with the rate of overturned ones."""
    groups: defaultdict[str, list[Dispute]] = defaultdict(list)
    for item in found:
        groups[
            f"{item.scorecard_id} {item.scorecard_version}"
            if by == "version"
            else str(getattr(item, by))
        ].append(item)
    rows = []
    for name, items in sorted(groups.items()):
        decided = [item for item in items if item.state in DECIDED and item.closed_at is not None]
        lost = sum(item.state == DisputeState.OVERTURNED for item in decided)
        days = [_days(item) for item in decided]
        rows.append(
            {
                "group": name,
                "opened": len(items),
                "decided": len(decided),
                "overturned": lost,
                "rate": figure(wilson(lost, len(decided))),
                "days": median(days) if days else None,
                "expired": sum(item.state == DisputeState.EXPIRED for item in items),
            }
        )
    return pd.DataFrame(rows)


def _days(item: Dispute) -> float:
    assert item.closed_at is not None
    return (item.closed_at - item.opened_at).total_seconds() / 86_400


def _zone() -> ZoneInfo:
    return ZoneInfo(load_settings().timezone)


def _local(moment: datetime | None) -> str:
    return f"{moment.astimezone(_zone()):%Y-%m-%d %H:%M}" if moment else "–"
