"""A coach's morning: who needs what, plans that are due, and whether plans helped."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
import streamlit as st

from dashboards import clips, coaching_plans, data, frame, people_data, review_data
from dashboards.coaching_plans import criterion_name
from dashboards.data import BY_VIEWER
from dashboards.views.calls import open_call
from qa.access import Action, may, require
from qa.coaching.advice import advice_for
from qa.coaching.clips import around, lines_of
from qa.coaching.effect import Effect, overview
from qa.coaching.follow_up import FollowUp
from qa.coaching.patterns import TARGET, Need, Pattern, needs, patterns
from qa.coaching.plans import CAUSES, Plan
from qa.errors import QaError
from qa.evaluation import Evidence
from qa.people.periods import days_of
from qa.store import Store

_SHOWN = 15
#: Which clip is open on the page; one at a time.
_HEARD = "coaching_heard"


def render() -> None:
    """Draw the page."""
    t = frame.translator()
    st.title(t("coaching.title"))
    opened = data.require_store(t("app.no_store"))
    require(frame.viewer(), Action.COACH)
    known = people_data.months(opened)
    if not known:
        st.info(t("coaching.no_months"), icon=":material/info:")
        return
    st.caption(t("coaching.intro", target=f"{TARGET:.0%}"))
    first, second = st.tabs([t("coaching.needs"), t("coaching.plans")])
    with first:
        _needs(known[-2:], opened, t)
    with second:
        _plans(opened, t)


@st.cache_data(ttl="1m", max_entries=8, show_spinner=False, hash_funcs=BY_VIEWER)
def _lines(since: date, until: date, opened: Store) -> list[Need]:
    table = opened.people.frames.outcomes(
        frame.viewer(), since=since, until=until, action=Action.COACH
    )
    return needs(patterns(table))


def _needs(months: list[str], opened: Store, t: frame.Translate) -> None:
    lines = _lines(days_of(months[0])[0], days_of(months[-1])[1], opened)
    if not lines:
        st.success(t("coaching.nobody"), icon=":material/check_circle:")
        return
    for line in lines[:_SHOWN]:
        _line(line, opened, t)
    if len(lines) > _SHOWN:
        st.caption(t("coaching.more", n=len(lines) - _SHOWN))


def _line(line: Need, opened: Store, t: frame.Translate) -> None:
    with st.container(border=True):
        who, correct, praise = st.columns([2, 5, 4])
        name = people_data.names(opened).get(line.agent_id, "") or line.agent_id
        who.markdown(f"**{frame.plain(name)}**")
        who.caption(frame.plain(f"{line.agent_id} · {line.team or '–'}"))
        with correct:
            if line.correct is None:
                st.caption(t("coaching.nothing_to_correct"))
            else:
                _pattern(line.correct, "correct", opened, t)
                side = frame.evidence_language()
                st.markdown(frame.plain(advice_for(line.correct.criterion_id).in_language(side)))
                with st.container(horizontal=True):
                    _listen(line.correct, opened, t)
                    _open_plan(line.correct, t)
                _heard(line.correct, opened, t)
        with praise:
            if line.praise is None:
                st.caption(t("coaching.nothing_to_praise"))
            else:
                _pattern(line.praise, "praise", opened, t)
                with st.container(horizontal=True):
                    _listen(line.praise, opened, t)
                    _as_example(line.praise, opened, t)
                _heard(line.praise, opened, t)


def _pattern(found: Pattern, kind: str, opened: Store, t: frame.Translate) -> None:
    name = frame.plain(criterion_name(found.criterion_id, opened))
    badge = review_data.standing_badge(found.criterion_id, opened)
    st.markdown(f"{t(f'coaching.{kind}')} **{name}**{badge}")
    ahead = kind == "praise" and found.is_ahead
    said = kind if kind == "correct" or ahead else "mastered"
    chance = {"correct": found.probability, "praise": found.ahead}.get(said, 1 - found.probability)
    st.caption(
        t(
            f"coaching.{said}_evidence",
            misses=found.misses,
            n=found.rate.n,
            low=f"{found.rate.low or 0:.0%}",
            high=f"{found.rate.high or 0:.0%}",
            chance=f"{min(chance, 0.99):.0%}",
            target=f"{TARGET:.0%}",
            team=f"{found.team_rate:.0%}",
        )
    )


def _listen(found: Pattern, opened: Store, t: frame.Translate) -> None:
    """The clip here on the page; the whole call where nothing in it is the evidence."""
    key = _clip_key(found)
    if found.call_ids and st.button(t("coaching.listen"), key=key, icon=":material/play_arrow:"):
        st.session_state[_HEARD] = key
        evidence = _evidence(found.call_ids[0], found.criterion_id, opened)
        if evidence is None or not may(frame.viewer(), Action.PLAY_AUDIO):
            start = max(1, evidence.start_ms - 1000) if evidence else 0
            open_call(found.call_ids[0], list(found.call_ids), start_ms=start)


def _heard(found: Pattern, opened: Store, t: frame.Translate) -> None:
    """The clip that was asked for: some 20 seconds, and the way to its call."""
    if not found.call_ids or st.session_state.get(_HEARD) != _clip_key(found):
        return
    call_id = found.call_ids[0]
    evidence = _evidence(call_id, found.criterion_id, opened)
    if evidence is None:
        return
    try:
        transcript = opened.transcripts.load(call_id)
    except QaError as error:
        frame.refuse(error)
        return
    span = around(evidence.start_ms, evidence.end_ms, transcript.duration_ms)
    clips.hear(call_id, span, lines_of(transcript.turns, *span), t)
    st.page_link(
        frame.page("call"), label=t("coaching.whole_call"), icon=":material/open_in_new:",
        query_params={"id": call_id, "at": str(max(1, span[0]))},
    )  # fmt: skip


def _clip_key(found: Pattern) -> str:
    return f"hear-{found.agent_id}-{found.criterion_id}"


def _as_example(found: Pattern, opened: Store, t: frame.Translate) -> None:
    evidence = _evidence(found.call_ids[0], found.criterion_id, opened) if found.call_ids else None
    if evidence is not None:
        clips.propose(found.call_ids[0], found.criterion_id, evidence, t)


def _evidence(call_id: str, criterion_id: str, opened: Store) -> Evidence | None:
    """The first clip that shows a verdict; None where there is nothing to hear."""
    try:
        results = opened.evaluations.load(call_id).results
    except QaError:
        return None
    mine = (r.verdict.evidence for r in results if r.criterion_id == criterion_id)
    return next((evidence[0] for evidence in mine if evidence), None)


def _open_plan(found: Pattern, t: frame.Translate) -> None:
    key = f"plan-{found.agent_id}-{found.criterion_id}"
    with st.popover(t("coaching.open_plan"), icon=":material/edit_note:"), st.form(key):
        st.caption(t("coaching.sbi"))
        words = {name: st.text_input(t(f"coaching.{name}")) for name in _SBI}
        st.caption(t("coaching.grow"))
        words |= {name: st.text_input(t(f"coaching.{name}")) for name in _GROW}
        left, right = st.columns(2)
        goal = left.number_input(
            t("coaching.goal"), 0, 100, int(50 * found.rate.value), key=f"{key}-goal"
        )
        day = right.date_input(t("coaching.goal_on"), people_data.today() + timedelta(weeks=2))
        cause = st.selectbox(
            t("coaching.cause"), CAUSES, format_func=lambda one: t(f"coaching.cause_{one}")
        )
        if not st.form_submit_button(t("coaching.save"), type="primary"):
            return
        try:
            data.writer().coaching.open(
                frame.viewer(),
                Plan(
                    agent_id=found.agent_id, criterion_id=found.criterion_id,
                    baseline=found.rate.value, baseline_n=found.rate.n, goal=goal / 100,
                    goal_on=day, cause=cause, call_ids=found.call_ids, situation=words["situation"],
                    behaviour=words["behaviour"], impact=words["impact"],
                    reality=words["reality"], options=words["options"], will=words["will"],
                ),
                today=people_data.today(),
            )  # fmt: skip
        except QaError as error:
            frame.refuse(error)
            return
        st.success(t("coaching.saved"), icon=":material/check_circle:")


_SBI, _GROW = ("situation", "behaviour", "impact"), ("reality", "options", "will")


def _plans(opened: Store, t: frame.Translate) -> None:
    found = opened.coaching.all()
    if not found:
        st.info(t("coaching.no_plans"), icon=":material/info:")
        return
    effects = _effects(people_data.today(), opened)
    by_plan = {plan.id: effect for plan, effect in effects}
    for plan in found[:_SHOWN]:
        _plan(plan, by_plan.get(plan.id), opened, t)
    if len(found) > _SHOWN:
        st.caption(t("coaching.more_plans", n=len(found) - _SHOWN))
    _overview([(plan.opened_by, effect) for plan, effect in effects], opened, t)


@st.cache_data(ttl="1m", max_entries=16, show_spinner=False, hash_funcs=BY_VIEWER)
def _effects(today: date, opened: Store) -> list[tuple[Plan, Effect]]:
    return opened.coaching.effects(frame.viewer(), today=today)


@st.cache_data(ttl="1m", max_entries=64, show_spinner=False, hash_funcs=BY_VIEWER)
def _looks(plan: Plan, today: date, opened: Store) -> tuple[FollowUp, ...]:
    return opened.coaching.follow_ups(frame.viewer(), plan, today=today)


def _plan(plan: Plan, effect: Effect | None, opened: Store, t: frame.Translate) -> None:
    with st.container(border=True):
        left, right = st.columns([6, 1], vertical_alignment="center")
        name = people_data.names(opened).get(plan.agent_id, "") or plan.agent_id
        title = criterion_name(plan.criterion_id, opened)
        left.markdown(f"**{frame.plain(name)}** · {frame.plain(title)}")
        with right:
            _close(plan, t)
        what, looked = st.columns(2)
        with what:
            coaching_plans.agreed(plan, t)
            answer = {None: "waiting", True: "agreed", False: "disagreed"}[plan.agrees]
            st.caption(f"{t(f'coaching.{answer}')} {frame.plain(plan.reply)}")
            if plan.goes_to_management:
                st.caption(t("coaching.management"))
        with looked:
            coaching_plans.looks(_looks(plan, people_data.today(), opened), t)
            if effect is not None:
                st.markdown(coaching_plans.said(effect, t))


def _overview(found: list[tuple[str, Effect]], opened: Store, t: frame.Translate) -> None:
    """What plans came to, coach by coach."""
    st.subheader(t("coaching.overview"))
    rows = [
        {
            "coach": review_data.name_of(line.coach, opened),
            **{name: getattr(line, name) for name in ("helped", "unknown", "harmed")},
            "gain": line.gain and 100 * line.gain.value,
            "low": line.gain and line.gain.low and 100 * line.gain.low,
            "high": line.gain and line.gain.high and 100 * line.gain.high,
        }
        for line in overview(found)
    ]
    if not rows:
        st.caption(t("coaching.no_overview"))
        return
    column = st.column_config
    counts = {name: column.NumberColumn(t(f"coaching.n_{name}")) for name in
              ("helped", "unknown", "harmed")}  # fmt: skip
    bounds = {name: column.NumberColumn(t(f"kpis.{name}"), format="%+.1f") for name in
              ("low", "high")}  # fmt: skip
    gain = column.NumberColumn(t("coaching.gain"), format="%+.1f", help=t("coaching.gain_help"))
    st.dataframe(
        pd.DataFrame(rows), hide_index=True, placeholder="–", width=720,
        column_config={"coach": t("coaching.coach"), **counts, "gain": gain, **bounds},
    )  # fmt: skip
    st.caption(t("coaching.overview_help"))


def _close(plan: Plan, t: frame.Translate) -> None:
    if plan.closed_at is not None:
        st.caption(f"{t('coaching.closed')} {frame.plain(plan.close_reason)}")
        return
    with st.popover(t("coaching.close")), st.form(f"close-{plan.id}"):
        reason = st.text_input(t("coaching.reason"))
        if st.form_submit_button(t("coaching.close")):
            today = people_data.today()
            close = data.writer().coaching.close
            frame.carry_out(lambda: close(frame.viewer(), plan.id, reason=reason, today=today))
