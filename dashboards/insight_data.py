"""Cached reads of risks, promises, reasons and voices.

What a person may see is decided by the store; the person is part of every cache key.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st

from qa.access import Person
from qa.insight.alerts import RiskItem
from qa.insight.commitments import LedgerItem
from qa.insight.summaries import CallSummary
from qa.insight.topics import StoredTopic
from qa.settings import load_settings
from qa.store import Store
from scoring.reasons import pareto, site_reasons, title_of

_TTL = "1m"
MOST_SHOWN = 200
#: A reason grows or shrinks only where enough calls say so.
FEWEST_FOR_GROWTH = 5


def _who(person: Person) -> tuple[Any, ...]:
    return (person.user_id, sorted(person.roles), sorted(person.teams), person.agent_id)


_BY_PERSON: dict[Any, Any] = {Person: _who}


@st.cache_data(ttl=_TTL, max_entries=32, show_spinner=False, hash_funcs=_BY_PERSON)
def risks(person: Person, since: datetime | None, _store: Store) -> list[RiskItem]:
    """Risks of the period in any state, newest call first."""
    return _store.risks.all(since=since, person=person)


@st.cache_data(ttl=_TTL, max_entries=32, show_spinner=False, hash_funcs=_BY_PERSON)
def promises(person: Person, since: datetime | None, _store: Store) -> list[LedgerItem]:
    """Promises of the period, by due time."""
    return _store.commitments.all(since=since, person=person)


@st.cache_data(ttl=_TTL, max_entries=32, show_spinner=False, hash_funcs=_BY_PERSON)
def reasons(person: Person, since: datetime | None, _store: Store) -> pd.DataFrame:
    """One row per analysed call: call_id, reason, call_type, happened_at."""
    columns = ["call_id", "reason", "call_type", "happened_at"]
    return pd.DataFrame(_store.insight.reasons(since=since, person=person), columns=columns)


@st.cache_data(ttl=_TTL, max_entries=32, show_spinner=False, hash_funcs=_BY_PERSON)
def voices(
    person: Person, since: datetime | None, only: str, _store: Store
) -> list[tuple[CallSummary, datetime]]:
    """Newest calls with `suggestions` or `lows`."""
    return _store.insight.summaries(since=since, only=only, limit=MOST_SHOWN, person=person)


@st.cache_data(ttl=_TTL, max_entries=8, show_spinner=False, hash_funcs=_BY_PERSON)
def products(person: Person, since: datetime | None, _store: Store) -> pd.DataFrame:
    """Calls per product word: product, calls."""
    counted = Counter(
        name
        for summary, _ in _store.insight.summaries(since=since, limit=6000, person=person)
        for name in summary.products
    )
    return pd.DataFrame(counted.most_common(), columns=["product", "calls"])


@st.cache_data(ttl=_TTL, max_entries=8, show_spinner=False, hash_funcs=_BY_PERSON)
def topics(person: Person, _store: Store) -> list[StoredTopic]:
    """Discovered topics, the largest first."""
    return _store.topics.all(person=person)


def forget() -> None:
    """Drop what is cached, after somebody has changed something."""
    for cached in (risks, promises, topics):
        cached.clear()


@st.cache_data(ttl=_TTL, show_spinner=False)
def reason_titles(language: str) -> dict[str, str]:
    """Reason id → its title in a language, of the site's own taxonomy."""
    known = site_reasons(load_settings().insight.reasons)
    titles = {item.id: item.title.in_language(language) for item in known}
    return {"other": title_of("other").in_language(language), **titles}


def pareto_table(calls: pd.DataFrame, titles: dict[str, str]) -> pd.DataFrame:
    """Columns reason, name, calls, share, running; `other` last. Pure."""
    rows = pareto(calls["reason"])
    return pd.DataFrame(
        [
            (row.reason, titles.get(row.reason, row.reason), row.calls, row.share, row.running)
            for row in rows
        ],
        columns=["reason", "name", "calls", "share", "running"],
    )


def weekly_reasons(
    calls: pd.DataFrame, titles: dict[str, str], *, timezone: str, most: int = 6
) -> pd.DataFrame:
    """Columns week (Monday), reason, name, calls for the commonest reasons; weeks of none are 0."""
    if calls.empty:
        return pd.DataFrame(columns=["week", "reason", "name", "calls"])
    kept = [name for name in calls["reason"].value_counts().index if name != "other"][:most]
    weeks = monday(calls["happened_at"], timezone)
    counted = (
        pd.crosstab(weeks, calls["reason"])
        .reindex(columns=kept, fill_value=0)
        .reindex(pd.date_range(weeks.min(), weeks.max(), freq="7D"), fill_value=0)
    )
    long = counted.rename_axis("week").reset_index().melt("week", value_name="calls")
    long["name"] = long["reason"].map(lambda name: titles.get(name, name))
    return long


def monday(moments: pd.Series, timezone: str) -> pd.Series:
    """The Monday of each moment's week in the site's zone."""
    local = pd.to_datetime(moments, utc=True).dt.tz_convert(timezone).dt.tz_localize(None)
    return local.dt.to_period("W-SUN").dt.start_time


def growth_table(weekly: pd.DataFrame) -> pd.DataFrame:
    """Columns name, last, before, change: the last week against the mean of the weeks before.

    `change` is a share (0.5: half as many again), missing under `FEWEST_FOR_GROWTH` calls a week.
    """
    rows = []
    for name, part in weekly.groupby("name", observed=True):
        counts = part.sort_values("week")["calls"].tolist()
        before = sum(counts[:-1]) / (len(counts) - 1) if len(counts) > 1 else None
        enough = before is not None and max(counts[-1], before) >= FEWEST_FOR_GROWTH and before > 0
        change = counts[-1] / before - 1 if enough and before else None
        rows.append((name, counts[-1], before, change))
    table = pd.DataFrame(rows, columns=["name", "last", "before", "change"])
    return table.sort_values(["last", "name"], ascending=[False, True], ignore_index=True)


def grievances(voiced: Sequence[tuple[CallSummary, datetime]]) -> list[dict[str, Any]]:
    """Low moments by contact reason: reason, calls, and the three lowest quotes. Pure."""
    groups: dict[str, list[CallSummary]] = {}
    for summary, _ in voiced:
        groups.setdefault(summary.reason, []).append(summary)
    found = [
        {
            "reason": reason,
            "calls": len(items),
            "quotes": [
                item.low for item in sorted(items, key=lambda one: one.low_score or 0) if item.low
            ][:3],
        }
        for reason, items in groups.items()
    ]
    return sorted(found, key=lambda one: (-one["calls"], one["reason"]))


def since_weeks(weeks: int, now: datetime) -> datetime | None:
    """The Monday midnight `weeks` ISO weeks back in the site's zone; None for all of time."""
    if not weeks:
        return None
    local = now.astimezone(ZoneInfo(load_settings().timezone))
    start = local - timedelta(days=local.weekday(), weeks=weeks - 1)
    return start.replace(hour=0, minute=0, second=0, microsecond=0)
