"""Sorting calls into named categories by words and by meaning, with an honest "other".

Words are expressions in the customer's turns; meaning is the closeness of the customer's first
sentences to each category's examples. Early turns say why somebody calls, so they weigh more. When
nothing stands out the answer is `other`, never the least bad category.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from qa.calls import Role
from qa.errors import ScorecardError
from qa.evaluation import Bilingual, Evidence
from qa.transcript import Transcript, Turn
from scoring.encoder import Encoder
from scoring.signals import bilingual, read_mapping

OTHER = "other"
#: Customer turns that say why somebody calls; later ones count for less.
EARLY_TURNS = 5
_LATE_WEIGHT = 0.4
#: Shortest turn (Han characters, or words) whose meaning is compared.
_MIN_UNITS = {"zh": 4, "en": 3}
#: Points for one unit of cosine to a category's centroid above the median category. Set by leaving
#: out each shipped example in turn: a smaller lift is noise between unrelated sentences.
MEANING_POINTS = 6.0
MIN_LIFT = 0.1
#: Least lead of an answer that no word supports, and least categories to compare.
MEANING_LEAD = 0.5
_FEWEST_CENTROIDS = 3
#: Least points for an answer, and least lead over the runner-up.
MIN_POINTS, MIN_LEAD = 0.7, 0.1
_FOLD = str.maketrans({"您": "你", "她": "他", "’": "'"})
_UNITS = re.compile(r"[\u3400-\u9fff]|[A-Za-z']+|\d+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """One category: searches (`words`, `agent_words`, `unless`) and examples per language."""

    id: str
    title: Bilingual
    group: Bilingual | None = None
    words: Mapping[str, tuple[re.Pattern[str], ...]] = field(default_factory=dict)
    agent_words: Mapping[str, tuple[re.Pattern[str], ...]] = field(default_factory=dict)
    unless: Mapping[str, re.Pattern[str]] = field(default_factory=dict)
    examples: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sorted:
    """Where a call was put.

    Attributes:
        id: Category or `other`.
        confidence: 0–1: points of the winner beside the runner-up; 0 for `other`.
        points: Points of every category above zero.
        evidence: The words that spoke for the winner.
    """

    id: str
    confidence: float
    points: Mapping[str, float] = field(default_factory=dict)
    evidence: tuple[Evidence, ...] = ()


def sort_call(
    transcript: Transcript,
    categories: Sequence[Category],
    *,
    encoder: Encoder | None = None,
    weights: Mapping[str, float] | None = None,
) -> Sorted:
    """The category a call belongs to; `other` when none stands out.

    Args:
        transcript: The call with roles.
        categories: What to choose from.
        encoder: For the meaning; without one only words count.
        weights: Factors per category, for those that must win over milder ones.
    """
    spoken, evidence = _word_points(transcript, categories)
    meant = _meaning_points(transcript, categories, encoder) if encoder else {}
    factors = weights or {}
    points = {
        item.id: (spoken.get(item.id, 0.0) + meant.get(item.id, 0.0)) * factors.get(item.id, 1.0)
        for item in categories
    }
    ranked = sorted(points, key=lambda name: -points[name])
    lead = points[ranked[0]] - (points[ranked[1]] if len(ranked) > 1 else 0.0) if ranked else 0.0
    shown = {name: round(points[name], 3) for name in ranked if points[name] > 0}
    needed = MIN_LEAD if ranked and spoken.get(ranked[0]) else MEANING_LEAD
    if not ranked or points[ranked[0]] < MIN_POINTS or lead < needed:
        return Sorted(id=OTHER, confidence=0.0, points=shown)
    best = ranked[0]
    confidence = points[best] / (points[best] + 0.5 + (points[best] - lead))
    return Sorted(
        id=best, confidence=round(confidence, 3), points=shown, evidence=tuple(evidence[best])
    )


def _word_points(
    transcript: Transcript, categories: Sequence[Category]
) -> tuple[dict[str, float], dict[str, list[Evidence]]]:
    points: dict[str, float] = {}
    evidence: dict[str, list[Evidence]] = {item.id: [] for item in categories}
    sides = ((Role.CUSTOMER, "words"), (Role.AGENT, "agent_words"))
    for role, name in sides:
        for turn, language, weight in _weighted(transcript, role):
            text = turn.text.translate(_FOLD)
            for item in categories:
                hits = list(_hits(item, name, text, language))
                points[item.id] = points.get(item.id, 0.0) + weight * len(hits)
                evidence[item.id] += [_evidence(turn, item.id, *span) for span in hits]
    return {name: min(value, 3.0) for name, value in points.items()}, evidence


def _weighted(transcript: Transcript, role: Role) -> Iterator[tuple[Turn, str, float]]:
    said = 0
    for turn in transcript.turns_of(role):
        language = (turn.language or transcript.language).partition("-")[0]
        early = said < EARLY_TURNS
        said += len(_UNITS.findall(turn.text)) >= _MIN_UNITS.get(language, 3)
        yield turn, language, 1.0 if early else _LATE_WEIGHT


def _hits(item: Category, name: str, text: str, language: str) -> Iterator[tuple[int, int]]:
    excuse = item.unless.get(language)
    if excuse and excuse.search(text):
        return
    for pattern in getattr(item, name).get(language, ()):
        if match := pattern.search(text):
            yield match.span()


def _evidence(turn: Turn, name: str, start: int, end: int) -> Evidence:
    return Evidence(
        turn_index=turn.index,
        start_ms=turn.start_ms,
        end_ms=turn.end_ms,
        quote=turn.text[start:end],
        rule=f"category.{name}",
        match="regex",
        confidence=turn.confidence,
    )


def opening_needs(transcript: Transcript) -> list[tuple[str, str]]:
    """The customer's first substantial turns with their language: what the call is about."""
    found = []
    for turn in transcript.turns_of(Role.CUSTOMER):
        language = (turn.language or transcript.language).partition("-")[0]
        if len(_UNITS.findall(turn.text)) >= _MIN_UNITS.get(language, 3):
            found.append((turn.text[:300], language))
    return found[:EARLY_TURNS]


