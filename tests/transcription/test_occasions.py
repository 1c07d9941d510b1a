"""Menus, announcements, transfers; echoes; levels."""

from __future__ import annotations

import numpy as np
import pytest

from qa.acoustics import CallEvent, EventKind
from qa.calls import Role
from qa.transcript import Turn, Word
from transcription.echoes import without_echoes
from transcription.listening import Channel
from transcription.measures import measure
from transcription.occasions import split_recorded, spoken_events, with_recorded_voices
from transcription.protocols import HeardSegment, Separation, Span


def turn(index, role, text, *, start=None, speaker="left", length=2_000):
    start = index * 3_000 if start is None else start
    return Turn(
        index=index, role=role, start_ms=start, end_ms=start + length, text=text, speaker=speaker
    )


def heard(text, start, end):
    return HeardSegment(text=text, start_ms=start, end_ms=end, words=())


class TestRecordedVoices:
    def test_they_leave_the_channel_before_pauses_join_them_to_people(self):
        menu = heard("For cards, press one.", 0, 2_000)
        agent = heard("Hello, this is Ana.", 2_200, 4_000)
        split = split_recorded({"left": [menu, agent], "right": []})
        assert split == {"left": (agent,), "left-recorded": (menu,), "right": ()}

    def test_two_halves_of_one_announcement(self):
        first = heard("您的来电对我们很重要，", 0, 2_000)
        second = heard("座席正忙。", 2_300, 4_000)
        agent = heard("您好。", 9_000, 9_500)
        split = split_recorded({"left": [first, second, agent]})
        assert split["left-recorded"] == (first, second)
        assert split["left"] == (agent,)

    def test_a_channel_of_announcements_only_keeps_its_name(self):
        menu = heard("Please leave a message after the tone.", 0, 2_000)
        assert split_recorded({"right": [menu]}) == {"right": (menu,)}

    def test_turns_of_a_mixed_speaker(self):
        turns = with_recorded_voices(
            [turn(0, Role.UNKNOWN, "账单查询请按1号键"), turn(1, Role.UNKNOWN, "您好")]
        )
        assert [t.speaker for t in turns] == ["left-recorded", "left"]


class TestEvents:
    def test_menus_are_events(self):
        events = spoken_events([turn(0, Role.SYSTEM, "账单查询请按1"), turn(1, Role.AGENT, "您好")])
        assert [(e.kind, e.start_ms, e.end_ms) for e in events] == [(EventKind.IVR, 0, 2_000)]

    @pytest.mark.parametrize(
        ("before", "after", "transferred"),
        [
            ("I'll transfer you to billing.", "Thank you for holding, this is Tom.", True),
            ("我帮您转接到投诉专席。", "您好，投诉处理专员为您服务。", True),
            ("I'll transfer you to billing.", "It seems they are busy.", False),
            ("Let me check that.", "Thank you for holding, this is Tom.", False),
        ],
    )
    def test_a_transfer_is_announced_and_answered(self, before, after, transferred):
        turns = [
            turn(0, Role.AGENT, before),
            turn(1, Role.CUSTOMER, "ok"),
            turn(2, Role.AGENT, after, start=20_000),
        ]
        events = spoken_events(turns)
        assert bool(events) is transferred
        if transferred:
            (event,) = events
            assert (event.kind, event.start_ms, event.end_ms) == (
                EventKind.TRANSFER,
                2_000,
                20_000,
            )


def tone(level, seconds=10):
    return np.random.default_rng(5).normal(0, level, seconds * 16_000).astype(np.float32)


