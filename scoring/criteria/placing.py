"""Where words stand in a call: times of a stretch of text, joined texts, languages, units."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from qa.analysis import Analysis
from qa.transcript import Turn, Word

_HAN = re.compile(r"[\u3400-\u9fff]")
_LATIN = re.compile(r"[A-Za-z]")
_LATIN_WORD = re.compile(r"[A-Za-z']{2,}")
_UNIT_ZH = re.compile(r"[\u3400-\u9fff0-9]|[A-Za-z']+")
_UNIT_EN = re.compile(r"[A-Za-z0-9']+|[\u3400-\u9fff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """All turns of one side as one text, a turn a line.

    Attributes:
        positions: Position in the transcript of each line.
        starts: Offset of each line in `text`; `ends` is exclusive, without the line break.
        lowered: The text in lower case, with the same offsets.
    """

    text: str
    lowered: str
    positions: tuple[int, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def line_of(self, offset: int) -> int:
        """The line a character is in."""
        return bisect_right(self.starts, offset) - 1


def lowered(text: str) -> str:
    """Lower case without changing any offset."""
    low = text.lower()
    if len(low) == len(text):
        return low
    return "".join(c.lower() if len(c.lower()) == 1 else c for c in text)


def in_script(text: str, script: str) -> bool:
    """Whether a pattern written for `zh` or `en` can match the text (digits belong to both)."""
    if script == "zh":
        return bool(_HAN.search(text)) or not _LATIN.search(text)
    if script == "en":
        return bool(_LATIN.search(text)) or not _HAN.search(text)
    return True


def join(turns: Sequence[Turn], positions: Sequence[int]) -> Joined:
    """Join turns; line breaks inside a turn become spaces, so that offsets stay."""
    lines = [turns[pos].text.replace("\n", " ").replace("\r", " ") for pos in positions]
    starts, offset = [], 0
    for line in lines:
        starts.append(offset)
        offset += len(line) + 1
    text = "\n".join(lines)
    return Joined(
        text=text,
        lowered=lowered(text),
        positions=tuple(positions),
        starts=tuple(starts),
        ends=tuple(s + len(line) for s, line in zip(starts, lines, strict=True)),
    )


class WordIndex:
    """Finds the words of a stretch of a turn's text by counting letters, not spaces.

    Words and text may differ in spacing and punctuation; letters are taken to correspond evenly.
    """

    __slots__ = ("_ends", "_letters", "_scale", "_turn")

    def __init__(self, turn: Turn) -> None:
        self._turn = turn
        self._letters = list(accumulate(map(str.isalnum, turn.text), initial=0))
        texts = [word.text for word in turn.words]
        self._ends = list(accumulate([len(t) if t.isalnum() else _letters(t) for t in texts]))
        self._scale = self._ends[-1] / self._letters[-1] if self._letters[-1] else 1.0

    def between(self, start: int, end: int) -> tuple[Word, ...]:
        """The words from one character to another."""
        letters, ends, scale = self._letters, self._ends, self._scale
        before, upto = letters[start], letters[end]
        if upto <= before:
            upto = before + 1
        first = bisect_right(ends, before * scale)
        return self._turn.words[first : bisect_left(ends, upto * scale) + 1]


def _letters(word: str) -> int:
    """Letters of a word with other characters in it, at least 1."""
    return sum(map(str.isalnum, word)) or 1


def timing(turn: Turn, start: int, end: int, index: WordIndex | None) -> tuple[int, int, float]:
    """Times of a stretch of text and how clearly it was heard.

    With word times those of the words; without, by the stretch's share of the turn.
    """
    touched = index.between(start, end) if index is not None else ()
    if touched:
        first, last = touched[0], touched[-1]
        if first is last:
            heard = first.confidence
        else:
            heard = sum([word.confidence for word in touched]) / len(touched)
        start_ms, end_ms = first.start_ms, last.end_ms
        return start_ms, max(start_ms, end_ms), heard
    length = len(turn.text) or 1
    span = turn.end_ms - turn.start_ms
    start_ms = turn.start_ms + span * start // length
    return start_ms, max(turn.start_ms + span * end // length, start_ms), turn.confidence


def turn_language(turn: Turn, call_language: str) -> str:
    """`zh` or `en` (or another code) of one turn; a plainly different script wins."""
    language = (turn.language or call_language)[:2]
    if language == "zh" and not _HAN.search(turn.text):
        return "en" if len(_LATIN_WORD.findall(turn.text)) >= 3 else "zh"
    if language == "en" and len(_HAN.findall(turn.text)) >= 2:
        return "zh"
    return language


def count_units(text: str, language: str) -> int:
    """Spoken units: Han characters and digits (zh) or words (en)."""
    return len((_UNIT_ZH if language == "zh" else _UNIT_EN).findall(text))


def call_language(analysis: Analysis) -> str:
    """The stated language of a call, else the script that prevails."""
    stated = analysis.transcript.language or analysis.call.language
    if stated:
        return stated[:2].lower()
    text = "".join(turn.text for turn in analysis.transcript.turns[:50])
    return "zh" if len(_HAN.findall(text)) * 2 > len(_LATIN_WORD.findall(text)) else "en"


def role_confidence(analysis: Analysis) -> float:
    """How sure it is who is who: the lower of transcript and quality index."""
    known = analysis.quality.role_confidence if analysis.quality else None
    given = analysis.transcript.roles.confidence
    return min(given, known) if known is not None else given
