"""Collects decoded blocks into one 16 kHz array, keeping to the file's clock."""

from __future__ import annotations

from typing import Any

import numpy as np
import soxr
from numpy.typing import NDArray

from transcription.protocols import SAMPLE_RATE_HZ, Samples

#: Time stamps may wander this much (container rounding, encoder delay) before it is a gap.
_TOLERANCE_S = 0.06
#: A longer jump is a broken clock, not a pause in the recording.
_LONGEST_GAP_S = 2 * 3600
#: Room made at once when the length is not known, and at most when it is.
_UNKNOWN_S, _LONGEST_S = 600, 12 * 3600


class SoundTrack:
    """Appends blocks of any rate; memory is the result plus about a second of sound.

    Args:
        seconds: Expected length; a wrong guess costs one copy, not correctness.
    """

    def __init__(self, *, seconds: float = 0.0) -> None:
        self.flags: list[str] = []
        self._seconds = min(seconds, _LONGEST_S) or _UNKNOWN_S
        self._samples: Samples = np.empty((0, 0), np.float32)
        self._filled = 0
        self._rate_hz = 0
        self._first_rate_hz = 0
        self._resampler: Any = None
        self._pending: list[NDArray[np.float32]] = []
        self._pending_size = 0
        self._clock_s = 0.0
        self._origin_s: float | None = None

    def add(self, block: NDArray[np.float32], *, rate_hz: int, at_s: float | None) -> None:
        """Append a block (channels, n) that starts at `at_s` by the file's clock."""
        if rate_hz != self._rate_hz:
            self._start(block.shape[0], rate_hz)
        if at_s is not None:
            self._keep_time(at_s)
        self._push(self._fit(block))

    def finish(self) -> tuple[Samples, int]:
        """The whole sound (channels, n), and the rate it came in."""
        self._flush(last=True)
        return self._samples[:, : self._filled], self._first_rate_hz

    def _start(self, channels: int, rate_hz: int) -> None:
        if self._rate_hz:
            self._flush(last=True)
            self.flags.append("rate_changed")
        else:
            self._first_rate_hz = rate_hz
            self._samples = self._room(channels)
        self._rate_hz = rate_hz
        self._resampler = None
        if rate_hz != SAMPLE_RATE_HZ:
            self._resampler = soxr.ResampleStream(
                rate_hz, SAMPLE_RATE_HZ, len(self._samples), dtype="float32", quality="HQ"
            )

    def _room(self, channels: int) -> Samples:
        """Space for the expected length; a header that lies about it must not cost the call."""
        try:
            return np.empty((channels, int((self._seconds + 1) * SAMPLE_RATE_HZ)), np.float32)
        except MemoryError:
            return np.empty((channels, _UNKNOWN_S * SAMPLE_RATE_HZ), np.float32)

    def _fit(self, block: NDArray[np.float32]) -> NDArray[np.float32]:
        """A block with the channels of the first one: rows are dropped or the last repeated."""
        channels = len(self._samples)
        if len(block) == channels:
            return block
        self.flags.append("channels_changed")
        rows = [min(row, len(block) - 1) for row in range(channels)]
        return block[rows]

    def _keep_time(self, at_s: float) -> None:
        """Fill a hole in the time stamps with silence; follow a clock that jumps."""
        if self._origin_s is None:
            self._origin_s = at_s
        behind = at_s - self._origin_s - self._clock_s
        if behind < -_TOLERANCE_S or behind > _LONGEST_GAP_S:
            self._origin_s = at_s - self._clock_s
            self.flags.append("clock_jumped")
        elif behind > _TOLERANCE_S:
            self.flags.append("gaps_filled")
            missing = round(behind * self._rate_hz)
            while missing > 0:
                step = min(missing, self._rate_hz)
                self._push(np.zeros((len(self._samples), step), np.float32))
                missing -= step

    def _push(self, block: NDArray[np.float32]) -> None:
        self._pending.append(block)
        self._pending_size += block.shape[1]
        self._clock_s += block.shape[1] / self._rate_hz
        if self._pending_size >= self._rate_hz:
            self._flush(last=False)

    def _flush(self, *, last: bool) -> None:
        if not self._rate_hz:
            return
        rows = np.concatenate(self._pending, axis=1) if self._pending else None
        self._pending, self._pending_size = [], 0
        if self._resampler is not None:
            given = np.zeros((0, len(self._samples)), np.float32) if rows is None else rows.T
            rows = self._resampler.resample_chunk(np.ascontiguousarray(given), last=last).T
        if rows is not None and rows.shape[1]:
            self._store(rows)

    def _store(self, rows: NDArray[np.float32]) -> None:
        end = self._filled + rows.shape[1]
        if end > self._samples.shape[1]:
            grown = np.empty((len(self._samples), max(end, end + end // 2)), np.float32)
            grown[:, : self._filled] = self._samples[:, : self._filled]
            self._samples = grown
        self._samples[:, self._filled : end] = rows
        self._filled = end
