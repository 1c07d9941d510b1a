"""How good a line is: speech against noise, clipping, bandwidth."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from qa.acoustics import SignalQuality
from qa.intervals import Range, complement, intersect, subtract, total, union
from qa.sound import clipping_share
from transcription.protocols import SAMPLE_RATE_HZ, Samples, Span

_PER_MS = SAMPLE_RATE_HZ // 1000
_FRAME, _HOP = 512, 256
#: Speech is sampled over the whole call up to this much; more changes no figure.
_SPEECH_MS, _PIECE_MS = 120_000, 2_000
#: Sound this close to speech may be its tail.
_TAIL_MS = 250
#: A speech bin this far below the strongest one is silence of the line.
_REACH_DB = 50.0
_LEAST_SPEECH_MS = 500
_BEST_SNR_DB = 60.0


def signal_quality(samples: Samples, speech: Sequence[Span] | Sequence[Range]) -> SignalQuality:
    """Measure one channel `(n,)`.

    Args:
        samples: The channel at 16 kHz.
        speech: Where somebody speaks on it. Too little speech gives an empty result.

    Returns:
        `snr_db` compares speech with the pauses around it, or with the quietest twentieth of the
        speech itself where the line is muted in pauses, whichever is noisier; at most 60.
        `bandwidth_hz` is the highest frequency at which speech reaches −50 dB of its strongest.
    """
    spoken = _ranges(speech, samples)
    if total(spoken) < _LEAST_SPEECH_MS:
        return SignalQuality()
    pieces = _spread(spoken)
    power = _spectra(samples, pieces)
    speech_power = power.mean(axis=1)
    noise = max(_pause_power(samples, spoken), float(np.quantile(speech_power, 0.05)), 1e-12)
    voice = max(float(speech_power.mean()) - noise, 1e-12)
    sound = np.concatenate([samples[a * _PER_MS : b * _PER_MS] for a, b in pieces])
    return SignalQuality(
        snr_db=round(min(_BEST_SNR_DB, float(10 * np.log10(voice / noise))), 1),
        clipping_share=round(clipping_share(sound), 4),
        bandwidth_hz=_bandwidth(power),
    )


def worst_of(lines: Iterable[SignalQuality]) -> SignalQuality | None:
    """The worst figures of all channels with speech; None when no channel has any."""
    found = [line for line in lines if line.snr_db is not None]
    if not found:
        return None
    return SignalQuality(
        snr_db=min(line.snr_db for line in found if line.snr_db is not None),
        clipping_share=max(line.clipping_share or 0.0 for line in found),
        bandwidth_hz=min(line.bandwidth_hz or 0 for line in found),
    )


def _ranges(speech: Sequence[Span] | Sequence[Range], samples: Samples) -> list[Range]:
    pairs = [(s.start_ms, s.end_ms) if isinstance(s, Span) else s for s in speech]
    return intersect(union(pairs), [(0, samples.size // _PER_MS)])


def _spread(ranges: Sequence[Range]) -> list[Range]:
    """At most `_SPEECH_MS` of the ranges, in pieces taken evenly over all of them."""
    pieces = [
        (at, min(at + _PIECE_MS, end))
        for start, end in ranges
        for at in range(start, end, _PIECE_MS)
        if min(at + _PIECE_MS, end) - at >= 2 * _FRAME // _PER_MS
    ]
    step = max(1, -(-total(pieces) // _SPEECH_MS))
    return pieces[::step]


def _spectra(samples: Samples, pieces: Sequence[Range]) -> NDArray[np.float32]:
    """Power spectra (frames, bins) of the pieces."""
    import librosa  # noqa: PLC0415 - half a second to import

    rows = []
    for start, end in pieces:
        part = samples[start * _PER_MS : end * _PER_MS]
        if part.size >= _FRAME:
            spectrum = librosa.stft(part, n_fft=_FRAME, hop_length=_HOP, center=False)
            rows.append((np.abs(spectrum.T) ** 2 / _FRAME**2).astype(np.float32))
    return np.concatenate(rows) if rows else np.zeros((1, _FRAME // 2 + 1), np.float32)


def _pause_power(samples: Samples, spoken: Sequence[Range]) -> float:
    """Power of the quieter pauses, 0 where there are none or the line is muted in them.

    The lower quartile: hold music and ringing fill pauses too, and are not the line's noise.
    """
    length = samples.size // _PER_MS
    near = union((start - _TAIL_MS, end + _TAIL_MS) for start, end in spoken)
    pauses = _spread(subtract([(0, length)], near) if near else complement([], (0, length)))
    if total(pauses) < _LEAST_SPEECH_MS:
        return 0.0
    return float(np.quantile(_spectra(samples, pauses).mean(axis=1), 0.25))


def _bandwidth(power: NDArray[np.float32]) -> int:
    """Speech at its strongest per bin, against the strongest bin."""
    level = 10 * np.log10(np.quantile(power, 0.95, axis=0) + 1e-14)
    reached = np.flatnonzero(level > level.max() - _REACH_DB)
    return int(round((reached[-1] + 1) * SAMPLE_RATE_HZ / _FRAME, -2))
