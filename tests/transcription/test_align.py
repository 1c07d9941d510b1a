"""Words meet speakers: turns, boundaries, pauses."""

from __future__ import annotations

import time

import pytest

from qa.transcript import Word
from transcription.align import by_channel, by_speaker
from transcription.protocols import HeardSegment, Span


def words(*items):
    return tuple(Word(text=text, start_ms=start, end_ms=end) for text, start, end in items)


def segment(*items, language="en"):
    spoken = words(*items)
    return HeardSegment(
        text="".join(word.text for word in spoken),
        start_ms=spoken[0].start_ms,
        end_ms=spoken[-1].end_ms,
        words=spoken,
        language=language,
    )


def said(utterances):
    return [(u.speaker, "".join(word.text for word in u.words).strip()) for u in utterances]


def test_channels_interleave_by_time():
    turns = by_channel(
        {
            "left": [segment((" Hello", 0, 500)), segment((" Which", 3_000, 3_500))],
            "right": [segment((" Hi", 1_000, 1_500))],
        }
    )
    assert said(turns) == [("left", "Hello"), ("right", "Hi"), ("left", "Which")]


@pytest.mark.parametrize(("gap", "turns"), [(1_199, 1), (1_200, 2)])
def test_a_short_pause_does_not_end_a_turn(gap, turns):
    heard = [segment((" one", 0, 1_000)), segment((" two", 1_000 + gap, 2_500))]
    assert len(by_channel({"left": heard})) == turns


@pytest.mark.parametrize(
    ("gap", "said_meanwhile", "turns"),
    [
        (799, (1_100, 1_500), 1),
        (800, (1_100, 1_500), 2),
        (800, (500, 1_300), 2),  # an interruption that goes on into the pause
        (800, (1_700, 2_500), 2),
        (800, (2_500, 2_900), 1),
    ],
)
def test_a_pause_in_which_the_other_side_speaks_ends_a_turn_sooner(gap, said_meanwhile, turns):
    heard = [segment((" one", 0, 1_000)), segment((" two", 1_000 + gap, 2_400))]
    found = by_channel({"left": heard, "right": [segment((" yes", *said_meanwhile))]})
    assert sum(turn.speaker == "left" for turn in found) == turns


def test_an_interjection_does_not_split_the_other_side():
    turns = by_channel(
        {
            "left": [segment((" I", 0, 900)), segment((" see", 1_200, 2_000))],
            "right": [segment((" yes", 1_000, 1_300))],
        }
    )
    assert said(turns) == [("left", "I see"), ("right", "yes")]


def test_another_language_is_another_turn():
    heard = [
        segment(("好的", 0, 900), language="zh"),
        segment((" okay", 1_000, 1_400), language="en"),
    ]
    assert [turn.language for turn in by_channel({"left": heard})] == ["zh", "en"]


def test_mono_words_go_to_who_speaks():
    heard = [segment((" how", 0, 400), (" are", 400, 800), (" fine", 2_000, 2_400))]
    spans = [
        Span(start_ms=0, end_ms=1_000, speaker="S0"),
        Span(start_ms=1_800, end_ms=2_600, speaker="S1"),
    ]
    assert said(by_speaker(heard, spans)) == [("S0", "how are"), ("S1", "fine")]


def test_a_change_moves_into_the_pause_beside_it():
    # The diariser says 1.5 s; the pause says the answer began with "yes" at 1.2 s.
    heard = [
        segment(
            (" help", 0, 400), (" you", 400, 800), (" yes", 1_200, 1_400), (" please", 1_420, 1_900)
        )
    ]
    spans = [
        Span(start_ms=0, end_ms=1_430, speaker="S0"),
        Span(start_ms=1_430, end_ms=2_000, speaker="S1"),
    ]
    assert said(by_speaker(heard, spans)) == [("S0", "help you"), ("S1", "yes please")]


def test_a_change_prefers_the_end_of_a_sentence():
    heard = [segment((" it?", 0, 400), (" No", 420, 700), (" thanks", 720, 1_100))]
    spans = [
        Span(start_ms=0, end_ms=710, speaker="S0"),
        Span(start_ms=710, end_ms=1_200, speaker="S1"),
    ]
    assert said(by_speaker(heard, spans)) == [("S0", "it?"), ("S1", "No thanks")]


def test_a_change_without_a_better_place_stays():
    heard = [segment((" a", 0, 400), (" b", 410, 800), (" c", 820, 1_200))]
    spans = [
        Span(start_ms=0, end_ms=405, speaker="S0"),
        Span(start_ms=405, end_ms=1_300, speaker="S1"),
    ]
    assert said(by_speaker(heard, spans)) == [("S0", "a"), ("S1", "b c")]


def test_words_far_from_anyone_follow_the_speaker_before():
    heard = [segment((" well", 0, 400)), segment((" anyway", 9_000, 9_400))]
    spans = [Span(start_ms=0, end_ms=500, speaker="S0")]
    assert [speaker for speaker, _ in said(by_speaker(heard, spans))] == ["S0", "S0"]


def test_no_spans_at_all_is_one_speaker():
    assert said(by_speaker([segment((" hello", 0, 400))], [])) == [("S0", "hello")]


def test_every_word_survives_in_order():
    items = [(f" w{i}", i * 300, i * 300 + 250) for i in range(40)]
    spans = [
        Span(start_ms=i * 1_000, end_ms=(i + 1) * 1_000, speaker=f"S{i % 2}") for i in range(12)
    ]
    turns = by_speaker([segment(*items)], spans)
    assert [word.text for turn in turns for word in turn.words] == [text for text, _, _ in items]


def test_segments_without_word_times_are_one_word():
    heard = HeardSegment(text="好的", start_ms=0, end_ms=700, words=())
    assert said(by_channel({"left": [heard]})) == [("left", "好的")]


def test_silence_gives_no_turns():
    assert by_channel({"left": [], "right": []}) == ()
    assert by_speaker([], []) == ()


def test_a_long_call_takes_no_longer_than_its_length():
    """30,000 words against 6,000 spans: looking at every span for every word takes minutes."""
    spans = [
        Span(start_ms=i * 2_000, end_ms=i * 2_000 + 1_900, speaker=f"S{i % 2}")
        for i in range(6_000)
    ]
    heard = [
        segment(*[(f" w{j}", i * 4_000 + j * 380, i * 4_000 + j * 380 + 300) for j in range(10)])
        for i in range(3_000)
    ]
    begun = time.process_time()
    assert len(by_speaker(heard, spans)) == 6_000
    assert time.process_time() - begun < 10
