"""Sounds in which nobody speaks give no words, in either language; a short thank-you survives."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from qa.calls import Call
from qa.settings import Settings
from transcription.engines.bundle import load_engines
from transcription.pipeline import transcribe_call
from transcription.protocols import DecodedAudio

pytestmark = pytest.mark.models

_SOURCE = Path(__file__).parents[1] / "benchmarks" / "non_speech.py"


def _sounds():
    spec = importlib.util.spec_from_file_location("non_speech", _SOURCE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.sounds(8.0)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_nobody_spoke(language):
    engines = load_engines(Settings())
    written = {}
    for name, sound in _sounds():
        audio = DecodedAudio(samples=sound[None], codec="made", source_rate_hz=8_000)
        call = Call(id=name, recording_id=name, language=language)
        transcript = transcribe_call(audio, call, engines).transcript
        written[name] = [turn.text for turn in transcript.turns]
    assert {name: text for name, text in written.items() if text} == {}