def _meaning_points(
    transcript: Transcript, categories: Sequence[Category], encoder: Encoder
) -> dict[str, float]:
    """Points by nearest centroid: each need against the examples in its own language."""
    points: dict[str, float] = {}
    for need, language in opening_needs(transcript):
        groups = {item.id: item.examples.get(language, ()) for item in categories}
        groups = {name: texts for name, texts in groups.items() if texts}
        if len(groups) < _FEWEST_CENTROIDS:
            continue
        for name, lift in _lifts(need, groups, encoder).items():
            value = MEANING_POINTS * (lift - MIN_LIFT)
            points[name] = max(points.get(name, 0.0), value)
    return points


def _lifts(need: str, groups: Mapping[str, Sequence[str]], encoder: Encoder) -> dict[str, float]:
    """Cosine to each centroid above the median one, without what all examples share."""
    shared = encoder.encode([text for texts in groups.values() for text in texts]).mean(axis=0)
    heard = _away(encoder.encode([need]), shared)
    close = [
        float((heard @ _away(encoder.encode(texts), shared).T).mean()) for texts in groups.values()
    ]
    middle = float(np.median(close))
    return {name: value - middle for name, value in zip(groups, close, strict=True)}


def _away(vectors: np.ndarray, shared: np.ndarray) -> np.ndarray:
    moved = np.where(np.any(vectors, axis=1, keepdims=True), vectors - shared, 0)
    norms = np.linalg.norm(moved, axis=1, keepdims=True)
    return np.asarray(moved / np.where(norms > 0, norms, 1))


def parse_categories(text: str, *, key: str, place: str) -> tuple[Category, ...]:
    """Categories of a YAML text under `key`.

    Raises:
        ScorecardError: The file or a category is not valid; names the category.
    """
    entries = read_mapping(text, place=place).get(key)
    if not isinstance(entries, dict) or not entries:
        raise ScorecardError(f"no `{key}`", place, "give at least one category")
    return tuple(_category(str(name), entry, f"{place}: {name}") for name, entry in entries.items())


def _category(name: str, entry: Any, where: str) -> Category:
    if not isinstance(entry, dict):
        raise ScorecardError("a category is a mapping", where, "give title, words, examples")
    parts = {language: entry.get(language) or {} for language in ("zh", "en")}
    words = {
        tongue: _patterns(part.get("words"), where, language=tongue)
        for tongue, part in parts.items()
    }
    examples = {tongue: _texts(part.get("examples"), where) for tongue, part in parts.items()}
    if name == OTHER:
        raise ScorecardError("`other` is what fits no category", where, "choose another id")
    if not any(words.values()) and not any(examples.values()):
        raise ScorecardError("neither words nor examples", where, "give some in zh or en")
    group = entry.get("group")
    return Category(
        id=name,
        title=bilingual(entry.get("title"), where),
        group=bilingual(group, where) if group else None,
        words=words,
        agent_words={
            tongue: _patterns(part.get("agent_words"), where, language=tongue)
            for tongue, part in parts.items()
        },
        unless={
            tongue: _patterns([part["unless"]], where, language=tongue)[0]
            for tongue, part in parts.items()
            if part.get("unless")
        },
        examples=examples,
    )


def _texts(value: Any, where: str) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ScorecardError("a list of texts is needed", where, "words: [..], examples: [..]")
    return tuple(value)


def _patterns(value: Any, where: str, *, language: str) -> tuple[re.Pattern[str], ...]:
    """Compiled searches; English ones begin at a word, so that `vat` is not in "reservation"."""
    edge = r"\b" if language == "en" else ""
    try:
        sources = [f"{edge}(?:{item})" for item in _texts(value, where)]
        return tuple(re.compile(source, re.IGNORECASE) for source in sources)
    except re.error as error:
        raise ScorecardError(f"not an expression: {error}", where, "correct it") from error
