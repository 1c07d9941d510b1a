"""Agent scorecard for coaches: figures with intervals, sections against the team, moments."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import streamlit as st

from dashboards import agent_behaviours, charts, clips, data, frame
from dashboards.agent_behaviours import in_order
from dashboards.coaching_plans import criterion_name
from dashboards.views.calls import open_call
from dashboards.weeks import weekly
from qa.access import Action, may
from qa.evaluation import CriterionResult, Evidence, Outcome
from qa.people.intervals import mean_interval
from qa.settings import load_settings
from qa.store import CallFilter, Store

PASS_MARK = 85
#: Under this many calls a figure says nothing about a person (dossier §4.2: 10 is provisional).
PROVISIONAL_N = 10
_MOMENTS = 3


def render() -> None:
    """Draw the page of the agent in the link (`?agent=…`)."""
    t = frame.translator()
    st.title(t("agents.title"))
    opened = data.require_store(t("app.no_store"))
    agents = data.choices("agent_id", opened)
    if not agents:
        st.info(t("agents.none"))
        return
    asked = st.query_params.get("agent", agents[0])
    names = _names(opened)
    agent = st.selectbox(
        t("agents.agent"),
        agents,
        index=agents.index(asked) if asked in agents else 0,
        format_func=lambda key: (
            f"{names.get(key) or key}" + (f" ({key})" if names.get(key) else "")
        ),
        width=360,
    )
    st.query_params["agent"] = agent
    own = data.scores(CallFilter(agents=(agent,)), opened)
    team = _team_of(own)
    _numbers(own, team, opened, t)
    left, right = st.columns(2)
    results = data.criterion_results(CallFilter(agents=(agent,)), opened)
    with left:
        _trend(own, results, opened, t)
    with right:
        _sections(results, team, opened, t)
    _moments(results, opened, t)
    agent_behaviours.draw(results, opened, t)


def _names(opened: Store) -> dict[str, str]:
    table = data.scores(CallFilter(), opened)
    known = table.dropna(subset=["agent_name"]).drop_duplicates("agent_id")
    return dict(zip(known["agent_id"], known["agent_name"], strict=True))


def _team_of(own: pd.DataFrame) -> str:
    teams = own.sort_values("happened_at")["team"].dropna()
    return str(teams.iloc[-1]) if len(teams) else ""


def _numbers(own: pd.DataFrame, team: str, opened: Store, t: frame.Translate) -> None:
    found = mean_interval(own["quality_percent"].dropna().astype(float).tolist())
    boxes = st.columns(4)
    boxes[0].metric(t("agents.calls"), found.n if found else 0)
    interval = None
    if found and found.low is not None and found.high is not None:
        low, high = max(0.0, found.low), min(100.0, found.high)
        interval = t("agents.interval", low=f"{low:.0f}", high=f"{high:.0f}")
    boxes[1].metric(
        t("agents.mean"),
        f"{found.value:.1f}" if found else "–",
        delta=interval,
        delta_color="off",
        delta_arrow="off",
    )
    peers = data.scores(CallFilter(teams=(team,)) if team else CallFilter(), opened)
    median = peers["quality_percent"].median()
    if pd.notna(median):
        boxes[2].metric(t("agents.section_team"), f"{median:.1f}")
    boxes[3].metric(t("calls.suspected"), int((own["finding_count"].fillna(0) > 0).sum()))
    if found and found.n < PROVISIONAL_N:
        st.caption(f":material/info: {t('agents.small', n=found.n)}")


def _trend(own: pd.DataFrame, results: pd.DataFrame, opened: Store, t: frame.Translate) -> None:
    """Quality by week, or the credit on one criterion."""
    st.subheader(t("agents.trend"))
    judged = results[results["outcome"].isin(["met", "partial", "missed"])]
    chosen = st.selectbox(
        t("agents.trend_of"), ["", *sorted(judged["criterion_id"].unique(), key=in_order)],
        format_func=lambda key: criterion_name(key, opened) if key else t("agents.mean"),
        label_visibility="collapsed",
    )  # fmt: skip
    if chosen:
        own = judged[judged["criterion_id"] == chosen]
        own = own.assign(quality_percent=100 * own["share"].astype("float64"))
    weeks = weekly(own, load_settings().timezone)
    if weeks.empty:
        st.caption(t("kpis.none"))
        return
    titles = {"week": t("agents.week"), "mean": t("agents.mean"), "n": t("agents.calls")}
    st.altair_chart(charts.weekly_trend(weeks, titles=titles, target=PASS_MARK))


def _sections(results: pd.DataFrame, team: str, opened: Store, t: frame.Translate) -> None:
    st.subheader(t("agents.sections"))
    peers = data.criterion_results(CallFilter(teams=(team,)) if team else CallFilter(), opened)
    names = _section_names(opened)
    own_share = _section_shares(results)
    team_share = (
        peers.groupby("agent_id").apply(_section_shares).groupby(level=-1).median()
        if len(peers)
        else pd.Series(dtype=float)
    )
    who = {"own": t("agents.section_agent"), "team": t("agents.section_team")}
    rows = [
        {"name": names.get(str(section), str(section)), "who": who[kind], "percent": value,
         "order": in_order(str(section))[0]}
        for kind, shares in (("own", own_share), ("team", team_share))
        for section, value in shares.items()
    ]  # fmt: skip
    if rows:
        st.altair_chart(charts.section_bars(pd.DataFrame(rows), titles=who))


def _section_shares(results: pd.DataFrame) -> pd.Series:
    """Points won ÷ points possible per section, in per cent, over what was evaluated."""
    judged = results[results["applied_weight"] > 0]
    section = judged["criterion_id"].str.split(".").str[0]
    sums = judged.groupby(section)[["points", "applied_weight"]].sum().astype(float)
    return 100 * sums["points"] / sums["applied_weight"]


def _section_names(opened: Store) -> dict[str, str]:
    table = data.criteria(CallFilter(), opened)
    side = frame.evidence_language()
    return {
        row.section_id: f"{row.section_id} {getattr(row, f'section_{side}')}"
        for row in table.itertuples()
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A clip worth hearing."""

    call_id: str
    result: CriterionResult
    evidence: Evidence


