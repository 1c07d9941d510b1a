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
from qa.transcript import Transcript, Turn, Word
from transcription.engines import create_transcriber, faster_whisper
from transcription.engines.decoding import Passage, _split
from transcription.engines.leftovers import credible, passed_over
from transcription.engines.replay import Replay
from transcription.engines.windows import (
    PAD_AFTER_MS,
    PAD_BEFORE_MS,
    WINDOW_MS,
    pack,
    quietest,
)
from transcription.protocols import SAMPLE_RATE_HZ, HeardSegment, Side, Span


def silence(seconds):
    return np.zeros(int(seconds * SAMPLE_RATE_HZ), np.float32)


def spans(*ranges):
    return [Span(start_ms=start, end_ms=end) for start, end in ranges]


def side(seconds, *ranges):
    """A silent channel in which somebody is said to speak."""
    return Side(samples=silence(seconds), spans=spans(*ranges))


class TestWindows:
    def test_short_spans_share_a_window(self):
        sides = [side(100, (1_000, 2_000), (50_000, 52_000))]
        (window,) = pack(sides)
        assert [(p.start_ms, p.end_ms) for p in window.pieces] == [
            (1_000 - PAD_BEFORE_MS, 2_000 + PAD_AFTER_MS),
            (50_000 - PAD_BEFORE_MS, 52_000 + PAD_AFTER_MS),
        ]
        assert len(window.cut(sides)) == window.duration_ms * 16

    def test_times_find_the_way_back_and_never_leave_their_piece(self):
        (window,) = pack([side(100, (1_000, 2_000), (50_000, 52_000))])
        second = window.pieces[1]
        assert window.to_file(300, 700) == (0, 1_100, 1_500)
        assert window.to_file(second.offset_ms + 10, second.offset_ms + 20) == (0, 49_810, 49_820)
        seam = second.offset_ms
        assert window.to_file(seam - 400, seam + 100)[2] == window.pieces[0].end_ms
        assert window.to_file(seam - 100, seam + 400)[1] == second.start_ms
        assert window.to_file(90_000, 91_000) == (0, second.end_ms, second.end_ms)

    @pytest.mark.parametrize(
        ("start", "end", "expected"),
        [
            (-600, 450, 1),  # the first word after a pause, begun in the silence before the seam
            (-900, 100, 0),  # the last word before the pause, ended late
            (-800, -620, 0),
            (250, 400, 1),
            (-450, 100, 0),  # nothing sounds: the middle decides
            (-100, 150, 1),
        ],
    )
    def test_a_word_at_a_seam_belongs_where_it_sounds(self, start, end, expected):
        sound = silence(100)
        hum = np.sin(np.arange(len(sound)) / 5).astype(np.float32)
        for spoken, level in (((1_000, 1_700), 0.5), ((50_000, 52_000), 0.01)):
            sound[spoken[0] * 16 : spoken[1] * 16] = level * hum[spoken[0] * 16 : spoken[1] * 16]
        sides = [Side(samples=sound, spans=spans((1_000, 2_000), (50_000, 52_000)))]
        (window,) = pack(sides)
        seam = window.pieces[1].offset_ms
        piece = window.piece_of(seam + start, seam + end, window.loudness(sides))
        assert window.pieces.index(piece) == expected

    @pytest.mark.parametrize(
        ("start", "end", "expected"),
        [
            (-600, 450, (50_000, 50_250)),  # silence before the first word is cut off
            (300, 450, (50_100, 50_250)),
            (1_900, 2_450, (51_700, 52_000)),  # and so is silence after the last
            (-480, -300, (1_820, 2_000)),  # nothing sounds: as it was heard
        ],
    )
    def test_a_word_lasts_as_long_as_it_sounds(self, start, end, expected):
        sound = silence(100)
        sound[50_000 * 16 : 52_000 * 16] = np.sin(np.arange(2_000 * 16) / 5)
        sides = [Side(samples=sound, spans=spans((1_000, 2_000), (50_000, 52_000)))]
        (window,) = pack(sides)
        seam = window.pieces[1].offset_ms
        _, *found = window.to_file(seam + start, seam + end, window.loudness(sides))
        assert found == pytest.approx(expected, abs=60)

    def test_windows_are_never_too_long_and_lose_nothing(self):
        sound = np.random.default_rng(1).normal(0, 0.1, SAMPLE_RATE_HZ * 200).astype(np.float32)
        given = spans((0, 95_000), (96_000, 97_000), (97_200, 180_000))
        windows = pack([Side(samples=sound, spans=given)])
        assert all(window.duration_ms <= WINDOW_MS for window in windows)
        pieces = sorted((p for window in windows for p in window.pieces), key=lambda p: p.start_ms)
        assert all(a.end_ms <= b.start_ms for a, b in pairwise(pieces))
        for span in given:
            covered = sum(
                max(0, min(p.end_ms, span.end_ms) - max(p.start_ms, span.start_ms)) for p in pieces
            )
            assert covered == span.end_ms - span.start_ms

    def test_a_long_span_wastes_no_room_in_the_window_before_it(self):
        ranges = [(0, 5_000), (6_000, 32_000), (33_000, 50_000), (51_000, 53_000)]
        windows = pack([side(60, *ranges)])
        assert [len(window.pieces) for window in windows] == [3, 1]
        assert [piece.start_ms for piece in windows[0].pieces] == [0, 32_800, 50_800]

    def test_a_long_span_is_cut_where_it_is_quiet(self):
        sound = np.full(SAMPLE_RATE_HZ * 40, 0.2, np.float32)
        sound[SAMPLE_RATE_HZ * 25 : SAMPLE_RATE_HZ * 25 + 8_000] = 0
        first, _ = pack([Side(samples=sound, spans=spans((0, 40_000)))])
        assert 25_000 <= first.pieces[-1].end_ms <= 25_500

    def test_quietest_of_nothing_is_the_end(self):
        assert quietest(silence(1), 900, 900) == 900

    @pytest.mark.parametrize("given", [[], [(5, 5)], [(200_000, 210_000)]])
    def test_no_speech_no_windows(self, given):
        assert pack([side(10, *given)]) == [] or given == [(5, 5)]

    def test_both_sides_of_a_call_share_windows_and_every_word_finds_its_side(self):
        left, right = side(60, (1_000, 20_000)), side(60, (21_000, 26_000), (40_000, 41_000))
        (window,) = pack([left, right])
        assert [piece.side for piece in window.pieces] == [0, 1, 1]
        assert len(window.cut([left, right])) == window.duration_ms * 16
        last = window.pieces[-1].offset_ms
        assert window.to_file(last + 200, last + 700) == (1, 40_000, 40_500)


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


