"""Why customers call, what is new, and what they say: the parts of the page on topics."""

from __future__ import annotations

from datetime import datetime

import pandas as pd
import streamlit as st

from dashboards import charts_insight, data, frame, insight_data
from dashboards.views.calls import open_call
from qa.errors import QaError
from qa.insight.summaries import Quote
from qa.insight.topics import StoredTopic
from qa.settings import load_settings
from qa.store import Store

_MOST_TOPICS = 20
_MOST_QUOTES = 20
_MOST_GROUPS = 6
_TYPES_IN_ROW = 6


def draw_reasons(since: datetime | None, opened: Store, t: frame.Translate) -> None:
    """Pareto of contact reasons, and their growth from week to week."""
    calls = insight_data.reasons(frame.viewer(), since, opened)
    if calls.empty:
        st.info(t("topics.none"))
        return
    titles = insight_data.reason_titles(frame.evidence_language())
    table = insight_data.pareto_table(calls, titles)
    left, right = st.columns(2, gap="medium")
    with left:
        st.subheader(t("topics.pareto"))
        names = {"calls": t("topics.calls"), "running": t("topics.running")}
        st.altair_chart(charts_insight.pareto_bars(table, titles=names))
        other = float(table.loc[table["reason"] == "other", "share"].sum())
        st.caption(t("topics.pareto_note", n=len(calls), other=f"{other:.0%}"))
    with right:
        _growth(calls, titles, t)
    _types(calls, t)


def _growth(calls: pd.DataFrame, titles: dict[str, str], t: frame.Translate) -> None:
    st.subheader(t("topics.growth"))
    weekly = insight_data.weekly_reasons(calls, titles, timezone=load_settings().timezone)
    if weekly["week"].nunique() < 2:
        st.caption(t("topics.one_week"))
        return
    names = {"week": t("topics.week"), "calls": t("topics.calls")}
    st.altair_chart(charts_insight.reason_lines(weekly, titles=names))
    growth = insight_data.growth_table(weekly)
    column = st.column_config
    st.dataframe(
        growth.assign(change=growth["change"].map(_signed)),
        hide_index=True,
        column_config={
            "name": column.TextColumn(t("risks.contact_reason")),
            "last": column.NumberColumn(t("topics.last_week")),
            "before": column.NumberColumn(t("topics.weeks_before"), format="%.1f"),
            "change": column.TextColumn(t("topics.change"), alignment="right"),
        },
    )
    st.caption(t("topics.growth_note", n=insight_data.FEWEST_FOR_GROWTH))


def _signed(change: float | None) -> str:
    return "–" if change is None or pd.isna(change) else f"{change:+.0%}"


def _types(calls: pd.DataFrame, t: frame.Translate) -> None:
    from scoring.calltype import title_of  # noqa: PLC0415 - reads a taxonomy, only here

    st.subheader(t("topics.types"))
    side = frame.evidence_language()
    counted = calls["call_type"].value_counts()
    shown = {title_of(str(name)).in_language(side): int(count) for name, count in counted.items()}
    names = list(shown)
    for at in range(0, len(names), _TYPES_IN_ROW):
        row = names[at : at + _TYPES_IN_ROW]
        for box, name in zip(st.columns(_TYPES_IN_ROW), row, strict=False):
            box.metric(name, shown[name])


def draw_topics(opened: Store, t: frame.Translate) -> None:
    """Topics the taxonomy does not know, with quotes and weekly counts."""
    found = insight_data.topics(frame.viewer(), opened)
    st.caption(t("topics.new_note"))
    if not found:
        st.info(t("topics.no_topics"), icon=":material/search:")
        return
    for topic in found[:_MOST_TOPICS]:
        _topic(topic, t)


def _topic(stored: StoredTopic, t: frame.Translate) -> None:
    topic = stored.topic
    with st.container(border=True):
        left, middle, right = st.columns([6, 3, 1], vertical_alignment="center")
        left.markdown(f"**{frame.plain(stored.title or topic.label)}**")
        facts = [t("topics.size", calls=len(topic.call_ids))]
        if stored.title:
            facts.append(frame.plain(topic.label))
        if topic.growth is not None:
            facts.append(t("topics.topic_growth", growth=f"{topic.growth:.1f}"))
        left.caption(" · ".join(facts))
        if len(topic.weekly) > 1:
            weekly = pd.DataFrame(topic.weekly, columns=["week", "calls"])
            names = {"week": t("topics.week"), "calls": t("topics.calls")}
            middle.altair_chart(charts_insight.week_spark(weekly, titles=names))
        with right.popover("", icon=":material/edit:", help=t("topics.rename")):
            _rename(stored, t)
        for quote in topic.quotes:
            st.markdown(f"> {frame.plain(quote)}")


def _rename(stored: StoredTopic, t: frame.Translate) -> None:
    title = st.text_input(t("topics.name"), value=stored.title, key=f"topic-name-{stored.id}")
    if st.button(t("topics.save"), key=f"topic-save-{stored.id}"):
        try:
            data.writer().topics.rename(stored.id, title, person=frame.viewer())
        except QaError as error:
            st.error(f"{frame.plain(error.message)} → {frame.plain(error.remedy)}")
            return
        insight_data.forget()
        st.rerun()


def draw_voice(since: datetime | None, opened: Store, t: frame.Translate) -> None:
    """Suggestions, grievances by reason, product words: all in the customers' own words."""
    person = frame.viewer()
    left, right = st.columns(2, gap="medium")
    with left:
        st.subheader(t("topics.grievances"))
        lows = insight_data.voices(person, since, "lows", opened)
        titles = insight_data.reason_titles(frame.evidence_language())
        for group in insight_data.grievances(lows)[:_MOST_GROUPS]:
            name = titles.get(group["reason"], group["reason"])
            st.markdown(f"**{frame.plain(name)}** · {t('topics.size', calls=group['calls'])}")
            for quote in group["quotes"]:
                _quote(quote, t)
        if not lows:
            st.caption(t("topics.no_grievances"))
    with right:
        st.subheader(t("topics.suggestions"))
        voiced = insight_data.voices(person, since, "suggestions", opened)
        quotes = [quote for summary, _ in voiced for quote in summary.suggestions]
        for quote in quotes[:_MOST_QUOTES]:
            _quote(quote, t)
        if not quotes:
            st.caption(t("topics.no_suggestions"))
        st.subheader(t("topics.products"))
        _products(insight_data.products(person, since, opened), t)


def _products(table: pd.DataFrame, t: frame.Translate) -> None:
    if table.empty:
        st.caption(t("topics.no_products"))
        return
    column = st.column_config
    st.dataframe(
        table,
        hide_index=True,
        column_config={
            "product": column.TextColumn(t("topics.product")),
            "calls": column.ProgressColumn(
                t("topics.calls"), format="%d", min_value=0, max_value=int(table["calls"].max())
            ),
        },
    )


def _quote(quote: Quote, t: frame.Translate) -> None:
    left, right = st.columns([9, 1], vertical_alignment="center")
    left.markdown(f"> {frame.plain(quote.text[:160])}")
    key = f"quote-{quote.call_id}-{quote.turn_index}-{quote.char_start}"
    if right.button(
        "", icon=":material/play_arrow:", key=key, help=t("risks.listen"), type="tertiary"
    ):
        open_call(quote.call_id, [], start_ms=quote.start_ms)
