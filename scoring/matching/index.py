"""Which patterns can match a text at all, and from where: one Aho-Corasick pass over anchors."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import Any

import ahocorasick

from scoring.matching.patterns import Pattern


class AnchorIndex:
    """Finds, in one pass, the patterns whose anchors occur and the places to try them.

    Attributes:
        unanchored: Patterns without anchors; they have to be tried on every text.
    """

    def __init__(self, patterns: Sequence[Pattern], *, by_sound: bool) -> None:
        self._before: list[int] = []
        self._by_word = [pattern.language == "en" for pattern in patterns]
        members: dict[str, list[int]] = {}
        self.unanchored: tuple[int, ...] = ()
        for index, pattern in enumerate(patterns):
            found = pattern.sound_anchors() if by_sound else pattern.anchors()
            self._before.append(found.before)
            if not found.strings:
                self.unanchored += (index,)
            for anchor in found.strings:
                members.setdefault(anchor, []).append(index)
        self._automaton: Any = ahocorasick.Automaton()
        for anchor, indices in members.items():
            self._automaton.add_word(anchor, (len(anchor), tuple(indices)))
        self._usable = bool(members)
        if members:
            self._automaton.make_automaton()

    def starts(self, compact: str, positions: Sequence[int]) -> dict[int, list[int]]:
        """For each pattern that may match, where in the normalised text to try it (ascending).

        Args:
            compact: Text (or syllables) without breaks.
            positions: For each character of `compact`, its place in the normalised text.
        """
        tries: dict[int, set[int]] = {}
        if not self._usable:
            return {}
        words: list[int] | None = None
        for last, (length, indices) in self._automaton.iter(compact):
            first = last - length + 1
            foreign = compact[first].isascii()
            if foreign:
                if first and compact[first - 1].isascii() and compact[first - 1].isalnum():
                    continue
                if words is None:
                    words = _word_starts(compact)
            for index in indices:
                before = self._before[index]
                if before == 0:
                    found: Sequence[int] = (first,)
                elif self._by_word[index] and words is not None:
                    place = bisect_right(words, first)
                    found = words[max(0, place - 1 - before) : place]
                else:
                    found = range(max(0, first - before), first + 1)
                tries.setdefault(index, set()).update(found)
        return {
            index: sorted([positions[place] for place in places]) for index, places in tries.items()
        }


def _word_starts(compact: str) -> list[int]:
    starts = [0] if compact and compact[0] != " " else []
    starts += [
        place
        for place in range(1, len(compact))
        if compact[place] != " "
        and not (compact[place - 1].isascii() and compact[place - 1].isalnum())
    ]
    return starts