class TestLeftovers:
    def heard(self, *words, **options):
        made = tuple(
            Word(text=f" {text}", start_ms=start, end_ms=end, confidence=0.8)
            for text, start, end in words
        )
        return HeardSegment(
            text=" ".join(text for text, _, _ in words),
            words=made,
            start_ms=made[0].start_ms,
            end_ms=made[-1].end_ms,
            **({"mean_logprob": -0.3} | options),
        )

    def test_speech_without_a_word_is_found(self):
        segment = self.heard(("a", 0, 900), ("b", 5_000, 5_500))
        rest = passed_over(spans((0, 6_000), (9_000, 9_800), (20_000, 22_000)), [segment])
        assert [(r.start_ms, r.end_ms) for r in rest] == [(1_150, 4_750), (20_000, 22_000)]

    def test_what_was_heard_leaves_nothing(self):
        assert passed_over(spans((0, 900)), [self.heard(("a", 100, 800))]) == []
        assert passed_over([], []) == []

    def test_a_second_hearing_adds_only_what_is_new(self):
        (asked,) = spans((1_150, 4_750))
        again = self.heard(("a", 300, 850), ("new", 1_300, 1_900), ("word", 2_000, 2_500))
        (added,) = credible([again], [asked])
        assert (added.text, added.start_ms) == ("new word", 1_300)

    @pytest.mark.parametrize(
        "options", [{"no_speech": 0.5}, {"mean_logprob": -0.9}], ids=["nobody", "guess"]
    )
    def test_a_doubtful_second_hearing_adds_nothing(self, options):
        again = self.heard(("new", 1_300, 1_900), **options)
        assert credible([again], spans((1_150, 4_750))) == []


