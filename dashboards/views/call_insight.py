"""What one call says beside its score: mood, risks, promises, reason. A part of the call page."""

from __future__ import annotations

from datetime import UTC, datetime

import pandas as pd
import streamlit as st

from dashboards import charts_insight, frame, insight_data
from dashboards.views.commitments import action_title
from dashboards.views.risks import age_text
from qa.access import Action, may
from qa.analysis import Analysis
from qa.clock import clock
from qa.errors import NotFoundError
from qa.evaluation import Evidence
from qa.insight.alerts import RiskItem
from qa.insight.commitments import LedgerItem
from qa.insight.summaries import CallSummary
from qa.store import Store
from scoring.calltype import title_of as type_title
from scoring.sentiment import SentimentCourse, course_of

#: A smaller change of sentiment is noise.
_NOTABLE = 0.05


def render(analysis: Analysis, opened: Store) -> None:
    """Draw the section; nothing where the call has not been analysed for it."""
    t = frame.translator()
    person = frame.viewer()
    try:
        summary = opened.insight.load(analysis.call.id)
    except NotFoundError:
        return
    st.subheader(t("insight.title"))
    _facts(summary, t)
    handles = may(person, Action.HANDLE_RISKS)
    left, right = st.columns([2, 3], gap="medium")
    with left:
        _mood(course_of(analysis.transcript, analysis.sentiment), t)
    with right:
        if handles:
            _risks(opened.risks.of_call(analysis.call.id, person=person), t)
            _promises(opened.commitments.of_call(analysis.call.id, person=person), t)
        _suggestions(summary, t)


def _facts(summary: CallSummary, t: frame.Translate) -> None:
    side = frame.evidence_language()
    reason = insight_data.reason_titles(side).get(summary.reason, summary.reason)
    facts = [
        t("insight.type", name=type_title(summary.call_type).in_language(side)),
        t("insight.reason", name=reason),
    ]
    if summary.contacts > 1:
        facts.append(t("insight.contacts", count=summary.contacts))
    st.caption(" · ".join(frame.plain(fact) for fact in facts))


def _mood(course: SentimentCourse, t: frame.Translate) -> None:
    st.markdown(f"**{t('insight.mood')}**", help=t("insight.mood_help"))
    if not course.turns:
        st.caption(t("insight.no_mood"))
        return
    quarters = pd.DataFrame({"quarter": [1, 2, 3, 4], "score": course.quarters})
    titles = {"quarter": t("insight.quarter"), "score": t("insight.score")}
    st.altair_chart(charts_insight.mood_quarters(quarters, titles=titles))
    words = []
    if course.change is not None:
        words.append(t("insight.change", start=_signed(course.start), end=_signed(course.end)))
    if (course.recovery or 0) >= _NOTABLE and (course.lowest or 0) < 0:
        words.append(t("insight.recovery", value=_signed(course.recovery)))
    st.caption(" · ".join(words) or t("insight.few_turns"))
    if course.lowest is None or course.lowest_ms is None or course.lowest >= 0:
        return
    label = t("insight.lowest", value=_signed(course.lowest), at=clock(course.lowest_ms))
    _play(label, course.lowest_ms, "play-lowest")


def _signed(value: float | None) -> str:
    return "–" if value is None else f"{value:+.2f}"


def _play(label: str, start_ms: int, key: str) -> None:
    """A line that takes the player of this page to a moment."""
    if st.button(label, icon=":material/play_arrow:", key=key, type="tertiary"):
        st.query_params["at"] = str(start_ms)
        st.rerun()


def _risks(items: list[RiskItem], t: frame.Translate) -> None:
    st.markdown(f"**{t('insight.risks')}**")
    now = datetime.now(UTC)
    if not items:
        st.caption(t("insight.no_risks"))
    side = frame.evidence_language()
    for item in items:
        facts = [
            t(f"risks.priority_{item.alert.priority}"),
            t(f"risks.kind_{item.alert.kind.value}"),
            t(f"risks.state_{item.state.value}"),
            t("risks.raised", age=age_text(item.age(now), t)),
        ]
        st.markdown(" · ".join(facts))
        for number, reason in enumerate(item.alert.reasons):
            words = reason.text.in_language(side)
            if reason.evidence:
                found: Evidence = reason.evidence[0]
                label = (
                    f"{frame.plain(words)} · {clock(found.start_ms)} “{frame.plain(found.quote)}”"
                )
                _play(label, found.start_ms, f"play-risk-{item.id}-{number}")
            else:
                st.markdown(f"- {frame.plain(words)}")


def _promises(items: list[LedgerItem], t: frame.Translate) -> None:
    st.markdown(f"**{t('insight.promises')}**")
    if not items:
        st.caption(t("insight.no_promises"))
    now = datetime.now(UTC)
    for item in items:
        promise = item.commitment
        due = f" → {promise.due_at:%Y-%m-%d %H:%M}" if promise.due_at else ""
        facts = [
            t(f"role.{promise.by.value}"),
            action_title(promise.action) + due,
            t(f"commitments.state_{item.state(now).value}"),
            f"“{promise.quote}”",
        ]
        label = f"{clock(promise.start_ms)} · " + " · ".join(map(frame.plain, facts))
        _play(label, promise.start_ms, f"play-promise-{promise.id}")


def _suggestions(summary: CallSummary, t: frame.Translate) -> None:
    if not summary.suggestions:
        return
    st.markdown(f"**{t('topics.suggestions')}**")
    for number, quote in enumerate(summary.suggestions):
        label = f"{clock(quote.start_ms)} · “{frame.plain(quote.text)}”"
        _play(label, quote.start_ms, f"play-suggestion-{number}")