def _moments(results: pd.DataFrame, opened: Store, t: frame.Translate) -> None:
    left, right = st.columns(2)
    with left:
        st.subheader(t("agents.strengths"))
        _list(_pick(results, "met", opened), "strengths", t)
    with right:
        st.subheader(t("agents.gaps"))
        _list(_pick(results, "missed", opened), "gaps", t)


def _pick(results: pd.DataFrame, outcome: str, opened: Store) -> list[tuple[str, Moment]]:
    """Criteria with most weight lost (or won), each with its surest clip and its counts."""
    judged = results[results["outcome"].isin(["met", "partial", "missed"])]
    counts = judged.groupby("criterion_id").agg(
        n=("outcome", "size"),
        hits=("outcome", lambda values: int((values == outcome).sum())),
        weight=("weight", "max"),
    )
    counts["stake"] = counts["hits"] * counts["weight"]
    found: list[tuple[str, Moment]] = []
    for criterion_id, row in counts[counts["hits"] > 0].nlargest(12, "stake").iterrows():
        moment = _surest(judged, str(criterion_id), outcome, opened)
        if moment is not None:
            found.append((f"{int(row['hits'])}/{int(row['n'])}", moment))
        if len(found) == _MOMENTS:
            break
    return found


def _surest(judged: pd.DataFrame, criterion_id: str, outcome: str, opened: Store) -> Moment | None:
    rows = judged[(judged["criterion_id"] == criterion_id) & (judged["outcome"] == outcome)]
    for call_id in rows.nlargest(4, "confidence")["call_id"]:
        evaluation = opened.evaluations.load(str(call_id))
        for result in evaluation.results:
            same = result.criterion_id == criterion_id
            if same and result.verdict.outcome == Outcome(outcome) and result.verdict.evidence:
                return Moment(
                    call_id=str(call_id), result=result, evidence=result.verdict.evidence[0]
                )
    return None


def _list(found: list[tuple[str, Moment]], kind: str, t: frame.Translate) -> None:
    if not found:
        st.caption(t(f"agents.none_{kind}"))
    side = frame.evidence_language()
    for share, moment in found:
        with st.container(border=True):
            name = moment.result.name.in_language(side)
            st.markdown(f"**{moment.result.criterion_id} {frame.plain(name)}** · {share}")
            st.markdown(frame.plain(moment.result.verdict.reason.in_language(side)))
            if moment.evidence.quote:
                st.caption(f"“{frame.plain(moment.evidence.quote)}”")
            key = f"{kind}-{moment.call_id}-{moment.result.criterion_id}"
            with st.container(horizontal=True):
                if st.button(t("agents.listen"), key=key, icon=":material/play_arrow:"):
                    start = max(1, moment.evidence.start_ms - 1000)
                    open_call(moment.call_id, [moment.call_id], start_ms=start)
                if kind == "strengths" and may(frame.viewer(), Action.COACH):
                    clips.propose(moment.call_id, moment.result.criterion_id, moment.evidence, t)
