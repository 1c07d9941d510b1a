"""A text prepared once for all recognisers: folded without moving a character, digits, cues."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property

from qa.characters import to_simplified
from qa.privacy.cues import CUES, nearest
from qa.privacy.digits import Group, Window, digit_groups, digit_runs, windows

QUESTION_END = "\x1e"
"""Stands between what the other side asked and the answer, when both are read together."""

_CUE_REACH = 48
_STATEMENT = re.compile(
    r"[,， ]{0,2}(?:这?就?是|为|is|was|that's|that is)[^,，。.;；?？!！\n]{1,12}"
)


def fold(text: str) -> str:
    """Lower case, half width and simplified Chinese; every character stays at its offset."""
    return "".join(_fold_character(char) for char in to_simplified(text))


def _fold_character(char: str) -> str:
    if char.isascii():
        return char.lower()
    folded = unicodedata.normalize("NFKC", char).lower()
    return folded if len(folded) == 1 else char


def _is_quantity(group: Group) -> bool:
    """A count, a measure, or the figures of a code: no number by itself."""
    return group.cardinal or ((group.measured or group.lettered) and len(group.digits) < 9)


@dataclass(frozen=True)
class View:
    """What recognisers read.

    Attributes:
        shown: The text as given; offsets refer to it.
        language: `zh`, `en` … or empty; a hint only, both are always tried.
        allowed: Names that are not reported (the roster, where the policy says so).
    """

    shown: str
    language: str = ""
    allowed: frozenset[str] = frozenset()

    @cached_property
    def text(self) -> str:
        """The folded text, as long as the shown one."""
        return fold(self.shown)

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """Digit groups, see `qa.privacy.digits`."""
        return digit_groups(self.text)

    @cached_property
    def runs(self) -> tuple[tuple[Group, ...], ...]:
        """Groups that may be one number."""
        return digit_runs(self.text, self.groups)

    @cached_property
    def windows(self) -> tuple[tuple[Window, str], ...]:
        """Every possible number with the type its surroundings announce (or `""`)."""
        pairs: list[tuple[Window, str]] = []
        for run in self.runs:
            if all(_is_quantity(group) for group in run):
                continue
            cue = self.cue(run[0].start, run[-1].end)
            pairs += [(window, cue) for window in windows(self.text, run)]
        return tuple(pairs)

    def cue(self, start: int, end: int) -> str:
        """The type announced by the nearest words before a span, else right behind it."""
        before = self.text[max(0, start - _CUE_REACH) : start]
        found = nearest(before)
        if found:
            return found
        after = _STATEMENT.match(self.text, end)
        return nearest(after[0]) if after else ""

    def says(self, kind: str, start: int, *, reach: int = _CUE_REACH) -> bool:
        """True when words for `kind` stand within `reach` characters before `start`."""
        return CUES[kind].search(self.text[max(0, start - reach) : start]) is not None
