"""Appraisal KPIs by team and agent: n and interval beside every figure."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboards import charts, data, frame
from dashboards.views.agents import PASS_MARK, PROVISIONAL_N
from dashboards.weeks import weekly
from qa.people.intervals import mean_interval, wilson
from qa.settings import load_settings
from qa.store import CallFilter, Store


def render() -> None:
    """Draw the page."""
    t = frame.translator()
    st.title(t("kpis.title"))
    opened = data.require_store(t("app.no_store"))
    st.caption(t("kpis.intro"))
    teams = data.choices("team", opened)
    team = st.selectbox(
        t("kpis.team"),
        ["", *teams],
        format_func=lambda name: name or t("kpis.all_teams"),
        width=360,
    )
    wanted = CallFilter(teams=(team,)) if team else CallFilter()
    table = data.scores(wanted, opened)
    if table["quality_percent"].notna().sum() == 0:
        st.info(t("kpis.none"))
        return
    left, right = st.columns(2)
    with left:
        _trend(table, t)
    with right:
        st.subheader(t("kpis.distribution"))
        titles = {"score": t("kpis.score"), "calls": t("kpis.calls")}
        values = table[["quality_percent"]].dropna()
        st.altair_chart(charts.score_histogram(values, titles=titles, target=PASS_MARK))
    st.subheader(t("kpis.by_team"))
    _figures(table, "team", t)
    st.subheader(t("kpis.by_agent"))
    _figures(table, "agent_id", t)
    st.caption(t("kpis.small_n", n=PROVISIONAL_N))
    _misses(wanted, opened, t)


def _trend(table: pd.DataFrame, t: frame.Translate) -> None:
    st.subheader(t("kpis.trend"))
    titles = {"week": t("agents.week"), "mean": t("kpis.weekly_mean"), "n": t("kpis.calls")}
    weeks = weekly(table, load_settings().timezone)
    st.altair_chart(charts.weekly_trend(weeks, titles=titles, target=PASS_MARK))


def figures(table: pd.DataFrame, by: str) -> pd.DataFrame:
    """Mean, interval, pass rate and freedom from suspected critical errors per group.

    Args:
        table: Columns of `data.scores`.
        by: `team` or `agent_id`.

    Returns:
        Columns group, n, mean, low, high, pass_rate, critical, provisional; ordered by group, not
        by figure: an order by figure would be a ranking that small samples do not carry.
    """
    rows = []
    for group, part in table[table[by].fillna("") != ""].groupby(by):
        scored = part.dropna(subset=["quality_percent"])
        found = mean_interval(scored["quality_percent"].astype(float).tolist())
        if found is None:
            continue
        passed = wilson(int((scored["quality_percent"] >= PASS_MARK).sum()), found.n)
        clean = wilson(int((scored["finding_count"].fillna(0) == 0).sum()), found.n)
        assert passed is not None
        assert clean is not None
        rows.append(
            {
                "group": _label(part, by, str(group)),
                "n": found.n,
                "mean": found.value,
                "low": None if found.low is None else max(0.0, found.low),
                "high": None if found.high is None else min(100.0, found.high),
                "pass_rate": 100 * passed.value,
                "critical": 100 * clean.value,
                "provisional": found.n < PROVISIONAL_N,
            }
        )
    return pd.DataFrame(rows)


def _label(part: pd.DataFrame, by: str, group: str) -> str:
    names = part["agent_name"].dropna() if by == "agent_id" else pd.Series(dtype=str)
    return f"{names.iloc[0]} ({group})" if len(names) and names.iloc[0] else group


def _figures(table: pd.DataFrame, by: str, t: frame.Translate) -> None:
    found = figures(table, by)
    if found.empty:
        st.caption(t("kpis.none"))
        return
    column = st.column_config
    st.dataframe(
        found.assign(
            provisional=found["provisional"].map({True: t("kpis.provisional"), False: ""})
        ),
        hide_index=True,
        column_config={
            "group": column.TextColumn(t("kpis.team" if by == "team" else "kpis.agent")),
            "n": column.NumberColumn(t("kpis.n")),
            "mean": column.NumberColumn(t("kpis.mean"), format="%.1f"),
            "low": column.NumberColumn(t("kpis.low"), format="%.0f"),
            "high": column.NumberColumn(t("kpis.high"), format="%.0f"),
            "pass_rate": column.NumberColumn(t("kpis.pass_rate"), format="%.0f%%"),
            "critical": column.NumberColumn(t("kpis.critical"), format="%.0f%%"),
            "provisional": column.TextColumn(""),
        },
    )


def _misses(wanted: CallFilter, opened: Store, t: frame.Translate) -> None:
    st.subheader(t("kpis.top_misses"))
    table = data.criteria(wanted, opened)
    side = f"name_{frame.evidence_language()}"
    worst = table[table["missed"] > 0].nlargest(8, ["missed", "miss_rate"])
    column = st.column_config
    st.dataframe(
        worst.assign(name=worst["criterion_id"] + " " + worst[side], rate=100 * worst["miss_rate"]),
        column_order=("name", "missed", "applied", "rate"),
        hide_index=True,
        column_config={
            "name": column.TextColumn(t("calls.criterion")),
            "missed": column.NumberColumn(t("outcome.missed")),
            "applied": column.NumberColumn(t("kpis.n")),
            "rate": column.ProgressColumn(
                t("kpis.miss_rate"), format="%.0f%%", min_value=0, max_value=100
            ),
        },
    )
