"""An agent's own page: plans to answer, moments to share, the results of appraisals."""

from __future__ import annotations

import streamlit as st

from dashboards import (
    appraisal_person,
    clips,
    coaching_plans,
    data,
    frame,
    people_charts,
    people_data,
)
from qa.access import SYSTEM, Action
from qa.coaching.plans import Plan
from qa.errors import QaError
from qa.people.appraisal.scoring import AgentResult
from qa.store import Store
from qa.store.appraisal_values import GradeDecision, Period


def render() -> None:
    """Draw the page."""
    t = frame.translator()
    st.title(t("own.title"))
    opened = data.require_store(t("app.no_store"))
    agent = frame.viewer().agent_id
    if not agent:
        st.info(t("own.no_agent"), icon=":material/info:")
        return
    plans, shared, appraisal = st.tabs([t("own.plans"), t("own.clips"), t("own.appraisal")])
    with plans:
        _plans(opened.coaching.all(agent_id=agent), opened, t)
    with shared:
        _clips(agent, opened, t)
    with appraisal:
        _appraisal(opened, t)


def _plans(found: list[Plan], opened: Store, t: frame.Translate) -> None:
    st.caption(t("own.plans_intro"))
    if not found:
        st.info(t("own.no_plans"), icon=":material/info:")
    for plan in found:
        with st.container(border=True):
            name = coaching_plans.criterion_name(plan.criterion_id, opened)
            st.markdown(f"**{frame.plain(name)}**")
            coaching_plans.agreed(plan, t)
            # her own figures: made from the whole store, for the peers' part of it
            looks = data.writer().coaching.follow_ups(
                SYSTEM, plan, today=people_data.today(), action=Action.READ_KPIS
            )
            coaching_plans.looks(looks, t)
            if plan.acknowledged_at is not None:
                answer = "agreed" if plan.agrees else "disagreed"
                st.caption(f"{t(f'own.{answer}', day=f'{plan.acknowledged_at:%Y-%m-%d}')} "
                           f"{frame.plain(plan.reply)}")  # fmt: skip
            elif plan.closed_at is None:
                _answer(plan, t)
            if plan.closed_at is not None:
                st.caption(f"{t('coaching.closed')} {frame.plain(plan.close_reason)}")


def _answer(plan: Plan, t: frame.Translate) -> None:
    with st.form(f"answer-{plan.id}", border=False):
        reply = st.text_input(t("own.reply"), placeholder=t("own.reply_help"))
        with st.container(horizontal=True):
            agrees = st.form_submit_button(t("own.agree"), type="primary")
            differs = st.form_submit_button(t("own.disagree"))
    if agrees or differs:
        writer, who = data.writer().coaching, frame.viewer()
        frame.carry_out(lambda: writer.acknowledge(who, plan.id, agrees=agrees, reply=reply))


def _clips(agent: str, opened: Store, t: frame.Translate) -> None:
    st.caption(t("own.clips_intro"))
    mine = [clip for clip in opened.clips.all() if clip.agent_id == agent]
    if not mine:
        st.info(t("own.no_clips"), icon=":material/info:")
    writer, who = data.writer().clips, frame.viewer()
    for clip in mine:
        with st.container(border=True):
            st.caption(frame.plain(coaching_plans.criterion_name(clip.criterion_id, opened)))
            clips.card(clip, t)
            with st.container(horizontal=True, vertical_alignment="center"):
                if clip.consented is not True and st.button(
                    t("own.share"), key=f"yes-{clip.id}", type="primary"
                ):
                    frame.carry_out(lambda key=clip.id: writer.answer(who, key, agrees=True))  # type: ignore[misc]
                if clip.consented is not False and st.button(
                    t("own.withhold"), key=f"no-{clip.id}"
                ):
                    frame.carry_out(lambda key=clip.id: writer.answer(who, key, agrees=False))  # type: ignore[misc]
                st.caption(clips.consent(clip, t))


def _appraisal(opened: Store, t: frame.Translate) -> None:
    st.caption(t("appraisal.promise"))
    try:
        found = opened.appraisals.own(frame.viewer())
    except QaError as error:
        frame.refuse(error)
        return
    if not found:
        st.info(t("own.no_appraisal"), icon=":material/info:")
    for period, result, decision in found:
        with st.container(border=True):
            _result(period, result, decision, t)


def _result(
    period: Period, result: AgentResult, decision: GradeDecision | None, t: frame.Translate
) -> None:
    st.subheader(period.name)
    if decision is not None:
        st.markdown(t("own.decided", grade=decision.grade, note=frame.plain(decision.note) or "–"))
    else:
        st.markdown(t("own.undecided"))
    if result.score is not None:
        st.markdown(
            t("appraisal.sentence", score=f"{result.score:.1f}", low=f"{result.low:.1f}",
              high=f"{result.high:.1f}", weight=f"{result.present_weight:.0f}")
        )  # fmt: skip
        bars = appraisal_person.bars(result, t)
        st.altair_chart(people_charts.waterfall(bars, titles={"points": t("appraisal.points")}))
    appraisal_person.measures(result, t)
    st.caption(t("own.appeal"))
