"""Short-time spectra of a channel in bounded memory, as tones and music are found in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from transcription.protocols import SAMPLE_RATE_HZ, Samples

#: Steps of 0.85 s carry what lasts: levels, bars of music.
STEP_MS = 848


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """Window and hop of a spectrum, in samples. Spectra end with the telephone band."""

    size: int
    hop: int

    @property
    def frame_ms(self) -> int:
        """Time from one frame to the next."""
        return self.hop * 1000 // SAMPLE_RATE_HZ

    @property
    def bin_hz(self) -> float:
        """Distance of two bins."""
        return SAMPLE_RATE_HZ / self.size

    @property
    def bins(self) -> int:
        """Bins up to 3.8 kHz."""
        return round(3_800 / self.bin_hz)

    @property
    def step(self) -> int:
        """Frames of one step."""
        return STEP_MS // self.frame_ms


#: 64 ms every 16 ms, for bars and keys; 128 ms every 32 ms tells 440 from 480 Hz.
FINE, SHARP = Grid(size=1024, hop=256), Grid(size=2048, hop=512)
_CHUNK_STEPS = 40

Power = NDArray[np.float32]


def power_spectra(samples: Samples, grid: Grid) -> Iterator[Power]:
    """Power spectra (frames, bins) in chunks of whole steps (the last may be shorter).

    Frame `i` is centred on sample `i · hop`. A sine of amplitude 1 has a power of 0.25 at its bin.
    """
    window = np.hanning(grid.size).astype(np.float32)
    window /= window.sum()
    count, half = -(-samples.size // grid.hop), grid.size // 2
    chunk = _CHUNK_STEPS * grid.step
    for first in range(0, count, chunk):
        last = min(count, first + chunk)
        begin, end = first * grid.hop - half, (last - 1) * grid.hop + half
        piece = samples[max(0, begin) : min(end, samples.size)]
        padded = np.pad(piece, (max(0, -begin), max(0, end - samples.size)))
        frames = np.lib.stride_tricks.sliding_window_view(padded, grid.size)[:: grid.hop]
        spectrum = scipy.fft.rfft(frames * window, axis=1)[:, : grid.bins]
        yield (spectrum.real**2 + spectrum.imag**2).astype(np.float32)