class TestContract:
    """Every engine behind the protocol."""

    def test_it_says_what_it_is(self, transcriber):
        assert transcriber.stamp.name
        assert transcriber.stamp.version
        assert transcriber.stamp.settings_digest

    def test_no_spans_give_nothing(self, transcriber):
        assert transcriber.transcribe([], language="en") == ()
        assert transcriber.transcribe([side(5), side(5)], language="en") == ((), ())
        assert transcriber.detect_language([side(5)]) == ("", 0.0)

    def test_segments_are_ordered_and_inside_the_sound(self, transcriber):
        noise = np.random.default_rng(3).normal(0, 0.01, 10 * SAMPLE_RATE_HZ).astype(np.float32)
        given = Side(samples=noise, spans=spans((0, 4_500), (6_000, 9_000)))
        (heard,) = transcriber.transcribe([given], language="en")
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
        (heard,) = transcriber.transcribe([side(10, (0, 2_500))], language="en")
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
    whole = side(1, (0, 10_000))
    heard = engine.transcribe([whole, whole], language="en")
    assert [[segment.text for segment in own] for own in heard] == [["Hello"], ["Hi"]]


class _Gpu:
    """A device that runs out of memory until the batch is small enough."""

    def __init__(self, *, fits, message="CUDA out of memory"):
        self.fits, self.message = fits, message

    def decode(self, sounds, how):
        if len(sounds) > self.fits:
            raise RuntimeError(self.message)
        return [[passage("hi", length=len(sound) / 16)] for sound in sounds]


def passage(text, *, length=25_000.0, logprob=-0.1, no_speech=0.0):
    """Words spread evenly over a window."""
    said = text.split()
    step = length / len(said)
    words = tuple((f" {word}", step * i, step * (i + 1), 0.9) for i, word in enumerate(said))
    return Passage(
        text=f" {text}",
        start_ms=0.0,
        end_ms=length,
        words=words,
        logprob=logprob,
        no_speech=no_speech,
    )


def on_gpu(monkeypatch, tmp_path, gpu, *, batch_size=8):
    """The adapter around a pretended GPU; opening it on the CPU gives one that always fits."""
    cpu = _Gpu(fits=100)

    def open_(settings, _folder):
        device = "cpu" if settings.device == "cpu" else "cuda"
        return faster_whisper.Loaded(cpu if device == "cpu" else gpu, device, batch_size)

    monkeypatch.setattr(faster_whisper, "_open", open_)
    monkeypatch.setattr(faster_whisper, "knows", lambda *_: True)
    monkeypatch.setattr(
        faster_whisper, "decode", lambda model, *asked, known=None: model.decode(*asked)
    )
    monkeypatch.setattr("importlib.metadata.version", lambda _name: "1")
    return faster_whisper.FasterWhisper(AsrSettings(), str(tmp_path))


#: Eight windows of 25 s each.
LONG = [(i * 30_000, i * 30_000 + 25_000) for i in range(8)]


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
    (heard,) = engine.transcribe([side(240, *LONG)], language="en")
    assert [segment.text for segment in heard] == ["hi"] * 8
    assert engine.notes == notes


def test_other_errors_are_not_hidden(monkeypatch, tmp_path):
    engine = on_gpu(monkeypatch, tmp_path, _Gpu(fits=0, message="shape mismatch"))
    with pytest.raises(RuntimeError, match="shape mismatch"):
        engine.transcribe([side(3, (0, 2_000))], language="en")


