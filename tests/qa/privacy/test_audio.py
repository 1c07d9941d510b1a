"""The same spans in sound: word times, margins, silence and beep, one side only."""

from __future__ import annotations

import numpy as np
import pytest

from qa.calls import Role
from qa.privacy import detect_turns
from qa.privacy.audio import AudioSpan, audio_spans, mute
from qa.transcript import Transcript, Turn, Word


def transcript_of(text, words=(), *, start_ms=1000, end_ms=5000):
    timed = tuple(
        Word(text=word, start_ms=start_ms + 200 * at, end_ms=start_ms + 200 * at + 200)
        for at, word in enumerate(words)
    )
    turn = Turn(
        index=0,
        role=Role.CUSTOMER,
        speaker="right",
        start_ms=start_ms,
        end_ms=end_ms,
        text=text,
        words=timed,
    )
    return Transcript(call_id="c", language="zh", duration_ms=10_000, turns=(turn,))


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        (
            "手机一三八零零一三八零零零谢谢",
            list("手机一三八零零一三八零零零谢谢"),
            (1400 - 150, 3600 + 150),
        ),
        (
            "手机，一三八零零一三八零零零。谢谢",
            list("手机一三八零零一三八零零零谢谢"),
            (1400 - 150, 3600 + 150),
        ),
        ("手机13800138000谢谢", ["手机", "13800138000", "谢谢"], (1200 - 150, 1400 + 150)),
        # the shown text has digits, the words are as heard: the neighbours bound the span
        (
            "手机13800138000谢谢",
            ["手机", *"一三八零零一三八零零零", "谢谢"],
            (1000 - 150, 3600 + 150),
        ),
    ],
)
def test_word_times_with_margins(text, words, expected):
    transcript = transcript_of(text, words)
    span = audio_spans(transcript, detect_turns(transcript.turns))[0]
    assert span.start_ms <= expected[0] + 200
    assert span.end_ms >= expected[1]
    assert span.end_ms <= expected[1] + 200
    assert span.speaker == "right"


def test_without_word_times_the_share_of_the_text_counts():
    transcript = transcript_of("手机13800138000谢谢")
    (span,) = audio_spans(transcript, detect_turns(transcript.turns))
    assert span.start_ms < 1000 + 4000 * 2 // 15
    assert span.end_ms > 1000 + 4000 * 13 // 15


def test_nothing_found_nothing_muted():
    transcript = transcript_of("您好", ["您", "好"])
    assert audio_spans(transcript, [[]]) == ()


def test_touching_spans_are_joined():
    transcript = transcript_of("13812345678，13987654321", ["13812345678", "13987654321"])
    assert audio_spans(transcript, detect_turns(transcript.turns)) == (
        AudioSpan(start_ms=850, end_ms=1550, speaker="right"),
    )


def test_silence_leaves_nothing_inside_and_everything_outside():
    samples = np.ones(8000, np.float32)
    muted = mute(samples, 8000, [(100, 200)])
    assert not muted[800:1600].any()
    assert muted[:800].all()
    assert muted[1600:].all()
    assert samples.all(), "the recording itself is untouched"


def test_only_the_speaking_side():
    samples = np.ones((2, 8000), np.float32)
    muted = mute(samples, 8000, [(0, 1000)], channel=1)
    assert muted[0].all()
    assert not muted[1].any()


def test_a_beep_replaces_the_speech():
    speech = np.random.default_rng(1).normal(0, 0.3, 8000).astype(np.float32)
    muted = mute(speech, 8000, [(250, 750)], mode="beep")
    inside = muted[2000:6000]
    spectrum = np.abs(np.fft.rfft(inside))
    assert np.argmax(spectrum) * 8000 / len(inside) == pytest.approx(1000, abs=5)
    assert abs(np.corrcoef(inside, speech[2000:6000])[0, 1]) < 0.1


@pytest.mark.parametrize("ranges", [[(-100, 5)], [(990, 5000)], [(500, 500)], [(2000, 3000)]])
def test_ranges_outside_the_recording_are_cut(ranges):
    assert mute(np.ones(8000, np.float32), 8000, ranges).shape == (8000,)
