"""From local voices to the speakers of the recording: who of each window is whom.

Evidence is counted in seconds. A voice vector votes for the speaker it resembles, with the speech
it was made from; a window that overlaps another votes with the speech both of them heard. The best
permutation of each window is taken, then all windows look at their neighbours again.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import linear_sum_assignment

from transcription.diarizers.frames import (
    FRAME_STEP,
    LOCAL_SPEAKERS,
    STEP_FRAMES,
    WINDOW_FRAMES,
    Flags,
    Floats,
    Integers,
    Runs,
    Voices,
    Windows,
)
from transcription.protocols import SAMPLE_RATE_HZ

NOBODY = -1
_FRAME_SECONDS = FRAME_STEP / SAMPLE_RATE_HZ
#: Cosine between a voice and a speaker at which they are as likely the same as not.
_EVEN_COSINE = 0.35
_ROUNDS = 3
#: How fast trust in a window falls with its distance from the average, and the speech (frames)
#: below which a distance says little.
_DISTRUST = 5.0
_LONG_ENOUGH = 60.0
#: Cosine by which a run of one second must be nearer to another speaker to be given to that one;
#: a longer run needs less, as the error of a mean falls with the square root of its length.
_CLEARLY_NEARER = 0.15
#: Neighbours that overlap a window; together they hear each of its frames this many times over.
_SHIFTS = [shift for shift in range(-3, 4) if shift]
_SHARED_SECONDS = _FRAME_SECONDS / 3


def assign(windows: Windows, voices: Voices, centres: Floats) -> Integers:
    """Speaker of each local voice, (windows, 3); `NOBODY` where it never speaks.

    `centres` holds (speakers, 192) unit vectors, at least one row.
    """
    likeness = _likeness(len(windows), voices, centres)
    speakers = np.full((len(windows), LOCAL_SPEAKERS), NOBODY, np.int64)
    spoken = windows.active.sum(1) * _FRAME_SECONDS
    order = np.argsort(-np.abs(likeness).max(axis=(1, 2)), kind="stable")
    for _ in range(_ROUNDS):
        for window in order:
            votes = likeness[window] + _agreement(windows, speakers, int(window), len(centres))
            speakers[window] = _best(votes, spoken[window], windows.active[window])
    return speakers


def _likeness(count: int, voices: Voices, centres: Floats) -> Floats:
    """(windows, 3, speakers) seconds for or against, from voice vectors."""
    votes = np.zeros((count, LOCAL_SPEAKERS, len(centres)), np.float32)
    cosine = voices.vector @ centres.T
    votes[voices.window, voices.slot] = (cosine - _EVEN_COSINE) * voices.seconds[:, None] * 2
    return votes


def _agreement(windows: Windows, speakers: Integers, window: int, count: int) -> Floats:
    """(3, speakers) seconds that overlapping windows heard together with each local voice."""
    votes = np.zeros((LOCAL_SPEAKERS, count), np.float32)
    for shift in _SHIFTS:
        other = window + shift
        if not 0 <= other < len(windows):
            continue
        here, there = _shared(shift)
        both = windows.probability[window, here].T @ windows.probability[other, there]
        for slot, speaker in enumerate(speakers[other]):
            if speaker != NOBODY:
                votes[:, speaker] += both[:, slot] * _SHARED_SECONDS
    return votes


def _shared(shift: int) -> tuple[slice, slice]:
    offset = abs(shift) * STEP_FRAMES
    later = slice(offset, WINDOW_FRAMES)
    earlier = slice(0, WINDOW_FRAMES - offset)
    return (later, earlier) if shift > 0 else (earlier, later)


def _best(votes: Floats, spoken: Floats, active: Flags) -> Integers:
    """The best permutation; a local voice left over joins the speaker it is likeliest to be."""
    chosen = np.full(LOCAL_SPEAKERS, NOBODY, np.int64)
    slots = np.flatnonzero(spoken > 0)
    rows, columns = linear_sum_assignment(votes[slots], maximize=True)
    chosen[slots[rows]] = columns
    for slot in slots[chosen[slots] == NOBODY]:
        together = (active[:, slot, None] & active).sum(0) * _FRAME_SECONDS
        penalty = np.zeros(votes.shape[1], np.float32)
        for other in slots:
            if other != slot and chosen[other] != NOBODY:
                penalty[chosen[other]] += together[other]
        chosen[slot] = int(np.argmax(votes[slot] - penalty))
    return chosen


def activity(windows: Windows, speakers: Integers, count: int) -> Floats:
    """(frames, speakers) how likely each talks: windows averaged, their middles counting most.

    A window that mixes two people up disagrees with its neighbours: the average is taken twice,
    and the second time a window counts the less, the further it is from the first average.
    """
    heard = [_by_speaker(windows, row, window, count) for window, row in enumerate(speakers)]
    first = _average(heard, np.ones(len(heard), np.float32))
    doubt = [_distance(own, first, windows.start(i)) for i, own in enumerate(heard)]
    trust = np.exp(-_DISTRUST * np.array(doubt, np.float32)) + np.float32(1e-6)
    return _average(heard, trust)[: windows.frames]


def _by_speaker(windows: Windows, row: Integers, window: int, count: int) -> Floats:
    """(589, speakers) what one window heard, by the speakers of the recording."""
    own = np.zeros((WINDOW_FRAMES, count), np.float32)
    for speaker in range(count):
        mine = windows.probability[window][:, row == speaker]
        if mine.shape[1]:
            own[:, speaker] = mine.max(axis=1)
    return own


def _average(heard: list[Floats], trust: Floats) -> Floats:
    frames = (len(heard) - 1) * STEP_FRAMES + WINDOW_FRAMES
    total = np.zeros((frames, heard[0].shape[1]), np.float32)
    weight = np.zeros((frames, 1), np.float32)
    taper = np.hamming(WINDOW_FRAMES).astype(np.float32)[:, None]
    for window, (own, share) in enumerate(zip(heard, trust, strict=True)):
        place = slice(window * STEP_FRAMES, window * STEP_FRAMES + WINDOW_FRAMES)
        weight[place] += taper * share
        total[place] += taper * share * own
    return total / weight


def _distance(own: Floats, average: Floats, start: int) -> float:
    """How much of what a window heard is not what was heard on average, 0 or more."""
    away = np.abs(own - average[start : start + WINDOW_FRAMES]).sum()
    return float(away / max(_LONG_ENOUGH, own.sum()))


def correct(probability: Floats, runs: Runs, centres: Floats) -> Floats:
    """Give a run of speech to the speaker whose voice it has, where the windows said another.

    Segmentation sometimes keeps one slot for two people who follow each other; the voice of the
    run decides when it is clearly nearer to another speaker than to the one it was given to.
    """
    corrected = probability.copy()
    needed = _CLEARLY_NEARER / np.sqrt(np.maximum(runs.seconds, 1.0))
    likeness = runs.vector @ centres.T
    for start, end, cosine, least in zip(runs.start, runs.end, likeness, needed, strict=True):
        place = corrected[start:end]
        if not len(place):
            continue
        given, voice = int(np.argmax(place.sum(axis=0))), int(np.argmax(cosine))
        if cosine[voice] - cosine[given] > least:
            place[:, [given, voice]] = place[:, [voice, given]]
    return corrected
