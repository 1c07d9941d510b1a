"""Two sides, one side twice, a dead side, leakage: all from made-up voices, then from real ones."""

import io

import numpy as np
import pytest
import soxr

from tests.sounds import noise, silence, voice, wav
from transcription.audio import decode
from transcription.channels import judge_channels
from transcription.echo import measure_echo, suppress_echo_spans
from transcription.protocols import DecodedAudio, Span
from transcription.speech import SileroDetector

RATE = 16_000


def audio(*rows):
    return DecodedAudio(samples=np.stack(rows).astype("f4"), codec="pcm_s16le", source_rate_hz=8000)


def talk(seed, *, first, pitch, seconds=32.0):
    """A side that talks every other four seconds, with the soft noise of a line."""
    parts = [
        voice(4, pitch=pitch, seed=seed + k) if (k % 2 == 0) == first else silence(4)
        for k in range(int(seconds / 4))
    ]
    return np.concatenate(parts) + noise(seconds, level=3e-4, seed=seed)


def later(samples, ms):
    return np.roll(samples, ms * RATE // 1000)


def coded(samples, subtype):
    content = wav(soxr.resample(samples, RATE, 8000), rate=8000, subtype=subtype)
    return np.resize(decode(io.BytesIO(content)).samples[0], samples.shape)


def db(value):
    return 10 ** (value / 20)


AGENT = talk(10, first=True, pitch=120)
CUSTOMER = talk(50, first=False, pitch=210)
BOTH = AGENT + CUSTOMER
NOTHING = np.zeros_like(AGENT)

VERDICTS = [
    ("mono", [BOTH], "mono", (0,)),
    ("two sides", [AGENT, CUSTOMER], "separated", (0, 1)),
    ("two sides, one far quieter", [AGENT, CUSTOMER * db(-30)], "separated", (0, 1)),
    ("two sides, offset on one", [AGENT + 0.2, CUSTOMER], "separated", (0, 1)),
    ("one says a single word", [BOTH, np.r_[silence(20), voice(0.5), silence(11.5)]],
     "separated", (0, 1)),
    ("the same twice", [BOTH, BOTH], "doubled_mono", (0,)),
    ("the same, quieter", [BOTH, BOTH * db(-8)], "doubled_mono", (0,)),
    ("the same, upside down", [BOTH, -BOTH], "doubled_mono", (0,)),
    ("the same, 20 ms later", [BOTH, later(BOTH, 20)], "doubled_mono", None),
    ("the same, coded twice", [coded(BOTH, "GSM610"), coded(BOTH, "ULAW")], "doubled_mono", None),
    ("the same, noise apart", [BOTH + noise(32, level=3e-3), BOTH + noise(32, level=3e-3, seed=2)],
     "doubled_mono", None),
    ("digital silence on one", [NOTHING, BOTH], "one_dead_channel", (1,)),
    ("an offset and no sound", [NOTHING + 0.1, BOTH], "one_dead_channel", (1,)),
    ("noise on one", [BOTH, noise(32, level=2e-3)], "one_dead_channel", (0,)),
    ("only one side and its echo", [AGENT, later(AGENT, 100) * db(-20)], "one_dead_channel", (0,)),
    ("one side and its echo over noise",
     [AGENT, later(AGENT, 90) * db(-22) + noise(32, level=4e-4)], "one_dead_channel", (0,)),
    ("echo and two words of the other side",
     [AGENT, later(AGENT, 90) * db(-20) + np.r_[silence(5), voice(1, pitch=200), silence(26)]],
     "separated", (0, 1)),
    ("silence on both", [NOTHING, NOTHING], "mono", (0,)),
    ("four: two live", [NOTHING, AGENT, NOTHING, CUSTOMER], "separated", (1, 3)),
    ("four: each twice", [AGENT, AGENT, CUSTOMER, CUSTOMER], "separated", None),
    ("four: sides and mixes", [BOTH / 2, AGENT, CUSTOMER, BOTH / 2], "separated", (1, 2)),
    ("four: one mix", [NOTHING, NOTHING, NOTHING, BOTH], "one_dead_channel", (3,)),
]  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "kind", "live"), [v[1:] for v in VERDICTS], ids=[v[0] for v in VERDICTS]
)
def test_verdicts(rows, kind, live):
    verdict = judge_channels(audio(*rows))
    assert verdict.kind == kind
    if live is not None:
        assert verdict.live_channels == live
    if kind in ("doubled_mono", "one_dead_channel"):
        assert kind in verdict.flags
        assert len(verdict.live_channels) == 1
    if len(rows) > 2:
        assert "extra_channels" in verdict.flags


