"""Local segmentation of a whole recording, window by window."""

from __future__ import annotations

from collections.abc import Iterator

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
#: A window whose peak stays below this (−80 dB of full scale) holds nothing to hear.
_SILENT_PEAK = 1e-4


def window_samples(samples: Samples, window: int) -> Samples:
    """The (160000,) samples of one window, zeros behind the end."""
    begin = window * STEP_FRAMES * FRAME_STEP
    piece = samples[begin : begin + WINDOW_SAMPLES]
    return np.pad(piece, (0, WINDOW_SAMPLES - len(piece))) if len(piece) < WINDOW_SAMPLES else piece


def window_count(samples: Samples) -> int:
    """Windows that cover the recording, at least one."""
    beyond = max(0, len(samples) - WINDOW_SAMPLES)
    return 1 + -(-beyond // (STEP_FRAMES * FRAME_STEP))


def segment(network: SegmentationNet, samples: Samples, device: torch.device) -> Windows:
    """Hear every window of one channel `(n,)`; memory is bounded by a batch of windows."""
    sets = torch.tensor(POWERSET, dtype=torch.float32, device=device)
    count = window_count(samples)
    probability = np.zeros((count, WINDOW_FRAMES, sets.shape[1]), np.float32)
    active = np.zeros(probability.shape, np.bool_)
    with torch.inference_mode():
        for chosen in _loud_batches(samples, count):
            sound = np.stack([window_samples(samples, window) for window in chosen])
            classes = network(torch.from_numpy(sound).to(device))
            probability[chosen] = (classes.exp() @ sets).cpu().numpy()
            active[chosen] = sets[classes.argmax(-1)].cpu().numpy() > 0
    return Windows(probability=probability, active=active, frames=len(samples) // FRAME_STEP)


def _loud_batches(samples: Samples, count: int) -> Iterator[list[int]]:
    batch: list[int] = []
    for window in range(count):
        if np.abs(window_samples(samples, window)).max(initial=0.0) >= _SILENT_PEAK:
            batch.append(window)
        if len(batch) == _BATCH or (batch and window == count - 1):
            yield batch
            batch = []
