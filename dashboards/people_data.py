"""Cached reads of people's figures, keyed by who sees what. Nothing here draws."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st

from dashboards import frame
from dashboards.data import BY_VIEWER
from qa.access import Action
from qa.evaluation import Bilingual
from qa.people.figures import from_sums
from qa.people.indicators import MISS, Indicator, indicator
from qa.people.periods import days_of
from qa.people.statistics import case_mix, hour_band
from qa.settings import load_settings
from qa.store import Store

_TTL = "1m"
#: More people than this are not compared pair by pair: a team is chosen first.
COMPARED = 200
_EVER, _NEVER = date(2000, 1, 1), date(2100, 1, 1)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which figures: an indicator, months (inclusive), teams (all when empty)."""

    measure: str
    first: str
    last: str
    teams: tuple[str, ...] = ()

    @property
    def since(self) -> date:
        """The first day."""
        return days_of(self.first)[0]

    @property
    def until(self) -> date:
        """The day after the last one."""
        return days_of(self.last)[1]


def today() -> date:
    """The site's day."""
    return datetime.now(ZoneInfo(load_settings().timezone)).date()


@st.cache_data(ttl=_TTL, max_entries=4, show_spinner=False, hash_funcs=BY_VIEWER)
def months(opened: Store) -> list[str]:
    """Months with figures, oldest first."""
    return opened.people.months()


@st.cache_data(ttl=_TTL, max_entries=8, show_spinner=False, hash_funcs=BY_VIEWER)
def names(opened: Store) -> dict[str, str]:
    """Agent id → newest name on the roster."""
    table = opened.people.frames.roster().drop_duplicates("agent_id", keep="last")
    return dict(zip(table["agent_id"], table["name"], strict=True))


@st.cache_data(ttl=_TTL, max_entries=4, show_spinner=False, hash_funcs=BY_VIEWER)
def criterion_names(opened: Store) -> dict[str, Bilingual]:
    """Criterion id → wording."""
    return opened.people.criterion_names()


@st.cache_data(ttl=_TTL, max_entries=4, show_spinner=False, hash_funcs=BY_VIEWER)
def measures(opened: Store) -> list[str]:
    """Ids of indicators with figures."""
    return opened.people.measures()


@st.cache_data(ttl=_TTL, max_entries=64, show_spinner=False, hash_funcs=BY_VIEWER)
def figures(wanted: Wanted, by: str, opened: Store) -> pd.DataFrame:
    """Figures of one indicator by `agent_id`, `team` or `month`."""
    table = _sums(wanted, [wanted.measure], by, opened)
    ranked = by != "month" and len(table) <= COMPARED
    return from_sums(table, named(wanted.measure, opened), ranked=ranked)


@st.cache_data(ttl=_TTL, max_entries=16, show_spinner=False, hash_funcs=BY_VIEWER)
def misses(wanted: Wanted, opened: Store) -> pd.DataFrame:
    """Miss rates of all criteria with their intervals, most often missed first."""
    known = [measure for measure in measures(opened) if measure.startswith(MISS)]
    table = _sums(wanted, known, "measure", opened)
    if table.empty:
        return table
    found = from_sums(table, indicator(f"{MISS}*"), ranked=False)
    return found.sort_values(["value", "measure"], ascending=[False, True], ignore_index=True)


def _sums(wanted: Wanted, known: list[str], by: str, opened: Store) -> pd.DataFrame:
    return opened.people.frames.months(
        frame.viewer(),
        known,
        since=wanted.since,
        until=wanted.until,
        teams=wanted.teams,
        by=(by,),
    )


@st.cache_data(ttl=_TTL, max_entries=8, show_spinner=False, hash_funcs=BY_VIEWER)
def facts(wanted: Wanted, people: tuple[str, ...], opened: Store) -> pd.DataFrame:
    """Calls of these months with everything known about them."""
    return opened.people.frames.facts(
        frame.viewer(),
        since=wanted.since,
        until=wanted.until,
        teams=wanted.teams,
        agent_ids=people,
    )


@st.cache_data(ttl=_TTL, max_entries=16, show_spinner=False, hash_funcs=BY_VIEWER)
def scores(agent: str, team: str, opened: Store) -> pd.DataFrame:
    """Scores of an agent's calls, or of a team's."""
    people, teams = ((agent,), ()) if agent else ((), (team,))
    return opened.people.frames.scores(frame.viewer(), teams=teams, agent_ids=people)


@st.cache_data(ttl=_TTL, max_entries=8, show_spinner=False, hash_funcs=BY_VIEWER)
def verdicts(agent: str, opened: Store) -> pd.DataFrame:
    """Every verdict on an agent's calls, people's decisions included."""
    return opened.people.frames.outcomes(
        frame.viewer(), since=_EVER, until=_NEVER, agent_ids=(agent,), action=Action.READ_AGENT
    )


@st.cache_data(ttl=_TTL, max_entries=8, show_spinner=False, hash_funcs=BY_VIEWER)
def team_credit(team: str, opened: Store) -> pd.DataFrame:
    """Sums of a team's verdicts: agent_id, criterion_id, n, misses, points, applied."""
    return opened.people.frames.outcome_sums(
        frame.viewer(), ("agent_id", "criterion_id"), since=_EVER, until=_NEVER, teams=(team,),
        action=Action.READ_AGENT,
    )  # fmt: skip


@st.cache_data(ttl=_TTL, max_entries=4, show_spinner=False, hash_funcs=BY_VIEWER)
def section_names(opened: Store) -> dict[str, Bilingual]:
    """Section id → wording."""
    return opened.people.section_names()


@st.cache_data(ttl=_TTL, max_entries=16, show_spinner=False, hash_funcs=BY_VIEWER)
def weekly(wanted: Wanted, people: tuple[str, ...], opened: Store) -> pd.DataFrame:
    """An indicator of calls by week: week (Monday), n, total, square."""
    table = facts(wanted, people, opened)
    values = named(wanted.measure, opened).values(table).astype("float64")
    day = pd.to_datetime(table["day"])
    known = pd.DataFrame(
        {"week": day - pd.to_timedelta(day.dt.day_of_week, unit="D"), "value": values}
    ).dropna()
    grouped = known.assign(square=known["value"] ** 2).groupby("week")
    return grouped.agg(
        n=("value", "size"), total=("value", "sum"), square=("square", "sum")
    ).reset_index()


@st.cache_data(ttl=_TTL, max_entries=16, show_spinner=False, hash_funcs=BY_VIEWER)
def mixed(wanted: Wanted, method: str, opened: Store) -> pd.DataFrame:
    """Raw and adjusted figures by agent, in the indicator's unit."""
    item = named(wanted.measure, opened)
    table = facts(wanted, (), opened)
    calls = table.assign(figure=item.values(table), hour_band=hour_band(table["hour"]))
    found = case_mix(calls, "figure", method=method)
    for column in ("raw", "expected", "adjusted", "low", "high"):
        found[column] = (found[column] * item.scale).clip(*item.limits)
    return found


def named(measure: str, opened: Store) -> Indicator:
    """The indicator, criteria in their own words."""
    return indicator(measure, criterion_names(opened))