class TestEchoes:
    @property
    def sound(self):
        return {"left": tone(0.1), "right": tone(0.01)}

    def test_the_quiet_copy_goes(self):
        original = heard("how can I help you today", 1_000, 3_000)
        copy = heard("can I help you today", 1_300, 3_300)
        own = heard("I lost my card", 4_000, 6_000)
        kept = without_echoes({"left": [original], "right": [copy, own]}, self.sound)
        assert kept == {"left": (original,), "right": (own,)}

    @pytest.mark.parametrize(
        ("left", "right", "sound"),
        [
            (("thank you", 1_000, 2_000), ("thank you", 6_000, 7_000), "quiet"),
            (("one two three four", 1_000, 3_000), ("one two three four", 1_200, 3_200), "loud"),
            (("hello", 1_000, 2_000), ("I said hello to everybody here", 1_200, 4_000), "quiet"),
            (("how are you", 1_000, 2_000), ("fine thanks", 1_200, 2_200), "quiet"),
        ],
        ids=["later", "as loud", "longer", "different"],
    )
    def test_everything_else_stays(self, left, right, sound):
        channels = self.sound if sound == "quiet" else {"left": tone(0.1), "right": tone(0.09)}
        given = {"left": (heard(*left),), "right": (heard(*right),)}
        assert without_echoes(given, channels) == given

    def test_one_channel_has_no_other_side(self):
        given = {"": (heard("hi", 0, 500),)}
        assert without_echoes(given, {"": tone(0.1)}) == given


def channel(label, samples, *spans, events=()):
    return Channel(
        index=0 if label == "left" else 1,
        label=label,
        samples=samples,
        speech=tuple(Span(start_ms=a, end_ms=b) for a, b in spans),
        events=tuple(events),
    )


class TestMeasures:
    def test_levels_jumps_and_share(self):
        samples = np.zeros(60 * 16_000, np.float32)
        random = np.random.default_rng(2)
        spans = [(i * 4_000, i * 4_000 + 2_000) for i in range(10)]
        turns = []
        for i, (start, end) in enumerate(spans):
            loud = 0.4 if i == 5 else 0.05
            part = random.normal(0, loud, (end - start) * 16)
            samples[start * 16 : end * 16] = part
            turns.append(turn(i, Role.AGENT, "words", start=start))
        live = [channel("left", samples, *spans, (50_000, 55_000))]
        found = measure(live, turns, Separation(spans=(), exclusive=()), [], separate=True)
        assert found.loudness["left"].median_db == pytest.approx(-26, abs=1)
        assert found.loudness["left"].jumps == 1
        assert found.speech_transcribed_share == pytest.approx(0.8, abs=0.02)
        assert found.activity["left"][-1] == (50_000, 55_000)
        assert found.signal.snr_db is not None

    def test_the_same_music_on_both_channels_is_one_event(self):
        left = CallEvent(kind=EventKind.MUSIC, start_ms=0, end_ms=9_000)
        right = CallEvent(kind=EventKind.MUSIC, start_ms=500, end_ms=8_800)
        later = CallEvent(kind=EventKind.MUSIC, start_ms=9_500, end_ms=9_900)
        menu = CallEvent(kind=EventKind.IVR, start_ms=100, end_ms=200)
        live = [
            channel("left", tone(0.1), events=[left, later]),
            channel("right", tone(0.1), events=[right]),
        ]
        empty = Separation(spans=(), exclusive=())
        assert measure(live, [], empty, [menu], separate=True).events == (left, menu, later)

    def test_words_count_where_they_are(self):
        words = (Word(text="a", start_ms=1_000, end_ms=1_400),)
        said = Turn(
            index=0, role=Role.AGENT, start_ms=0, end_ms=9_000, text="a", speaker="S0", words=words
        )
        live = [channel("", tone(0.1), (0, 9_000))]
        empty = Separation(spans=(), exclusive=())
        found = measure(live, [said], empty, [], separate=False)
        assert found.speech_transcribed_share == pytest.approx(1_000 / 9_000, abs=0.01)
        assert found.activity == {}

    def test_nobody(self):
        empty = Separation(spans=(), exclusive=())
        found = measure([], [], empty, [], separate=False)
        assert found.speech_transcribed_share is None
        assert found.loudness == {}
