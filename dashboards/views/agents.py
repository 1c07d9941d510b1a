"""Agent scorecard for coaches: figures with intervals, sections against the team, moments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from dashboards import agent_behaviours, charts, clips, data, frame, people_data
from dashboards.agent_behaviours import in_order
from dashboards.coaching_plans import criterion_name
from dashboards.review_data import standing_badge
from dashboards.views import kpis
from dashboards.views.calls import open_call
from dashboards.weeks import weekly
from qa.access import Action, may, scope_of
from qa.evaluation import JUDGED, CriterionResult, Evaluation, Evidence, Outcome
from qa.people.indicators import INDICATORS
from qa.people.intervals import mean_interval
from qa.settings import load_settings
from qa.store import Store

PASS_MARK = 85
#: Under this many calls a figure says nothing about a person (dossier §4.2: 10 is provisional).
PROVISIONAL_N = 10
#: Moments shown, and criteria searched for them: opening an evaluation takes its time.
_MOMENTS, _TRIED = 3, 8


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
    names = people_data.names(opened)
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
    own = people_data.scores(agent, "", opened)
    team = _team_of(own)
    _numbers(own, team, opened, t)
    left, right = st.columns(2)
    results = people_data.verdicts(agent, opened)
    with left:
        _trend(own, results, opened, t)
    with right:
        _sections(results, team, opened, t)
    _moments(results, opened, t)
    agent_behaviours.draw(results, opened, t)


def _team_of(own: pd.DataFrame) -> str:
    """The team to compare with: the newest one; none for who sees nobody else's calls."""
    scope = scope_of(frame.viewer(), Action.READ_AGENT)
    sees_others = scope.everything or scope.teams
    return str(own["team"].iloc[-1]) if sees_others and len(own) else ""


def _numbers(own: pd.DataFrame, team: str, opened: Store, t: frame.Translate) -> None:
    found = mean_interval(own["quality_percent"].dropna().tolist())
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
        help=kpis.help_text(INDICATORS["quality_mean"], t),
    )
    if team:
        median = people_data.scores("", team, opened)["quality_percent"].median()
        boxes[2].metric(t("agents.section_team"), f"{median:.1f}")
    boxes[3].metric(t("calls.suspected"), int(own["suspected"].sum()))
    if found and found.n < PROVISIONAL_N:
        st.caption(f":material/info: {t('agents.small', n=found.n)}")


def _trend(own: pd.DataFrame, results: pd.DataFrame, opened: Store, t: frame.Translate) -> None:
    """Quality by week, or the credit on one criterion."""
    st.subheader(t("agents.trend"))
    judged = results[results["outcome"].isin(JUDGED)]
    chosen = st.selectbox(
        t("agents.trend_of"), ["", *sorted(judged["criterion_id"].unique(), key=in_order)],
        format_func=lambda key: criterion_name(key, opened) if key else t("agents.mean"),
        label_visibility="collapsed",
    )  # fmt: skip
    if chosen:
        credit = judged[judged["criterion_id"] == chosen].set_index("call_id")["share"]
        own = own.assign(quality_percent=100 * own["call_id"].map(credit))
    weeks = weekly(own, load_settings().timezone)
    if weeks.empty:
        st.caption(t("kpis.none"))
        return
    titles = {"week": t("agents.week"), "mean": t("agents.mean"), "n": t("agents.calls")}
    st.altair_chart(charts.weekly_trend(weeks, titles=titles, target=PASS_MARK))


def _sections(results: pd.DataFrame, team: str, opened: Store, t: frame.Translate) -> None:
    st.subheader(t("agents.sections"))
    side = frame.evidence_language()
    names = people_data.section_names(opened)
    own = results.rename(columns={"applied_weight": "applied"}).assign(agent_id="")
    shares = {"own": _section_shares(own)}
    if team:
        shares["team"] = _section_shares(people_data.team_credit(team, opened))
    who = {"own": t("agents.section_agent"), "team": t("agents.section_team")}
    rows = [
        {"name": f"{key} {names[key].in_language(side)}" if key in names else key,
         "who": who[kind], "percent": value, "order": in_order(key)[0]}
        for kind, found in shares.items() for key, value in found.items()
    ]  # fmt: skip
    if rows:
        st.altair_chart(charts.section_bars(pd.DataFrame(rows), titles=who))


