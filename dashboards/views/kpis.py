"""KPIs by team and agent: every figure with its definition, n and interval."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
import streamlit as st

from dashboards import data, frame, people_charts, people_data
from dashboards.people_data import Wanted
from qa.people.indicators import INDICATORS, MISS, Better, Indicator, Kind, Table
from qa.people.statistics import ControlChart, attribute_chart, mean_chart, trend
from qa.store import Store

_VIEWS = ("compare", "time", "mix", "criteria")
#: Charts show at most this many lines; the table below shows everybody.
_LINES = 40


@dataclass(frozen=True, slots=True)
class _Chosen:
    """What the page shows."""

    item: Indicator
    wanted: Wanted


def render() -> None:
    """Draw the page."""
    t = frame.translator()
    st.title(t("kpis.title"))
    opened = data.require_store(t("app.no_store"))
    months = people_data.months(opened)
    if not months:
        st.info(t("kpis.not_summed"), icon=":material/info:")
        return
    st.caption(t("kpis.intro"))
    chosen = _choose(opened, months, t)
    _definition(chosen.item, t)
    view = st.segmented_control(
        t("kpis.view"), _VIEWS, default="compare", format_func=lambda name: t(f"kpis.{name}"),
        label_visibility="collapsed", key="kpis_view",
    )  # fmt: skip
    draw = {"compare": _compare, "time": _over_time, "mix": _mix, "criteria": _criteria}
    draw[view or "compare"](chosen, opened, t)


def _choose(opened: Store, months: list[str], t: frame.Translate) -> _Chosen:
    side = frame.evidence_language()
    known = people_data.measures(opened)
    order = [name for name in INDICATORS if name in known]
    order += [name for name in known if name.startswith(MISS)]
    columns = st.columns([5, 3, 2, 2])
    with columns[0]:
        measure = st.selectbox(
            t("kpis.indicator"), order, key="kpis_measure", bind="query-params",
            format_func=lambda name: people_data.named(name, opened).name.in_language(side),
        )  # fmt: skip
    with columns[1]:
        team = st.selectbox(
            t("kpis.team"), ["", *data.choices("team", opened)],
            format_func=lambda name: name or t("kpis.all_teams"),
        )  # fmt: skip
    with columns[2]:
        first = st.selectbox(t("kpis.from_month"), months, index=max(0, len(months) - 3))
    with columns[3]:
        later = [month for month in months if month >= first]
        last = st.selectbox(t("kpis.to_month"), later, index=len(later) - 1)
    wanted = Wanted(measure, first, last, (team,) if team else ())
    return _Chosen(people_data.named(measure, opened), wanted)


def _definition(item: Indicator, t: frame.Translate) -> None:
    side = frame.evidence_language()
    direction = t(f"kpis.better_{item.better}")
    st.caption(
        f"**{frame.plain(item.name.in_language(side))}** — "
        f"{frame.plain(item.formula.in_language(side))} · {t(f'unit.{item.unit}')} · {direction} · "
        f"{t('kpis.least', n=item.minimum_n)} · {t('kpis.source', source=_source(item, t))}"
    )


def help_text(item: Indicator, t: frame.Translate) -> str:
    """Formula, unit, direction and source, for `help=` wherever the number stands."""
    side = frame.evidence_language()
    return (
        f"{item.formula.in_language(side)}\n\n{t(f'unit.{item.unit}')} · "
        f"{t(f'kpis.better_{item.better}')} · {t('kpis.source', source=_source(item, t))}"
    )


def _source(item: Indicator, t: frame.Translate) -> str:
    return item.source.replace("dossier", t("kpis.standard"))


def _compare(chosen: _Chosen, opened: Store, t: frame.Translate) -> None:
    table = people_data.figures(chosen.wanted, "agent_id", opened)
    if table.empty:
        st.info(t("kpis.none"))
        return
    _summary(chosen, table, opened, t)
    labels = people_data.names(opened)
    shown = table.assign(label=[_label(agent, labels) for agent in table["agent_id"]])
    shown = _in_order(shown, chosen.item)
    left, right = st.columns([3, 2])
    with left:
        st.subheader(t("kpis.by_agent"))
        lines = shown[shown["enough"] | shown["provisional"]].head(_LINES)
        lines = lines if len(lines) else shown.head(_LINES)
        centre = float(np.average(table["value"], weights=table["n"]))
        titles = {name: t(f"kpis.{name}") for name in ("shrunk", "n", "low", "high")}
        titles["value"] = f"{t('kpis.raw')} ({t(f'unit.{chosen.item.unit}')})"
        st.altair_chart(
            people_charts.intervals(
                lines.assign(order=range(len(lines))), titles=titles, centre=centre
            )
        )
        st.caption(t("kpis.legend"))
    with right:
        st.subheader(t("kpis.by_team"))
        _table(people_data.figures(chosen.wanted, "team", opened), "team", chosen.item, t)
        st.caption(t("kpis.tied_help"))
    _table(shown, "label", chosen.item, t)
    if len(table) > people_data.COMPARED:
        st.caption(t("kpis.too_many", n=people_data.COMPARED))
    st.caption(t("kpis.small_n", n=chosen.item.minimum_n))


def _summary(chosen: _Chosen, table: pd.DataFrame, opened: Store, t: frame.Translate) -> None:
    whole = people_data.figures(chosen.wanted, "month", opened)
    item = chosen.item
    overall = float(np.average(table["value"], weights=table["n"]))
    boxes = st.columns(4)
    boxes[0].metric(t("kpis.overall"), _shown(overall, item), help=help_text(item, t))
    boxes[1].metric(t("kpis.n"), f"{int(table['n'].sum()):,}")
    boxes[2].metric(t("kpis.people_enough"), f"{int(table['enough'].sum())} / {len(table)}")
    if len(whole) > 1:
        newest, before = whole.iloc[-1], whole.iloc[-2]
        apart = _apart(newest, before)
        change = newest["value"] - before["value"]
        boxes[3].metric(
            t("kpis.last_month", month=newest["month"]),
            _shown(float(newest["value"]), item),
            delta=f"{change:+.1f}" if apart else t("kpis.no_difference"),
            delta_color=_colour(item) if apart else "off",
            delta_arrow="auto" if apart else "off",
            help=t("kpis.change_help"),
        )


def _apart(one: pd.Series, other: pd.Series) -> bool:
    """Whether two months differ by more than their errors explain (95 %)."""
    error = float(np.hypot(one["error"], other["error"]))
    return bool(error > 0 and abs(one["value"] - other["value"]) > 1.96 * error)


def _colour(item: Indicator) -> Literal["normal", "inverse", "off"]:
    if item.better is Better.BAND:
        return "off"
    return "normal" if item.better is Better.HIGHER else "inverse"


def _shown(value: float, item: Indicator) -> str:
    digits = 2 if item.unit in ("stars", "seconds") and abs(value) < 10 else 1
    return f"{value:.{digits}f}{' %' if item.unit == 'percent' else ''}"


def _label(agent: str, names: dict[str, str]) -> str:
    return f"{names[agent]} ({agent})" if names.get(agent) else agent


def _in_order(table: pd.DataFrame, item: Indicator) -> pd.DataFrame:
    """By group of ranks, then by id: inside a group an order by value would be a ranking."""
    place = table["group"].where(table["group"] > 0, 10_000)
    key = "label" if item.better is not Better.BAND else "agent_id"
    return table.assign(place=place).sort_values(["place", key], ignore_index=True)


def _table(table: pd.DataFrame, by: str, item: Indicator, t: frame.Translate) -> None:
    if table.empty:
        return
    ranked = int((table["group"] > 0).sum())
    more = () if by == "team" else ("shrunk", "own")
    shown = table.assign(
        rank=[_rank(row, ranked, t) for row in table.to_dict("records")],
        own=100 * table["weight"],
    )
    column = st.column_config
    number = "%.2f" if item.unit in ("stars", "seconds") else "%.1f"
    st.dataframe(
        shown,
        column_order=(by, "n", "value", "low", "high", *more, "rank"),
        hide_index=True,
        placeholder="–",
        column_config={
            by: column.TextColumn(t("kpis.team" if by == "team" else "kpis.agent")),
            "n": column.NumberColumn(t("kpis.n"), help=t("kpis.n_help")),
            "value": column.NumberColumn(t("kpis.raw"), format=number, help=help_text(item, t)),
            "low": column.NumberColumn(t("kpis.low"), format=number, help=t("kpis.interval_help")),
            "high": column.NumberColumn(
                t("kpis.high"), format=number, help=t("kpis.interval_help")
            ),
            "shrunk": column.NumberColumn(
                t("kpis.shrunk"), format=number, help=t("kpis.shrunk_help")
            ),
            "own": column.NumberColumn(t("kpis.own"), format="%.0f%%", help=t("kpis.own_help")),
            "rank": column.TextColumn(t("kpis.rank"), help=t("kpis.tied_help")),
        },
    )


def _rank(row: dict[str, object], ranked: int, t: frame.Translate) -> str:
    if not row["group"]:
        return t("kpis.provisional") if not row["enough"] else "–"
    if row["best_rank"] == row["worst_rank"]:
        return t("kpis.one_rank", rank=row["best_rank"], n=ranked)
    if row["best_rank"] == 1 and row["worst_rank"] == ranked:
        return t("kpis.tied")
    return t("kpis.ranks", best=row["best_rank"], worst=row["worst_rank"], n=ranked)


def _over_time(chosen: _Chosen, opened: Store, t: frame.Translate) -> None:
    if chosen.item.table is not Table.CALLS or chosen.wanted.measure.startswith(MISS):
        st.info(t("kpis.only_calls"))
        return
    labels = people_data.names(opened)
    known = people_data.figures(chosen.wanted, "agent_id", opened)["agent_id"].tolist()
    agent = st.selectbox(
        t("kpis.agent"), ["", *known], width=360,
        format_func=lambda key: _label(key, labels) if key else t("kpis.whole_team"),
    )  # fmt: skip
    weeks = people_data.weekly(chosen.wanted, (agent,) if agent else (), opened)
    chart = _chart(chosen.item, weeks)
    if chart is None:
        st.info(t("kpis.too_short"))
        return
    begins = _begins(chart, weeks)
    titles = {name: t(f"kpis.{name}") for name in ("week", "n", "signal")}
    titles |= {rule: t(f"kpis.rule_{rule}") for rule in _RULES}
    titles["value"] = chosen.item.name.in_language(frame.evidence_language())
    scale = chosen.item.scale
    st.altair_chart(people_charts.control(chart, begins, scale=scale, titles=titles))
    found = trend(weeks["total"] / weeks["n"])
    slope = "" if found.slope is None else f"{found.slope * scale:+.2f}"
    p = "" if found.p is None else f"{found.p:.3f}"
    st.markdown(f"**{t(f'kpis.trend_{found.label}')}** · "
                f"{t('kpis.trend_words', slope=slope, p=p, n=found.n)}")  # fmt: skip
    st.caption(t(f"kpis.chart_{chart.kind}") + " " + t("kpis.chart_help"))
    if chart.provisional:
        st.caption(t("kpis.chart_provisional", n=len(chart.value)))


_RULES = ("beyond_3s", "nine_on_one_side", "six_in_a_row", "two_of_three_beyond_2s")


def _chart(item: Indicator, weeks: pd.DataFrame) -> ControlChart | None:
    if weeks.empty:
        return None
    if item.kind is not Kind.MEAN:
        return attribute_chart(weeks["total"], weeks["n"])
    variance = (weeks["square"] - weeks["total"] ** 2 / weeks["n"]).clip(lower=0)
    limits = (item.limits[0] / item.scale, item.limits[1] / item.scale)
    return mean_chart(
        weeks["total"] / weeks["n"], weeks["n"], variance / (weeks["n"] - 1), limits=limits
    )


def _begins(chart: ControlChart, weeks: pd.DataFrame) -> list[pd.Timestamp]:
    if not chart.merged:
        return list(weeks["week"])
    first: dict[int, pd.Timestamp] = {}
    for week, point in zip(weeks["week"], chart.merged, strict=True):
        first.setdefault(point, week)
    return [first[point] for point in range(len(chart.value))]


def _mix(chosen: _Chosen, opened: Store, t: frame.Translate) -> None:
    if chosen.item.table is not Table.CALLS or chosen.wanted.measure.startswith(MISS):
        st.info(t("kpis.only_calls"))
        return
    method = st.segmented_control(
        t("kpis.method"), ("regression", "indirect"), default="regression",
        format_func=lambda name: t(f"kpis.method_{name}"), help=t("kpis.method_help"),
    )  # fmt: skip
    found = people_data.mixed(chosen.wanted, method or "regression", opened)
    if found.empty:
        st.info(t("kpis.none"))
        return
    labels = people_data.names(opened)
    table = found.assign(
        label=[_label(agent, labels) for agent in found["agent_id"]],
        change=found["adjusted"] - found["raw"],
    ).sort_values("label", ignore_index=True)
    st.caption(t("kpis.mix_help"))
    titles = {name: t(f"kpis.{name}") for name in ("raw", "adjusted", "n")}
    enough = table[table["n"] >= chosen.item.provisional_n].head(_LINES)
    lines = enough if len(enough) else table.head(_LINES)
    st.altair_chart(people_charts.dumbbells(lines.assign(order=range(len(lines))), titles=titles))
    column = st.column_config
    names = ("n", "raw", "expected", "adjusted", "low", "high", "change")
    config = {name: column.NumberColumn(t(f"kpis.{name}"), format="%.1f") for name in names}
    config["n"] = column.NumberColumn(t("kpis.n"))
    config["raw"] = column.NumberColumn(
        t("kpis.raw"), format="%.1f", help=help_text(chosen.item, t)
    )
    st.dataframe(
        table, column_order=("label", *names), hide_index=True, placeholder="–",
        column_config={"label": column.TextColumn(t("kpis.agent")), **config},
    )  # fmt: skip


def _criteria(chosen: _Chosen, opened: Store, t: frame.Translate) -> None:
    table = people_data.misses(chosen.wanted, opened)
    if table.empty:
        st.info(t("kpis.none"))
        return
    side = frame.evidence_language()
    names = people_data.criterion_names(opened)
    ids = table["measure"].str.removeprefix(MISS)
    wording = [names[key].in_language(side) if key in names else "" for key in ids]
    shown = table.assign(name=[f"{key} {word}" for key, word in zip(ids, wording, strict=True)])
    column = st.column_config
    formula = help_text(people_data.named(f"{MISS}*", opened), t)
    st.dataframe(
        shown, column_order=("name", "n", "value", "low", "high"), hide_index=True, placeholder="–",
        column_config={
            "name": column.TextColumn(t("kpis.criterion")),
            "n": column.NumberColumn(t("kpis.n")),
            "value": column.ProgressColumn(
                t("kpis.miss_rate"), format="%.0f%%", min_value=0, max_value=100, help=formula
            ),
            "low": column.NumberColumn(t("kpis.low"), format="%.0f%%"),
            "high": column.NumberColumn(t("kpis.high"), format="%.0f%%"),
        },
    )  # fmt: skip
    st.caption(t("kpis.criteria_help"))
