"""The grid everything is counted on, and what the two networks said on it (no torch).

A frame is 16.875 ms; windows of ten seconds start on whole frames, so what two windows say about
the same frame can be added up without resampling.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from transcription.protocols import SAMPLE_RATE_HZ

Floats = NDArray[np.float32]
Flags = NDArray[np.bool_]
Integers = NDArray[np.int64]

#: Samples between two frames, and samples one frame sees.
FRAME_STEP = 270
FRAME_FIELD = 991
WINDOW_SAMPLES = 160_000
WINDOW_FRAMES = 589
#: A window starts every 148 frames (2.4975 s), so four windows hear each frame.
STEP_FRAMES = 148
#: Every fourth window starts where the last but three ended.
EMBEDDED_EVERY = 4
#: Voices the segmentation network tells apart inside one window.
LOCAL_SPEAKERS = 3


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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Voices:
    """Embedded local speakers, one row each, sorted by window.

    Attributes:
        window: (n,) window of the row.
        slot: (n,) which of the window's three local voices.
        seconds: (n,) clean speech the voice has in its window.
        vector: (n, 192) of unit length.
        broken: (n,) true where that speech holds no run of a second, so that `Runs` has none of it.
    """

    window: Integers
    slot: Integers
    seconds: Floats
    vector: Floats
    broken: Flags

    def __len__(self) -> int:
        return len(self.window)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Runs:
    """Stretches of a second and more in which one local voice speaks alone, with their vectors.

    Attributes:
        start: (n,) first frame on the grid of the recording; `end`: (n,) the frame behind.
        vector: (n, 192) of unit length.
    """

    start: Integers
    end: Integers
    vector: Floats

    def __len__(self) -> int:
        return len(self.start)

    @property
    def seconds(self) -> Floats:
        """(n,) length of the runs."""
        return ((self.end - self.start) * (FRAME_STEP / SAMPLE_RATE_HZ)).astype(np.float32)


def runs_of(flags: Flags) -> list[tuple[int, int]]:
    """First index and index behind the last of every run of true values in `(n,)` flags."""
    edges = np.flatnonzero(np.diff(flags.astype(np.int8), prepend=0, append=0))
    return [(int(first), int(last)) for first, last in edges.reshape(-1, 2)]
