"""How many people: bounds hold, and the line's own likeness does not make strangers one person."""

import numpy as np
import pytest

from transcription.diarizers.clustering import find_speakers
from transcription.diarizers.frames import Voices

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
        vector=np.array(rows, np.float32),
    )


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
    assert len(find_speakers(voices(people, line=line), min_speakers=1, max_speakers=3)) == found


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
    centres = find_speakers(voices(people), min_speakers=bounds[0], max_speakers=bounds[1])
    assert len(centres) == found
    assert np.allclose(np.linalg.norm(centres, axis=1), 1, atol=1e-5)


def test_the_one_who_speaks_most_comes_first():
    centres = find_speakers(voices([(5, 4, 2.0), (9, 12, 5.0)]), min_speakers=1, max_speakers=3)
    assert [int(np.argmax(centre)) for centre in centres] == [9, 5]


def test_many_hours_stay_small():
    """Three hours have some two thousand vectors; the longest found the speakers."""
    long = voices([(0, 1400, 4.0), (1, 1300, 3.0), (0, 400, 0.5)])
    assert len(find_speakers(long, min_speakers=1, max_speakers=3)) == 2
