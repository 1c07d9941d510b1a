"""Music, told from speech by pitches that stand still.

Continuous frequency activation (Seyerlehner, Pohle, Schedl, Widmer: "Automatic music detection in
television productions", DAFx 2007): notes leave horizontal bars in the spectrogram, voices glide.
Thresholds are own, set between telephone speech (zh, en, meetings) and music through GSM.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter1d

from qa.analysis import CallEvent, EventKind
from qa.intervals import Range, union
from transcription.spectrum import FINE, STEP_MS, Power

#: Bars are counted per step; a block is three steps (2.5 s).
_BLOCK = 3
_LOWEST = round(150 / FINE.bin_hz)  # most hum of the mains lies below
_NEIGHBOURS = 21
_PROMINENT_DB = 6.0
_BELOW_TOP_DB = 35.0
_PLATEAU_DB = 1.0
_AUDIBLE = 1e-6  # −60 dBFS
_PEAKS = 5

#: Activation of music where the voice detector hears no speech, and where it does (singing).
_MUSIC, _SUNG = 1.5, 2.4
_SPEECH_SHARE = 0.4
_SHORTEST_MS, _SHORTEST_SUNG_MS = 3_500, 8_000
#: Quiet passages shorter than this do not end a piece.
_BRIDGE_MS = 4_000
#: Bars that stand in most quiet steps of a call are hum or a carrier, not music.
_HUM_SHARE, _HUM_STEPS, _HUM_BELOW_DB = 0.3, 8, -35.0
#: Music this far below the speech of its channel is somebody's radio, not hold music.
_RADIO_DB = 20.0
#: A bare melody of pure notes leaves one bar at a time; its share of time counts instead.
_NOTE_WEIGHT = 2.5


def bars_of(power: Power) -> NDArray[np.uint8]:
    """Which bins of each frame stand out from their neighbours: (frames, bins) of 0 and 1."""
    heard = power[:, _LOWEST:]
    level = 10 * np.log10(heard + 1e-12)
    prominent = level - uniform_filter1d(level, _NEIGHBOURS, axis=1) > _PROMINENT_DB
    beside = np.pad(level, ((0, 0), (1, 1)), constant_values=-np.inf)
    top = level > np.maximum(beside[:, :-2], beside[:, 2:]) - _PLATEAU_DB
    near_top = level > level.max(axis=1, keepdims=True) - _BELOW_TOP_DB
    audible = heard.sum(axis=1, keepdims=True) > _AUDIBLE
    return (prominent & top & near_top & audible).astype(np.uint8)


def steps_of(bars: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Share of frames in which each bin is a bar, per step: (steps, bins)."""
    count = len(bars) // FINE.step
    whole = bars[: count * FINE.step].reshape(count, FINE.step, bars.shape[1])
    return whole.mean(axis=1, dtype=np.float32)


def activation(steps: NDArray[np.float32]) -> NDArray[np.float32]:
    """Continuous frequency activation of the block around each step, 0…`_PEAKS`."""
    if not len(steps):
        return np.zeros(0, np.float32)
    blocks = uniform_filter1d(steps, _BLOCK, axis=0, mode="nearest")
    left = np.minimum.reduce([np.roll(blocks, k, axis=1) for k in (1, 2, 3)])
    right = np.minimum.reduce([np.roll(blocks, -k, axis=1) for k in (1, 2, 3)])
    is_peak = (blocks >= np.roll(blocks, 1, axis=1)) & (blocks > np.roll(blocks, -1, axis=1))
    height = np.where(is_peak, blocks - np.maximum(left, right), 0)[:, 3:-3]
    return np.sort(height, axis=1)[:, -_PEAKS:].sum(axis=1)


def find_music(
    steps: NDArray[np.float32],
    levels_db: NDArray[np.float32],
    *,
    speech: Sequence[Range],
    sure: Sequence[Range],
    notes: Sequence[Range] = (),
    tones: Sequence[Range] = (),
) -> list[CallEvent]:
    """Stretches of music.

    Args:
        steps: Bars per step, from `steps_of`.
        levels_db: Level of each step in dBFS.
        speech: Where the voice detector heard somebody, sorted and disjoint.
        sure: The part of it that is certain; it is never cut off at the edges of music.
        notes: Pure notes of changing pitch, from `tones.find_tones`.
        tones: Call-progress tones and keys; no music inside them.
    """
    count = len(steps)
    if not count:
        return []
    active = activation(_without_hum(steps, levels_db)) + _NOTE_WEIGHT * _share(notes, count)
    active[_share(tones, count) > 0.3] = 0
    share = _share(speech, count)
    likely = ((active >= _MUSIC) & (share < _SPEECH_SHARE)) | (active >= _SUNG)
    least_db = _least_level(levels_db, share)
    kept = [
        run for run in _runs(likely) if _lasts(run, share) and _level(run, levels_db) > least_db
    ]
    found = []
    for start, end in union(kept, bridge_ms=_BRIDGE_MS):
        chance = 0.5 + (float(np.median(active[start // STEP_MS : end // STEP_MS])) - _MUSIC) / 2
        first, last = _trim((start, end), sure)
        if last - first >= _SHORTEST_MS:
            found.append(
                CallEvent(
                    kind=EventKind.MUSIC,
                    start_ms=first,
                    end_ms=last,
                    confidence=round(min(0.99, max(0.5, chance)), 2),
                )
            )
    return found


def _share(ranges: Sequence[Range], count: int) -> NDArray[np.float32]:
    """Share of the block around each step that the ranges cover."""
    grid = np.zeros(count * STEP_MS, np.int8)
    for start, end in ranges:
        grid[start:end] = 1
    steps = grid.reshape(count, STEP_MS).mean(axis=1, dtype=np.float32)
    return uniform_filter1d(steps, _BLOCK, mode="nearest")


def _without_hum(steps: NDArray[np.float32], levels_db: NDArray[np.float32]) -> NDArray[np.float32]:
    """Take out of quiet steps the bars that most quiet steps have."""
    quiet = (levels_db < _HUM_BELOW_DB) & (levels_db > -60)
    if np.count_nonzero(quiet) < _HUM_STEPS:
        return steps
    standing = np.quantile(steps[quiet], _HUM_SHARE, axis=0)
    return np.where(quiet[:, None], np.maximum(steps - standing, 0), steps)


def _runs(mask: NDArray[np.bool_]) -> list[Range]:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], mask.astype(np.int8), [0]])))
    pairs = zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)
    return [(first * STEP_MS, last * STEP_MS) for first, last in pairs]


def _lasts(run: Range, share: NDArray[np.float32]) -> bool:
    spoken = float(share[run[0] // STEP_MS : run[1] // STEP_MS].mean())
    least = _SHORTEST_SUNG_MS if spoken >= _SPEECH_SHARE else _SHORTEST_MS
    return run[1] - run[0] >= least


def _level(run: Range, levels_db: NDArray[np.float32]) -> float:
    return float(np.median(levels_db[run[0] // STEP_MS : run[1] // STEP_MS]))


def _least_level(levels_db: NDArray[np.float32], share: NDArray[np.float32]) -> float:
    spoken = levels_db[share > 0.5]
    return float(np.median(spoken)) - _RADIO_DB if len(spoken) else -60.0


def _trim(piece: Range, sure: Sequence[Range]) -> Range:
    """Give speech that ends or begins within a block of an edge back to the speaker."""
    reach = _BLOCK * STEP_MS
    start, end = piece
    for first, last in sure:
        if piece[0] <= last <= piece[0] + reach:
            start = max(start, last)
        elif piece[1] - reach <= first <= piece[1]:
            end = min(end, first)
    return start, end
