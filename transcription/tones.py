"""Call-progress tones, keys and beeps: sound that is nothing but one or two steady pitches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from qa.analysis import CallEvent, EventKind
from qa.intervals import Range
from transcription.spectrum import Grid, Power

#: Share of a frame's power that lies in its two strongest pitches.
_PURITY = 0.9
#: A weaker second pitch than this is leakage of the first.
_SECOND_DB = 12.0
#: Frames of one tone agree this closely; a voice drifts more.
_STEADY_HZ = 3.0
_FLOOR = 1e-5  # about −49 dBFS
#: Beeps are one pitch above any voice's fundamental.
_BEEP_MS, _BEEP_HZ = 200, 400.0
_KEY_MS = 48
_RING_MS = 250
#: Bursts of one cadence are at most this far apart (Chinese ringback pauses 4 s).
_CADENCE_MS = 4_600
#: Another pitch this close before or after makes a burst a note of a melody.
_NEXT_NOTE_MS, _NEXT_NOTE_RATIO = 300, 100.0
#: Bursts as short as these are busy or congestion tone (ITU-T E.180: 0.1–0.66 s).
_BUSY_MS = 700

#: Ringback and busy pitches in Hz (ITU-T E.180 Suppl. 2): China, Europe, North America, UK …
_PROGRESS = ((450,), (425,), (400,), (440,), (440, 480), (400, 450), (480, 620), (350, 440))
_KEYS_LOW, _KEYS_HIGH = (697, 770, 852, 941), (1209, 1336, 1477, 1633)  # ITU-T Q.23


@dataclass(frozen=True, slots=True, kw_only=True)
class Pitches:
    """The strongest pitches of every frame; `low_hz` is 0 where the frame is no pure tone.

    Attributes:
        low_hz: The lower of two pitches, or the only one.
        high_hz: The higher of two pitches, else 0.
        power: Of the whole frame.
    """

    low_hz: NDArray[np.float32]
    high_hz: NDArray[np.float32]
    power: NDArray[np.float32]
    frame_ms: int

    @classmethod
    def joined(cls, parts: Sequence[Pitches]) -> Pitches:
        """Chunks of one channel in a row."""
        return cls(
            low_hz=np.concatenate([p.low_hz for p in parts]),
            high_hz=np.concatenate([p.high_hz for p in parts]),
            power=np.concatenate([p.power for p in parts]),
            frame_ms=parts[0].frame_ms,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Burst:
    start_ms: int
    end_ms: int
    pitches: tuple[float, ...]
    power: float

    @property
    def length_ms(self) -> int:
        return self.end_ms - self.start_ms


def pitches_of(power: Power, grid: Grid) -> Pitches:
    """Measure a chunk of spectra (frames, bins)."""
    total = power.sum(axis=1)
    rows = np.arange(len(power))
    first, first_hz, first_power = _peak(power, rows, grid)
    rest = power.copy()
    for offset in range(-2, 3):
        rest[rows, np.clip(first + offset, 0, power.shape[1] - 1)] = 0
    _, second_hz, second_power = _peak(rest, rows, grid)
    pure = (first_power + second_power >= _PURITY * total) & (total > _FLOOR)
    double = second_power > first_power * 10 ** (-_SECOND_DB / 10)
    low = np.where(double, np.minimum(first_hz, second_hz), first_hz)
    high = np.where(double, np.maximum(first_hz, second_hz), 0)
    return Pitches(
        low_hz=np.where(pure, low, 0).astype(np.float32),
        high_hz=np.where(pure, high, 0).astype(np.float32),
        power=total,
        frame_ms=grid.frame_ms,
    )


def find_keys(pitches: Pitches) -> list[CallEvent]:
    """Telephone keys (DTMF), from spectra of the `FINE` grid, as NOISE with the note `dtmf`."""
    return [
        _event(EventKind.NOISE, [burst], "dtmf")
        for burst in _bursts(pitches)
        if _is_key(burst.pitches) and burst.length_ms >= _KEY_MS
    ]


def find_tones(pitches: Pitches) -> tuple[list[CallEvent], list[Range]]:
    """Call-progress tones and beeps, and apart from them the notes of bare melodies.

    Args:
        pitches: From spectra of the `SHARP` grid.

    Returns:
        Ringback and busy tones as RINGBACK, beeps as NOISE with the note `beep`; and the ranges of
        pure notes that follow each other at changing pitch.
    """
    bursts = [burst for burst in _bursts(pitches) if not _is_key(burst.pitches)]
    events: list[CallEvent] = []
    progress: list[_Burst] = []
    notes: list[Range] = []
    for at, burst in enumerate(bursts):
        if any(_next_note(burst, other) for other in bursts[max(0, at - 1) : at + 2]):
            notes.append((burst.start_ms, burst.end_ms))
        elif _is_progress(burst.pitches) and burst.length_ms >= _RING_MS:
            progress.append(burst)
        elif _is_beep(burst):
            events.append(_event(EventKind.NOISE, [burst], "beep"))
    for group in _cadences(progress):
        note = "busy" if _is_busy(group) else "ringback"
        events.append(_event(EventKind.RINGBACK, group, note))
    return sorted(events, key=lambda e: e.start_ms), notes


def _is_busy(group: Sequence[_Burst]) -> bool:
    """Short bursts at short pauses; British ringback pauses 2 s after every second burst."""
    pauses = [later.start_ms - burst.end_ms for burst, later in pairwise(group)]
    return (
        len(group) > 2
        and all(burst.length_ms < _BUSY_MS for burst in group)
        and all(pause < _BUSY_MS for pause in pauses)
    )


def _is_beep(burst: _Burst) -> bool:
    return len(burst.pitches) == 1 and burst.pitches[0] >= _BEEP_HZ and burst.length_ms >= _BEEP_MS


def _next_note(burst: _Burst, other: _Burst) -> bool:
    apart = max(burst.start_ms, other.start_ms) - min(burst.end_ms, other.end_ms)
    differ = len(burst.pitches) != len(other.pitches) or any(
        abs(a - b) > 0.03 * a for a, b in zip(burst.pitches, other.pitches, strict=True)
    )
    near = 1 / _NEXT_NOTE_RATIO < burst.power / other.power < _NEXT_NOTE_RATIO
    return differ and near and apart <= _NEXT_NOTE_MS


def _peak(
    power: Power, rows: NDArray[np.intp], grid: Grid
) -> tuple[NDArray[np.intp], NDArray[np.float32], NDArray[np.float32]]:
    """Strongest bin, its frequency between bins (parabola through the decibels), its power ±2."""
    at = np.clip(power.argmax(axis=1), 2, power.shape[1] - 3)
    logs = [np.log(power[rows, at + offset] + 1e-20) for offset in (-1, 0, 1)]
    bend = logs[0] - 2 * logs[1] + logs[2]
    shift = np.where(np.abs(bend) > 1e-9, 0.5 * (logs[0] - logs[2]) / np.minimum(bend, -1e-9), 0)
    summed = sum(power[rows, at + offset] for offset in range(-2, 3))
    return at, ((at + np.clip(shift, -1, 1)) * grid.bin_hz).astype(np.float32), np.asarray(summed)


def _bursts(pitches: Pitches) -> list[_Burst]:
    """Runs of frames that keep the same pitches."""
    low, high = pitches.low_hz, pitches.high_hz
    edges = np.flatnonzero(
        (np.abs(np.diff(low)) > _STEADY_HZ) | (np.abs(np.diff(high)) > _STEADY_HZ)
    )
    starts = np.concatenate([[0], edges + 1])
    ends = np.concatenate([edges + 1, [len(low)]])
    found = []
    for first, last in zip(starts.tolist(), ends.tolist(), strict=True):
        if last - first < 3 or low[first] == 0:
            continue
        lows, highs = low[first:last], high[first:last]
        if np.ptp(lows) > 2 * _STEADY_HZ or np.ptp(highs) > 2 * _STEADY_HZ:
            continue
        pair = (float(np.median(lows)), float(np.median(highs)))
        # A frame reaches half a window to either side, but is pure only when mostly filled.
        found.append(
            _Burst(
                start_ms=max(0, (first - 1) * pitches.frame_ms),
                end_ms=last * pitches.frame_ms,
                pitches=tuple(hz for hz in pair if hz),
                power=float(np.median(pitches.power[first:last])),
            )
        )
    return found


def _is_progress(pitches: tuple[float, ...]) -> bool:
    return any(
        len(known) == len(pitches)
        and all(abs(hz - want) <= 8 for hz, want in zip(pitches, known, strict=True))
        for known in _PROGRESS
    )


def _is_key(pitches: tuple[float, ...]) -> bool:
    """Both pitches within 1.8 % of the keypad grid, as ITU-T Q.24 asks of receivers."""
    return len(pitches) == 2 and all(
        any(abs(hz - want) <= 0.018 * want for want in grid)
        for hz, grid in zip(pitches, (_KEYS_LOW, _KEYS_HIGH), strict=True)
    )


def _cadences(bursts: Sequence[_Burst]) -> list[list[_Burst]]:
    groups: list[list[_Burst]] = []
    for burst in bursts:
        last = groups[-1][-1] if groups else None
        if last and burst.start_ms - last.end_ms <= _CADENCE_MS:
            groups[-1].append(burst)
        else:
            groups.append([burst])
    return groups


def _event(kind: EventKind, bursts: Sequence[_Burst], note: str) -> CallEvent:
    return CallEvent(
        kind=kind, start_ms=bursts[0].start_ms, end_ms=bursts[-1].end_ms, confidence=0.95, note=note
    )
