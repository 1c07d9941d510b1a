"""Speech spans: the arithmetic on made-up probabilities, the model on real voices."""

import time

import numpy as np
import pytest

from tests.sounds import noise, silence, tone
from transcription.audio import decode
from transcription.speech import (
    WINDOW,
    WINDOW_MS,
    SileroDetector,
    SpeechSettings,
    speech_probabilities,
    speech_spans,
)

BARE = SpeechSettings(start=0.5, keep=0.3, min_speech_ms=90, min_silence_ms=300, pad_ms=0)


def windows(*runs):
    """Probabilities from (probability, number of windows) pairs."""
    return np.concatenate([np.full(count, chance, np.float32) for chance, count in runs])


CASES = [
    ("nothing", windows((0.1, 50)), []),
    ("one span", windows((0, 10), (0.9, 20), (0, 10)), [(320, 960)]),
    (
        "opens late, closes late",
        windows((0, 5), (0.4, 5), (0.9, 5), (0.4, 5), (0, 20)),
        [(160, 640)],
    ),
    ("never sure enough", windows((0, 5), (0.45, 30), (0, 5)), []),
    ("three windows are a word", windows((0, 30), (0.8, 3), (0, 30)), [(960, 1056)]),
    ("two windows are a click", windows((0, 30), (0.8, 2), (0, 30)), []),
    ("short pause", windows((0.9, 10), (0, 9), (0.9, 10)), [(0, 928)]),
    ("long pause", windows((0.9, 10), (0, 10), (0.9, 10)), [(0, 320), (640, 960)]),
    ("to the end", windows((0, 10), (0.9, 10)), [(320, 640)]),
    ("empty", np.zeros(0, np.float32), []),
]


@pytest.mark.parametrize(("chances", "expected"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_spans_from_probabilities(chances, expected):
    assert speech_spans(chances, len(chances) * WINDOW_MS, settings=BARE) == expected


def test_padding_shares_short_pauses_and_stays_inside_the_call():
    chances = windows((0.9, 10), (0, 10), (0.9, 10))
    spans = speech_spans(chances, 950, settings=SpeechSettings(pad_ms=400))
    assert spans == [(0, 480), (480, 950)]


def test_long_channels_run_in_pieces_with_the_same_result():
    sound = noise(40, level=0.02) + tone(200, 40, level=0.1)
    whole = speech_probabilities(sound)
    assert len(whole) == -(-len(sound) // WINDOW)
    first = speech_probabilities(np.ascontiguousarray(sound[: 20 * 16_000]))
    assert np.abs(whole[:600] - first[:600]).max() < 0.05


@pytest.mark.parametrize("seconds", [0, 0.01, 0.5])
def test_tiny_channels(seconds):
    assert len(speech_probabilities(silence(seconds))) == -(-int(seconds * 16_000) // WINDOW)


@pytest.fixture
def mandarin(evaldata):
    return decode(evaldata / "diarization" / "zh" / "zh_2spk_1_mono16k.wav").samples[0]


@pytest.mark.evaldata
def test_agrees_with_the_reference(evaldata, mandarin):
    rows = (evaldata / "diarization" / "zh" / "zh_2spk_1.rttm").read_text().splitlines()
    spoken = np.zeros(len(mandarin) // 16, bool)
    for row in rows:
        start, length = (round(float(x) * 1000) for x in row.split()[3:5])
        spoken[start : start + length] = True
    found = np.zeros_like(spoken)
    for span in SileroDetector().speech(mandarin):
        found[span.start_ms : span.end_ms] = True
    assert (spoken & ~found).sum() < 0.15 * spoken.sum()  # reference turns include pauses
    assert (found & ~spoken).sum() < 0.05 * spoken.sum()


@pytest.mark.evaldata
@pytest.mark.parametrize("level", [1.0, 0.1, 0.01])
def test_a_syllable_survives_at_any_level(mandarin, level):
    spans = SileroDetector().speech(mandarin)
    longest = max(spans, key=lambda s: s.end_ms - s.start_ms)
    at = longest.start_ms * 16 + 8_000
    syllable = mandarin[at : at + 3_500] * np.hanning(3_500)  # 220 ms, as a short 嗯
    call = np.concatenate([silence(3), syllable.astype("f4"), silence(3)]) + noise(
        6 + 3_500 / 16_000, level=1e-3
    )
    found = SileroDetector().speech((call * level).astype("f4"))
    assert any(s.start_ms < 3_110 < s.end_ms for s in found)


@pytest.mark.evaldata
def test_costs_a_small_share_of_real_time(mandarin):
    detector = SileroDetector()
    detector.listen(mandarin[:32_000])
    begin = time.process_time()
    detector.listen(mandarin)
    assert (time.process_time() - begin) / (len(mandarin) / 16_000) < 0.02