def test_a_language_the_model_does_not_know_is_heard_as_another_and_said(monkeypatch, tmp_path):
    engine = on_gpu(monkeypatch, tmp_path, _Gpu(fits=8))
    monkeypatch.setattr(faster_whisper, "knows", lambda *_: False)
    monkeypatch.setattr(faster_whisper, "detect_language", lambda *_: ("zh", 0.9, None))
    (heard,) = engine.transcribe([side(30, (0, 25_000))], language="xx")
    assert [segment.language for segment in heard] == ["zh"]
    assert engine.notes == ["language_xx"]


class _Forgetful(_Gpu):
    """Loops or guesses on long windows, hears short ones."""

    def __init__(self, first, then):
        super().__init__(fits=100)
        self.first, self.then, self.penalties = first, then, []

    def decode(self, sounds, how):
        self.penalties.append(how.repetition_penalty)
        long = len(sounds[0]) > 11 * SAMPLE_RATE_HZ
        return [[self.first if long else self.then] for _ in sounds]


@pytest.mark.parametrize(
    ("windows", "kept", "penalty"),
    [
        ((passage("no " * 60), passage("right")), "right", 1.15),
        ((passage("mumble", logprob=-1.4), passage("right", logprob=-0.5)), "right", 1.0),
        ((passage("mumble", logprob=-1.4), passage("worse", logprob=-2.0)), "mumble", 1.0),
    ],
)
def test_a_failed_window_is_heard_again_in_shorter_ones(
    monkeypatch, tmp_path, windows, kept, penalty
):
    model = _Forgetful(*windows)
    engine = on_gpu(monkeypatch, tmp_path, model)
    (heard,) = engine.transcribe([side(30, (0, 25_000))], language="en")
    assert {segment.text for segment in heard} == {kept}
    assert model.penalties[-1] == penalty


#: A tokenizer whose timestamps begin at 1000 (20 ms each) and whose text lies below 900.
TOKENS = SimpleNamespace(timestamp_begin=1_000, eot=900)


@pytest.mark.parametrize(
    ("tokens", "parts"),
    [
        ([1_000, 1, 2, 1_100], [(0.0, 2.0, [1, 2])]),
        ([1_000, 1, 1_050, 1_060, 2, 1_100], [(0.0, 1.0, [1]), (1.2, 2.0, [2])]),
        ([1_000, 1, 1_050, 1_060, 2, 3], [(0.0, 1.0, [1]), (1.2, 10.0, [2, 3])]),
        ([1_000, 1, 1_050, 1_050], [(0.0, 1.0, [1])]),
        ([1, 2], [(0.0, 10.0, [1, 2])]),
        ([1_000], []),
        ([], []),
    ],
)
def test_nothing_a_window_says_is_lost(tokens, parts):
    found = _split(tokens, TOKENS, 10_000)
    assert [
        (part["start"], part["end"], [t for t in part["tokens"] if t < 900]) for part in found
    ] == parts


def test_words_of_a_shared_window_go_to_their_sides(monkeypatch, tmp_path):
    """Three seconds of each side in one window; "hi" is spread over it word by word."""

    class Counting(_Gpu):
        def decode(self, sounds, how):
            return [[passage("one two three four", length=len(sound) / 16)] for sound in sounds]

    engine = on_gpu(monkeypatch, tmp_path, Counting(fits=8))
    left, right = side(30, (1_000, 4_000)), side(30, (11_000, 14_000))
    heard = engine.transcribe([left, right], language="en")
    assert [[segment.text for segment in own] for own in heard] == [["one two"], ["three four"]]
    assert heard[0][0].end_ms <= 4_000 + PAD_AFTER_MS
    assert heard[1][0].start_ms >= 11_000 - PAD_BEFORE_MS