def _section_shares(sums: pd.DataFrame) -> dict[str, float]:
    """Section → points won ÷ points possible in per cent, over what was judged: agents' median."""
    judged = sums[sums["applied"] > 0]
    section = judged["criterion_id"].str.split(".").str[0].rename("section")
    whole = judged.groupby(["agent_id", section])[["points", "applied"]].sum()
    median = (100 * whole["points"] / whole["applied"]).groupby(level="section").median()
    return {str(key): float(value) for key, value in median.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A clip worth hearing."""

    call_id: str
    result: CriterionResult
    evidence: Evidence
    standing: str


def _moments(results: pd.DataFrame, opened: Store, t: frame.Translate) -> None:
    judged = results[results["outcome"].isin(JUDGED)]
    tried = {outcome: _tried(judged, outcome) for outcome in ("met", "missed")}
    calls = {call for found in tried.values() for one in found for call in one.calls}
    heard = opened.evaluations.load_many(calls)
    left, right = st.columns(2)
    with left:
        st.subheader(t("agents.strengths"))
        _list(_pick(tried["met"], heard, opened), "strengths", t)
    with right:
        st.subheader(t("agents.gaps"))
        _list(_pick(tried["missed"], heard, opened), "gaps", t)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tried:
    """A criterion whose clips may be worth hearing.

    Attributes:
        hits: How often the outcome was found, of `n` times it was judged.
        calls: The surest calls first, each with whether a person decided.
    """

    criterion_id: str
    outcome: Outcome
    hits: int
    n: int
    calls: dict[str, bool]


def _tried(judged: pd.DataFrame, outcome: str) -> list[_Tried]:
    """Criteria with most weight won (met) or lost (missed)."""
    hit = judged["outcome"] == outcome
    counts = (
        judged.assign(hits=hit)
        .groupby("criterion_id")
        .agg(n=("hits", "size"), hits=("hits", "sum"), weight=("weight", "max"))
    )
    counts["stake"] = counts["hits"].astype("float64") * counts["weight"]
    of_criterion = dict(list(judged[hit].groupby("criterion_id")))
    return [
        _Tried(
            criterion_id=str(row.Index),
            outcome=Outcome(outcome),
            hits=int(row.hits),
            n=int(row.n),
            calls={
                str(call.call_id): bool(call.decided)
                for call in of_criterion[row.Index].nlargest(2, "confidence").itertuples()
            },
        )
        for row in counts[counts["hits"] > 0].nlargest(_TRIED, "stake").itertuples()
    ]


def _pick(
    tried: list[_Tried], heard: Mapping[str, Evaluation], opened: Store
) -> list[tuple[str, Moment]]:
    """The first criteria with a clip, each with its counts."""
    found: list[tuple[str, Moment]] = []
    for one in tried:
        moment = _surest(one, heard, opened)
        if moment is not None:
            found.append((f"{one.hits}/{one.n}", moment))
        if len(found) == _MOMENTS:
            break
    return found


def _surest(one: _Tried, heard: Mapping[str, Evaluation], opened: Store) -> Moment | None:
    for call_id, is_decided in one.calls.items():
        if call_id not in heard:
            continue
        card = heard[call_id].scorecard_id
        for result in heard[call_id].results:
            verdict, same = result.verdict, result.criterion_id == one.criterion_id
            if same and verdict.outcome == one.outcome and verdict.evidence:
                return Moment(
                    call_id=call_id,
                    result=result,
                    evidence=verdict.evidence[0],
                    standing="" if is_decided else standing_badge(one.criterion_id, opened, card),
                )
    return None


def _list(found: list[tuple[str, Moment]], kind: str, t: frame.Translate) -> None:
    if not found:
        st.caption(t(f"agents.none_{kind}"))
    side = frame.evidence_language()
    for share, moment in found:
        with st.container(border=True):
            name = moment.result.name.in_language(side)
            st.markdown(
                f"**{moment.result.criterion_id} {frame.plain(name)}** · {share}{moment.standing}"
            )
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
