"""Small measures of sampled sound that transcription and scoring share."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

#: Share of speech samples that lies near its own peak without any clipping (see `clipping_share`).
_NATURAL_SHARE = 0.001


def decibels(power: float) -> float:
    """Power relative to full scale in dB, floored at −120."""
    return float(10 * np.log10(max(power, 1e-12)))


def clipping_share(samples: NDArray[np.float32]) -> float:
    """Share of samples that sit on a clipped top, 0–1, found in speech at any gain.

    A limiter or an overdriven line piles samples up at one level; later resampling spreads them
    by some 10 %. Speech amplitudes fall off like a Laplace distribution, where the top fifth
    below the 99.99th percentile holds exp(−9.2·0.8) = 0.06 % of the samples; what lies there
    above 0.1 % is counted as clipped. Own measure; pass speech only, tones look clipped.
    """
    if samples.size < 1_600:
        return 0.0
    size = np.abs(samples)
    top = float(np.quantile(size, 0.9999))
    if top < 1e-3:
        return 0.0
    share = float(np.count_nonzero(size >= 0.8 * top)) / size.size
    return max(0.0, share - _NATURAL_SHARE)
