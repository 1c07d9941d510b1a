"""A coach's morning: who needs what, plans that are due, and whether plans helped."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st

from dashboards import data, frame, people_data
from dashboards.data import BY_VIEWER
from dashboards.views.calls import open_call
from qa.access import Action, require
from qa.coaching.advice import advice_for
from qa.coaching.effect import Effect, effect_of
from qa.coaching.patterns import TARGET, Need, Pattern, needs, patterns
from qa.coaching.plans import CAUSES, Plan, next_follow_up
from qa.errors import QaError
from qa.people.periods import days_of
from qa.settings import load_settings
from qa.store import Store

_SHOWN = 15


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
        with praise:
            if line.praise is None:
                st.caption(t("coaching.nothing_to_praise"))
            else:
                _pattern(line.praise, "praise", opened, t)
                _listen(line.praise, opened, t)


def _pattern(found: Pattern, kind: str, opened: Store, t: frame.Translate) -> None:
    st.markdown(f"{t(f'coaching.{kind}')} **{frame.plain(_named(found.criterion_id, opened))}**")
    chance = found.probability if kind == "correct" else 1 - found.probability
    st.caption(
        t(
            f"coaching.{kind}_evidence",
            misses=found.misses,
            n=found.rate.n,
            low=f"{found.rate.low or 0:.0%}",
            high=f"{found.rate.high or 0:.0%}",
            chance=f"{min(chance, 0.99):.0%}",
            target=f"{TARGET:.0%}",
            team=f"{found.team_rate:.0%}",
        )
    )


def _named(criterion_id: str, opened: Store) -> str:
    wording = people_data.criterion_names(opened).get(criterion_id)
    side = frame.evidence_language()
    return f"{criterion_id} {wording.in_language(side)}" if wording else criterion_id


def _listen(found: Pattern, opened: Store, t: frame.Translate) -> None:
    key = f"hear-{found.agent_id}-{found.criterion_id}"
    if found.call_ids and st.button(t("coaching.listen"), key=key, icon=":material/play_arrow:"):
        call_id = found.call_ids[0]
        start = _start(call_id, found.criterion_id, opened)
        open_call(call_id, list(found.call_ids), start_ms=start)


def _start(call_id: str, criterion_id: str, opened: Store) -> int:
    """Where the clip begins: a second before the first evidence."""
    for result in opened.evaluations.load(call_id).results:
        if result.criterion_id == criterion_id and result.verdict.evidence:
            return max(1, result.verdict.evidence[0].start_ms - 1000)
    return 0


def _today() -> date:
    return datetime.now(ZoneInfo(load_settings().timezone)).date()


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
        day = right.date_input(t("coaching.goal_on"), _today() + timedelta(weeks=2))
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
                today=_today(),
            )  # fmt: skip
        except QaError as error:
            st.error(f"{error.message} — {error.remedy}", icon=":material/error:")
            return
        st.success(t("coaching.saved"), icon=":material/check_circle:")


_SBI, _GROW = ("situation", "behaviour", "impact"), ("reality", "options", "will")


def _plans(opened: Store, t: frame.Translate) -> None:
    found = opened.coaching.all()
    if not found:
        st.info(t("coaching.no_plans"), icon=":material/info:")
        return
    for plan in found[:_SHOWN]:
        _plan(plan, opened, t)


def _plan(plan: Plan, opened: Store, t: frame.Translate) -> None:
    started = (plan.opened_at or datetime.now().astimezone()).date()
    with st.container(border=True):
        left, middle, right = st.columns([4, 4, 2])
        name = people_data.names(opened).get(plan.agent_id, "") or plan.agent_id
        left.markdown(f"**{frame.plain(name)}** {frame.plain(_named(plan.criterion_id, opened))}")
        left.caption(
            t("coaching.aim", before=f"{plan.baseline:.0%}", n=plan.baseline_n,
              goal=f"{plan.goal:.0%}", day=plan.goal_on)
        )  # fmt: skip
        left.markdown(frame.plain(plan.will))
        answer = {None: "waiting", True: "agreed", False: "disagreed"}[plan.agrees]
        middle.caption(f"{t(f'coaching.{answer}')} {frame.plain(plan.reply)}")
        due = next_follow_up(started, _today())
        if plan.closed_at is None and due:
            middle.caption(t("coaching.next", day=due))
        if plan.goes_to_management:
            middle.caption(t("coaching.management"))
        middle.markdown(_said(_effect(plan.agent_id, plan.criterion_id, started, opened), t))
        with right:
            _close(plan, t)


@st.cache_data(ttl="1m", max_entries=64, show_spinner=False, hash_funcs=BY_VIEWER)
def _effect(agent_id: str, criterion_id: str, started: date, opened: Store) -> Effect:
    """Peers are the agents in sight without a plan of their own for it."""
    table = opened.people.frames.outcomes(
        frame.viewer(),
        since=started - timedelta(weeks=12),
        until=started + timedelta(weeks=13),
        criteria=[criterion_id],
        action=Action.COACH,
    )
    coached = {p.agent_id for p in opened.coaching.all() if p.criterion_id == criterion_id}
    kept = (table["agent_id"] == agent_id) | ~table["agent_id"].isin(coached - {agent_id})
    return effect_of(pd.DataFrame(table[kept]), agent_id, started)


def _said(found: Effect, t: frame.Translate) -> str:
    gap = found.difference
    if gap is None or gap.low is None or gap.high is None:
        return t("coaching.too_early", before=found.n[0], after=found.n[1])
    bounds = {"low": f"{100 * gap.low:+.0f}", "high": f"{100 * gap.high:+.0f}"}
    return t(f"coaching.{found.help}", value=f"{100 * gap.value:+.0f}", **bounds)


def _close(plan: Plan, t: frame.Translate) -> None:
    if plan.closed_at is not None:
        st.caption(f"{t('coaching.closed')} {frame.plain(plan.close_reason)}")
        return
    with st.popover(t("coaching.close")), st.form(f"close-{plan.id}"):
        reason = st.text_input(t("coaching.reason"))
        if st.form_submit_button(t("coaching.close")):
            try:
                data.writer().coaching.close(frame.viewer(), plan.id, reason=reason, today=_today())
            except QaError as error:
                st.error(f"{error.message} — {error.remedy}", icon=":material/error:")
                return
            st.rerun()
