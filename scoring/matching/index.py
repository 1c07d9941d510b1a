"""Which patterns can match a text at all, and from where: one Aho-Corasick pass over anchors."""

from __future__ import annotations

import re
import string
from bisect import bisect_right
from collections.abc import Sequence
from typing import Any

import ahocorasick

from scoring.matching.patterns import Pattern

_WORD_CHARACTERS = frozenset(string.ascii_lowercase + string.digits)
_WORD = re.compile(r"(?<![a-z0-9])[^ ]")


class AnchorIndex:
    """Finds, in one pass, the patterns whose anchors occur and the places to try them."""

    def __init__(self, patterns: Sequence[Pattern], *, by_sound: bool) -> None:
        at: dict[str, list[int]] = {}
        ahead: dict[str, list[tuple[int, int]]] = {}
        unanchored: list[int] = []
        for index, pattern in enumerate(patterns):
            found = pattern.sound_anchors() if by_sound else pattern.anchors()
            if not found.strings:
                unanchored.append(index)
            for anchor in found.strings:
                if found.before:
                    ahead.setdefault(anchor, []).append((index, found.before))
                else:
                    at.setdefault(anchor, []).append(index)
        self.unanchored = tuple(unanchored)
        self._automaton: Any = ahocorasick.Automaton()
        for anchor in {**at, **ahead}:
            payload = (len(anchor) - 1, tuple(at.get(anchor, ())), tuple(ahead.get(anchor, ())))
            self._automaton.add_word(anchor, payload)
        self._usable = bool(at or ahead)
        if self._usable:
            self._automaton.make_automaton()

    def starts(self, compact: str, positions: Sequence[int]) -> dict[int, list[int]]:
        """For each pattern that may match, where in the normalised text to try it (ascending).

        Args:
            compact: Text (or syllables) without breaks.
            positions: For each character of `compact`, its place in the normalised text.
        """
        if not self._usable:
            return {}
        tries: dict[int, list[int]] = {}
        words: list[int] | None = None
        for last, (reach, at, ahead) in self._automaton.iter(compact):
            first = last - reach
            foreign = compact[first] < "\x80"
            if foreign and first and compact[first - 1] in _WORD_CHARACTERS:
                continue  # inside a word
            for index in at:
                tries.setdefault(index, []).append(positions[first])
            if ahead and foreign and words is None:
                words = [match.start() for match in _WORD.finditer(compact)]
            for index, before in ahead:
                places = _reach_back(first, before, words if foreign else None)
                tries.setdefault(index, []).extend([positions[place] for place in places])
        for index, places in tries.items():
            if len(places) > 1:
                tries[index] = sorted(set(places))
        return tries


def _reach_back(first: int, before: int, words: list[int] | None) -> Sequence[int]:
    """Places up to `before` words (or characters) ahead of `first`, and `first` itself."""
    if words is None:
        return range(max(0, first - before), first + 1)
    end = bisect_right(words, first)
    return words[max(0, end - 1 - before) : end]
