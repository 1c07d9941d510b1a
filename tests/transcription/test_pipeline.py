"""One call from sound to transcript, with pretended models: order, labels, flags, bad input."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest

from qa.acoustics import CallEvent, EventKind
from qa.calls import Call, ChannelLayout, Direction, Role
from qa.settings import AsrSettings, Settings
from qa.transcript import EngineStamp, Transcript, Turn
from transcription.engines.bundle import Engines
from transcription.engines.replay import Replay
from transcription.languages import primary
from transcription.pipeline import transcribe_call
from transcription.protocols import SAMPLE_RATE_HZ, DecodedAudio, Separation, Span
from transcription.quality import grade

LINES = [
    ("agent", 1_000, 4_000, "Thank you for calling Harbor Bank, how can I help you?"),
    ("customer", 5_000, 8_000, "I lost my card, can you send me a new one?"),
    ("agent", 9_000, 11_000, "Can I have your account number please?"),
    ("customer", 12_000, 14_000, "My number is one two three."),
    ("agent", 15_000, 17_000, "Is there anything else I can help you with?"),
    ("customer", 18_000, 19_000, "No, that's all."),
]
SECONDS = 30


def stored(labels, lines=LINES, language="en"):
    return Transcript(
        call_id="stored",
        language=language,
        duration_ms=SECONDS * 1_000,
        turns=tuple(
            Turn(
                index=index,
                role=Role.UNKNOWN,
                start_ms=start,
                end_ms=end,
                text=text,
                speaker=labels[who],
            )
            for index, (who, start, end, text) in enumerate(lines)
        ),
    )


@dataclass
class Detector:
    """Speech wherever there is sound, events as told."""

    events_: tuple[CallEvent, ...] = ()

    def speech(self, samples):
        loud = np.abs(samples).reshape(-1, SAMPLE_RATE_HZ // 10).max(axis=1) > 0.01
        edges = np.flatnonzero(np.diff(np.concatenate([[0], loud.astype(int), [0]])))
        return tuple(
            Span(start_ms=int(a) * 100, end_ms=int(b) * 100)
            for a, b in zip(edges[::2], edges[1::2], strict=True)
        )

    def events(self, samples):
        return self.events_


@dataclass
class Diarizer:
    """Tells the speakers it was told."""

    spans: tuple[Span, ...] = ()
    asked: list = field(default_factory=list)
    stamp: EngineStamp = field(default_factory=lambda: EngineStamp(name="told", version="1"))

    def separate(self, samples, *, min_speakers=1, max_speakers=3):
        self.asked.append((min_speakers, max_speakers))
        return Separation(spans=self.spans, exclusive=self.spans, stamp=self.stamp)


def sound(lines=LINES, *, stereo, seconds=SECONDS):
    """Noise where somebody speaks; left = agent."""
    noise = np.random.default_rng(7)
    channels = np.zeros((2 if stereo else 1, seconds * SAMPLE_RATE_HZ), np.float32)
    for who, start, end, _ in lines:
        row = 1 if stereo and who == "customer" else 0
        part = slice(start * 16, end * 16)
        channels[row, part] = noise.normal(0, 0.1, (end - start) * 16)
    return DecodedAudio(samples=channels, codec="pcm_s16le", source_rate_hz=8_000)


def engines(transcriber, *, diarizer=None, events=(), **settings):
    return Engines(
        detector=Detector(events_=tuple(events)),
        diarizer=diarizer or Diarizer(),
        transcriber=transcriber,
        settings=Settings(**settings),
    )


def hear(audio, bundle, **call):
    return transcribe_call(audio, Call(id="c1", recording_id="r1", **call), bundle)


SIDES = {"agent": "left", "customer": "right"}
SPEAKERS = {"agent": "S0", "customer": "S1"}


def stereo(**call):
    transcriber = Replay(stored(SIDES), channels=[["left"], ["right"]])
    return hear(sound(stereo=True), engines(transcriber), **call)


class TestStereo:
    def test_each_channel_is_a_speaker(self):
        transcript = stereo().transcript
        assert [(t.speaker, t.text) for t in transcript.turns] == [
            (SIDES[who], text) for who, _, _, text in LINES
        ]
        assert [t.index for t in transcript.turns] == list(range(6))
        assert transcript.true_overlap
        assert transcript.language == "en"
        assert transcript.roles.roles == {"left": Role.AGENT, "right": Role.CUSTOMER}
        assert [t.role for t in transcript.turns[:2]] == [Role.AGENT, Role.CUSTOMER]
        assert transcript.flags == ()

    def test_what_was_measured_is_kept(self):
        heard = stereo()
        acoustics = heard.transcript.acoustics
        assert set(acoustics.activity) == {"left", "right"}
        assert acoustics.activity["left"][0] == (1_000, 4_000)
        assert acoustics.loudness["left"].median_db == pytest.approx(-20, abs=1)
        assert acoustics.speech_transcribed_share == 1.0
        assert heard.channel_of == {"left": 0, "right": 1}
        assert set(heard.timings_ms) >= {"speech", "language", "transcribe", "align"}
        assert heard.transcript.stamps[0].name == "replay"

    def test_a_swapped_layout_asks_a_person(self):
        right = stereo(layout=ChannelLayout.AGENT_LEFT).transcript.roles
        wrong = stereo(layout=ChannelLayout.AGENT_RIGHT).transcript.roles
        assert right.roles == wrong.roles
        assert right.confidence >= 0.95
        assert wrong.confidence < 0.75

    def test_the_other_side_echoed_is_heard_once(self):
        lines = [*LINES, ("customer", 1_200, 4_200, LINES[0][3])]
        audio = sound(lines, stereo=True)
        audio.samples[1, 1_200 * 16 : 4_200 * 16] *= 0.2
        transcriber = Replay(
            stored(SIDES, sorted(lines, key=lambda x: x[1])), channels=[["left"], ["right"]]
        )
        transcript = hear(audio, engines(transcriber)).transcript
        assert [t.speaker for t in transcript.turns if "Harbor" in t.text] == ["left"]

    def test_a_menu_before_the_agent_is_nobodys_merit(self):
        lines = [("agent", 0, 900, "For cards, press one."), *LINES]
        transcriber = Replay(stored(SIDES, lines), channels=[["left"], ["right"]])
        transcript = hear(sound(lines, stereo=True), engines(transcriber)).transcript
        assert transcript.turns[0].role == Role.SYSTEM
        assert transcript.turns[1].role == Role.AGENT
        assert [e.kind for e in transcript.acoustics.events] == [EventKind.IVR]


class TestMono:
    spans = tuple(Span(start_ms=s, end_ms=e, speaker=SPEAKERS[who]) for who, s, e, _ in LINES)

    def heard(self, *, events=(), diarizer=None, **call):
        diarizer = diarizer or Diarizer(self.spans)
        bundle = engines(
            Replay(stored({"agent": "?", "customer": "?"})), diarizer=diarizer, events=events
        )
        return hear(sound(stereo=False), bundle, **call)

    def test_the_diariser_tells_the_speakers(self):
        transcript = self.heard().transcript
        assert [t.role for t in transcript.turns] == [Role.AGENT, Role.CUSTOMER] * 3
        assert not transcript.true_overlap
        assert transcript.acoustics.activity == {}
        assert [stamp.name for stamp in transcript.stamps] == ["replay", "told"]

    def test_it_is_asked_with_the_settings(self):
        diarizer = Diarizer(self.spans)
        self.heard(diarizer=diarizer)
        assert diarizer.asked == [(1, 3)]

    def test_speakers_found_in_music_are_dropped(self):
        music = CallEvent(kind=EventKind.MUSIC, start_ms=20_000, end_ms=29_000)
        spans = (*self.spans, Span(start_ms=20_500, end_ms=28_000, speaker="S2"))
        heard = self.heard(events=[music], diarizer=Diarizer(spans))
        assert "S2" not in {span.speaker for span in heard.separation.spans}
        assert heard.events == (music,)

    def test_one_voice_only(self):
        only = tuple(Span(start_ms=s, end_ms=e, speaker="S0") for _, s, e, _ in LINES)
        transcript = self.heard(diarizer=Diarizer(only)).transcript
        assert "one_speaker" in transcript.flags
        assert {turn.speaker for turn in transcript.turns} == {"S0"}


class TestBadInput:
    @pytest.mark.parametrize("stereo", [True, False])
    def test_silence_is_an_empty_transcript_with_flags(self, stereo):
        audio = sound([], stereo=stereo, seconds=3)
        diarizer = Diarizer()
        bundle = engines(Replay(stored(SIDES)), diarizer=diarizer)
        transcript = hear(audio, bundle).transcript
        assert transcript.turns == ()
        assert transcript.language == ""
        assert {"no_speech", "unknown_language"} <= set(transcript.flags)
        assert transcript.roles.confidence == 0
        assert diarizer.asked == []

    def test_music_throughout_is_said(self):
        music = CallEvent(kind=EventKind.MUSIC, start_ms=0, end_ms=SECONDS * 1_000)
        bundle = engines(Replay(stored(SIDES)), events=[music])
        audio = sound([], stereo=False)
        assert {"mostly_music", "no_speech"} <= set(hear(audio, bundle).transcript.flags)

    def test_flags_of_decoding_are_kept(self):
        audio = sound(stereo=True)
        cut = DecodedAudio(
            samples=audio.samples, codec="mp3", source_rate_hz=8_000, flags=("truncated",)
        )
        transcriber = Replay(stored(SIDES), channels=[["left"], ["right"]])
        assert "truncated" in hear(cut, engines(transcriber)).transcript.flags

    @pytest.mark.parametrize(
        ("given", "language", "flag"),
        [("zh-CN", "zh", None), ("yue", "zh", None), ("de", "de", "language_de")],
    )
    def test_the_given_language_wins(self, given, language, flag):
        transcript = stereo(language=given).transcript
        assert transcript.language == language
        assert flag is None or flag in transcript.flags


class _Spy(Replay):
    def transcribe(self, sides, *, language, hotwords=()):
        self.primed = tuple(hotwords)
        return super().transcribe(sides, language=language, hotwords=hotwords)


def test_hotwords_are_those_of_the_queue():
    spy = _Spy(stored(SIDES), channels=[["left"], ["right"]])
    asr = AsrSettings(hotwords={"*": ["Harbor"], "cards": ["Visa"], "loans": ["APR"]})
    hear(sound(stereo=True), engines(spy, asr=asr), queue="cards", direction=Direction.INBOUND)
    assert spy.primed == ("Harbor", "Visa")


class _Struggling(Replay):
    notes: tuple[str, ...] = ()

    def transcribe(self, sides, **options):
        self.notes = ("cuda_to_cpu",)
        return super().transcribe(sides, **options)


def test_a_recogniser_that_changed_device_says_so_once():
    bundle = engines(_Struggling(stored(SIDES), channels=[["left"], ["right"]]))
    assert hear(sound(stereo=True), bundle).transcript.flags == ("asr_cuda_to_cpu",)
    assert hear(sound(stereo=True), bundle).transcript.flags == ()


def test_corrections_are_recorded(tmp_path):
    lexicon = tmp_path / "terms.txt"
    lexicon.write_text("宽带\n", encoding="utf-8")
    lines = [("agent", 1_000, 3_000, "您好星河宽袋"), ("customer", 4_000, 6_000, "我家寬帶斷了")]
    transcriber = Replay(stored(SIDES, lines, "zh"), channels=[["left"], ["right"]])
    asr = AsrSettings(corrections=str(lexicon))
    first, second = hear(sound(lines, stereo=True), engines(transcriber, asr=asr)).transcript.turns
    assert (first.text, first.raw_text) == ("您好星河宽带。", "您好星河宽袋")
    assert (second.text, second.raw_text) == ("我家宽带断了。", "我家寬帶斷了")


class TestOddCalls:
    """A sensible result, or a reason."""

    TRANSFER = (
        ("agent", 1_000, 4_000, "Thank you for calling Harbor Bank, how can I help you?"),
        ("customer", 5_000, 8_000, "I want to change my mortgage."),
        ("agent", 9_000, 11_000, "I will transfer you to our mortgage team."),
        ("second", 14_000, 18_000, "Mortgage team, this is Dana speaking, how can I help you?"),
        ("customer", 19_000, 22_000, "I want to change my mortgage, please."),
        ("second", 23_000, 26_000, "May I have your account number, please?"),
    )

    def test_two_agents_and_the_transfer_between_them(self):
        labels = {"agent": "S0", "customer": "S1", "second": "S2"}
        spans = tuple(
            Span(start_ms=start, end_ms=end, speaker=labels[who])
            for who, start, end, _ in self.TRANSFER
        )
        audio = sound(self.TRANSFER, stereo=False)
        told = Replay(stored(labels, self.TRANSFER))
        heard = hear(audio, engines(told, diarizer=Diarizer(spans)))
        assert heard.transcript.roles.roles == {
            "S0": Role.AGENT,
            "S1": Role.CUSTOMER,
            "S2": Role.AGENT,
        }
        (transfer,) = [e for e in heard.events if e.kind == EventKind.TRANSFER]
        assert (transfer.start_ms, transfer.end_ms) == (11_000, 14_000)

    def test_an_agent_whom_nobody_answers(self):
        alone = [line for line in LINES if line[0] == "agent"]
        told = Replay(stored(SIDES, alone), channels=[["left"], ["right"]])
        audio = sound(alone, stereo=True)
        transcript = hear(audio, engines(told)).transcript
        assert transcript.turns_of(Role.AGENT)
        assert not transcript.turns_of(Role.CUSTOMER)
        assert "one_dead_channel" in transcript.flags
        assert "one_speaker" in grade(transcript).reasons

    @pytest.mark.parametrize("given", ["fr", "ja-JP", "de"])
    def test_a_third_language_is_transcribed_but_never_scored(self, given):
        told = Replay(stored(SPEAKERS, language=primary(given)))
        transcript = hear(sound(stereo=False), engines(told), language=given).transcript
        assert transcript.turns
        assert f"language_{primary(given)}" in transcript.flags
        assert grade(transcript).grade == "D"

    def test_four_channels_are_two_sides(self):
        two = sound(stereo=True)
        four = np.stack([two.samples[0], two.samples[1], two.samples[0], 0 * two.samples[0]])
        audio = DecodedAudio(samples=four, codec="pcm_s16le", source_rate_hz=96_000)
        told = Replay(stored(SIDES), channels=[["left"], ["right"]])
        transcript = hear(audio, engines(told)).transcript
        assert transcript.true_overlap
        assert "extra_channels" in transcript.flags
        assert transcript.roles.roles == {"left": Role.AGENT, "right": Role.CUSTOMER}
