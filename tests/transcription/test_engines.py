"""Packing spans into windows, and what every recogniser must do."""

from __future__ import annotations

from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest

from qa import codec
from qa.calls import Role
from qa.errors import ModelError
from qa.settings import AsrSettings
from qa.transcript import Transcript, Turn
from transcription.engines import create_transcriber, faster_whisper
from transcription.engines.replay import Replay
from transcription.engines.windows import (
    PAD_AFTER_MS,
    PAD_BEFORE_MS,
    WINDOW_MS,
    pack,
    quietest,
)
from transcription.protocols import SAMPLE_RATE_HZ, Span


def silence(seconds):
    return np.zeros(int(seconds * SAMPLE_RATE_HZ), np.float32)


def spans(*ranges):
    return [Span(start_ms=start, end_ms=end) for start, end in ranges]


class TestWindows:
    def test_short_spans_share_a_window(self):
        (window,) = pack(silence(100), spans((1_000, 2_000), (50_000, 52_000)))
        assert [(p.start_ms, p.end_ms) for p in window.pieces] == [
            (1_000 - PAD_BEFORE_MS, 2_000 + PAD_AFTER_MS),
            (50_000 - PAD_BEFORE_MS, 52_000 + PAD_AFTER_MS),
        ]
        assert len(window.cut(silence(100))) == window.duration_ms * 16

    def test_times_find_the_way_back_and_never_leave_their_piece(self):
        (window,) = pack(silence(100), spans((1_000, 2_000), (50_000, 52_000)))
        second = window.pieces[1]
        assert window.to_file(300, 700) == (1_100, 1_500)
        assert window.to_file(second.offset_ms + 10, second.offset_ms + 20) == (49_810, 49_820)
        seam = second.offset_ms
        assert window.to_file(seam - 400, seam + 100)[1] == window.pieces[0].end_ms
        assert window.to_file(seam - 100, seam + 400)[0] == second.start_ms
        assert window.to_file(90_000, 91_000) == (second.end_ms, second.end_ms)

    def test_windows_are_never_too_long_and_lose_nothing(self):
        sound = np.random.default_rng(1).normal(0, 0.1, SAMPLE_RATE_HZ * 200).astype(np.float32)
        given = spans((0, 95_000), (96_000, 97_000), (97_200, 180_000))
        windows = pack(sound, given)
        assert all(window.duration_ms <= WINDOW_MS for window in windows)
        pieces = [piece for window in windows for piece in window.pieces]
        assert all(a.end_ms <= b.start_ms for a, b in pairwise(pieces))
        for span in given:
            covered = sum(
                max(0, min(p.end_ms, span.end_ms) - max(p.start_ms, span.start_ms)) for p in pieces
            )
            assert covered == span.end_ms - span.start_ms

    def test_a_long_span_is_cut_where_it_is_quiet(self):
        sound = np.full(SAMPLE_RATE_HZ * 40, 0.2, np.float32)
        sound[SAMPLE_RATE_HZ * 25 : SAMPLE_RATE_HZ * 25 + 8_000] = 0
        first, _ = pack(sound, spans((0, 40_000)))
        assert 25_000 <= first.pieces[-1].end_ms <= 25_500

    def test_quietest_of_nothing_is_the_end(self):
        assert quietest(silence(1), 900, 900) == 900

    @pytest.mark.parametrize("given", [[], [(5, 5)], [(200_000, 210_000)]])
    def test_no_speech_no_windows(self, given):
        assert pack(silence(10), spans(*given)) == [] or given == [(5, 5)]


STORED = Transcript(
    call_id="a",
    language="en",
    duration_ms=10_000,
    turns=(
        Turn(index=0, role=Role.AGENT, start_ms=0, end_ms=2_000, text="Hello", speaker="left"),
        Turn(index=1, role=Role.CUSTOMER, start_ms=3_000, end_ms=4_000, text="Hi", speaker="right"),
    ),
)


@pytest.fixture(
    params=["replay", pytest.param("faster_whisper", marks=pytest.mark.models)],
)
def transcriber(request, tmp_path):
    if request.param == "replay":
        place = tmp_path / "stored.json"
        place.write_text(codec.to_json(STORED), encoding="utf-8")
        return create_transcriber(AsrSettings(engine="replay", model=str(place)))
    return create_transcriber(AsrSettings(engine="faster_whisper"))


