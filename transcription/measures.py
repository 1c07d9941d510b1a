"""What was measured on the sound, by speaker label, kept with the transcript."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median

import numpy as np

from qa.acoustics import Acoustics, CallEvent, Loudness
from qa.intervals import Range, intersect, total, union
from qa.sound import clipping_share, decibels
from qa.transcript import Turn
from transcription.listening import Channel
from transcription.protocols import SAMPLE_RATE_HZ, Samples, Separation
from transcription.signal_quality import signal_quality, worst_of

_PER_MS = SAMPLE_RATE_HZ // 1000
_FRAME_MS = 20
#: Speech frames quieter than this below the speaker's loudest are pauses inside a span.
_PAUSE_DB = 30.0
#: A turn is a jump when it is this much louder than the speaker's usual turn, and an outlier.
JUMP_DB = 6.0
JUMP_SPREADS = 2.5
#: Word times are this inexact; speech that close to a word counts as transcribed.
_NEAR_MS = 300
#: Sound kept per speaker for the share of clipped samples.
_CLIPPING_MS = 60_000


def measure(
    live: Sequence[Channel],
    turns: Sequence[Turn],
    separation: Separation,
    spoken: Sequence[CallEvent],
    *,
    separate: bool,
) -> Acoustics:
    """Events, activity, levels and the share of speech that became words.

    Args:
        live: The channels that were heard.
        turns: With speaker labels.
        separation: Speaker spans.
        spoken: Events known from the words (menus, transfers).
        separate: True when each speaker has a channel.
    """
    activity = {
        channel.label: tuple(union((span.start_ms, span.end_ms) for span in channel.speech))
        for channel in live
    }
    return Acoustics(
        events=_merged([event for channel in live for event in channel.events], spoken),
        activity=activity if separate else {},
        loudness=_loudness(live, turns, separation, separate=separate),
        signal=worst_of(signal_quality(channel.samples, channel.speech) for channel in live),
        speech_transcribed_share=_transcribed(activity, turns, separate=separate),
    )


def _merged(heard: Sequence[CallEvent], spoken: Sequence[CallEvent]) -> tuple[CallEvent, ...]:
    """Events of all channels; the same thing heard on two channels is one event."""
    kept: list[CallEvent] = []
    for event in sorted(heard, key=lambda event: (event.start_ms, -event.end_ms)):
        twin = any(
            other.kind == event.kind
            and min(other.end_ms, event.end_ms) - max(other.start_ms, event.start_ms)
            > 0.8 * (event.end_ms - event.start_ms)
            for other in kept
        )
        if not twin:
            kept.append(event)
    return tuple(sorted([*kept, *spoken], key=lambda event: (event.start_ms, event.end_ms)))


def _loudness(
    live: Sequence[Channel], turns: Sequence[Turn], separation: Separation, *, separate: bool
) -> dict[str, Loudness]:
    sound = {channel.label: channel.samples for channel in live}
    shared = live[0].samples if live else np.zeros(0, np.float32)
    found = {}
    for label in dict.fromkeys(turn.speaker for turn in turns):
        samples = sound.get(label.partition("-")[0], shared) if separate else shared
        own = [span for span in separation.exclusive if span.speaker == label]
        ranges = [(span.start_ms, span.end_ms) for span in own] or [
            (turn.start_ms, turn.end_ms) for turn in turns if turn.speaker == label
        ]
        loudness = _level(samples, ranges, [turn for turn in turns if turn.speaker == label])
        if loudness is not None:
            found[label] = loudness
    return found


def _level(samples: Samples, ranges: Sequence[Range], turns: Sequence[Turn]) -> Loudness | None:
    frames = [frame for start, end in ranges for frame in _frames_db(samples, start, end)]
    if not frames:
        return None
    floor = max(frames) - _PAUSE_DB
    levels = [
        level for turn in turns if (level := _rms_db(samples, turn.start_ms, turn.end_ms)) > -100
    ]
    return Loudness(
        median_db=round(median(frame for frame in frames if frame >= floor), 1),
        clipping_share=round(_clipping(samples, ranges), 4),
        jumps=_jumps(levels),
    )


def _frames_db(samples: Samples, start_ms: int, end_ms: int) -> list[float]:
    part = samples[start_ms * _PER_MS : end_ms * _PER_MS]
    width = _FRAME_MS * _PER_MS
    count = len(part) // width
    power = np.square(part[: count * width].reshape(count, width)).mean(axis=1)
    return [float(value) for value in 10 * np.log10(np.maximum(power, 1e-12))]


def _rms_db(samples: Samples, start_ms: int, end_ms: int) -> float:
    part = samples[start_ms * _PER_MS : end_ms * _PER_MS]
    return decibels(float(np.square(part).mean())) if part.size else -120.0


def _jumps(levels: Sequence[float]) -> int:
    """Turns much louder than the speaker's own median (median absolute deviation as spread)."""
    if len(levels) < 4:
        return 0
    middle = median(levels)
    spread = 1.4826 * median(abs(level - middle) for level in levels)
    return sum(1 for level in levels if level - middle > max(JUMP_DB, JUMP_SPREADS * spread))


def _clipping(samples: Samples, ranges: Sequence[Range]) -> float:
    parts, length = [], 0
    for start, end in ranges:
        parts.append(samples[start * _PER_MS : end * _PER_MS])
        length += end - start
        if length >= _CLIPPING_MS:
            break
    return clipping_share(np.concatenate(parts)) if parts else 0.0


def _transcribed(
    activity: Mapping[str, Sequence[Range]], turns: Sequence[Turn], *, separate: bool
) -> float | None:
    """Share of detected speech that lies at a word."""
    spoken = covered = 0
    for label, ranges in activity.items():
        words = union(
            (item.start_ms - _NEAR_MS, item.end_ms + _NEAR_MS)
            for turn in turns
            if not separate or turn.speaker.partition("-")[0] == label
            for item in (turn.words or (turn,))
        )
        spoken += total(ranges)
        covered += total(intersect(list(ranges), words))
    return round(covered / spoken, 3) if spoken else None
