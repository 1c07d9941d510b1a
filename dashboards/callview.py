"""One call as the player shows it: values of the store in, plain JSON out. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from qa.analysis import Analysis, CallEvent, EventKind
from qa.calls import Role
from qa.evaluation import CriterionResult, Evaluation, Evidence, Outcome, Verdict
from qa.transcript import Turn

Translate = Callable[..., str]

COLOURS = {
    "agent": "#2563a8",
    "customer": "#b4591b",
    "system": "#6b7280",
    "gap": "#9aa0a6",
    "overlap": "#8e44ad",
    "hold": "#2a9d8f",
    "good": "#1c7c4a",
    "half": "#9a6a00",
    "bad": "#b3261e",
}
_TONES = {Outcome.MET: "good", Outcome.PARTIAL: "half", Outcome.MISSED: "bad"}
#: Measurements shown beside a reason, measured before threshold (texts `measure.*`).
MEASURES = (
    *("value", "seconds", "hits", "parts", "steps", "occurrences", "episodes", "answered"),
    *("similarity", "threshold", "threshold_s", "needed", "of", "low", "high"),
)
#: Under this mean word confidence a turn is marked as hard to hear.
LOW_CONFIDENCE = 0.6
#: A silence is drawn from this length (dossier §2.1: notable from 3 s).
DRAWN_GAP_MS = 3000


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """Waveform of one side: `peaks` are 0–1, evenly spaced over the call."""

    role: Role
    peaks: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CallView:
    """What the call page knows about a call.

    Attributes:
        review: `review_console.console_data`.
        trust: Criterion → word on how far its verdict is to be trusted (`suggested`); a verdict
            without one counts by itself, or a person has said it.
        name_rule: What found a piece of evidence, for people.
    """

    analysis: Analysis
    evaluation: Evaluation | None
    lanes: tuple[Lane, ...] = ()
    audio_url: str = ""
    start_ms: int = 0
    review: Mapping[str, Any] = field(default_factory=dict)
    trust: Mapping[str, str] = field(default_factory=dict)
    name_rule: Callable[[str], str] = str


def player_data(view: CallView, language: str, t: Translate) -> dict[str, Any]:
    """The `data` of the player component in the interface language."""
    transcript = view.analysis.transcript
    results = view.evaluation.results if view.evaluation else ()
    return {
        "callId": transcript.call_id,
        "audioUrl": view.audio_url,
        "durationMs": transcript.duration_ms,
        "startMs": view.start_ms,
        "review": dict(view.review),
        "lanes": [_lane(lane, t) for lane in view.lanes],
        "marks": _marks(view.analysis, results, language, t),
        "turns": _turns(view.analysis, results, language, t),
        "sections": _sections(view, language, t),
        "legend": _legend(t),
        "labels": {name: t(f"player.{name}") for name in PLAYER_LABELS},
    }


PLAYER_LABELS = (
    "play",
    "pause",
    "back",
    "forward",
    "skip",
    "loop",
    "keys",
    "timeline",
    "noTurns",
    "noScore",
    "lowConfidence",
    "review",
)


def _lane(lane: Lane, t: Translate) -> dict[str, Any]:
    return {
        "label": t(f"role.{lane.role.value}"),
        "colour": COLOURS.get(lane.role.value, COLOURS["system"]),
        "peaks": [round(min(1.0, max(0.0, peak)), 3) for peak in lane.peaks],
    }


def _legend(t: Translate) -> list[dict[str, str]]:
    names = ("agent", "customer", "gap", "overlap", "hold", "good", "half", "bad")
    return [{"label": t(f"legend.{name}"), "colour": COLOURS[name]} for name in names]


def _marks(
    analysis: Analysis, results: Sequence[CriterionResult], language: str, t: Translate
) -> list[dict[str, Any]]:
    marks = [_event_mark(event, t) for event in analysis.events]
    stats = analysis.stats
    for gap in stats.gaps if stats else ():
        if gap.duration_ms >= DRAWN_GAP_MS:
            label = t("legend.gap_of", seconds=f"{gap.duration_ms / 1000:.1f}")
            marks.append(_span(gap.start_ms, gap.end_ms, "gap", label) | {"quiet": True})
    marks += [
        _span(overlap.start_ms, overlap.end_ms, "overlap", t("legend.overlap"))
        for overlap in ((stats.overlaps or ()) if stats else ())
    ]
    for result, evidence in _clips(results):
        tone = _TONES[result.verdict.outcome]
        mark = _span(evidence.start_ms, evidence.end_ms, tone, result.name.in_language(language))
        marks.append(mark | {"point": True})
    return marks


def _event_mark(event: CallEvent, t: Translate) -> dict[str, Any]:
    mark = _span(event.start_ms, event.end_ms, "hold", t(f"event.{event.kind.value}"))
    return mark | {"quiet": event.kind in (EventKind.HOLD, EventKind.MUSIC, EventKind.RINGBACK)}


def _span(start_ms: int, end_ms: int, colour: str, label: str) -> dict[str, Any]:
    return {"startMs": start_ms, "endMs": end_ms, "colour": COLOURS[colour], "label": label}


def _clips(results: Iterable[CriterionResult]) -> Iterable[tuple[CriterionResult, Evidence]]:
    for result in results:
        if result.verdict.outcome in _TONES:
            for evidence in result.verdict.evidence:
                yield result, evidence


def _turns(
    analysis: Analysis, results: Sequence[CriterionResult], language: str, t: Translate
) -> list[dict[str, Any]]:
    quotes: dict[int, list[tuple[int, int, str, str]]] = {}
    for result, clip in _clips(results):
        if clip.turn_index is not None and clip.char_end > clip.char_start:
            tone = _TONES[result.verdict.outcome]
            name = f"{result.criterion_id} {result.name.in_language(language)}"
            quotes.setdefault(clip.turn_index, []).append(
                (clip.char_start, clip.char_end, tone, name)
            )
    rows: list[tuple[int, dict[str, Any]]] = [
        (event.start_ms, _event_row(event, t)) for event in analysis.events
    ]
    rows += [
        (turn.start_ms, _turn_row(turn, quotes.get(turn.index, ()), t))
        for turn in analysis.transcript.turns
    ]
    return [row for _, row in sorted(rows, key=lambda item: item[0])]


def _event_row(event: CallEvent, t: Translate) -> dict[str, Any]:
    seconds = f"{(event.end_ms - event.start_ms) / 1000:.0f}"
    name = t(f"event.{event.kind.value}")
    return {"event": t("event.row", name=name, seconds=seconds)}


def _turn_row(
    turn: Turn, quotes: Sequence[tuple[int, int, str, str]], t: Translate
) -> dict[str, Any]:
    return {
        "index": turn.index,
        "text": turn.text,
        "role": turn.role.value,
        "who": t(f"role.{turn.role.value}"),
        "startMs": turn.start_ms,
        "endMs": turn.end_ms,
        "low": turn.confidence < LOW_CONFIDENCE,
        "pieces": pieces(turn, quotes),
    }


def pieces(turn: Turn, quotes: Sequence[tuple[int, int, str, str]] = ()) -> list[dict[str, Any]]:
    """Cut a turn's text where words and quotes begin and end; the pieces join to the text.

    Args:
        turn: The turn, with word times where the recogniser gave them.
        quotes: `(char_start, char_end, tone, title)` spans of evidence in the text.
    """
    words = _word_spans(turn)
    cuts = {0, len(turn.text)}
    for start, end, *_ in (*words, *quotes):
        cuts |= {min(max(start, 0), len(turn.text)), min(max(end, 0), len(turn.text))}
    edges = sorted(cuts)
    return [_piece(turn.text, start, end, words, quotes) for start, end in pairwise(edges)]


def _piece(
    text: str,
    start: int,
    end: int,
    words: Sequence[tuple[int, int, int, int]],
    quotes: Sequence[tuple[int, int, str, str]],
) -> dict[str, Any]:
    piece: dict[str, Any] = {"text": text[start:end]}
    for word_start, word_end, start_ms, end_ms in words:
        if word_start <= start and end <= word_end:
            piece |= {"startMs": start_ms, "endMs": end_ms}
            break
    inside = [quote for quote in quotes if quote[0] <= start and end <= quote[1]]
    if inside:
        worst = max(inside, key=lambda quote: ("good", "half", "bad").index(quote[2]))
        piece |= {"tone": worst[2], "title": " · ".join(dict.fromkeys(q[3] for q in inside))}
    return piece


def _word_spans(turn: Turn) -> list[tuple[int, int, int, int]]:
    """Find each word in the shown text, in order; a word that was corrected away is skipped."""
    spans, at = [], 0
    for word in turn.words:
        text = word.text.strip()
        found = turn.text.find(text, at) if text else -1
        if found >= 0:
            at = found + len(text)
            spans.append((found, at, word.start_ms, word.end_ms))
    return spans


def _sections(view: CallView, language: str, t: Translate) -> list[dict[str, Any]]:
    if view.evaluation is None:
        return []
    rows = []
    for section in view.evaluation.sections:
        inside = [r for r in view.evaluation.results if r.section_id == section.section_id]
        score = "–" if section.percent is None else f"{section.percent:.0f} %"
        criteria = [
            _criterion(r, view, language, t) | {"trust": view.trust.get(r.criterion_id, "")}
            for r in inside
        ]
        name = section.name.in_language(language)
        rows.append({"name": f"{section.section_id} {name}", "score": score, "criteria": criteria})
    return rows


def _criterion(
    result: CriterionResult, view: CallView, language: str, t: Translate
) -> dict[str, Any]:
    verdict = result.verdict
    points = f"{result.points:.1f} / {result.applied_weight:g}" if result.applied_weight else "–"
    return {
        "id": result.criterion_id,
        "name": result.name.in_language(language),
        "outcome": verdict.outcome.value,
        "outcomeLabel": t(f"outcome.{verdict.outcome.value}"),
        "points": points,
        "reason": verdict.reason.in_language(language),
        "review": verdict.review,
        "open": verdict.review,
        "measured": measured(verdict, t),
        "evidence": [chip(item, t, view.name_rule) for item in verdict.evidence],
    }


def measured(verdict: Verdict, t: Translate) -> list[str]:
    """Numbers behind a verdict, those with a name that people know: `found 1`, `needed 2`."""
    numbers = verdict.measured
    return [t(f"measure.{name}", n=f"{numbers[name]:g}") for name in MEASURES if name in numbers]


def chip(item: Evidence, t: Translate, name_rule: Callable[[str], str] = str) -> dict[str, Any]:
    """A piece of evidence as a button that plays it."""
    title = t(
        "player.chip",
        rule=name_rule(item.rule),
        match=t(f"match.{item.match}"),
        similarity=f"{item.similarity:.2f}",
        confidence=f"{item.confidence:.2f}",
    )
    return {
        "startMs": item.start_ms,
        "endMs": item.end_ms,
        "quote": item.quote,
        "title": title,
    }
