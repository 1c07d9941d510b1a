"""Appraisal: open a period, preview it, see where points went, freeze, decide, export."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pandas as pd
import streamlit as st

from dashboards import appraisal_editor, appraisal_person, data, frame, people_charts
from qa.access import Action, may
from qa.errors import QaError
from qa.people.appraisal.fairness import is_known
from qa.people.appraisal.scoring import AgentResult
from qa.people.appraisal.snapshot import Proposal
from qa.people.intervals import Estimate
from qa.store import Store
from qa.store.appraisal_values import Period


def render() -> None:
    """Draw the page."""
    t = frame.translator()
    st.title(t("appraisal.title"))
    opened = data.require_store(t("app.no_store"))
    st.info(t("appraisal.promise"), icon=":material/balance:")
    person = frame.viewer()
    if not may(person, Action.APPRAISE):
        st.caption(t("appraisal.not_yours"))
        return
    periods = opened.appraisals.periods(person)
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    with left:
        period = st.selectbox(
            t("appraisal.period"), periods, format_func=lambda item: _period(item, t),
            placeholder=t("appraisal.no_period"), key="appraisal_period",
        )  # fmt: skip
    with right:
        _open_form(opened, t)
    if period is None:
        st.caption(t("appraisal.open_first"))
        return
    try:
        proposal = _proposal(period.id, period.state, opened)
    except QaError as error:
        frame.refuse(error)
        return
    _summary(period, proposal, t)
    view = st.segmented_control(
        t("kpis.view"), ("results", "person", "fairness", "scheme", "close"), default="results",
        format_func=lambda name: t(f"appraisal.{name}"), label_visibility="collapsed",
        key="appraisal_view",
    )  # fmt: skip
    if view == "person":
        _person(period, proposal, opened, t)
    elif view == "fairness":
        _fairness(proposal, t)
    elif view == "scheme":
        appraisal_editor.draw(proposal.scheme, t)
    elif view == "close":
        _close(period, opened, t)
    else:
        _results(proposal, t)


@st.cache_data(ttl="1m", max_entries=4, show_spinner=False, hash_funcs=data.BY_VIEWER)
def _proposal(period_id: int, state: str, opened: Store) -> Proposal:
    del state  # part of the key: a frozen period is read from its snapshot
    return opened.appraisals.preview(frame.viewer(), period_id)


def _period(item: Period, t: frame.Translate) -> str:
    last = item.until_day - timedelta(days=1)
    return f"{item.name} · {item.first_day} – {last} · {t(f'appraisal.state_{item.state}')}"


def _open_form(opened: Store, t: frame.Translate) -> None:
    with st.popover(t("appraisal.open"), icon=":material/add:"), st.form("open_period"):
        today = date.today()  # noqa: DTZ011  (a proposal in a form)
        first = (today.replace(day=1) - timedelta(days=1)).replace(day=1)
        name = st.text_input(t("appraisal.name"), f"{first:%Y-%m}")
        start = st.date_input(t("appraisal.first_day"), first)
        end = st.date_input(t("appraisal.last_day"), today.replace(day=1) - timedelta(days=1))
        if st.form_submit_button(t("appraisal.open"), type="primary"):
            _act(
                lambda: data.writer().appraisals.open(
                    frame.viewer(), name, start, end + timedelta(days=1)
                )
            )
    del opened


def _act(write: Callable[[], object]) -> None:
    frame.carry_out(write, stale=st.cache_data.clear)


def _summary(period: Period, proposal: Proposal, t: frame.Translate) -> None:
    graded = [item for item in proposal.results if item.status == "graded"]
    boxes = st.columns(4)
    boxes[0].metric(t("appraisal.people"), len(proposal.results))
    boxes[1].metric(t("appraisal.graded"), len(graded))
    waiting = [item for item in proposal.results if item.status == "withheld"]
    boxes[2].metric(t("appraisal.withheld"), len(waiting), help=t("appraisal.withheld_help"))
    boxes[3].metric(t("appraisal.calls"), f"{sum(item.calls for item in proposal.results):,}")
    if period.sha256:
        st.caption(
            t("appraisal.frozen_by", who=frame.plain(period.frozen_by or ""),
              at=f"{period.frozen_at:%Y-%m-%d %H:%M}", sha256=period.sha256[:16])
        )  # fmt: skip
    if proposal.fairness.alarming:
        names = ", ".join(t(f"appraisal.relation_{name}") for name in proposal.fairness.alarming)
        st.warning(t("appraisal.alarm", names=names), icon=":material/warning:")


def _label(item: AgentResult) -> str:
    return f"{item.name} ({item.agent_id})" if item.name else item.agent_id


def _printed(item: AgentResult, t: frame.Translate) -> str:
    if item.status != "graded":
        return t(f"appraisal.{item.status}")
    return t("appraisal.borderline", grades=item.label) if "/" in item.label else item.label


def _results(proposal: Proposal, t: frame.Translate) -> None:
    parts = {part.id: part.name.in_language(frame.evidence_language())
             for part in proposal.scheme.parts}  # fmt: skip
    rows = [
        {
            "agent": _label(item), "team": " → ".join(item.teams) if len(item.teams) > 1
            else item.team,
            "calls": item.calls, "score": item.score, "low": item.low, "high": item.high,
            "grade": _printed(item, t),
            "remark": _remarks(item, t),
            **{part: _part_points(item, part) for part in parts},
        }
        for item in proposal.results
    ]  # fmt: skip
    column = st.column_config
    config = {
        "agent": column.TextColumn(t("kpis.agent")),
        "team": column.TextColumn(t("kpis.team")),
        "calls": column.NumberColumn(t("appraisal.calls")),
        "score": column.NumberColumn(
            t("appraisal.score"), format="%.1f", help=t("appraisal.score_help")
        ),
        "low": column.NumberColumn(t("kpis.low"), format="%.1f", help=t("appraisal.interval_help")),
        "high": column.NumberColumn(t("kpis.high"), format="%.1f"),
        "grade": column.TextColumn(t("appraisal.grade"), help=t("appraisal.grade_help")),
        "remark": column.TextColumn(t("appraisal.remark")),
    }
    config |= {
        key: column.NumberColumn(name, format="%.0f", help=t("appraisal.part_help"))
        for key, name in parts.items()
    }
    order = ("agent", "team", "calls", "score", "low", "high", "grade", *parts, "remark")
    st.dataframe(
        pd.DataFrame(rows),
        column_order=order,
        hide_index=True,
        placeholder="–",
        column_config=config,
    )
    st.caption(t("appraisal.no_ranking"))


def _part_points(item: AgentResult, part: str) -> float | None:
    mine = [m for m in item.measures if m.part == part and m.points is not None]
    weight = sum(m.weight for m in mine)
    return sum(m.weight * (m.points or 0.0) for m in mine) / weight if weight else None


def _remarks(item: AgentResult, t: frame.Translate) -> str:
    words = [t(f"appraisal.gate_{gate}") if gate.startswith("compliance") else gate
             for gate in item.gates]  # fmt: skip
    if item.provisional and item.status == "graded":
        words.append(t("appraisal.provisional"))
    if item.adjustment:
        words.append(t("appraisal.adjusted", points=f"{item.adjustment:+.1f}"))
    if len(item.teams) > 1:
        words.append(t("appraisal.moved"))
    return " · ".join(words)


def _person(period: Period, proposal: Proposal, opened: Store, t: frame.Translate) -> None:
    chosen = st.selectbox(t("kpis.agent"), proposal.results, format_func=_label, width=360)
    if chosen is None:
        return
    left, right = st.columns([3, 2])
    with left:
        st.subheader(t("appraisal.waterfall"))
        st.altair_chart(
            people_charts.waterfall(
                appraisal_person.bars(chosen, t), titles={"points": t("appraisal.points")}
            )
        )
    with right:
        st.subheader(_printed(chosen, t))
        if chosen.score is not None:
            st.markdown(
                t("appraisal.sentence", score=f"{chosen.score:.1f}", low=f"{chosen.low:.1f}",
                  high=f"{chosen.high:.1f}", weight=f"{chosen.present_weight:.0f}")
            )  # fmt: skip
        st.caption(_remarks(chosen, t))
        _decide(period, chosen, proposal, opened, t)
    appraisal_person.measures(chosen, t)
    appraisal_person.losses(period, chosen, opened, t)


def _decide(
    period: Period, item: AgentResult, proposal: Proposal, opened: Store, t: frame.Translate
) -> None:
    if period.state == "open":
        st.caption(t("appraisal.decide_later"))
        return
    made = {d.agent_id: d for d in opened.appraisals.decisions(frame.viewer(), period.id)}
    decided = made.get(item.agent_id)
    if decided is not None:
        st.success(
            t("appraisal.decided", grade=decided.grade, who=frame.plain(decided.made_by),
              note=frame.plain(decided.note) or "–")
        )  # fmt: skip
    with st.form(f"decide-{item.agent_id}"):
        grades = [name for name, _ in proposal.scheme.bands]
        at = grades.index(item.grade) if item.grade in grades else None
        grade = st.radio(t("appraisal.your_grade"), grades, index=at, horizontal=True)
        note = st.text_area(t("appraisal.reason"), help=t("appraisal.reason_help"), height=80)
        if st.form_submit_button(t("appraisal.save_decision")) and grade:
            writer = data.writer().appraisals
            _act(lambda: writer.decide(frame.viewer(), period.id, item.agent_id, grade, note))


def _fairness(proposal: Proposal, t: frame.Translate) -> None:
    report = proposal.fairness
    st.caption(t("appraisal.fairness_help"))
    column = st.column_config
    rows = [
        {"name": t(f"appraisal.relation_{item.name}"), "r": item.r, "low": item.low,
         "high": item.high, "n": item.n,
         "remark": t("appraisal.stop") if item.alarming else ""}
        for item in report.relations
    ]  # fmt: skip
    numbers = {key: column.NumberColumn(label, format="%.2f") for key, label in
               (("r", "r"), ("low", t("kpis.low")), ("high", t("kpis.high")))}  # fmt: skip
    st.dataframe(
        pd.DataFrame(rows), hide_index=True, placeholder="–",
        column_config={"name": column.TextColumn(t("appraisal.score_with")), **numbers,
                       "n": column.NumberColumn(t("appraisal.people")),
                       "remark": column.TextColumn(t("appraisal.remark"))},
    )  # fmt: skip
    for title, groups in (("queue", report.queues), ("language", report.languages)):
        st.subheader(t(f"appraisal.by_{title}"))
        table = pd.DataFrame([
            {"group": frame.label_name(g.group) if title == "language" else g.group,
             "n": g.n, "mean": g.mean, "gap": gap_text(g.raw, t),
             "adjusted": gap_text(g.adjusted, t)}
            for g in groups
        ])  # fmt: skip
        st.dataframe(
            table, hide_index=True, placeholder="–",
            column_config={
                "group": column.TextColumn(t(f"appraisal.{title}")),
                "n": column.NumberColumn(t("appraisal.calls")),
                "mean": column.NumberColumn(t("appraisal.mean"), format="%.1f"),
                "gap": column.TextColumn(t("appraisal.gap"), help=t("appraisal.gap_help")),
                "adjusted": column.TextColumn(
                    t("appraisal.adjusted_gap"), help=t("appraisal.adjusted_gap_help")
                ),
            },
        )  # fmt: skip
    appeals = report.appeals
    if appeals.share is None:
        st.caption(t("appraisal.no_appeals"))
    else:
        st.markdown(
            t("appraisal.appeals", upheld=appeals.upheld, decided=appeals.decided,
              low=f"{100 * (appeals.low or 0):.0f}", high=f"{100 * (appeals.high or 0):.0f}")
        )  # fmt: skip


def gap_text(gap: Estimate | None, t: frame.Translate) -> str:
    """`+3.2 [+1.0 – +5.4]` in points; that there is not enough data, where the interval is wide."""
    if gap is None:
        return "–"
    if not is_known(gap) or gap.low is None or gap.high is None:
        return t("agreement.not_enough")
    return f"{gap.value:+.1f} [{gap.low:+.1f} – {gap.high:+.1f}]"


def _close(period: Period, opened: Store, t: frame.Translate) -> None:
    person = frame.viewer()
    if period.state == "open":
        st.markdown(t("appraisal.freeze_words"))
        with st.form("freeze"):
            note = st.text_area(t("appraisal.freeze_note"), height=80)
            sure = st.checkbox(t("appraisal.sure"))
            if st.form_submit_button(t("appraisal.freeze"), type="primary") and sure:
                _act(lambda: data.writer().appraisals.freeze(person, period.id, note=note))
        return
    if may(person, Action.EXPORT):
        st.download_button(
            t("appraisal.export"), icon=":material/download:", on_click="ignore",
            data=lambda: data.writer().appraisals.export(
                person, period.id, language=frame.interface_language()
            ),
            file_name=f"appraisal-{period.name}.xlsx",
        )  # fmt: skip
    _late(period, opened, t)


def _late(period: Period, opened: Store, t: frame.Translate) -> None:
    st.subheader(t("appraisal.late"))
    st.caption(t("appraisal.late_help"))
    person = frame.viewer()
    found = opened.appraisals.late_changes(person, period.id)
    if not found:
        st.caption(t("appraisal.no_late"))
        return
    st.dataframe(
        pd.DataFrame([{"agent": c.agent_id, "points": c.points, "calls": len(c.calls)}
                      for c in found]),
        hide_index=True, placeholder="–",
        column_config={
            "agent": t("kpis.agent"), "calls": t("appraisal.calls"),
            "points": st.column_config.NumberColumn(t("appraisal.points"), format="%+.2f"),
        },
    )  # fmt: skip
    later = [p for p in opened.appraisals.periods(person)
             if p.state == "open" and p.first_day >= period.until_day]  # fmt: skip
    if not later:
        st.caption(t("appraisal.no_later"))
        return
    target = st.selectbox(t("appraisal.into"), later, format_func=lambda item: item.name)
    if st.button(t("appraisal.carry"), icon=":material/move_up:"):
        _act(lambda: data.writer().appraisals.carry_over(person, period.id, target.id))
