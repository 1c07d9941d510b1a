"""The language of a call, and passages in another."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest

from transcription.languages import choose_language, primary, relisten
from transcription.protocols import HeardSegment, Span

SOUND = np.zeros(16_000, np.float32)
LONG, SHORT = [Span(start_ms=0, end_ms=9_000)], [Span(start_ms=0, end_ms=1_000)]


@dataclass
class Ear:
    """Answers in order; remembers what it was asked."""

    answers: list
    heard: tuple = ()
    asked: list = field(default_factory=list)

    def detect_language(self, samples, spans):
        self.asked.append(tuple(spans))
        return self.answers[len(self.asked) - 1]

    def transcribe(self, samples, spans, *, language, hotwords=()):
        return self.heard


@pytest.mark.parametrize(
    ("code", "short"),
    [("zh-CN", "zh"), ("zh_Hans", "zh"), ("yue", "zh"), ("EN", "en"), ("en-GB", "en"), ("", "")],
)
def test_primary(code, short):
    assert primary(code) == short


def test_what_is_given_needs_no_hearing():
    ear = Ear([])
    assert choose_language([(SOUND, LONG)], given="zh-CN", transcriber=ear).language == "zh"
    assert ear.asked == []


def test_the_channel_with_most_speech_decides_when_it_is_sure():
    ear = Ear([("en", 0.97)])
    verdict = choose_language([(SOUND, SHORT), (SOUND, LONG)], given="", transcriber=ear)
    assert (verdict.language, verdict.flags) == ("en", ())
    assert ear.asked == [tuple(LONG)]


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
def test_both_channels_vote(answers, language, flags):
    verdict = choose_language([(SOUND, LONG), (SOUND, SHORT)], given="", transcriber=Ear(answers))
    assert (verdict.language, verdict.flags) == (language, flags)


def test_silence_has_no_language():
    verdict = choose_language([(SOUND, [])], given="", transcriber=Ear([]))
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
