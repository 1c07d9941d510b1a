"""Speech that a first hearing passed over: Whisper stops early in full windows and skips seams.

The sequential decoder would move on to the last timestamp and listen again. Here every stretch of
speech without a word is heard once more, packed together with the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from qa.intervals import Range, complement, intersect, union
from transcription.protocols import HeardSegment, Span

#: Word times wander by this much; speech that close to a word was heard.
NEAR_MS = 250
#: Shorter stretches are breath, hesitation and the spans' own padding.
LEAST_MS = 1_000
#: A second hearing has only the hard parts before it: it must be surer than the first.
LEAST_CONFIDENCE = 0.5
LEAST_LOGPROB = -0.8
MOST_NO_SPEECH = 0.4


def passed_over(spans: Sequence[Span], heard: Sequence[HeardSegment]) -> list[Span]:
    """Stretches of the spans in which no word was heard."""
    speech = union((span.start_ms, span.end_ms) for span in spans)
    if not speech:
        return []
    words = union(
        (word.start_ms - NEAR_MS, word.end_ms + NEAR_MS)
        for segment in heard
        for word in segment.words
    )
    silent = intersect(speech, complement(words, (speech[0][0], speech[-1][1])))
    return [Span(start_ms=start, end_ms=end) for start, end in silent if end - start >= LEAST_MS]


def credible(again: Sequence[HeardSegment], asked: Sequence[Span]) -> list[HeardSegment]:
    """Of a second hearing, what lies where nothing was heard, and is sure enough."""
    ranges: list[Range] = [(span.start_ms - NEAR_MS, span.end_ms + NEAR_MS) for span in asked]
    trimmed = [_within(segment, ranges) for segment in again]
    return [
        segment
        for segment in trimmed
        if segment.words
        and segment.no_speech < MOST_NO_SPEECH
        and segment.mean_logprob > LEAST_LOGPROB
        and _confidence(segment) >= LEAST_CONFIDENCE
    ]


def _within(segment: HeardSegment, ranges: Sequence[Range]) -> HeardSegment:
    """The segment without words heard the first time already."""
    words = tuple(
        word
        for word in segment.words
        if any(start <= (word.start_ms + word.end_ms) // 2 < end for start, end in ranges)
    )
    if not words or len(words) == len(segment.words):
        return replace(segment, words=words)
    return replace(
        segment,
        text="".join(word.text for word in words).strip(),
        words=words,
        start_ms=words[0].start_ms,
        end_ms=words[-1].end_ms,
    )


def _confidence(segment: HeardSegment) -> float:
    return sum(word.confidence for word in segment.words) / max(len(segment.words), 1)
