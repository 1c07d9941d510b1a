"""Windows of a call with known speakers are put together again, whatever order their slots have."""

import numpy as np
import pytest

from transcription.diarizers.clustering import find_speakers
from transcription.diarizers.frames import (
    EMBEDDED_EVERY,
    LOCAL_SPEAKERS,
    STEP_FRAMES,
    WINDOW_FRAMES,
    Runs,
    Voices,
    Windows,
)
from transcription.diarizers.stitching import NOBODY, activity, assign, correct

FRAMES_PER_SECOND = 16_000 / 270
RANDOM = np.random.default_rng(7)


def voice(person: int, noise: float = 0.05) -> np.ndarray:
    """A vector near the person's own direction."""
    vector = np.eye(192, dtype=np.float32)[person]
    vector = vector + noise * RANDOM.standard_normal(192).astype(np.float32)
    return vector / np.linalg.norm(vector)


def call(turns: list[tuple[int, float, float]], seconds: float) -> np.ndarray:
    """(frames, people) truth from (person, start, end) in seconds."""
    people = max(person for person, _, _ in turns) + 1
    truth = np.zeros((int(seconds * FRAMES_PER_SECOND), people), np.bool_)
    for person, start, end in turns:
        truth[int(start * FRAMES_PER_SECOND) : int(end * FRAMES_PER_SECOND), person] = True
    return truth


