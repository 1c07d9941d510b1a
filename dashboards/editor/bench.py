"""The test bench: a conversation, pasted or stored, judged with the draft as it is being edited."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterable

import streamlit as st

from dashboards import data
from dashboards.callview import LOW_CONFIDENCE, pieces
from dashboards.frame import plain
from qa.analysis import Analysis
from qa.errors import QaError
from qa.evaluation import Evaluation, Evidence, Outcome
from qa.store import CallFilter
from scoring.criteria.view import PhraseMatcher
from scoring.engine import score
from scoring.examples import conversation
from scoring.explain import Branch, Explanation, explain
from scoring.imports import detect_language
from scoring.scorecard import Scorecard

Translate = Callable[..., str]
#: Recent calls that can be picked.
_OFFERED = 200
_TONES = {Outcome.MET: "good", Outcome.PARTIAL: "half", Outcome.MISSED: "bad"}
_BADGES = {
    Outcome.MET: "green",
    Outcome.PARTIAL: "orange",
    Outcome.MISSED: "red",
    Outcome.NOT_APPLICABLE: "gray",
    Outcome.NOT_EVALUABLE: "gray",
}
_STYLE = """<style>
.bench{line-height:1.75;font-size:.95rem;max-height:32rem;overflow-y:auto}
.bench p{margin:0 0 .35rem 0;padding-left:4.2rem;text-indent:-4.2rem}
.bench b{display:inline-block;width:4.2rem;text-indent:0;font-weight:600;font-size:.8rem}
.bench .agent b{color:#2563a8}.bench .customer b{color:#b4591b}.bench b{color:#6b7280}
.bench mark{border-radius:3px;padding:0 2px;color:inherit;text-indent:0}
.bench mark.good{background:rgba(28,124,74,.22)}
.bench mark.half{background:rgba(200,140,0,.28)}
.bench mark.bad{background:rgba(179,38,30,.22)}
.bench .low{opacity:.65}
</style>"""


def render(
    card: Scorecard, criterion_id: str, matcher: PhraseMatcher, language: str, t: Translate
) -> None:
    """Draw the bench for one criterion of a scorecard."""
    analysis = _conversation(t)
    if analysis is None:
        return
    evaluation = score(analysis, card, matcher=matcher)
    found = explain(analysis, card, criterion_id, matcher=matcher)
    left, right = st.columns([3, 2])
    with left:
        _transcript(analysis, found, t)
    with right:
        _verdict(evaluation, found, language, t)


def _conversation(t: Translate) -> Analysis | None:
    """What to judge: lines that were pasted, or a stored call."""
    source = st.segmented_control(
        t("editor.source"),
        ["paste", "call"],
        default="paste",
        format_func=lambda name: t(f"editor.source_{name}"),
        key="bench.source",
        label_visibility="collapsed",
    )
    return _stored(t) if source == "call" else _pasted(t)


def _pasted(t: Translate) -> Analysis | None:
    text = st.text_area(
        t("editor.conversation"),
        t("editor.sample"),
        height=170,
        help=t("editor.conversation_help"),
        key="bench.text",
    )
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines:
        return None
    try:
        return conversation(lines, language=detect_language(iter(lines)))
    except QaError as error:
        st.error(f"{error.message} → {t('editor.start_lines')}")
        return None


def _stored(t: Translate) -> Analysis | None:
    opened = data.store()
    rows = opened.calls.find(CallFilter(evaluated=True), limit=_OFFERED) if opened else []
    if opened is None or not rows:
        st.info(t("app.no_store"))
        return None
    chosen = st.selectbox(t("editor.call"), [row.call_id for row in rows], key="bench.call")
    try:
        return opened.analyses.load(chosen)
    except QaError as error:
        st.error(error.message)
        return None


def _transcript(analysis: Analysis, found: Explanation, t: Translate) -> None:
    """The turns with what the criterion rests on lit up."""
    tone = _TONES.get(found.verdict.outcome, "half")
    lit = [(item, tone) for item in found.verdict.evidence]
    if found.tree is not None:
        lit += [(item, "half") for item in _found_by(found.tree) if (item, tone) not in lit]
    quotes: dict[int, list[tuple[int, int, str, str]]] = {}
    for item, colour in lit:
        if item.turn_index is not None and item.char_end > item.char_start:
            span = (item.char_start, item.char_end, colour, f"{item.rule} · {item.match}")
            quotes.setdefault(item.turn_index, []).append(span)
    lines = []
    for turn in analysis.transcript.turns:
        words = "".join(_piece(piece) for piece in pieces(turn, quotes.get(turn.index, ())))
        low = " low" if turn.confidence < LOW_CONFIDENCE else ""
        who = html.escape(t(f"role.{turn.role.value}"))
        lines.append(f'<p class="{turn.role.value}{low}"><b>{who}</b>{words}</p>')
    st.html(f'{_STYLE}<div class="bench">{"".join(lines)}</div>')


def _found_by(branch: Branch) -> Iterable[Evidence]:
    yield from (*branch.evidence, *branch.candidates)
    for child in branch.children:
        yield from _found_by(child)


def _piece(piece: dict[str, str]) -> str:
    text = html.escape(piece["text"])
    if "tone" not in piece:
        return text
    return f'<mark class="{piece["tone"]}" title="{html.escape(piece["title"])}">{text}</mark>'


def _verdict(evaluation: Evaluation, found: Explanation, language: str, t: Translate) -> None:
    outcome = found.verdict.outcome
    st.badge(
        f"{found.criterion_id} · {t(f'outcome.{outcome.value}')} · {found.verdict.share:.0%}",
        color=_BADGES[outcome],  # type: ignore[arg-type]
    )
    st.markdown(plain(found.verdict.reason.in_language(language)))
    total = evaluation.quality_percent
    shown = t("call.no_score") if total is None else f"{total:.1f} {evaluation.band}"
    st.caption(t("editor.whole", score=shown, coverage=f"{evaluation.coverage:.0%}"))
    with st.expander(t("editor.why"), expanded=True):
        st.code(found.render(language), language=None, wrap_lines=True)
