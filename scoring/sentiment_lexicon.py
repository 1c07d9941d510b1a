"""Customer sentiment by words, negation, degree and contrast: no model, zh and en, a baseline.

The words stand in `sentiment_words/{zh,en}.txt`. A clause is scanned for the longest phrases;
negation turns a word round with half its force (Taboada et al., 2011, *Lexicon-based methods for
sentiment analysis*: shifting, not flipping), degree words scale it, and what follows "but" counts
double. The sum becomes three probabilities through a softmax.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Literal

from scoring.sentiment import (
    LABELS,
    UNKNOWN,
    SentimentScore,
    from_probabilities,
    scoring_language,
)

_CLAUSE = re.compile(r"[,.!?;:…，。！？；：、~\n]+|\s-+\s")
_EN_TOKEN = re.compile(r"[a-z]+(?:['’][a-z]+)?\??|[^\x00-\x7f]")
_ENTRY = re.compile(r"^(\w+) (-?[\d.]+): (.+)$")
_WINDOW = {"zh": 4, "en": 4}
_NEUTRAL_LOGIT = 0.9
_SLOPE = 0.8
Kind = Literal["word", "degree", "negation", "neutral", "contrast", "sarcasm", "emoji"]


@dataclass(frozen=True, slots=True)
class _Hit:
    """One phrase found: where it starts and ends (characters for zh, tokens for en)."""

    kind: str
    weight: float
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Words:
    """One language's phrases; the key is a string (zh) or words joined by a space (en)."""

    entries: dict[str, list[tuple[str, float]]] = field(default_factory=dict)
    longest: int = 1


class LexiconSentiment:
    """A `SentimentModel` that only counts words. Unsupported languages give `unknown`."""

    name = "lexicon"
    languages = frozenset({"zh", "en"})

    def score(self, texts: Sequence[str], *, language: str) -> list[SentimentScore]:
        """Label, score −1…1 and probabilities of each text, in order."""
        return [self._score(text, scoring_language(text, language)) for text in texts]

    def _score(self, text: str, language: str) -> SentimentScore:
        if language not in self.languages:
            return UNKNOWN
        values = _clause_values(text, language)
        return from_probabilities(_softmax(sum(values)))


def polarity(text: str) -> tuple[float, float, float]:
    """Sum of the positive clauses, of the negative ones, and the last clause that counts."""
    values = [value for value in _clause_values(text, scoring_language(text, "")) if value]
    if not values:
        return 0.0, 0.0, 0.0
    good, bad = sum(v for v in values if v > 0), sum(v for v in values if v < 0)
    return good, bad, values[-1]


def _clause_values(text: str, language: str) -> list[float]:
    if language not in LexiconSentiment.languages:
        return []
    clauses = _CLAUSE.split(text.lower().replace("’", "'"))
    return [_clause_value(clause, language) for clause in clauses]


def _clause_value(clause: str, language: str) -> float:
    tokens = list(clause) if language == "zh" else _EN_TOKEN.findall(clause)
    hits = _hits(tokens, language)
    value, weight_of_rest = 0.0, 1.0
    for number, hit in enumerate(hits):
        if hit.kind == "contrast":
            value *= 0.5
            weight_of_rest = 1.5
        elif hit.kind in {"word", "sarcasm", "emoji"}:
            before = hits[max(0, number - 3) : number] if hit.kind == "word" else []
            value += weight_of_rest * _modified(hit, before, _WINDOW[language])
    return value


def _modified(hit: _Hit, before: Sequence[_Hit], window: int) -> float:
    """The word's weight after the degree and negation words that stand close before it."""
    value, degree, negated, edge = hit.weight, 1.0, False, hit.start
    for earlier in reversed(before):
        if edge - earlier.end > window or earlier.kind in {"word", "contrast", "neutral"}:
            break
        if earlier.kind == "degree":
            degree *= earlier.weight
        elif earlier.kind == "negation":
            negated = not negated
        edge = earlier.start
    if not negated:
        return value * degree
    return (-0.8 if value > 0 else -0.4) * value * max(1.0, degree)


def _hits(tokens: Sequence[str], language: str) -> list[_Hit]:
    words = _load(language)
    joiner = "" if language == "zh" else " "
    hits, place = [], 0
    while place < len(tokens):
        found = 1
        for length in range(min(words.longest, len(tokens) - place), 0, -1):
            kinds = words.entries.get(joiner.join(tokens[place : place + length]))
            if kinds:
                hits += [_Hit(kind, weight, place, place + length) for kind, weight in kinds]
                found = length
                break
        place += found
    return hits


@cache
def _load(language: str) -> _Words:
    text = files("scoring").joinpath("sentiment_words", f"{language}.txt").read_text("utf-8")
    entries: dict[str, list[tuple[str, float]]] = {}
    longest = 1
    for line in text.splitlines():
        if match := _ENTRY.match(line):
            kind, weight, phrases = match[1], float(match[2]), match[3]
            for phrase in phrases.split(", "):
                key = phrase if language == "zh" else " ".join(_EN_TOKEN.findall(phrase))
                longest = max(longest, len(phrase) if language == "zh" else key.count(" ") + 1)
                _add(entries, key, kind, weight)
    return _Words(entries, longest)


def _add(entries: dict[str, list[tuple[str, float]]], key: str, kind: str, weight: float) -> None:
    """A phrase may be degree and negation at once (`不太`); any other doubling keeps the last."""
    known = entries.setdefault(key, [])
    kinds = {name for name, _ in known}
    if kinds and not kinds | {kind} <= {"degree", "negation"}:
        known.clear()
    known.append((kind, weight))


def _softmax(value: float) -> dict[str, float]:
    logits = (_SLOPE * value, _NEUTRAL_LOGIT, -_SLOPE * value)
    top = max(logits)
    parts = [math.exp(logit - top) for logit in logits]
    return {label: part / sum(parts) for label, part in zip(LABELS, parts, strict=True)}