def heard(truth: np.ndarray, *, shuffle: bool = True) -> tuple[Windows, np.ndarray]:
    """What a perfect segmentation network would say, with slots in random order."""
    count = 1 + max(0, -(-(len(truth) - WINDOW_FRAMES) // STEP_FRAMES))
    padded = np.zeros(((count - 1) * STEP_FRAMES + WINDOW_FRAMES, truth.shape[1]), np.bool_)
    padded[: len(truth)] = truth
    active = np.zeros((count, WINDOW_FRAMES, LOCAL_SPEAKERS), np.bool_)
    owners = np.full((count, LOCAL_SPEAKERS), NOBODY)
    for window in range(count):
        piece = padded[window * STEP_FRAMES :][:WINDOW_FRAMES]
        slots = RANDOM.permutation(LOCAL_SPEAKERS) if shuffle else np.arange(LOCAL_SPEAKERS)
        present = np.flatnonzero(piece.any(axis=0))
        for slot, person in zip(slots, present, strict=False):
            active[window, :, slot] = piece[:, person]
            owners[window, slot] = person
    probability = active.astype(np.float32)
    return Windows(probability=probability, active=active, frames=len(truth)), owners


NO_RUNS = Runs(
    start=np.zeros(0, np.int64), end=np.zeros(0, np.int64), vector=np.zeros((0, 192), np.float32)
)


def voices_of(windows: Windows, owners: np.ndarray, *, noise: float = 0.05) -> Voices:
    rows = []
    for window in range(0, len(windows), EMBEDDED_EVERY):
        for slot in range(LOCAL_SPEAKERS):
            seconds = windows.clean()[window, :, slot].sum() / FRAMES_PER_SECOND
            if seconds >= 0.4:
                rows.append((window, slot, seconds, voice(owners[window, slot], noise)))
    return Voices(
        window=np.array([row[0] for row in rows], np.int64),
        slot=np.array([row[1] for row in rows], np.int64),
        seconds=np.array([row[2] for row in rows], np.float32),
        vector=np.stack([row[3] for row in rows]),
        broken=np.ones(len(rows), np.bool_),
    )


def stitched(truth: np.ndarray, *, noise: float = 0.05, most: int = 3) -> np.ndarray:
    windows, owners = heard(truth)
    voices = voices_of(windows, owners, noise=noise)
    centres = find_speakers(voices, NO_RUNS, min_speakers=1, max_speakers=most)
    return activity(windows, assign(windows, voices, centres), len(centres)) > 0.5


def agreement(truth: np.ndarray, found: np.ndarray) -> float:
    """Share of frames that are right under the best naming of the speakers."""
    from itertools import permutations

    width = max(truth.shape[1], found.shape[1])
    left, right = (np.pad(a, ((0, 0), (0, width - a.shape[1]))) for a in (truth, found))
    return max(
        float((left == right[:, list(order)]).all(axis=1).mean())
        for order in permutations(range(width))
    )


PAIR = [(i % 2, 3.0 * i, 3.0 * i + 2.8) for i in range(20)]
MONOLOGUE = [(0, 2.0 * i, 2.0 * i + 1.7) for i in range(30)]
TRANSFER = [*PAIR, *[(1 + i % 2, 60 + 3.0 * i, 62.7 + 3.0 * i) for i in range(20)]]
OVERLAP = [*PAIR, (1, 1.0, 2.0), (0, 22.0, 23.5)]
BACKCHANNEL = [(0, 0.0, 30.0), (1, 4.0, 4.3), (1, 11.0, 11.3), (1, 31.0, 36.0), (0, 37.0, 50.0)]


@pytest.mark.parametrize(
    ("turns", "seconds", "people"),
    [
        (PAIR, 60.0, 2),
        (MONOLOGUE, 60.0, 1),
        (TRANSFER, 120.0, 3),
        (OVERLAP, 60.0, 2),
        (BACKCHANNEL, 50.0, 2),
        (PAIR[:3], 8.0, 2),
        (MONOLOGUE[:2], 3.0, 1),
    ],
)
def test_perfect_hearing_is_put_together_again(turns, seconds, people):
    truth = call(turns, seconds)
    found = stitched(truth)
    assert found.shape[1] == people
    assert agreement(truth, found) > 0.99


def test_no_more_speakers_than_allowed():
    found = stitched(call(TRANSFER, 120.0), most=2)
    assert found.shape[1] == 2


def test_voices_heard_too_shortly_are_placed_by_what_windows_share():
    """The first word has no vector of its own; the overlapping window knows whose it is."""
    truth = call([(0, 0.0, 9.0), (1, 9.5, 9.8), (1, 10.0, 16.0), (0, 17.0, 29.0)], 30.0)
    assert agreement(truth, stitched(truth)) > 0.99


def test_nobody_alone_gives_one_speaker():
    truth = call([(0, 0.0, 0.3)], 2.0)
    windows, _ = heard(truth)
    empty = Voices(
        window=np.zeros(0, np.int64),
        slot=np.zeros(0, np.int64),
        seconds=np.zeros(0, np.float32),
        vector=np.zeros((0, 192), np.float32),
        broken=np.zeros(0, np.bool_),
    )
    centres = find_speakers(empty, NO_RUNS, min_speakers=1, max_speakers=3)
    assert centres.shape == (1, 192)
    found = activity(windows, assign(windows, empty, centres), 1) > 0.5
    assert agreement(truth, found) == 1.0


def test_a_slot_too_many_joins_instead_of_inventing_a_speaker():
    """Segmentation sometimes splits one voice over two slots; clustering says it is one person."""
    truth = call(MONOLOGUE, 60.0)
    windows, owners = heard(truth, shuffle=False)
    half = windows.active.copy()
    half[2, 300:, 1] = half[2, 300:, 0]
    half[2, 300:, 0] = False
    split = Windows(probability=half.astype(np.float32), active=half, frames=windows.frames)
    owners[2, 1] = 0
    voices = voices_of(split, owners)
    centres = find_speakers(voices, NO_RUNS, min_speakers=1, max_speakers=3)
    found = activity(split, assign(split, voices, centres), len(centres)) > 0.5
    assert found.shape[1] == 1
    assert agreement(truth, found) > 0.99


@pytest.mark.parametrize(
    ("run_voice", "given_to", "right"),
    [(0, 1, 0), (1, 0, 1), (0, 0, 0)],
)
def test_a_run_goes_to_the_speaker_whose_voice_it_has(run_voice, given_to, right):
    centres = np.stack([voice(0, 0), voice(1, 0)])
    probability = np.zeros((200, 2), np.float32)
    probability[50:120, given_to] = 0.9
    runs = Runs(start=np.array([50]), end=np.array([120]), vector=voice(run_voice)[None])
    corrected = correct(probability, runs, centres)
    assert corrected[50:120, right].min() == pytest.approx(0.9)
    assert corrected[50:120, 1 - right].max() == 0
    assert probability[50:120, given_to].min() == pytest.approx(0.9)


def test_a_run_between_two_voices_stays_where_the_windows_put_it():
    centres = np.stack([voice(0, 0), voice(1, 0)])
    between = (centres[0] * 1.0 + centres[1] * 0.95) / np.linalg.norm([1.0, 0.95])
    probability = np.zeros((100, 2), np.float32)
    probability[:80, 1] = 0.8
    runs = Runs(start=np.array([0]), end=np.array([80]), vector=between[None])
    assert (correct(probability, runs, centres) == probability).all()
