"""Leakage between two channels: how loud, how late, and which speech spans are nothing else."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from qa.intervals import Range, intersect, union
from transcription.protocols import SAMPLE_RATE_HZ, Samples, Span

K = TypeVar("K", bound=Hashable)

#: Echo paths are measured on half-second pieces in which the source is loud.
_PIECE = SAMPLE_RATE_HZ // 2
_PIECES = 48
#: Network echo comes within half a second (ITU-T G.131 treats delays up to 400 ms).
_MAX_LAG = SAMPLE_RATE_HZ // 2
#: Correlation that chance does not reach in a piece; pieces must agree on the lag within 4 ms.
_CHANCE = 0.25
_AGREE = SAMPLE_RATE_HZ // 250
_LEAST_PIECES, _LEAST_SHARE = 3, 0.3
#: The leaking source itself must be this loud to be a source.
_SOURCE_DB = -50.0

_FRAME_MS = 20
_FRAME = _FRAME_MS * SAMPLE_RATE_HZ // 1000
#: What is louder than the expected echo by this much is somebody's own speech.
_OWN_DB = 8.0
#: Frames of the source around the lag that may be sounding on (reverberation, word ends).
_SPREAD_FRAMES = 5
_LEAST_SPAN_MS = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Echo:
    """The way from one channel into another.

    Attributes:
        lag_ms: How much later the echo sounds; negative when it is earlier.
        gain_db: Level of the echo relative to its source.
        share: Share of the other channel's power, while the source talks, that is its echo.
    """

    lag_ms: float
    gain_db: float
    share: float


def measure_echo(source: Samples, target: Samples) -> Echo | None:
    """How the source sounds through on the target; None when it does not.

    Cross-correlates pieces in which the source is loud; an echo is a lag on which several of them
    agree. Polarity and level play no part.
    """
    starts = _loud_pieces(source, target)
    if len(starts) < _LEAST_PIECES:
        return None
    found = [_correlate(source, target, start) for start in starts]
    sure = [(lag, rho, gain) for lag, rho, gain in found if rho >= _CHANCE]
    best: list[tuple[int, float, float]] = []
    for lag, _, _ in sure:
        agreeing = [entry for entry in sure if abs(entry[0] - lag) <= _AGREE]
        best = max(best, agreeing, key=len)
    if len(best) < max(_LEAST_PIECES, _LEAST_SHARE * len(starts)):
        return None
    middle = float(np.median([entry[0] for entry in best]))
    return Echo(
        lag_ms=round(middle * 1000 / SAMPLE_RATE_HZ, 1),
        gain_db=round(float(np.median([entry[2] for entry in best])), 1),
        share=round(float(np.mean([rho**2 for _, rho, _ in best])) * len(best) / len(starts), 3),
    )


def suppress_echo_spans(
    spans: Mapping[K, Sequence[Span]], samples: Mapping[K, Samples]
) -> dict[K, tuple[Span, ...]]:
    """Speech spans without those that are only another channel's echo.

    Args:
        spans: Channel → speech spans.
        samples: Channel → sound `(n,)`, all of one length.

    Returns:
        The same keys. A span is cut to where the channel is louder than the echo it must carry;
        speech over an echo (double talk) stays.
    """
    kept = {key: tuple(own) for key, own in spans.items()}
    for target in spans:
        for source in spans:
            if source == target or not kept[target]:
                continue
            echo = measure_echo(samples[source], samples[target])
            # A channel as loud as the echo's source is not the one that leaks.
            if echo is not None and echo.gain_db < 0:
                own = _own_speech(samples[source], samples[target], echo)
                kept[target] = tuple(p for span in kept[target] for p in _cut(span, own))
    return kept


def _own_speech(source: Samples, target: Samples, echo: Echo) -> list[Range]:
    """Where the target is louder than the echo of the source could make it."""
    levels, theirs = _levels(target), _levels(source)
    shift = round(echo.lag_ms / _FRAME_MS)
    expected = np.full(len(levels), -120.0, np.float32)
    for offset in range(shift - 1, shift + _SPREAD_FRAMES):
        moved = np.roll(theirs, offset)
        if offset > 0:
            moved[:offset] = -120
        elif offset < 0:
            moved[offset:] = -120
        expected = np.maximum(expected, moved[: len(expected)])
    own = levels > np.maximum(expected + echo.gain_db + _OWN_DB, _SOURCE_DB - 10)
    frames = np.flatnonzero(own).tolist()
    return [
        piece
        for piece in union(((at * _FRAME_MS, (at + 1) * _FRAME_MS) for at in frames), bridge_ms=200)
        if piece[1] - piece[0] >= _LEAST_SPAN_MS
    ]


def _cut(span: Span, own: Sequence[Range]) -> list[Span]:
    """The span from its first to its last own speech; nothing when there is none."""
    inside = intersect([(span.start_ms, span.end_ms)], own)
    pad = 200
    pieces = union((start - pad, end + pad) for start, end in inside)
    return [
        replace(span, start_ms=start, end_ms=end)
        for start, end in intersect(pieces, [(span.start_ms, span.end_ms)])
    ]


def _loud_pieces(source: Samples, target: Samples) -> list[int]:
    """Starts of the pieces in which the source is loudest against the target, all over the call."""
    count = min(source.size, target.size) // _PIECE
    if count < _LEAST_PIECES:
        return []
    power = _piece_power(source, count)
    apart = power / (_piece_power(target, count) + 1e-9)
    loud = np.flatnonzero(power > max(10 ** (_SOURCE_DB / 10), float(np.quantile(power, 0.5))))
    best = loud[np.argsort(-apart[loud])][:_PIECES]
    return sorted(int(at) * _PIECE for at in best)


def _piece_power(samples: Samples, count: int) -> NDArray[np.float32]:
    whole = samples[: count * _PIECE].reshape(count, _PIECE)
    return np.einsum("ij,ij->i", whole, whole) / _PIECE


def _correlate(source: Samples, target: Samples, start: int) -> tuple[int, float, float]:
    """Best lag, normalised correlation 0–1, and gain in dB of a piece of the source."""
    piece = source[start : start + _PIECE]
    begin = max(0, start - _MAX_LAG)
    window = target[begin : start + _PIECE + _MAX_LAG]
    piece, window = piece - piece.mean(), window - window.mean()
    size = scipy.fft.next_fast_len(window.size + piece.size, real=True)
    spectrum = scipy.fft.rfft(window, size) * np.conj(scipy.fft.rfft(piece, size))
    match = np.abs(scipy.fft.irfft(spectrum, size)[: window.size - piece.size + 1])
    sums = np.concatenate([[0.0], np.cumsum(window.astype(np.float64) ** 2)])
    energy = sums[piece.size :][: match.size] - sums[: match.size]
    own = float(piece @ piece) + 1e-12
    rho = match / np.sqrt(own * (energy + 1e-9))
    at = int(np.argmax(rho))
    gain = 20 * np.log10(max(float(match[at]) / own, 1e-6))
    return at + begin - start, float(rho[at]), float(gain)


def _levels(samples: Samples) -> NDArray[np.float32]:
    count = samples.size // _FRAME
    whole = samples[: count * _FRAME].reshape(count, _FRAME)
    power = np.einsum("ij,ij->i", whole, whole) / _FRAME
    return (10 * np.log10(power + 1e-12)).astype(np.float32)
