"""The board of improvements: every finding with owner, action, date and its re-measurement."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import streamlit as st

from dashboards import data, frame, people_data, tables
from dashboards.data import BY_VIEWER
from qa.access import Action, may, scope_of
from qa.people.indicators import MISS
from qa.reports.improvements import Improvement, Step, measurable
from qa.reports.reading import board
from qa.reports.report import Line
from qa.reports.sheets import board_columns, board_row
from qa.store import Store


def draw(opened: Store, t: frame.Translate) -> None:
    """Board, and the forms of who may change it."""
    st.caption(t("improvements.intro"))
    person = frame.viewer()
    lines = measured(people_data.today(), opened)
    if lines:
        side = frame.evidence_language()
        tables.draw(board_columns(side), tuple(board_row(line, side) for line in lines))
    else:
        st.info(t("improvements.empty"), icon=":material/info:")
    if not may(person, Action.IMPROVE):
        return
    with st.container(horizontal=True):
        with st.popover(t("improvements.new"), icon=":material/add:"):
            _new(opened, t)
        waiting = [line for line in lines if line.item.step is not Step.ACT]
        if waiting:
            with st.popover(t("improvements.go_on"), icon=":material/edit_note:"):
                _go_on(waiting, t)


@st.cache_data(ttl="1m", max_entries=8, show_spinner=False, hash_funcs=BY_VIEWER)
def measured(day: date, opened: Store) -> tuple[Line, ...]:
    """The board, each line measured again."""
    return board(opened, frame.viewer(), day)


def _new(opened: Store, t: frame.Translate) -> None:
    side = frame.evidence_language()
    known = set(people_data.measures(opened))
    order = [f"{MISS}{key}" for key in people_data.criterion_names(opened)]
    order = [name for name in (*order, *measurable()) if name in known]
    scope = scope_of(frame.viewer(), Action.IMPROVE)
    teams = ["", *data.choices("team", opened)] if scope.everything else sorted(scope.teams)
    with st.form("improvement-new", border=False):
        finding = st.text_input(t("improvements.finding"))
        measure = st.selectbox(
            t("improvements.measure"), order,
            format_func=lambda name: people_data.named(name, opened).name.in_language(side),
        )  # fmt: skip
        left, right = st.columns(2)
        team = left.selectbox(
            t("kpis.team"), teams, format_func=lambda name: name or t("kpis.all_teams")
        )
        owner = right.text_input(t("improvements.owner"))
        action = st.text_input(t("improvements.action"))
        due_on = st.date_input(t("improvements.due"), people_data.today() + timedelta(weeks=4))
        if st.form_submit_button(t("improvements.save"), type="primary") and measure:
            item = Improvement(
                measure=measure, team=team or "", finding=finding.strip(), owner=owner.strip(),
                action=action.strip(), due_on=due_on, opened_on=people_data.today(),
            )  # fmt: skip
            _act(
                lambda: data.writer().improvements.open(
                    frame.viewer(), item, today=people_data.today()
                )
            )


def _go_on(lines: list[Line], t: frame.Translate) -> None:
    side = frame.evidence_language()
    line = st.selectbox(
        t("improvements.which"), lines,
        format_func=lambda one: f"{one.item.finding} ({one.about.in_language(side)})",
    )  # fmt: skip
    if line is None:
        return
    item, who, board_of = line.item, frame.viewer(), data.writer().improvements
    if item.step is Step.CHECK:
        with st.form("improvement-close", border=False):
            said = st.text_area(t("improvements.conclusion"), height=80)
            if st.form_submit_button(t("improvements.close"), type="primary"):
                _act(lambda: board_of.close(who, item.id, conclusion=said))
        return
    with st.form("improvement-plan", border=False):
        left, right = st.columns(2)
        owner = left.text_input(t("improvements.owner"), item.owner)
        due_on = right.date_input(t("improvements.due"), item.due_on)
        action = st.text_input(t("improvements.action"), item.action)
        if st.form_submit_button(t("improvements.save")):
            _act(lambda: board_of.plan(who, item.id, owner=owner, action=action, due_on=due_on))
    if item.step is Step.DO:
        with st.form("improvement-done", border=False):
            on = st.date_input(
                t("improvements.done_on"), people_data.today(), max_value=people_data.today()
            )
            if st.form_submit_button(t("improvements.done"), type="primary"):
                _act(lambda: board_of.done(who, item.id, on=on, today=people_data.today()))


def _act(write: Callable[[], object]) -> None:
    frame.carry_out(write, stale=measured.clear)
