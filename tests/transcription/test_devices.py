"""A graphics card that gives up: the diarizer goes on on the processor, and says so."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import numpy as np
import pytest

from qa.meanings import explain
from qa.settings import DiarizationSettings
from qa.transcript import EngineStamp
from transcription.devices import is_device_trouble
from transcription.engines.bundle import DiarizerOnDemand
from transcription.protocols import Separation, Span

FOUND = Separation(spans=(Span(start_ms=0, end_ms=900, speaker="S0"),), exclusive=())


class Card:
    """A diarizer that fails on the card."""

    stamp = EngineStamp(name="made", version="1")

    def __init__(self, settings, message):
        self.on_card, self.message = settings.device != "cpu", message

    def separate(self, samples, *, min_speakers, max_speakers):
        if self.on_card and self.message:
            raise RuntimeError(self.message)
        return FOUND


@pytest.fixture
def diarizer(monkeypatch):
    """`DiarizerOnDemand` around a pretended card that fails with the given message."""

    def make(message, device="auto"):
        made = SimpleNamespace(create_diarizer=lambda settings: Card(settings, message))
        monkeypatch.setitem(sys.modules, "transcription.diarizers", made)
        return DiarizerOnDemand(DiarizationSettings(device=device))

    return make


@pytest.mark.parametrize(
    ("message", "notes"),
    [
        ("", []),
        ("CUDA out of memory. Tried to allocate 2.00 GiB", ["cuda_to_cpu"]),
        ("cuDNN error: CUDNN_STATUS_NOT_INITIALIZED", ["cuda_to_cpu"]),
    ],
)
def test_the_call_is_never_lost(diarizer, message, notes):
    engine = diarizer(message)
    for _ in range(2):  # the second call stays on the processor without trying the card again
        assert engine.separate(np.zeros(16_000, np.float32)) == FOUND
    assert engine.notes == notes


@pytest.mark.parametrize("device", ["auto", "cuda"])
def test_other_errors_are_not_hidden(diarizer, device):
    with pytest.raises(RuntimeError, match="shape"):
        diarizer("shape mismatch", device).separate(np.zeros(16_000, np.float32))


def test_on_the_processor_there_is_nothing_to_fall_back_to(monkeypatch, diarizer):
    engine = diarizer("CUDA out of memory", "cpu")
    monkeypatch.setattr(Card, "separate", lambda *_, **__: (_ for _ in ()).throw(MEMORY))
    with pytest.raises(RuntimeError, match="memory"):
        engine.separate(np.zeros(16_000, np.float32))


MEMORY = RuntimeError("CPU out of memory")


def test_words_about_a_shape_are_no_device_trouble():
    assert not is_device_trouble(RuntimeError("The size of tensor a must match"))
    assert "processor" in explain("diarizer_cuda_to_cpu").en
