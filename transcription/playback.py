"""Sound for the call player: clips any browser can play, and the outline of the waveform.

What is played is a copy in which personal data cannot be heard: `playback_copy` and `clip` take
the stretches that `store.privacy.sound` names. The recording itself is never changed.
"""

from __future__ import annotations

import hashlib
import io
import wave
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

import numpy as np
import soxr

from qa.intervals import Range
from qa.privacy.audio import AudioSpan
from qa.privacy.audio import mute as silenced
from transcription.audio import blocks
from transcription.opening import Source
from transcription.protocols import SAMPLE_RATE_HZ, Samples

SoundMode = Literal["beep", "silence", "off"]
#: Speaker labels that name a channel; any other speaker is heard on every channel.
_CHANNELS = {"left": 0, "right": 1}
_PER_MS = SAMPLE_RATE_HZ // 1000
#: Length of a stretch, and how far its ends stay from what is hidden.
_STRETCH_MS, _CLEAR_MS = 60_000, 100
#: The outline rests on the loudest sample of every 10 ms.
_LOUDNESS_STEP = 10 * _PER_MS


def hidden(
    samples: Samples,
    rate_hz: int,
    spans: Sequence[AudioSpan],
    *,
    mode: SoundMode = "beep",
    offset_ms: int = 0,
) -> Samples:
    """A copy without the spans: only the speaking side's channel where sides are apart.

    Args:
        samples: (channels, n).
        rate_hz: Their rate.
        spans: Times in the recording.
        mode: A soft tone, silence, or `off` to leave the sound as it is.
        offset_ms: Where in the recording `samples` begin.
    """
    copy = np.atleast_2d(np.array(samples, dtype=np.float32))
    if mode == "off":
        return copy
    apart = len(copy) == len(_CHANNELS)
    for channel in (None, *_CHANNELS.values()):
        ranges = [
            (max(0, span.start_ms - offset_ms), span.end_ms - offset_ms)
            for span in spans
            if (_CHANNELS.get(span.speaker) if apart else None) == channel
            and span.end_ms > offset_ms
        ]
        copy = silenced(copy, rate_hz, ranges, mode=mode, channel=channel)
    return copy


def playback_copy(
    samples: Samples, spans: Sequence[AudioSpan] | None, *, mode: SoundMode = "beep"
) -> Samples:
    """A whole decoded recording (channels, n at 16 kHz) as it may be played.

    Args:
        samples: What was decoded.
        spans: What to hide; None when nobody looked for personal data: then nothing is heard.
        mode: As for `hidden`; `off` plays everything.
    """
    if mode == "off":
        return np.atleast_2d(samples)
    if spans is None:
        return np.zeros_like(np.atleast_2d(samples))
    return hidden(samples, SAMPLE_RATE_HZ, spans, mode=mode)


@dataclass(frozen=True, slots=True, kw_only=True)
class Playable:
    """A recording as the player gets it.

    Attributes:
        wav: 16-bit WAV at 16 kHz, without personal data.
        outline: Loudness in equal stretches, the loudest 1.
        seconds: Its length.
        digest: SHA-256 of `wav`.
    """

    wav: bytes
    outline: tuple[float, ...]
    seconds: float
    digest: str


def playable(
    samples: Samples, spans: Sequence[AudioSpan] | None, *, mode: SoundMode = "beep", buckets: int
) -> Playable:
    """A decoded recording made ready, minute by minute: three hours would need gigabytes at once.

    Args:
        samples: What was decoded, (channels, n) at 16 kHz.
        spans: As for `playback_copy`.
        mode: As for `hidden`.
        buckets: Stretches of the outline.
    """
    rows = np.atleast_2d(samples)
    buffer, loud = io.BytesIO(), [np.zeros(0, np.float32)]
    with _wave_file(buffer, len(rows), SAMPLE_RATE_HZ) as file:
        for first, last in _stretches(rows.shape[1], spans or ()):
            shown = _stretch(rows, (first, last), spans, mode)
            file.writeframesraw(_as_frames(shown))
            starts = np.arange(0, last - first, _LOUDNESS_STEP)
            loud.append(np.maximum.reduceat(np.abs(shown).max(axis=0), starts))
    outline = peaks(np.concatenate(loud), buckets)
    loudest = max(outline, default=0.0) or 1.0
    wav = buffer.getvalue()
    return Playable(
        wav=wav,
        outline=tuple(value / loudest for value in outline),
        seconds=rows.shape[1] / SAMPLE_RATE_HZ,
        digest=hashlib.sha256(wav).hexdigest(),
    )


