"""Enrolled voices: one cue among others, only where somebody resembles the agent."""

from __future__ import annotations

import numpy as np
import pytest

from qa.calls import Role
from qa.intervals import total
from tests.builders import make_turn
from transcription.protocols import Separation, Span
from transcription.roles import assign_roles
from transcription.voiceprints import VoiceReader, likeness, speakers_of


def turns(*said):
    return [
        make_turn(index, Role.UNKNOWN, text, speaker=speaker, start_ms=index * 2000)
        for index, (speaker, text) in enumerate(said)
    ]


NEUTRAL = turns(("S0", "嗯，对"), ("S1", "好，行"), ("S0", "是这样的"), ("S1", "知道了"))


@pytest.mark.parametrize(
    ("voices", "agent"),
    [
        ({"S0": 0.3, "S1": 0.75}, "S1"),
        ({"S0": 0.75, "S1": 0.3}, "S0"),
    ],
)
def test_a_voice_decides_where_words_say_nothing(voices, agent):
    found = assign_roles(NEUTRAL, voices=voices)
    assert found.roles[agent] is Role.AGENT
    assert found.confidence > assign_roles(NEUTRAL).confidence
    assert any(reason.startswith("voiceprint 0.75") for reason in found.reasons)


def test_a_stranger_on_both_sides_says_nothing():
    assert assign_roles(NEUTRAL, voices={"S0": 0.2, "S1": 0.4}) == assign_roles(NEUTRAL)


def test_clear_words_outweigh_a_voice():
    said = turns(
        ("S0", "您好，星河宽带客服中心，工号1023，很高兴为您服务，请问有什么可以帮您？"),
        ("S1", "我想问一下我的宽带怎么还没修好"),
        ("S0", "请您稍等，我帮您查一下，请问您的手机号是多少？"),
        ("S1", "我家断网三天了，你们怎么回事"),
        ("S0", "还有什么可以帮您的吗？祝您生活愉快"),
        ("S1", "没有了，麻烦你了"),
    )
    assert assign_roles(said, voices={"S0": 0.4, "S1": 0.6}).roles["S0"] is Role.AGENT


def test_vectors_of_another_model_are_left_out():
    assert likeness((0.6, 0.8), {"a": (0.6, 0.8), "b": (1.0, 0.0, 0.0), "c": None}) == {
        "a": pytest.approx(1.0)
    }


class Echoing(VoiceReader):
    """Reads the level of the channel as a voice."""

    def __init__(self):
        self.model = "echo"

    def read(self, samples, ranges):
        return np.array([samples[0], total(ranges)], np.float32)


def test_speakers_bring_their_vectors_or_are_read_from_their_channel():
    spans = (Span(start_ms=0, end_ms=500, speaker="left"),)
    sound = {"left": np.full(16_000, 2.0, np.float32)}
    found = speakers_of(Separation(spans=spans, exclusive=spans), sound, Echoing())
    assert found["left"].tolist() == [2.0, 500.0]
    known = Separation(spans=spans, exclusive=spans, embeddings={"left": (1.0, 0.0)})
    assert speakers_of(known, sound, Echoing())["left"].tolist() == [1.0, 0.0]


@pytest.mark.models
def test_one_speaker_is_nearer_to_himself_than_to_another(evaldata):
    from transcription.audio import decode

    folder = evaldata / "diarization" / "zh"
    reader = VoiceReader()
    left, right = decode(folder / "zh_2spk_1_stereo8k_mulaw.wav").samples
    half = len(left) // 32
    whole = len(left) // 16
    first, again = reader.read(left, [(0, half)]), reader.read(left, [(half, whole)])
    other = reader.read(right, [(0, whole)])
    assert first @ again > first @ other + 0.2
    assert reader.read(left, [(0, 1_000)]) is None
