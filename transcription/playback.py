"""Sound for the call player: clips any browser can play, and the outline of the waveform."""

from __future__ import annotations

import io
import wave
from collections.abc import Sequence

import numpy as np
import soxr

from qa.intervals import Range
from transcription.audio import blocks
from transcription.opening import Source
from transcription.protocols import SAMPLE_RATE_HZ, Samples


def clip(source: Source, start_ms: int, end_ms: int, *, mute: Sequence[Range] = ()) -> bytes:
    """One stretch of a recording as 16-bit WAV, in its own rate and channels.

    Args:
        source: Path, or a seekable binary file.
        start_ms: Start in the recording.
        end_ms: End; cut at the end of the recording.
        mute: Ranges of the recording replaced by silence (personal data).

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
    return to_wav(samples, rate_hz=rate)


def to_wav(samples: Samples, *, rate_hz: int = SAMPLE_RATE_HZ) -> bytes:
    """Samples (channels, n) or (n,) as a 16-bit WAV file; rates browsers refuse become 48 kHz."""
    rows = np.atleast_2d(samples)
    if rate_hz > 48_000:
        rows, rate_hz = np.atleast_2d(soxr.resample(rows.T, rate_hz, 48_000).T), 48_000
    whole = np.rint(np.clip(rows, -1, 1) * 32767).astype("<i2")
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(len(whole))
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes(np.ascontiguousarray(whole.T).tobytes())
    return buffer.getvalue()


def peaks(samples: Samples, buckets: int) -> list[float]:
    """Largest absolute value of one channel `(n,)` in each of `buckets` equal stretches, 0–1."""
    if not samples.size or buckets < 1:
        return [0.0] * max(0, buckets)
    edges = np.linspace(0, samples.size, buckets + 1).astype(np.int64)
    size = np.abs(samples)
    starts = np.minimum(edges[:-1], samples.size - 1)
    return [round(float(value), 4) for value in np.maximum.reduceat(size, starts)]