def _stretch(
    rows: Samples, bounds: tuple[int, int], spans: Sequence[AudioSpan] | None, mode: SoundMode
) -> Samples:
    part = rows[:, bounds[0] : bounds[1]]
    if mode == "off" or spans is None:
        return playback_copy(part, None, mode=mode)
    begins, ends = (1000 * at // SAMPLE_RATE_HZ for at in bounds)
    mine = [span for span in spans if span.start_ms < ends + 1 and span.end_ms > begins]
    return hidden(part, SAMPLE_RATE_HZ, mine, mode=mode, offset_ms=begins) if mine else part


def _stretches(length: int, spans: Sequence[AudioSpan]) -> Iterator[tuple[int, int]]:
    """Bounds in samples, at whole milliseconds and never inside a span: its fades stay whole."""
    first = 0
    while first < length:
        last = first + _STRETCH_MS * _PER_MS
        while any(
            span.start_ms - _CLEAR_MS < last // _PER_MS < span.end_ms + _CLEAR_MS for span in spans
        ):
            last += _CLEAR_MS * _PER_MS
        yield first, min(last, length)
        first = last


def clip(
    source: Source,
    start_ms: int,
    end_ms: int,
    *,
    mute: Sequence[Range] = (),
    hide: Sequence[AudioSpan] = (),
    mode: SoundMode = "beep",
) -> bytes:
    """One stretch of a recording as 16-bit WAV, in its own rate and channels.

    Args:
        source: Path, or a seekable binary file.
        start_ms: Start in the recording.
        end_ms: End; cut at the end of the recording.
        mute: Ranges of the recording replaced by silence on every channel.
        hide: Personal data (`store.privacy.sound`), on the speaking side's channel only.
        mode: What is heard instead.

    Raises:
        AudioError: The recording cannot be decoded.
    """
    parts: list[Samples] = []
    rate = SAMPLE_RATE_HZ
    for at_ms, rate_hz, block in blocks(source, start_ms=start_ms):
        rate = rate_hz
        first = max(0, (start_ms - at_ms) * rate // 1000)
        last = (end_ms - at_ms) * rate // 1000
        if last <= 0:
            break
        parts.append(block[:, first:last])
    samples = np.concatenate(parts, axis=1) if parts else np.zeros((1, 0), np.float32)
    for muted_from, muted_to in mute:
        first, last = ((ms - start_ms) * rate // 1000 for ms in (muted_from, muted_to))
        samples[:, max(0, first) : max(0, last)] = 0
    samples = hidden(samples, rate, hide, mode=mode, offset_ms=start_ms)
    return to_wav(samples, rate_hz=rate)


def to_wav(samples: Samples, *, rate_hz: int = SAMPLE_RATE_HZ) -> bytes:
    """Samples (channels, n) or (n,) as a 16-bit WAV file; rates browsers refuse become 48 kHz."""
    rows = np.atleast_2d(samples)
    if rate_hz > 48_000:
        rows, rate_hz = np.atleast_2d(soxr.resample(rows.T, rate_hz, 48_000).T), 48_000
    buffer = io.BytesIO()
    with _wave_file(buffer, len(rows), rate_hz) as file:
        file.writeframes(_as_frames(rows))
    return buffer.getvalue()


@contextmanager
def _wave_file(buffer: io.BytesIO, channels: int, rate_hz: int) -> Iterator[wave.Wave_write]:
    with wave.open(buffer, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        yield file


def _as_frames(rows: Samples) -> bytes:
    whole = np.rint(np.clip(rows, -1, 1) * 32767).astype("<i2")
    return np.ascontiguousarray(whole.T).tobytes()


def peaks(samples: Samples, buckets: int) -> list[float]:
    """Largest absolute value of one channel `(n,)` in each of `buckets` equal stretches, 0–1."""
    if not samples.size or buckets < 1:
        return [0.0] * max(0, buckets)
    edges = np.linspace(0, samples.size, buckets + 1).astype(np.int64)
    size = np.abs(samples)
    starts = np.minimum(edges[:-1], samples.size - 1)
    return [round(float(value), 4) for value in np.maximum.reduceat(size, starts)]
