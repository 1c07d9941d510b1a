"""After the review, on the call page: release, acknowledge, dispute."""

from __future__ import annotations

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import streamlit as st

from dashboards import data, dispute_form, frame, review_data
from qa.access import Action, may
from qa.calls import Call
from qa.evaluation import Evaluation
from qa.review.disputes import Release
from qa.settings import load_settings
from qa.store import Store


def draw_steps(call: Call, evaluation: Evaluation, opened: Store, t: frame.Translate) -> None:
    """What this viewer may do with the evaluation; nothing for who may do nothing."""
    person = frame.viewer()
    release = opened.disputes.release_of(call.id)
    offers = (
        may(person, Action.RELEASE),
        may(person, Action.ACKNOWLEDGE),
        may(person, Action.DISPUTE),
    )
    if release is None and not offers[0]:
        return
    st.subheader(t("console.step"))
    if release is not None:
        _state(release, opened, t)
    if offers[0]:
        _release(call, t)
    visible = release is not None and release.is_visible(datetime.now(UTC))
    if visible and offers[1] and opened.disputes.acknowledgement_of(call.id) is None:
        _acknowledge(call, t)
    if visible and offers[2]:
        _dispute(evaluation, opened, t)


def _state(release: Release, opened: Store, t: frame.Translate) -> None:
    key = "released" if release.is_visible(datetime.now(UTC)) else "release_planned"
    when, until = _clock(release.visible_at), _clock(release.dispute_until)
    parts = [t(f"console.{key}", when=when, until=until)]
    seen = opened.disputes.acknowledgement_of(release.call_id)
    if seen is not None:
        parts.append(t("console.acknowledged", when=_clock(seen.made_at)))
    st.caption(" ".join(parts))
    for item in opened.disputes.of_call(release.call_id):
        name = frame.plain(review_data.subject_name(item.subject, item.call_id, opened))
        answer = f" — {frame.plain(item.answer)}" if item.answer else ""
        state = t(f"dispute_state.{item.state.value}")
        st.markdown(f"**{name}** · {state} · {frame.plain(item.comment)}{answer}")


def _release(call: Call, t: frame.Translate) -> None:
    now, on, pick = st.columns([2, 2, 3], vertical_alignment="bottom")
    if now.button(t("console.release_now"), icon=":material/send:", key="release_now"):
        frame.attempt(lambda: data.writer().disputes.release(frame.viewer(), [call.id]))
    day = pick.date_input(t("console.release_on"), value=None, min_value="today", key="release_day")
    if on.button(t("console.release_on"), key="release_on", disabled=day is None) and day:
        zone = ZoneInfo(load_settings().timezone)
        at = datetime.combine(day, time.min, tzinfo=zone).astimezone(UTC)
        frame.attempt(lambda: data.writer().disputes.release(frame.viewer(), [call.id], at=at))


def _acknowledge(call: Call, t: frame.Translate) -> None:
    if st.button(t("console.acknowledge"), icon=":material/done:", key="acknowledge"):
        frame.attempt(lambda: data.writer().disputes.acknowledge(frame.viewer(), call.id))


def _dispute(evaluation: Evaluation, opened: Store, t: frame.Translate) -> None:
    shown = review_data.counting(evaluation, opened).evaluation
    if not dispute_form.subjects_of(shown, t):
        return
    with st.expander(t("console.dispute"), icon=":material/gavel:"):
        frame.attempt(lambda: dispute_form.dispute_form(shown, t))


def _clock(moment: datetime) -> str:
    return f"{moment.astimezone(ZoneInfo(load_settings().timezone)):%Y-%m-%d %H:%M}"
