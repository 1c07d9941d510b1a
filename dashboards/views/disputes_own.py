"""What an agent, or somebody for her, does with released evaluations: acknowledge, dispute."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import streamlit as st

from dashboards import data, frame, review_data
from dashboards.views.calls import open_call
from qa.access import Action, may
from qa.errors import QaError
from qa.evaluation import Outcome
from qa.review.disputes import Dispute, Release
from qa.review.effective import Effective
from qa.settings import load_settings
from qa.store import Store

_SHOWN = 50
_DISPUTABLE = (Outcome.MISSED, Outcome.PARTIAL)


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
    form = review_data.form_of(evaluation.scorecard_id)
    found = opened.reviews.effective(call_id, form=form, evaluation=evaluation)
    disputes = opened.disputes.of_call(call_id)
    seen = opened.disputes.acknowledgement_of(call_id) is not None
    score = "–" if found.final_percent is None else f"{found.final_percent:.0f}"
    mark = "" if seen else f" · {t('disputes.unseen')}"
    with st.container(border=True):
        st.markdown(f"**{frame.plain(call_id)}** · {t('disputes.points', n=score)}{mark}")
        for item in disputes:
            _answer(item, opened, t)
        row = st.container(horizontal=True)
        if not seen and may(frame.viewer(), Action.ACKNOWLEDGE):
            pressed = row.button(
                t("disputes.acknowledge"), key=f"ack{release.id}", icon=":material/done:"
            )
            if pressed and _try(lambda: _acknowledge(call_id)):
                st.rerun()
        if row.button(
            t("disputes.open_call"), key=f"own{release.id}", icon=":material/graphic_eq:"
        ):
            open_call(call_id, [call_id])
        if may(frame.viewer(), Action.DISPUTE):
            _form(release, found, t)


def _answer(item: Dispute, opened: Store, t: frame.Translate) -> None:
    name = frame.plain(review_data.subject_name(item.subject, item.call_id, opened))
    answer = f" — {frame.plain(item.answer)}" if item.answer else ""
    st.markdown(f"**{name}** · {t(f'dispute_state.{item.state.value}')}{answer}")


def _form(release: Release, found: Effective, t: frame.Translate) -> None:
    side = frame.evidence_language()
    subjects = {
        r.criterion_id: f"{r.criterion_id} {r.name.in_language(side)} · "
        + t(f"outcome.{r.verdict.outcome.value}")
        for r in found.evaluation.results
        if r.verdict.outcome in _DISPUTABLE
    }
    subjects |= {f.code: f"{f.code} {f.name.in_language(side)}" for f in found.evaluation.findings}
    if not subjects:
        return
    with st.form(f"dispute{release.id}", border=True):
        left, right = st.columns([3, 2])
        subject = left.selectbox(t("disputes.what"), [*subjects], format_func=subjects.__getitem__)
        wished = right.selectbox(
            t("disputes.wish"),
            [Outcome.MET, Outcome.PARTIAL, Outcome.NOT_APPLICABLE],
            format_func=lambda outcome: t(f"outcome.{outcome.value}"),
        )
        comment = st.text_area(t("disputes.why"), height=70)
        pressed = st.form_submit_button(t("disputes.open"))
    if pressed and _try(
        lambda: data.writer().disputes.open(
            frame.viewer(), release.call_id, subject, comment=comment, wished=wished
        )
    ):
        st.rerun()


def _acknowledge(call_id: str) -> object:
    return data.writer().disputes.acknowledge(frame.viewer(), call_id)


def _try(act: object) -> bool:
    """Do it, or say why it cannot be done."""
    assert callable(act)
    try:
        act()
    except QaError as error:
        st.error(frame.plain(str(error)), icon=":material/error:")
        return False
    return True
