"""One call: numbers, player with transcript and scorecard, findings, notes."""

from __future__ import annotations

import streamlit as st

from dashboards import data, frame, review_console_steps, review_data
from dashboards.review_console_page import draw_workspace
from dashboards.views import call_insight
from dashboards.views.calls import open_call
from qa.access import Action, may
from qa.analysis import Analysis
from qa.calls import Call, Direction, Recording
from qa.errors import NotFoundError
from qa.evaluation import CriticalFinding, CriticalState, Evaluation
from qa.meanings import explain
from qa.review.effective import Effective
from qa.transcript import Transcript


def render() -> None:
    """Draw the page of the call in the link (`?id=…&at=ms`)."""
    t = frame.translator()
    call_id = st.query_params.get("id", "")
    opened = data.require_store(t("app.no_store"))
    if not call_id:
        st.title(t("nav.call"))
        st.info(t("call.choose"))
        st.page_link(frame.page("calls"), label=t("call.back"))
        return
    try:
        call, recording, transcript, analysis, evaluation = data.call_parts(call_id, opened)
    except NotFoundError:
        st.error(t("call.not_found", call_id=frame.plain(call_id)))
        st.page_link(frame.page("calls"), label=t("call.back"))
        return
    _heading(call, t)
    for problem in data.problems_of(recording, opened):
        st.warning(f"{frame.plain(problem.message)} → {frame.plain(problem.remedy)}")
    if transcript is None:
        return
    analysis = analysis or Analysis(call=call, transcript=transcript)
    decided = review_data.counting(evaluation, opened) if evaluation else None
    counts = decided.evaluation if decided else None
    _numbers(analysis, decided, t)
    if counts is not None and not may(frame.viewer(), Action.REVIEW):
        evaluation = counts
        _findings(counts, t)
    draw_workspace(call_id)
    if evaluation is not None:
        review_console_steps.draw_steps(call, evaluation, opened, t)
    call_insight.render(analysis, opened)
    _notes(recording, transcript, analysis, evaluation, t)


def _heading(call: Call, t: frame.Translate) -> None:
    st.space(12)  # Streamlit's bar would cut the tops of Chinese letters
    neighbours = st.session_state.get("neighbours", [])
    at = neighbours.index(call.id) if call.id in neighbours else -1
    left, before, after = st.columns([8, 1, 1], vertical_alignment="bottom")
    left.header(t("call.title", call_id=frame.plain(call.id)))
    if at > 0 and before.button(t("call.previous"), width="stretch"):
        open_call(neighbours[at - 1], neighbours)
    if 0 <= at < len(neighbours) - 1 and after.button(t("call.next"), width="stretch"):
        open_call(neighbours[at + 1], neighbours)
    known = call.direction != Direction.UNKNOWN
    direction = frame.label_name(call.direction.value) if known else ""
    spoken = call.language[:2]
    language = frame.label_name(spoken) if spoken in ("zh", "en") else call.language
    parts = (call.agent_id, call.team, call.queue, direction, language)
    when = call.started_at.strftime("%Y-%m-%d %H:%M") if call.started_at else ""
    st.caption(" · ".join(frame.plain(part) for part in (when, *parts) if part))


def _numbers(analysis: Analysis, decided: Effective | None, t: frame.Translate) -> None:
    evaluation = decided.evaluation if decided else None
    boxes = st.columns([4, 2, 3, 3, 2, 3])
    boxes[0].metric(
        t("call.score"),
        _score(evaluation, t),
        delta=_confirmed(decided, t),
        delta_color="off",
        delta_arrow="off",
    )
    boxes[1].metric(t("call.coverage"), f"{evaluation.coverage:.0%}" if evaluation else "–")
    boxes[2].metric(t("call.critical"), _critical(evaluation, t))
    quality = analysis.quality
    boxes[3].metric(t("call.grade"), quality.grade if quality else "–")
    roles = analysis.transcript.roles.confidence
    boxes[4].metric(t("call.roles"), f"{roles:.0%}")
    stats = analysis.stats
    share = f"{stats.talk_ratio:.0%}" if stats and stats.talk_ratio is not None else "–"
    boxes[5].metric(t("call.talk"), share)


