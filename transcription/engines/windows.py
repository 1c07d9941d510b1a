"""Packing speech spans into the fixed windows a recogniser hears, and finding the way back.

A Whisper encoder always computes a full 30 s, so many short spans heard one by one waste most of
it. Here spans are padded with the sound around them, laid one after another into windows of up to
`WINDOW_MS`, and every time heard in a window can be mapped back to the file.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from transcription.protocols import SAMPLE_RATE_HZ, Samples, Side, Span

#: A little under the 30 s the encoder sees, so that the last word is never cut.
WINDOW_MS = 29_000
#: So many of the latest windows are filled up: a window holds speech of one part of the call.
OPEN_WINDOWS = 4
#: Sound kept before and after a span: onsets and trailing finals lie outside what VAD marks.
PAD_BEFORE_MS = 200
PAD_AFTER_MS = 300
#: A span longer than a window is cut at its quietest moment in this last part of the window.
SEARCH_MS = 8_000
_SAMPLES_PER_MS = SAMPLE_RATE_HZ // 1000
_FRAME_MS = 20
#: What counts as loud in a piece, and how many loud frames' worth of power is a sound at all.
_LOUD_PERCENTILE = 90
_SOUNDING = 0.2
#: Below this share of power a frame is silent at the ends of a word; so much is left on.
_SILENT = 0.01
_SLACK_MS = 40
#: Shares of power (frames,); see `Window.loudness`.
Loudness = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A stretch of one side inside a window: `[start_ms, end_ms)` lies at `offset_ms`."""

    start_ms: int
    end_ms: int
    offset_ms: int
    side: int = 0

    @property
    def duration_ms(self) -> int:
        """Length of the piece."""
        return self.end_ms - self.start_ms

    def cut(self, sides: Sequence[Side]) -> Samples:
        """The sound of the piece `(n,)`."""
        return _stretch(sides[self.side].samples, self.start_ms, self.end_ms)


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Pieces heard together, in order."""

    pieces: tuple[Piece, ...]

    @property
    def duration_ms(self) -> int:
        """Length of the packed sound."""
        last = self.pieces[-1]
        return last.offset_ms + last.duration_ms

    def piece_of(self, start_ms: float, end_ms: float, loudness: Loudness | None = None) -> Piece:
        """The piece to which a word belongs that may touch a seam.

        A recogniser lets the first word after a pause begin where the word before it ended, so most
        of its time may lie in the silence before the seam: the piece in which the word is loudest
        has it. Without loudness, or where nothing sounds, the middle decides.
        """
        first, last = self._index_at(start_ms), self._index_at(end_ms)
        if loudness is not None and last > first:
            edges = [start_ms, *(p.offset_ms for p in self.pieces[first + 1 : last + 1]), end_ms]
            frames = [round(edge / _FRAME_MS) for edge in edges]
            sums = [float(loudness[a:b].sum()) for a, b in pairwise(frames)]
            if max(sums) > _SOUNDING:
                return self.pieces[first + sums.index(max(sums))]
        return self.pieces[self._index_at((start_ms + end_ms) / 2)]

    def _index_at(self, window_ms: float) -> int:
        """Which piece sounds at a time of the window (the nearest one outside it)."""
        found = bisect_right([piece.offset_ms for piece in self.pieces], window_ms) - 1
        return max(found, 0)

    def to_file(
        self, start_ms: float, end_ms: float, loudness: Loudness | None = None
    ) -> tuple[int, int, int]:
        """Side and file times of something heard in the window; never outside one piece.

        With loudness, silence at either end of the word is cut off.
        """
        piece = self.piece_of(start_ms, end_ms, loudness)
        begin, finish = piece.offset_ms, piece.offset_ms + piece.duration_ms
        start = min(max(round(start_ms), begin), finish)
        end = max(start, min(round(end_ms), finish))
        if loudness is not None:
            start, end = _sounding(start, end, loudness)
        shift = piece.start_ms - begin
        return piece.side, start + shift, end + shift

    def cut(self, sides: Sequence[Side]) -> Samples:
        """The packed sound `(n,)`."""
        return np.concatenate([piece.cut(sides) for piece in self.pieces])

    def loudness(self, sides: Sequence[Side]) -> Loudness:
        """Power every 20 ms of the window, as a share of what is loud in its piece (0–1)."""
        found = np.zeros(-(-self.duration_ms // _FRAME_MS), np.float32)
        for piece in self.pieces:
            power = _powers(piece.cut(sides))
            if power.any():
                loud = np.percentile(power[power > 0], _LOUD_PERCENTILE)
                share = np.minimum(power / loud, 1.0)
                start = round(piece.offset_ms / _FRAME_MS)
                found[start : start + len(share)] = share[: len(found) - start]
        return found


def pack(sides: Sequence[Side], *, window_ms: int = WINDOW_MS) -> list[Window]:
    """Lay the speech of every side into windows of at most `window_ms`.

    Windows of different sides become one where both fit. Spans of two sides are not mixed further:
    alternating voices in every window were measured to raise errors by a tenth.
    """
    ranges = [_padded(side.spans, len(side.samples) // _SAMPLES_PER_MS) for side in sides]
    return _packed(sides, ranges, window_ms)


def repack(sides: Sequence[Side], window: Window, *, window_ms: int) -> list[Window]:
    """The sound of one window in shorter windows."""
    ranges: list[list[tuple[int, int]]] = [[] for _ in sides]
    for piece in window.pieces:
        ranges[piece.side].append((piece.start_ms, piece.end_ms))
    return _packed(sides, ranges, window_ms)


def _packed(
    sides: Sequence[Side], ranges: Sequence[Sequence[tuple[int, int]]], window_ms: int
) -> list[Window]:
    packed: list[list[Piece]] = []
    for number, side in enumerate(sides):
        for pieces in _filled(side.samples, ranges[number], number, window_ms):
            room = window_ms - _length(pieces)
            home = next((w for w in packed if w[-1].side != number and _length(w) <= room), None)
            if home is None:
                packed.append(pieces)
                continue
            shift = _length(home)
            home += [replace(piece, offset_ms=piece.offset_ms + shift) for piece in pieces]
    return [Window(pieces=tuple(pieces)) for pieces in packed]


def _filled(
    samples: Samples, ranges: Sequence[tuple[int, int]], side: int, window_ms: int
) -> list[list[Piece]]:
    """Pieces in the first of the latest windows that has room: a long one must not waste the rest.

    Pieces of a window stay in the order of the file.
    """
    windows: list[list[Piece]] = []
    for start, end in ranges:
        for part_start, part_end in _split(samples, start, end, window_ms):
            room = window_ms - (part_end - part_start)
            home = next((w for w in windows[-OPEN_WINDOWS:] if _length(w) <= room), None)
            if home is None:
                windows.append(home := [])
            place = _length(home)
            home.append(Piece(side=side, start_ms=part_start, end_ms=part_end, offset_ms=place))
    return windows


def _length(pieces: Sequence[Piece]) -> int:
    return pieces[-1].offset_ms + pieces[-1].duration_ms if pieces else 0


def _padded(spans: Sequence[Span], duration_ms: int) -> list[tuple[int, int]]:
    """Spans with the sound around them, overlapping ones joined, inside the file."""
    joined: list[tuple[int, int]] = []
    for span in sorted(spans, key=lambda span: span.start_ms):
        start = max(span.start_ms - PAD_BEFORE_MS, 0)
        end = min(span.end_ms + PAD_AFTER_MS, duration_ms)
        if end <= start:
            continue
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _split(samples: Samples, start: int, end: int, window_ms: int) -> list[tuple[int, int]]:
    """Parts of at most `window_ms`, cut where it is quietest."""
    parts = []
    while end - start > window_ms:
        earliest = start + max(window_ms - SEARCH_MS, window_ms // 2)
        cut = quietest(samples, earliest, start + window_ms)
        parts.append((start, cut))
        start = cut
    parts.append((start, end))
    return parts


def quietest(samples: Samples, start_ms: int, end_ms: int) -> int:
    """The middle of the quietest 200 ms between two times."""
    power = _powers(_stretch(samples, start_ms, end_ms))
    if len(power) == 0:
        return end_ms
    width = min(10, len(power))
    smooth = np.convolve(power, np.ones(width) / width, mode="valid")
    return start_ms + (int(np.argmin(smooth)) + width // 2) * _FRAME_MS


def _sounding(start_ms: int, end_ms: int, loudness: Loudness) -> tuple[int, int]:
    """A stretch without the silence at its ends; unchanged where nothing in it is loud."""
    first = start_ms // _FRAME_MS
    loud = np.flatnonzero(loudness[first : -(-end_ms // _FRAME_MS)] > _SILENT)
    if len(loud) == 0:
        return start_ms, end_ms
    begin = (first + int(loud[0])) * _FRAME_MS - _SLACK_MS
    finish = (first + int(loud[-1]) + 1) * _FRAME_MS + _SLACK_MS
    return max(start_ms, begin), min(end_ms, finish)


def _stretch(samples: Samples, start_ms: int, end_ms: int) -> Samples:
    return samples[start_ms * _SAMPLES_PER_MS : end_ms * _SAMPLES_PER_MS]


def _powers(sound: Samples) -> NDArray[np.float32]:
    """Mean power of each whole frame."""
    frame = _FRAME_MS * _SAMPLES_PER_MS
    count = len(sound) // frame
    return np.square(sound[: count * frame].reshape(count, frame)).mean(axis=1, dtype=np.float32)