def test_each_of_four_doubled_channels_is_heard_once():
    verdict = judge_channels(audio(AGENT, AGENT, CUSTOMER, CUSTOMER))
    assert {index // 2 for index in verdict.live_channels} == {0, 1}


def test_clean_sides_have_no_leakage():
    assert judge_channels(audio(AGENT, CUSTOMER)).leakage == 0


@pytest.mark.parametrize("level", [-6, -12, -20, -30])
def test_leakage_is_measured_with_its_delay(level):
    leaking = CUSTOMER + later(AGENT, 60) * db(level)
    verdict = judge_channels(audio(AGENT, leaking))
    assert verdict.kind == "separated"
    assert verdict.leakage > 0.3
    assert any(flag.startswith("leakage ") and "60 ms" in flag for flag in verdict.flags)
    echo = measure_echo(AGENT, leaking)
    assert echo.lag_ms == pytest.approx(60, abs=2)
    assert echo.gain_db == pytest.approx(level, abs=2)


def test_strangers_and_short_sounds_are_no_echo():
    assert measure_echo(AGENT, CUSTOMER) is None
    assert measure_echo(silence(1), silence(1)) is None
    assert measure_echo(silence(0), silence(0)) is None


def spans(*ranges):
    return tuple(Span(start_ms=a, end_ms=b) for a, b in ranges)


def ranges(found):
    return [(span.start_ms, span.end_ms) for span in found]


TURNS_OF_AGENT = spans(*[(k, k + 4000) for k in range(0, 32_000, 8000)])
TURNS_OF_CUSTOMER = spans(*[(k, k + 4000) for k in range(4000, 32_000, 8000)])


@pytest.mark.parametrize("level", [-10, -20, -30])
def test_spans_that_are_only_echo_are_dropped(level):
    sound = {"left": AGENT, "right": CUSTOMER + later(AGENT, 80) * db(level)}
    heard = {
        "left": TURNS_OF_AGENT,
        "right": spans(*[(k, k + 4000) for k in range(0, 32_000, 4000)]),
    }
    kept = suppress_echo_spans(heard, sound)
    assert kept["left"] == TURNS_OF_AGENT
    own = sum(b - a for a, b in ranges(kept["right"]) if (a // 4000) % 2 == 1)
    echo = sum(b - a for a, b in ranges(kept["right"]) if (a // 4000) % 2 == 0)
    assert own > 0.85 * 16_000
    assert echo < 0.15 * 16_000


def test_speech_over_an_echo_stays():
    interruption = np.r_[silence(9), voice(2, pitch=210, seed=77), silence(21)]
    right = CUSTOMER + interruption + later(AGENT, 80) * db(-20)
    kept = suppress_echo_spans(
        {"left": TURNS_OF_AGENT, "right": spans((8000, 12_000))}, {"left": AGENT, "right": right}
    )
    (piece,) = ranges(kept["right"])
    assert piece[0] == pytest.approx(9000, abs=350)
    assert piece[1] == pytest.approx(11_000, abs=350)


def test_without_leakage_nothing_changes():
    heard = {"left": TURNS_OF_AGENT, "right": TURNS_OF_CUSTOMER}
    assert suppress_echo_spans(heard, {"left": AGENT, "right": CUSTOMER}) == heard
    assert suppress_echo_spans({"left": (), "right": ()}, {"left": NOTHING, "right": NOTHING}) == {
        "left": (),
        "right": (),
    }


@pytest.mark.evaldata
@pytest.mark.parametrize("name", ["auto_repairs_40.wav", "auto_repairs_49.wav"])
def test_real_stereo_calls_are_separate(evaldata, name):
    verdict = judge_channels(decode(evaldata / "calls" / name))
    assert (verdict.kind, verdict.live_channels) == ("separated", (0, 1))


@pytest.mark.evaldata
def test_a_podcast_is_doubled_mono(evaldata):
    assert judge_channels(decode(evaldata / "odd_audio" / "podcast.opus")).kind == "doubled_mono"


@pytest.mark.evaldata
@pytest.mark.parametrize("level", [-8, -20])
def test_real_echo_is_not_heard_twice(evaldata, level):
    name = "diarization/zh/zh_2spk_1_stereo8k_mulaw.wav"
    left, right = decode(evaldata / name).samples[:, : 60 * RATE]
    leaking = right + later(left, 120) * db(level) + noise(60, level=3e-4)
    detector = SileroDetector()
    clean = np.zeros(60_000, bool)
    for span in detector.speech(right):
        clean[span.start_ms : span.end_ms] = True
    kept = suppress_echo_spans(
        {0: detector.speech(left), 1: detector.speech(leaking)}, {0: left, 1: leaking}
    )
    found = np.zeros(60_000, bool)
    for span in kept[1]:
        found[span.start_ms : span.end_ms] = True
    assert (found & clean).sum() > 0.95 * clean.sum()
    assert (found & ~clean).sum() < 0.1 * clean.sum()