def _score(evaluation: Evaluation | None, t: frame.Translate) -> str:
    if evaluation is None:
        return "–"
    if evaluation.quality_percent is None:
        return t("call.no_score")
    return f"{evaluation.quality_percent:.1f} {evaluation.band}"


def _confirmed(decided: Effective | None, t: frame.Translate) -> str | None:
    """What auto-fails make of the score: those that a person confirmed, else those suspected."""
    if decided is None or decided.evaluation.quality_percent is None:
        return None
    quality, worst = decided.evaluation.quality_percent, decided.evaluation.if_confirmed_percent
    if decided.final_percent is not None and decided.final_percent != quality:
        return t("call.confirmed_score", score=f"{decided.final_percent:.0f}")
    if worst is None or worst == quality:
        return None
    return t("call.if_confirmed", score=f"{worst:.0f}")


def _critical(evaluation: Evaluation | None, t: frame.Translate) -> str:
    if evaluation is None:
        return "–"
    states = set(evaluation.critical.values())
    for state in ("fail", "suspected", "not_evaluable"):
        if state in states:
            return t(f"call.{state}")
    return t("call.clean")


def _findings(evaluation: Evaluation, t: frame.Translate) -> None:
    found = [item for item in evaluation.findings if item.state != CriticalState.REJECTED]
    if not found:
        return
    side = frame.evidence_language()
    st.warning(
        f"**{t('call.findings')}**\n\n"
        + "\n".join(f"- {_finding(finding, side, t)}" for finding in found)
    )


def _finding(finding: CriticalFinding, side: str, t: frame.Translate) -> str:
    quotes = "; ".join(f"“{frame.plain(item.quote)}”" for item in finding.evidence[:2])
    state = t(f"call.state_{finding.state.value}")
    return f"{finding.code} {finding.name.in_language(side)} · {state} · {quotes}"


def _notes(
    recording: Recording,
    transcript: Transcript,
    analysis: Analysis,
    evaluation: Evaluation | None,
    t: frame.Translate,
) -> None:
    side = frame.evidence_language()
    with st.expander(t("call.reasons")):
        for reason in evaluation.reasons if evaluation else ():
            st.markdown(f"- {frame.plain(reason.in_language(side))}")
        quality = analysis.quality.reasons if analysis.quality else ()
        for code in dict.fromkeys((*transcript.flags, *quality)):
            st.markdown(f"- {frame.plain(explain(code).in_language(side))}")
        st.caption(t("call.blind_spot"))
        stats = analysis.stats
        if stats is not None:
            unit = t(f"call.unit_{'zh' if transcript.language == 'zh' else 'en'}")
            cells = st.columns(3)
            rate = stats.agent.rate_per_min
            cells[0].metric(t("call.rate"), f"{rate:.0f} {unit}" if rate else "–")
            quiet = stats.metrics.get("quiet_share")
            cells[1].metric(t("call.silence"), "–" if quiet is None else f"{quiet:.0%}")
            wait = stats.agent.latency_ms
            latency = "–" if wait is None else t("call.seconds", value=f"{wait / 1000:.1f}")
            cells[2].metric(t("call.latency"), latency)
    with st.expander(t("call.details")):
        st.json(
            {
                "recording": {
                    "codec": recording.codec,
                    "channels": recording.channels,
                    "sample_rate_hz": recording.sample_rate_hz,
                    "sha256": recording.sha256,
                },
                "engines": [
                    f"{stamp.name} {stamp.version} {stamp.model}".strip()
                    for stamp in (*transcript.stamps, *analysis.stamps)
                ],
                "flags": list(transcript.flags),
                "roles": list(transcript.roles.reasons),
                "quality": list(analysis.quality.reasons) if analysis.quality else [],
                "scorecard": _scorecard(evaluation),
            }
        )


def _scorecard(evaluation: Evaluation | None) -> str:
    if evaluation is None:
        return ""
    card = evaluation
    return f"{card.scorecard_id} {card.scorecard_version} {card.digest}"
