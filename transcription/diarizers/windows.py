"""A recording as overlapping ten-second windows on one grid of frames.

A frame is 16.875 ms; windows start on whole frames, so what two windows say about the same frame
can be added up without resampling.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from transcription.diarizers.segmentation import (
    FRAME_FIELD,
    FRAME_STEP,
    POWERSET,
    WINDOW_SAMPLES,
    SegmentationNet,
)
from transcription.protocols import SAMPLE_RATE_HZ, Samples

Floats = NDArray[np.float32]
Flags = NDArray[np.bool_]

WINDOW_FRAMES = 589
#: Windows overlap by half: 296 frames are 4.995 s.
STEP_FRAMES = 296
_BATCH = 16
#: A window whose peak stays below this (−80 dB of full scale) holds nothing to hear.
_SILENT_PEAK = 1e-4


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Windows:
    """What the segmentation network heard.

    Attributes:
        probability: (windows, 589, 3) how likely each local voice speaks in each frame.
        active: (windows, 589, 3) the most likely set of voices of each frame.
        frames: Frames of the whole recording.
    """

    probability: Floats
    active: Flags
    frames: int

    def __len__(self) -> int:
        return len(self.probability)

    def start(self, window: int) -> int:
        """First frame of a window on the grid of the recording."""
        return window * STEP_FRAMES

    def clean(self) -> Flags:
        """(windows, 589, 3) frames in which a voice speaks alone."""
        return self.active & (self.active.sum(-1, keepdims=True) == 1)


def frame_to_ms(frame: int) -> int:
    """The moment a frame stands for: the middle of what it hears."""
    return (FRAME_FIELD // 2 + frame * FRAME_STEP) * 1000 // SAMPLE_RATE_HZ


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
