"""What an agent, or somebody for her, does with released evaluations: acknowledge, dispute."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import streamlit as st

from dashboards import data, frame, review_data
from dashboards.dispute_form import dispute_form
from dashboards.views.calls import open_call
from qa.access import Action, may
from qa.review.disputes import Dispute, Release
from qa.settings import load_settings
from qa.store import Store

_SHOWN = 50


def draw_own(opened: Store, t: frame.Translate) -> None:
    """Released evaluations in the viewer's sight, newest first."""
    now = datetime.now(UTC)
    shown = [item for item in opened.disputes.newest(_SHOWN) if item.is_visible(now)]
    if not shown:
        st.info(t("disputes.none_released"), icon=":material/info:")
        return
    by_id = {item.id: item for item in shown}
    left, right = st.columns([2, 3], gap="large")
    with left:
        chosen = st.radio(
            t("disputes.choose_own"),
            [*by_id],
            format_func=lambda key: by_id[key].call_id,
            captions=[_caption(item, t) for item in shown],
        )
    with right:
        _released(by_id[chosen], opened, t)


def _caption(item: Release, t: frame.Translate) -> str:
    zone = ZoneInfo(load_settings().timezone)
    return t("disputes.until", when=f"{item.dispute_until.astimezone(zone):%m-%d %H:%M}")


def _released(release: Release, opened: Store, t: frame.Translate) -> None:
    call_id = release.call_id
    evaluation = opened.evaluations.load(call_id)
    found = review_data.counting(evaluation, opened)
    disputes = opened.disputes.of_call(call_id)
    seen = opened.disputes.acknowledgement_of(call_id) is not None
    score = "–" if found.final_percent is None else f"{found.final_percent:.0f}"
    mark = "" if seen else f" · {t('disputes.unseen')}"
    with st.container(border=True):
        st.markdown(f"**{frame.plain(call_id)}** · {t('disputes.points', n=score)}{mark}")
        for item in disputes:
            _answer(item, opened, t)
        row = st.container(horizontal=True)
        yes, hear = t("disputes.acknowledge"), t("disputes.open_call")
        waits = not seen and may(frame.viewer(), Action.ACKNOWLEDGE)
        if waits and row.button(yes, key=f"ack{release.id}", icon=":material/done:"):
            frame.attempt(lambda: data.writer().disputes.acknowledge(frame.viewer(), call_id))
        if row.button(hear, key=f"own{release.id}", icon=":material/graphic_eq:"):
            open_call(call_id, [call_id])
        if may(frame.viewer(), Action.DISPUTE):
            frame.attempt(lambda: dispute_form(found.evaluation, t))


def _answer(item: Dispute, opened: Store, t: frame.Translate) -> None:
    name = frame.plain(review_data.subject_name(item.subject, item.call_id, opened))
    answer = f" — {frame.plain(item.answer)}" if item.answer else ""
    st.markdown(f"**{name}** · {t(f'dispute_state.{item.state.value}')}{answer}")
