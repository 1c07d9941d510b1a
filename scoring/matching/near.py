"""Near misses of listed phrases: edit distance on characters, words and syllables.

A phrase of n syllables heard with at most k = n // 5 errors keeps at least one of its k + 1
equal pieces intact (pigeonhole), so one Aho-Corasick pass over the pieces finds every candidate
before any distance is computed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import ahocorasick
from rapidfuzz import fuzz

from scoring.matching.patterns import FramePattern
from scoring.matching.pinyin import is_syllable, syllables
from scoring.matching.values import FUZZY, HOMOPHONE

SOUND_CUTOFF = 0.8  # dossier 3.4: 0 of 72 false at 0.8, the first false ones at 0.75
EN_CUTOFF = 0.88
_MIN_ZH, _MIN_EN_WORDS, _MIN_EN_CHARS = 5, 4, 16
_NEGATIONS = frozenset(syllables("不没别无未"))


@dataclass(frozen=True, slots=True)
class _Phrase:
    pattern: FramePattern
    text: str
    sounds: str


class NearIndex:
    """Finds listed phrases that were heard or said slightly differently."""

    def __init__(self, patterns: Iterable[FramePattern], plain: Any) -> None:
        self._phrases: list[_Phrase] = []
        pieces: dict[str, set[int]] = {}
        for pattern in patterns:
            text = plain(pattern.source)
            phrase = _Phrase(pattern, text, syllables(text))
            found = list(_pieces(phrase))
            if found:
                for piece in found:
                    pieces.setdefault(piece, set()).add(len(self._phrases))
                self._phrases.append(phrase)
        self._automaton = ahocorasick.Automaton()
        for piece, members in pieces.items():
            self._automaton.add_word(piece, tuple(members))
        if pieces:
            self._automaton.make_automaton()

    def find(
        self, text: str, sounds: str, skip: frozenset[str]
    ) -> Iterator[tuple[FramePattern, str, float, int, int]]:
        """(pattern, tier, similarity, start, end) in break-free text; banks in `skip` left out."""
        if not self._phrases:
            return
        candidates: set[int] = set()
        for _, members in self._automaton.iter(sounds):
            candidates.update(members)
        for index in candidates:
            phrase = self._phrases[index]
            if phrase.pattern.bank in skip:
                continue
            found = _chinese(phrase, text, sounds) if _is_zh(phrase) else _english(phrase, text)
            if found is not None:
                yield (phrase.pattern, *found)


def _is_zh(phrase: _Phrase) -> bool:
    return phrase.pattern.language == "zh"


def _pieces(phrase: _Phrase) -> Iterator[str]:
    if _is_zh(phrase):
        size = len(phrase.sounds)
        if size < _MIN_ZH or any(char.isascii() for char in phrase.text):
            return
        count = size // 5 + 1
        for part in range(count):
            yield phrase.sounds[part * size // count : (part + 1) * size // count]
        return
    words = phrase.text.split()
    if len(words) >= _MIN_EN_WORDS and len(phrase.text) >= _MIN_EN_CHARS:
        middle = len(words) // 2
        yield " ".join(words[:middle])
        yield " ".join(words[middle:])


def _chinese(phrase: _Phrase, text: str, sounds: str) -> tuple[str, float, int, int] | None:
    if len(sounds) < len(phrase.sounds) - 1:
        return None
    best = fuzz.partial_ratio_alignment(phrase.sounds, sounds, score_cutoff=100 * SOUND_CUTOFF)
    if best is None:
        return None
    start, end = best.dest_start, best.dest_end
    heard = sounds[start:end]
    by_sound = fuzz.ratio(phrase.sounds, heard) / 100  # the partial ratio forgives missing ends
    if by_sound < SOUND_CUTOFF:
        return None
    if any((mark in heard) != (mark in phrase.sounds) for mark in _NEGATIONS):
        return None
    if not any(is_syllable(char) for char in heard):
        return None
    letters = fuzz.ratio(phrase.text, text[start:end]) / 100
    tier = FUZZY if letters >= SOUND_CUTOFF else HOMOPHONE
    return tier, round(max(letters, by_sound) if tier == FUZZY else by_sound, 3), start, end


_EN_NEGATIONS = frozenset({"not", "no", "never", "without"})


def _english(phrase: _Phrase, text: str) -> tuple[str, float, int, int] | None:
    if len(text) < len(phrase.text) - 3:
        return None
    best = fuzz.partial_ratio_alignment(phrase.text, text, score_cutoff=100 * EN_CUTOFF)
    if best is None:
        return None
    heard = set(text[best.dest_start : best.dest_end].split())
    said = set(phrase.text.split())
    if any((word in heard) != (word in said) for word in _EN_NEGATIONS):
        return None
    return FUZZY, round(best.score / 100, 3), best.dest_start, best.dest_end