class TestContract:
    """Every engine behind the protocol."""

    def test_it_says_what_it_is(self, transcriber):
        assert transcriber.stamp.name
        assert transcriber.stamp.version
        assert transcriber.stamp.settings_digest

    def test_no_spans_give_nothing(self, transcriber):
        assert transcriber.transcribe(silence(5), [], language="en") == ()
        assert transcriber.detect_language(silence(5), []) == ("", 0.0)

    def test_segments_are_ordered_and_inside_the_sound(self, transcriber):
        noise = np.random.default_rng(3).normal(0, 0.01, 10 * SAMPLE_RATE_HZ).astype(np.float32)
        heard = transcriber.transcribe(noise, spans((0, 4_500), (6_000, 9_000)), language="en")
        starts = [segment.start_ms for segment in heard]
        assert starts == sorted(starts)
        for segment in heard:
            assert 0 <= segment.start_ms <= segment.end_ms <= 10_000
            assert segment.text == segment.text.strip() != ""
            assert segment.language == "en"
            for word in segment.words:
                assert segment.start_ms <= word.start_ms <= word.end_ms <= segment.end_ms
                assert 0 <= word.confidence <= 1

    def test_nothing_outside_the_spans_is_heard(self, transcriber):
        heard = transcriber.transcribe(silence(10), spans((0, 2_500)), language="en")
        assert all(segment.end_ms <= 2_500 + PAD_AFTER_MS for segment in heard)


def test_an_engine_is_loaded_once_per_settings(tmp_path):
    place = tmp_path / "stored.json"
    place.write_text(codec.to_json(STORED), encoding="utf-8")
    settings = AsrSettings(engine="replay", model=str(place))
    assert create_transcriber(settings) is create_transcriber(settings.model_copy())


@pytest.mark.parametrize("engine", ["replay", "faster_whisper"])
def test_missing_weights_are_an_error_with_a_remedy(engine, tmp_path):
    with pytest.raises(ModelError) as caught:
        create_transcriber(AsrSettings(engine=engine, model=str(tmp_path / "none.json")))
    assert caught.value.remedy


def test_replay_plays_each_channel_its_speakers():
    engine = Replay(STORED, channels=[["left"], ["right"]])
    whole = spans((0, 10_000))
    assert [s.text for s in engine.transcribe(silence(1), whole, language="en")] == ["Hello"]
    assert [s.text for s in engine.transcribe(silence(1), whole, language="en")] == ["Hi"]


class _Gpu:
    """A recogniser on a device that runs out of memory until the batch is small enough."""

    def __init__(self, *, fits, message="CUDA out of memory"):
        self.fits, self.message, self.asked = fits, message, []

    def transcribe(self, sound, *, batch_size, clip_timestamps, **_options):
        self.asked.append(batch_size)
        if batch_size > self.fits:
            raise RuntimeError(self.message)
        word = SimpleNamespace(word=" hi", start=0.5, end=0.9, probability=0.9)
        segment = SimpleNamespace(
            text=" hi",
            start=0.5,
            end=0.9,
            words=[word],
            no_speech_prob=0.0,
            avg_logprob=-0.1,
            compression_ratio=1.0,
            seek=0,
        )
        return [segment], None


def on_gpu(monkeypatch, tmp_path, gpu, *, batch_size=8):
    """The adapter around a pretended GPU; opening it on the CPU gives one that always fits."""
    cpu = _Gpu(fits=100)

    def open_(settings, _folder):
        device = "cpu" if settings.device == "cpu" else "cuda"
        used = cpu if device == "cpu" else gpu
        return faster_whisper._Loaded(used, used, device, batch_size)

    monkeypatch.setattr(faster_whisper, "_open", open_)
    monkeypatch.setattr("importlib.metadata.version", lambda _name: "1")
    return faster_whisper.FasterWhisper(AsrSettings(), str(tmp_path))


@pytest.mark.parametrize(
    ("fits", "message", "notes"),
    [
        (8, "", []),
        (2, "CUDA out of memory", ["batch_size_4", "batch_size_2"]),
        (0, "CUDA out of memory", ["batch_size_4", "batch_size_2", "batch_size_1", "cuda_to_cpu"]),
        (0, "Library libcublas.so.12 is not found", ["cuda_to_cpu"]),
    ],
)
def test_a_gpu_that_gives_up_never_loses_the_call(monkeypatch, tmp_path, fits, message, notes):
    engine = on_gpu(monkeypatch, tmp_path, _Gpu(fits=fits, message=message))
    heard = engine.transcribe(silence(3), spans((0, 2_000)), language="en")
    assert [segment.text for segment in heard] == ["hi"]
    assert engine.notes == notes


def test_other_errors_are_not_hidden(monkeypatch, tmp_path):
    engine = on_gpu(monkeypatch, tmp_path, _Gpu(fits=0, message="shape mismatch"))
    with pytest.raises(RuntimeError, match="shape mismatch"):
        engine.transcribe(silence(3), spans((0, 2_000)), language="en")
