"""Real recordings through the real recogniser: coarse bounds that a broken chain does not meet."""

from __future__ import annotations

import json

import pytest

from qa.calls import Call, ChannelLayout, Role
from qa.settings import Settings
from transcription.audio import decode
from transcription.engines.bundle import load_engines
from transcription.errorrates import compare, tokens
from transcription.pipeline import transcribe_call

pytestmark = [pytest.mark.models, pytest.mark.evaldata]


def hear(path, **call):
    return transcribe_call(
        decode(path), Call(id="c", recording_id="r", **call), load_engines(Settings())
    ).transcript


def said(transcript):
    return " ".join(turn.text for turn in transcript.turns)


def test_a_clear_english_voice(evaldata):
    transcript = hear(evaldata / "asr" / "en" / "jfk.flac")
    reference = (
        "And so my fellow Americans ask not what your country can do for you "
        "ask what you can do for your country"
    )
    assert transcript.language == "en"
    assert compare(tokens(reference, "en"), tokens(said(transcript), "en")).rate <= 0.1


def test_two_mandarin_speakers_on_two_channels(evaldata):
    place = evaldata / "diarization" / "zh"
    transcript = hear(place / "zh_2spk_1_stereo8k_mulaw.wav")
    rows = json.loads((place / "zh_2spk_1.json").read_text(encoding="utf-8"))
    reference = " ".join(row["text"] for row in rows)
    assert transcript.language == "zh"
    assert transcript.true_overlap
    assert compare(tokens(reference, "zh"), tokens(said(transcript), "zh")).rate <= 0.35
    for row in rows:
        middle = round((row["start"] + row["end"]) * 500)
        heard = transcript.turn_at(middle)
        if heard is not None and heard.end_ms > middle:
            assert heard.speaker == ("left", "right")[row["channel"]]


@pytest.mark.parametrize("layout", [ChannelLayout.UNKNOWN, ChannelLayout.AGENT_LEFT])
def test_the_agent_of_a_service_call_is_known_by_words(evaldata, layout):
    transcript = hear(evaldata / "calls" / "auto_repairs_40.wav", layout=layout)
    assert transcript.roles.roles["left"] == Role.AGENT
    assert transcript.roles.roles["right"] == Role.CUSTOMER
    assert transcript.roles.confidence >= 0.9
    assert "thank you for calling" in transcript.turns[0].text.lower()
