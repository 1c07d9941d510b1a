"""Frame decisions: pauses, bursts, one speaker at a time, and times in milliseconds."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from transcription.diarizers.frames import FRAME_STEP, frame_to_ms
from transcription.diarizers.turns import decide, one_at_a_time, to_spans


def column(text: str) -> np.ndarray:
    """`#` speaks, `.` is silent; one frame a character."""
    return np.array([1.0 if mark == "#" else 0.0 for mark in text], np.float32)[:, None]


def drawn(flags: np.ndarray) -> str:
    return "".join("#" if flag else "." for flag in flags[:, 0])


@pytest.mark.parametrize(
    ("heard", "decided"),
    [
        ("." * 30, "." * 30),
        ("#" * 30, "#" * 30),
        ("#" * 20 + "." * 5 + "#" * 20, "#" * 45),  # a breath does not end a turn
        ("#" * 20 + "." * 30 + "#" * 20, "#" * 20 + "." * 30 + "#" * 20),
        ("." * 20 + "#" * 3 + "." * 20, "." * 43),  # a click is no speech
        ("." * 5 + "#" * 20 + "." * 5, "." * 5 + "#" * 20 + "." * 5),  # the edges are no pauses
    ],
)
def test_pauses_are_bridged_and_bursts_dropped(heard, decided):
    assert drawn(decide(column(heard))) == decided


def test_the_likelier_speaker_has_the_floor():
    probability = np.array([[0.9, 0.6], [0.6, 0.9], [0.9, 0.1], [0.1, 0.2]], np.float32)
    talking = probability > 0.5
    assert one_at_a_time(talking, probability).tolist() == [
        [True, False],
        [False, True],
        [True, False],
        [False, False],
    ]


def test_a_bridged_pause_belongs_to_nobody_else():
    probability = np.zeros((60, 2), np.float32)
    probability[:, 0] = 0.9
    probability[25:33, 0] = 0.0
    probability[24:34, 1] = 0.8
    alone = one_at_a_time(decide(probability), probability)
    assert alone.sum(axis=1).max() == 1
    assert alone[28].tolist() == [False, True]


def test_spans_carry_names_times_and_stay_inside_the_recording():
    talking = np.zeros((200, 2), np.bool_)
    talking[:50, 1] = True
    talking[40:200, 0] = True
    first, second = to_spans(talking, ["S0", "S1"], limit_ms=3390)
    assert (first.speaker, first.start_ms, first.end_ms) == ("S1", 0, frame_to_ms(50))
    assert (second.speaker, second.start_ms, second.end_ms) == ("S0", frame_to_ms(40), 3390)


def test_a_frame_stands_for_the_middle_of_what_it_hears():
    assert frame_to_ms(0) == 30
    assert frame_to_ms(16_000) == (495 + 16_000 * FRAME_STEP) // 16


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=120))
def test_exclusive_speech_is_a_part_of_speech(rows):
    probability = np.array(rows, np.float32)
    talking = decide(probability)
    alone = one_at_a_time(talking, probability)
    assert (alone.sum(axis=1) == talking.any(axis=1)).all()
    assert not (alone & ~talking).any()
    spans = to_spans(talking, ["a", "b"], limit_ms=60_000)
    assert list(spans) == sorted(spans, key=lambda span: span.start_ms)
    assert all(span.start_ms < span.end_ms for span in spans)
