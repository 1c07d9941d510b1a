"""The language of a call, and passages in another."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest

from transcription.languages import choose_language, primary, relisten
from transcription.protocols import HeardSegment, Side, Span

SOUND = np.zeros(16_000, np.float32)
LONG = Side(samples=SOUND, spans=[Span(start_ms=0, end_ms=9_000)])
SHORT = Side(samples=SOUND, spans=[Span(start_ms=0, end_ms=1_000)])
MUTE = Side(samples=SOUND, spans=[])


@dataclass
class Ear:
    """Answers in order; remembers what it was asked."""

    answers: list
    heard: tuple = ()
    asked: list = field(default_factory=list)

    def detect_language(self, sides):
        self.asked.append(list(sides))
        return self.answers[len(self.asked) - 1]

    def transcribe(self, sides, *, language, hotwords=()):
        return (self.heard,)


@pytest.mark.parametrize(
    ("code", "short"),
    [("zh-CN", "zh"), ("zh_Hans", "zh"), ("yue", "zh"), ("EN", "en"), ("en-GB", "en"), ("", "")],
)
def test_primary(code, short):
    assert primary(code) == short


def test_what_is_given_needs_no_hearing():
    ear = Ear([])
    assert choose_language([LONG], given="zh-CN", transcriber=ear).language == "zh"
    assert ear.asked == []


@pytest.mark.parametrize(
    ("sides", "answer"),
    [([SHORT, LONG], ("en", 0.97)), ([LONG, MUTE], ("en", 0.7)), ([LONG], ("en", 0.7))],
    ids=["sure", "one speaks", "one side"],
)
def test_all_speech_together_decides_when_it_is_sure_or_of_one_side(sides, answer):
    ear = Ear([answer])
    verdict = choose_language(sides, given="", transcriber=ear)
    assert (verdict.language, verdict.flags) == ("en", ())
    assert ear.asked == [sides]


@pytest.mark.parametrize(
    ("answers", "language", "flags"),
    [
        ([("en", 0.7), ("zh", 0.8)], "zh", ("language_uncertain",)),
        ([("zh", 0.8), ("zh", 0.7)], "zh", ()),
        ([("yue", 0.5), ("zh", 0.8)], "zh", ()),
        ([("de", 0.99), ("de", 0.95)], "de", ("unknown_language", "language_de")),
        (
            [("ja", 0.4), ("ko", 0.3)],
            "ja",
            ("unknown_language", "language_ja", "language_uncertain"),
        ),
    ],
)
def test_else_both_sides_vote(answers, language, flags):
    ear = Ear([("it", 0.5), *answers])
    verdict = choose_language([LONG, SHORT], given="", transcriber=ear)
    assert (verdict.language, verdict.flags) == (language, flags)
    assert ear.asked[1:] == [[LONG], [SHORT]]


def test_silence_has_no_language():
    verdict = choose_language([MUTE], given="", transcriber=Ear([("", 0.0)]))
    assert (verdict.language, verdict.flags) == ("", ("unknown_language",))


def segment(logprob, *, start=0, end=4_000, language="zh", text="嗯"):
    return HeardSegment(
        text=text, start_ms=start, end_ms=end, words=(), mean_logprob=logprob, language=language
    )


class TestRelisten:
    def again(self, segments, ear):
        return relisten(segments, SOUND, language="zh", transcriber=ear)

    def test_what_was_heard_well_stays(self):
        ear = Ear([])
        good = segment(-0.3)
        assert self.again([good], ear) == (good,)
        assert ear.asked == []

    def test_a_doubtful_passage_in_english_is_heard_in_english(self):
        english = segment(-0.2, text="check it", language="en")
        ear = Ear([("en", 0.9)], heard=(english,))
        good, bad = segment(-0.2), segment(-1.1, start=5_000, end=9_000)
        assert self.again([good, bad], ear) == (good, english)

    @pytest.mark.parametrize(
        ("answer", "logprob"),
        [(("zh", 0.9), -0.1), (("en", 0.5), -0.1), (("de", 0.9), -0.1), (("en", 0.9), -1.05)],
        ids=["same", "unsure", "unsupported", "no better"],
    )
    def test_otherwise_it_stays(self, answer, logprob):
        bad = segment(-1.1)
        ear = Ear([answer], heard=(segment(logprob, text="x"),))
        assert self.again([bad], ear) == (bad,)

    def test_short_ones_are_not_tried_and_a_bad_line_is_not_tried_for_ever(self):
        ear = Ear([("zh", 0.9)] * 50)
        self.again([segment(-1.1, end=900)], ear)
        assert ear.asked == []
        self.again([segment(-1.1, start=i, end=i + 4_000) for i in range(40)], ear)
        assert len(ear.asked) == 8
