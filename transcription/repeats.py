"""Loops: a recogniser that goes on writing the same thing after the speaker has stopped."""

from __future__ import annotations

import re
import zlib
from dataclasses import replace

from transcription.protocols import HeardSegment

#: zlib ratio of UTF-8 text: a sentence stays near 1, a loop reaches 3 and more (library study §3).
LOOP_COMPRESSION = 2.4
#: Below this length the ratio says nothing (zlib's header alone is 11 bytes).
_MIN_BYTES = 60
#: How often the same n-gram may follow itself before it is a loop, by its length in characters:
#: people say 对对对对 and no no no no, and read out 1 1 1 1; they do not repeat a clause six times.
_LIMITS = ((1, 11), (2, 8), (4, 5), (12, 3))
_BREAK = r"[\s,，.。!！?？、…-]*"


def compression(text: str) -> float:
    """How many times smaller zlib makes the text."""
    raw = text.encode("utf-8")
    return len(raw) / len(zlib.compress(raw)) if raw else 0.0


def is_loop(text: str) -> bool:
    """True when the text is mostly one thing written over and over."""
    return len(text.encode("utf-8")) >= _MIN_BYTES and compression(text) > LOOP_COMPRESSION


def longest_run(text: str) -> tuple[int, int, int] | None:
    """The first excessive repetition: start, end of its first occurrence, end of the run."""
    for shortest, limit in _LIMITS:
        longest = 60 if shortest == 12 else _longest_below(shortest)
        pattern = rf"(\w.{{{shortest - 1},{longest - 1}}}?)(?:{_BREAK}\1){{{limit},}}"
        found = re.search(pattern, text, re.IGNORECASE)
        if found:
            return found.start(), found.end(1), found.end()
    return None


def _longest_below(shortest: int) -> int:
    return {4: 11, 2: 3, 1: 1}[shortest]


def collapse(segment: HeardSegment) -> HeardSegment:
    """The segment with an excessive repetition cut down to its first occurrence."""
    joined = "".join(word.text for word in segment.words) or segment.text
    run = longest_run(joined)
    if run is None:
        return segment
    _, first_end, run_end = run
    text = (joined[:first_end] + joined[run_end:]).strip()
    words, position = [], 0
    for word in segment.words:
        begin, position = position, position + len(word.text)
        if position <= first_end or begin >= run_end or begin < first_end:
            words.append(word)
    if not words:
        return replace(segment, text=text)
    return replace(
        segment,
        text=text,
        words=tuple(words),
        start_ms=words[0].start_ms,
        end_ms=words[-1].end_ms,
        compression=compression(text),
    )
