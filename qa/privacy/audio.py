"""The same personal data in sound: which milliseconds to silence, and silencing them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from qa.intervals import Range
from qa.privacy.found import Found
from qa.privacy.view import fold
from qa.transcript import Transcript, Turn

MARGIN_MS = 150
"""Word times of recognisers are off by about 100 ms; a digit's edge must not be heard."""
_UNTIMED_MARGIN_MS = 600
_BEEP_HZ, _BEEP_LEVEL, _FADE_MS = 1_000, 0.1, 5


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioSpan:
    """A range to silence; `speaker` tells the channel where sides were recorded apart."""

    start_ms: int
    end_ms: int
    speaker: str


def audio_spans(
    transcript: Transcript, found: Sequence[Sequence[Found]], *, margin_ms: int = MARGIN_MS
) -> tuple[AudioSpan, ...]:
    """Where the found data is heard: word times with margins, joined where they touch.

    Args:
        transcript: With word times; a turn without them is silenced in proportion to its text.
        found: Per turn, as `detect_turns` returns it.
        margin_ms: Added on both sides.
    """
    spans: list[AudioSpan] = []
    for turn, each in zip(transcript.turns, found, strict=True):
        for one in each:
            start, end = _heard(turn, one, margin_ms)
            bounded = max(0, start), max(0, min(end, max(transcript.duration_ms, turn.end_ms)))
            spans.append(AudioSpan(start_ms=bounded[0], end_ms=bounded[1], speaker=turn.speaker))
    return joined(spans)


def _heard(turn: Turn, one: Found, margin_ms: int) -> Range:
    if not turn.words:
        share = turn.duration_ms / max(len(turn.text), 1)
        margin = max(margin_ms, _UNTIMED_MARGIN_MS)
        return (
            round(turn.start_ms + one.start * share) - margin,
            round(turn.start_ms + one.end * share) + margin,
        )
    first, last = words_of(turn, one)
    return turn.words[first].start_ms - margin_ms, turn.words[last].end_ms + margin_ms


_SOUNDED = re.compile(r"\w")


def words_of(turn: Turn, one: Found) -> tuple[int, int]:
    """First and last word behind a span; a span without its own words takes its neighbours'."""
    text = fold(turn.text)
    places = [match.start() for match in _SOUNDED.finditer(text)]
    spoken = [
        (char, index)
        for index, word in enumerate(turn.words)
        for char in fold(word.text)
        if _SOUNDED.match(char)
    ]
    blocks = SequenceMatcher(
        None, [text[place] for place in places], [char for char, _ in spoken], autojunk=False
    ).get_matching_blocks()
    known = {
        places[block.a + at]: spoken[block.b + at][1]
        for block in blocks
        for at in range(block.size)
    }
    first = [word for place, word in known.items() if place <= one.start]
    last = [word for place, word in known.items() if place >= one.end - 1]
    return (max(first) if first else 0), (min(last) if last else len(turn.words) - 1)


def joined(spans: Iterable[AudioSpan]) -> tuple[AudioSpan, ...]:
    """Spans of one speaker that touch, as one; in order of time."""
    one: list[AudioSpan] = []
    for span in sorted(spans, key=lambda span: (span.speaker, span.start_ms)):
        last = one[-1] if one else None
        if last and last.speaker == span.speaker and span.start_ms <= last.end_ms:
            one[-1] = AudioSpan(
                start_ms=last.start_ms,
                end_ms=max(last.end_ms, span.end_ms),
                speaker=span.speaker,
            )
        else:
            one.append(span)
    return tuple(sorted(one, key=lambda span: (span.start_ms, span.speaker)))


def mute(
    samples: NDArray[np.float32],
    rate: int,
    ranges: Sequence[Range],
    *,
    mode: Literal["silence", "beep"] = "silence",
    channel: int | None = None,
) -> NDArray[np.float32]:
    """A copy of `samples` in which nothing of the ranges is left.

    Args:
        samples: (n,) or (channels, n), full scale ±1.
        rate: Samples per second.
        ranges: Milliseconds from the start, half-open.
        mode: `silence`, or a soft 1 kHz tone so that the listener knows something was removed.
        channel: Only this row, where each side has its own; the other side stays audible.
    """
    copy = np.array(samples, dtype=np.float32)
    rows = np.atleast_2d(copy)
    targets = rows if channel is None else rows[channel : channel + 1]
    for start_ms, end_ms in ranges:
        first = max(0, start_ms * rate // 1000)
        last = min(rows.shape[1], -(-end_ms * rate // 1000))
        if last > first:
            targets[:, first:last] = _tone(last - first, rate) if mode == "beep" else 0.0
    return copy


def _tone(length: int, rate: int) -> NDArray[np.float32]:
    tone = _BEEP_LEVEL * np.sin(2 * np.pi * _BEEP_HZ * np.arange(length) / rate)
    fade = max(1, min(length // 2, rate * _FADE_MS // 1000))
    ramp = np.linspace(0, 1, fade)
    tone[:fade] *= ramp
    tone[-fade:] *= ramp[::-1]
    return tone.astype(np.float32)
