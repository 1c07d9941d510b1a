"""Local segmentation of a whole recording, window by window."""

from __future__ import annotations

import numpy as np
import torch

from transcription.diarizers.frames import (
    FRAME_STEP,
    STEP_FRAMES,
    WINDOW_FRAMES,
    WINDOW_SAMPLES,
    Windows,
)
from transcription.diarizers.segmentation import POWERSET, SegmentationNet
from transcription.protocols import Samples

_BATCH = 16
_HOP = STEP_FRAMES * FRAME_STEP
#: A stretch whose peak stays below this (−80 dB of full scale) holds nothing to hear.
_SILENT_PEAK = 1e-4


def window_samples(samples: Samples, window: int) -> Samples:
    """The (160000,) samples of one window, zeros behind the end."""
    return _stretch(samples, slice(window, window + 1))


def window_count(samples: Samples) -> int:
    """Windows that cover the recording, at least one."""
    beyond = max(0, len(samples) - WINDOW_SAMPLES)
    return 1 + -(-beyond // _HOP)


def segment(network: SegmentationNet, samples: Samples, device: torch.device) -> Windows:
    """Hear every window of one channel `(n,)`; memory is bounded by a batch of windows."""
    sets = torch.tensor(POWERSET, dtype=torch.float32, device=device)
    count = window_count(samples)
    probability = np.zeros((count, WINDOW_FRAMES, sets.shape[1]), np.float32)
    active = np.zeros(probability.shape, np.bool_)
    with torch.inference_mode():
        for first in range(0, count, _BATCH):
            chosen = slice(first, min(first + _BATCH, count))
            sound = _stretch(samples, chosen)
            if np.abs(sound).max() < _SILENT_PEAK:
                continue
            classes = network.slide(torch.from_numpy(sound).to(device), _HOP)
            probability[chosen] = (classes.exp() @ sets).cpu().numpy()
            active[chosen] = sets[classes.argmax(-1)].cpu().numpy() > 0
    return Windows(probability=probability, active=active, frames=len(samples) // FRAME_STEP)


def _stretch(samples: Samples, windows: slice) -> Samples:
    """The samples that consecutive windows cover, zeros behind the end."""
    begin, end = windows.start * _HOP, (windows.stop - 1) * _HOP + WINDOW_SAMPLES
    piece = samples[begin:end]
    return np.pad(piece, (0, end - begin - len(piece)))
