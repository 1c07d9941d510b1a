"""How many people: bounds hold, and the line's own likeness does not make strangers one person."""

import numpy as np
import pytest

from transcription.diarizers.clustering import find_speakers
from transcription.diarizers.frames import Runs, Voices

RANDOM = np.random.default_rng(3)


def voices(
    people: list[tuple[int, int, float]], *, line: float = 0.0, noise: float = 0.04
) -> Voices:
    """Vectors of (person, count, seconds each); `line` is what the channel adds to every voice."""
    rows, seconds = [], []
    for person, count, length in people:
        for _ in range(count):
            vector = np.eye(192)[person] + line * np.eye(192)[191]
            vector = vector + noise * RANDOM.standard_normal(192)
            rows.append(vector / np.linalg.norm(vector))
            seconds.append(length)
    return Voices(
        window=np.arange(len(rows)) * 4,
        slot=np.zeros(len(rows), np.int64),
        seconds=np.array(seconds, np.float32),
        vector=np.array(rows, np.float32).reshape(-1, 192),
        broken=np.ones(len(rows), np.bool_),
    )


def runs(people: list[tuple[int, int, float]], **noise: float) -> Runs:
    """The same as runs of speech, one after another."""
    made = voices(people, **noise)
    ends = np.cumsum(np.round(made.seconds * 16_000 / 270)).astype(np.int64)
    return Runs(start=np.concatenate([[0], ends[:-1]]), end=ends, vector=made.vector)


def find(founders: Voices | Runs, *, min_speakers: int = 1, max_speakers: int = 3) -> np.ndarray:
    given = (founders, runs([])) if isinstance(founders, Voices) else (voices([]), founders)
    if isinstance(founders, Runs):  # the slots of the windows hold everybody mixed
        mixed = founders.vector.mean(0, keepdims=True)
        slots = Voices(
            window=np.zeros(1, np.int64),
            slot=np.zeros(1, np.int64),
            seconds=founders.seconds.sum(keepdims=True),
            vector=mixed / np.linalg.norm(mixed),
            broken=np.zeros(1, np.bool_),
        )
        given = (slots, founders)
    return find_speakers(*given, min_speakers=min_speakers, max_speakers=max_speakers)


@pytest.mark.parametrize("line", [0.0, 0.6, 0.9], ids=["clean", "telephone", "poor telephone"])
@pytest.mark.parametrize(
    ("people", "found"),
    [
        ([(0, 12, 5.0)], 1),
        ([(0, 1, 3.0)], 1),
        ([(0, 10, 5.0), (1, 10, 4.0)], 2),
        ([(0, 30, 6.0), (1, 3, 2.0)], 2),
        ([(0, 10, 5.0), (1, 10, 4.0), (2, 6, 4.0)], 3),
        ([(0, 20, 5.0), (1, 20, 5.0), (2, 1, 0.8)], 2),
    ],
)
def test_people_are_counted_on_any_line(people, found, line):
    assert len(find(voices(people, line=line))) == found
    assert len(find(runs(people, line=line))) == found


@pytest.mark.parametrize(
    ("people", "bounds", "found"),
    [
        ([(0, 10, 5.0), (1, 10, 4.0), (2, 6, 4.0), (3, 5, 4.0)], (1, 3), 3),
        ([(0, 10, 5.0), (1, 10, 4.0), (2, 6, 4.0)], (1, 2), 2),
        ([(0, 10, 5.0), (1, 10, 4.0)], (1, 1), 1),
        ([(0, 10, 5.0)], (2, 3), 2),
        ([(0, 1, 5.0)], (2, 3), 1),
        ([(i, 1, 1.2) for i in range(8)], (1, 3), 3),
    ],
)
def test_bounds_hold(people, bounds, found):
    centres = find(voices(people), min_speakers=bounds[0], max_speakers=bounds[1])
    assert len(centres) == found
    assert np.allclose(np.linalg.norm(centres, axis=1), 1, atol=1e-5)


def test_the_one_who_speaks_most_comes_first():
    centres = find(runs([(5, 4, 2.0), (9, 12, 5.0)]))
    assert [int(np.argmax(centre)) for centre in centres] == [9, 5]


def test_many_hours_stay_small():
    """Three hours have some two thousand vectors; the longest found the speakers."""
    long = voices([(0, 1400, 4.0), (1, 1300, 3.0), (0, 400, 0.5)])
    assert len(find(long)) == 2


def test_one_uncertain_second_founds_no_speaker():
    """A short run is far from everything; a long one as far is somebody else."""
    apart = 0.055
    assert len(find(runs([(0, 8, 4.0), (1, 1, 1.0)], line=1.2, noise=apart))) == 1
    assert len(find(runs([(0, 8, 4.0), (1, 4, 4.0)], line=1.2, noise=apart))) == 2
