"""The measures of a period, per agent: value, n, interval and error, with where they come from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from qa.people.appraisal.scheme import Scheme
from qa.people.casemix import case_mix, hour_band
from qa.people.figures import figures
from qa.people.indicators import INDICATORS
from qa.people.measures import Indicator, Table
from qa.people.shrinkage import shrink_means

#: Columns of the table of measures.
COLUMNS = ("agent_id", "measure", "n", "value", "low", "high", "error", "flag")
#: Fewer answers than this: those of 90 days, then the team's, and it says so (dossier §4.2).
CSAT_MINIMUM = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """Everything that a period's measures are made of.

    Attributes:
        facts: Calls of the period (`PeopleFrames.facts`).
        pooled: Calls of the 90 days up to its end, for rare answers.
        days, training, ratings: As `PeopleFrames` gives them, of the period.
        roster: agent_id, valid_from, valid_to, name, team, hired_on.
        extra: Measures from elsewhere (coaching, feedback): the columns of `COLUMNS`.
        days_long: Length of the period.
    """

    facts: pd.DataFrame
    pooled: pd.DataFrame
    days: pd.DataFrame
    training: pd.DataFrame
    ratings: pd.DataFrame
    roster: pd.DataFrame
    extra: pd.DataFrame
    days_long: int


def counted(facts: pd.DataFrame, roster: pd.DataFrame, scheme: Scheme) -> pd.DataFrame:
    """The calls that count: not of somebody's first days, nor of excluded ranges (§4.6)."""
    days = pd.to_datetime(facts["day"])
    hired = roster.dropna(subset=["hired_on"]).groupby("agent_id")["hired_on"].min()
    since = pd.to_datetime(facts["agent_id"].map(hired))
    keep = ~((days - since) < pd.Timedelta(days=scheme.newcomer_days))
    for first, until in scheme.excluded:
        keep &= ~((days >= pd.Timestamp(first)) & (days < pd.Timestamp(until)))
    return facts[keep.to_numpy(bool)]


def measure_table(inputs: Inputs, scheme: Scheme) -> pd.DataFrame:
    """All measures of a scheme, one row per agent and measure; see `COLUMNS`.

    `flag` is empty, or `shrunk` (pulled towards what the mix of calls lets expect), `pooled` (90
    days), `team` (the team's value stands in).
    """
    facts = counted(inputs.facts, inputs.roster, scheme)
    frames: Mapping[Table, pd.DataFrame] = {
        Table.CALLS: facts,
        Table.DAYS: inputs.days,
        Table.TRAINING: inputs.training,
        Table.RATINGS: inputs.ratings[inputs.ratings["rater_role"].isin(["peer", "lead"])],
    }
    wanted = [measure.id for part in scheme.parts for measure in part.measures]
    parts: list[pd.DataFrame] = []
    for name in dict.fromkeys(wanted):
        if name == "fair_quality":
            parts.append(quality(facts))
        elif name == "aht_ratio":
            parts.append(_handling_ratio(facts))
        elif name == "training_plan":
            parts.append(_training_plan(inputs, scheme))
        elif name == "csat":
            parts.append(_csat(facts, counted(inputs.pooled, inputs.roster, scheme)))
        elif name in INDICATORS:
            item = INDICATORS[name]
            parts.append(_plain(frames[item.table], item))
        else:
            parts.append(inputs.extra[inputs.extra["measure"] == name])
    filled = [part[list(COLUMNS)] for part in parts if len(part)]
    return pd.concat(filled, ignore_index=True) if filled else pd.DataFrame(columns=list(COLUMNS))


def quality(facts: pd.DataFrame) -> pd.DataFrame:
    """Mean quality, shrunk towards what each one's mix of calls lets expect (dossier §4.3)."""
    item = INDICATORS["fair_quality"]
    found = figures(facts, item)
    if found.empty:
        return pd.DataFrame(columns=list(COLUMNS))
    mixed = case_mix(facts.assign(hour_band=hour_band(facts["hour"])), "fair_quality")
    expected = found["agent_id"].map(mixed.set_index("agent_id")["expected"]).to_numpy(float)
    grouped = facts.dropna(subset=["fair_quality"]).groupby("agent_id")["fair_quality"]
    variance = grouped.var().reindex(found["agent_id"]).to_numpy(float)
    shrunk = shrink_means(found["n"], found["value"], variance, expected=expected)
    z = (shrunk.high - shrunk.low) / (2 * 1.959964)
    value = np.clip(shrunk.value, *item.limits)
    low, high = np.clip(shrunk.low, *item.limits), np.clip(shrunk.high, *item.limits)
    return found.assign(
        measure=item.id, value=value, low=low, high=high, error=z, flag="shrunk"
    )[list(COLUMNS)]  # fmt: skip


def _plain(frame: pd.DataFrame, item: Indicator) -> pd.DataFrame:
    return figures(frame, item).assign(measure=item.id, flag="")


def _csat(facts: pd.DataFrame, pooled: pd.DataFrame) -> pd.DataFrame:
    item = INDICATORS["csat"]
    own, longer = _plain(facts, item), _plain(pooled, item)
    team = figures(pooled, item, ("team",)).set_index("team")
    main = facts.groupby("agent_id")["team"].agg(lambda names: names.mode().iloc[0])
    enough = own[own["n"] >= CSAT_MINIMUM]
    rest = longer[~longer["agent_id"].isin(enough["agent_id"]) & (longer["n"] >= CSAT_MINIMUM)]
    known = {*enough["agent_id"], *rest["agent_id"]}
    lent = [
        {"agent_id": agent, "measure": item.id, "flag": "team",
         **{name: team.loc[name_of_team, name] for name in ("n", "value", "low", "high", "error")}}
        for agent, name_of_team in main.items()
        if agent not in known and name_of_team in team.index
    ]  # fmt: skip
    parts = [enough, rest.assign(flag="pooled"), pd.DataFrame(lent)]
    filled = [part for part in parts if len(part)]
    return pd.concat(filled, ignore_index=True) if filled else own


def _handling_ratio(facts: pd.DataFrame) -> pd.DataFrame:
    """Σ actual ÷ Σ expected, expected being the mean of all calls of that type and queue."""
    known = facts.dropna(subset=["handle_s"])
    if known.empty:
        return pd.DataFrame(columns=list(COLUMNS))
    actual = known["handle_s"].astype(float)
    expected = actual.groupby([known["call_type"].fillna(""), known["queue"]]).transform("mean")
    rows = []
    for agent, part in known.assign(actual=actual, expected=expected).groupby("agent_id"):
        base = float(part["expected"].sum())
        ratio = float(part["actual"].sum()) / base if base else np.nan
        n = len(part)
        rest = part["actual"] - ratio * part["expected"]
        error = float(np.sqrt((rest**2).sum() * n / max(1, n - 1))) / base if base else np.nan
        rows.append((agent, "aht_ratio", n, ratio, ratio - 1.96 * error, ratio + 1.96 * error,
                     error, ""))  # fmt: skip
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _training_plan(inputs: Inputs, scheme: Scheme) -> pd.DataFrame:
    plan = scheme.training_hours * inputs.days_long / 30
    hours = inputs.training.groupby("agent_id")["hours"].agg(["sum", "size"])
    percent = 100 * hours["sum"].astype(float) / plan if plan else hours["sum"] * np.nan
    return pd.DataFrame(
        {
            "agent_id": hours.index, "measure": "training_plan", "n": hours["size"].to_numpy(),
            "value": np.minimum(percent, 150).to_numpy(), "low": np.nan, "high": np.nan,
            "error": 0.0, "flag": "",
        }
    )  # fmt: skip
