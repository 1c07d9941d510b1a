"""The other side's words heard again on a leaking channel: kept once, where they are louder."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence

import numpy as np
from rapidfuzz import fuzz

from transcription.cleanup import plain_text
from transcription.protocols import SAMPLE_RATE_HZ, HeardSegment, Samples

#: How far apart the two copies may begin (echo delay plus wandering word times).
NEAR_MS = 1_200
#: Similarity of the texts, 0–100; short texts must be equal.
SIMILAR = 80.0
_SHORT = 4
#: No segment is longer than the recogniser's window.
_LONGEST_MS = 40_000
#: The copy must be this much quieter than the original.
QUIETER_DB = 6.0


def without_echoes(
    heard: Mapping[str, Sequence[HeardSegment]], sound: Mapping[str, Samples]
) -> dict[str, tuple[HeardSegment, ...]]:
    """Segments of two channels without those that repeat the other channel, quieter.

    Args:
        heard: Label → segments of that channel.
        sound: Label → samples `(n,)` of that channel.
    """
    if len(heard) != 2:
        return {label: tuple(segments) for label, segments in heard.items()}
    left, right = heard
    return {
        left: _originals(heard[left], heard[right], sound[left], sound[right]),
        right: _originals(heard[right], heard[left], sound[right], sound[left]),
    }


def _originals(
    mine: Sequence[HeardSegment],
    theirs: Sequence[HeardSegment],
    my_sound: Samples,
    their_sound: Samples,
) -> tuple[HeardSegment, ...]:
    others = sorted(theirs, key=lambda other: other.start_ms)
    starts = [other.start_ms for other in others]
    kept = []
    for segment in mine:
        first = bisect_left(starts, segment.start_ms - _LONGEST_MS)
        last = bisect_left(starts, segment.start_ms + NEAR_MS + 1)
        around = others[first:last]
        if not any(_is_copy(segment, other, my_sound, their_sound) for other in around):
            kept.append(segment)
    return tuple(kept)


def _is_copy(
    segment: HeardSegment, other: HeardSegment, sound: Samples, other_sound: Samples
) -> bool:
    if (
        segment.start_ms > other.end_ms + NEAR_MS
        or other.start_ms - NEAR_MS > segment.start_ms
        or segment.end_ms > other.end_ms + NEAR_MS
    ):
        return False
    copy, original = plain_text(segment.text), plain_text(other.text)
    if not copy or len(copy) > len(original) * 1.5:
        return False
    same = (
        copy in original if len(copy) <= _SHORT else fuzz.partial_ratio(copy, original) >= SIMILAR
    )
    return same and _level(other_sound, segment) - _level(sound, segment) >= QUIETER_DB


def _level(sound: Samples, segment: HeardSegment) -> float:
    """RMS in dB while the segment sounds."""
    per_ms = SAMPLE_RATE_HZ // 1000
    part = sound[segment.start_ms * per_ms : max(segment.end_ms, segment.start_ms + 1) * per_ms]
    return float(10 * np.log10(max(float(np.square(part).mean()) if part.size else 0.0, 1e-12)))
