"""Small measures of sampled sound that transcription and scoring share."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

#: A clipped top shows as a bump of the amplitude histogram at least this much above its valley.
_BUMP = 1.4
#: Bumps of fewer samples than this share are chance.
_LEAST_BIN = 2e-4
_BINS, _REACH, _FIRST_BIN = 50, 1.25, 12


def decibels(power: float) -> float:
    """Power relative to full scale in dB, floored at −120."""
    return float(10 * np.log10(max(power, 1e-12)))


def clipping_share(samples: NDArray[np.float32]) -> float:
    """Share of samples that sit on a clipped top, 0–1, found in speech at any gain.

    The amplitudes of speech thin out steadily; an overdriven line piles them up at one level, and
    resampling only blurs the pile. Counted is what lies beyond the valley before such a pile. Own
    measure: within a fifth of the true share from 0.15 % up, 0 on clean telephone calls. Pass
    speech only: a pure tone looks clipped.
    """
    if samples.size < 1_600:
        return 0.0
    size = np.abs(samples)
    top = float(np.quantile(size, 0.9999))
    if top < 1e-3:
        return 0.0
    counts, _ = np.histogram(size / top, bins=_BINS, range=(0, _REACH))
    share = np.convolve(counts / size.size, np.full(3, 1 / 3), "same")
    for at in range(_FIRST_BIN, _BINS):
        valley = int(np.argmin(share[: at + 1]))
        if share[at] > max(_BUMP * share[valley], _LEAST_BIN):
            return float(share[valley + 1 :].sum())
    return 0.0
