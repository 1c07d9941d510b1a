"""Measures of the line on sound, grades of transcripts: both with known faults."""

from dataclasses import replace

import numpy as np
import pytest
import scipy.signal

from qa.acoustics import Acoustics, SignalQuality
from qa.calls import Role
from qa.sound import clipping_share, decibels
from qa.transcript import RoleAssignment, Transcript, Turn, Word
from tests.sounds import melody, noise, silence, tone, voice
from transcription.protocols import Span
from transcription.quality import grade
from transcription.signal_quality import signal_quality, worst_of

TALK = np.concatenate([np.r_[voice(3, seed=k), silence(2)] for k in range(6)])
SPEECH = tuple(Span(start_ms=k, end_ms=k + 3000) for k in range(0, 30_000, 5000))
POWER = float(np.mean(np.concatenate([voice(3, seed=k) for k in range(6)]) ** 2))


@pytest.mark.parametrize("snr", [40, 20, 10, 3, 0])
def test_snr_is_what_was_mixed(snr):
    noisy = TALK + noise(30, level=float(np.sqrt(POWER / 10 ** (snr / 10))))
    assert signal_quality(noisy, SPEECH).snr_db == pytest.approx(snr, abs=1.0)


def test_a_line_muted_in_pauses_does_not_hide_its_noise():
    talking = (np.arange(len(TALK)) // 16 % 5000) < 3000
    gated = TALK + noise(30, level=float(np.sqrt(POWER / 10))) * talking
    assert signal_quality(gated, SPEECH).snr_db < 20


def test_hold_music_in_a_pause_is_not_noise():
    held = np.concatenate([TALK, melody(15), silence(10)]) + noise(55, level=1e-3)
    assert signal_quality(held, SPEECH).snr_db > 25


def test_a_clean_line_has_the_best_figure():
    assert signal_quality(TALK, SPEECH).snr_db > 40


@pytest.mark.parametrize("share", [0.003, 0.02, 0.1])
@pytest.mark.parametrize("gain", [1.0, 0.1])
def test_clipping_is_found_at_any_gain(share, gain):
    spoken = np.concatenate([voice(3, seed=k) for k in range(6)])
    spoken += noise(len(spoken) / 16_000, level=0.004)
    level = float(np.quantile(np.abs(spoken), 1 - share))
    clipped = np.clip(spoken, -level, level) * gain
    assert clipping_share(clipped.astype("f4")) == pytest.approx(share, rel=0.5)


def test_unclipped_speech_has_no_clipping():
    laplace = np.random.default_rng(4).laplace(0, 0.05, 100_000).astype("f4")
    assert clipping_share(laplace) == 0
    assert clipping_share(silence(5)) == 0
    assert clipping_share(silence(0)) == 0


@pytest.mark.parametrize("hertz", [1500, 3400, 7000])
def test_bandwidth_is_where_speech_ends(hertz):
    hissing = TALK + noise(30, level=0.02) * (np.abs(TALK) > 1e-4)
    low = scipy.signal.ellip(10, 0.1, 80, hertz, fs=16_000, output="sos")
    found = signal_quality(scipy.signal.sosfilt(low, hissing).astype("f4"), SPEECH)
    assert found.bandwidth_hz == pytest.approx(hertz, rel=0.15)


@pytest.mark.parametrize("spans", [(), ((0, 100),), ((50_000, 60_000),)])
def test_too_little_speech_measures_nothing(spans):
    assert signal_quality(TALK, spans) == SignalQuality()


def test_speech_without_any_pause_is_measured():
    assert signal_quality(voice(10), ((0, 10_000),)).snr_db is not None


def test_the_worst_channel_counts():
    good = SignalQuality(snr_db=40.0, clipping_share=0.0, bandwidth_hz=3800)
    bad = SignalQuality(snr_db=8.0, clipping_share=0.02, bandwidth_hz=3400)
    assert worst_of([good, SignalQuality(), bad]) == bad
    assert worst_of([SignalQuality()]) is None
    assert worst_of([]) is None


def test_decibels_have_a_floor():
    assert decibels(1.0) == 0
    assert decibels(0.0) == -120


GOOD = SignalQuality(snr_db=30.0, clipping_share=0.0, bandwidth_hz=3800)


def transcript(
    *, signal=GOOD, words=0.9, roles=0.97, covered=0.96, flags=(), text="您好请问有什么可以帮您"
):
    turns = tuple(
        Turn(
            index=index,
            role=role,
            start_ms=index * 2000,
            end_ms=index * 2000 + 1500,
            text=text,
            words=tuple(Word(text=c, start_ms=0, end_ms=100, confidence=words) for c in text),
        )
        for index, role in enumerate((Role.AGENT, Role.CUSTOMER) if text else ())
    )
    return Transcript(
        call_id="c",
        language="zh",
        duration_ms=4000,
        turns=turns,
        roles=RoleAssignment(confidence=roles),
        acoustics=Acoustics(signal=signal, speech_transcribed_share=covered),
        flags=tuple(flags),
    )


def line(**changes):
    return {"signal": replace(GOOD, **changes)}


GRADES = [
    ("faultless", {}, "A", []),
    ("some noise", line(snr_db=12.0), "B", ["low_snr 12 dB"]),
    ("3 dB", line(snr_db=3.0), "C", ["low_snr 3 dB"]),
    ("buried", line(snr_db=-2.0), "D", ["low_snr -2 dB"]),
    ("overdriven", line(clipping_share=0.08), "C", ["clipped 0.08"]),
    ("destroyed", line(clipping_share=0.4), "D", ["clipped 0.4"]),
    ("muffled", line(bandwidth_hz=2000), "C", ["muffled 2000 Hz"]),
    ("unsure words", {"words": 0.5}, "C", ["uncertain_words 0.5"]),
    ("guessed words", {"words": 0.3}, "D", ["uncertain_words 0.3"]),
    ("half unheard", {"covered": 0.5}, "C", ["untranscribed_speech 0.5"]),
    ("nearly all unheard", {"covered": 0.2}, "D", ["untranscribed_speech 0.2"]),
    ("who is who", {"roles": 0.5}, "C", ["uncertain_roles 0.5"]),
    ("cut", {"flags": ["truncated"]}, "B", ["truncated"]),
    ("one speaker", {"flags": ["one_speaker", "doubled_mono"]}, "C", ["one_speaker"]),
    ("French", {"flags": ["language_fr"]}, "D", ["language_fr"]),
    ("nobody", {"text": "", "flags": ["no_speech"]}, "D", ["no_speech", "too_little_speech"]),
    ("a word", {"text": "喂"}, "D", ["too_little_speech"]),
    (
        "two faults",
        line(snr_db=12.0) | {"words": 0.5},
        "C",
        ["low_snr 12 dB", "uncertain_words 0.5"],
    ),
]


@pytest.mark.parametrize(
    ("changes", "expected", "reasons"), [g[1:] for g in GRADES], ids=[g[0] for g in GRADES]
)
def test_grades_and_reasons(changes, expected, reasons):
    found = grade(transcript(**changes))
    assert (found.grade, list(found.reasons)) == (expected, reasons)


def test_figures_are_kept_beside_the_grade():
    found = grade(transcript())
    assert (found.snr_db, found.bandwidth_hz, found.word_confidence) == (30.0, 3800, 0.9)
    assert (found.role_confidence, found.speech_transcribed_share) == (0.97, 0.96)


def test_text_without_sound_is_graded_by_what_is_known():
    turn = Turn(
        index=0, role=Role.AGENT, start_ms=0, end_ms=1, text="thank you for calling today sir"
    )
    text = Transcript(call_id="c", language="en", duration_ms=0, turns=(turn,), timed=False)
    assert grade(text).grade == "A"
    assert grade(text).snr_db is None


def test_recorded_voices_do_not_count_as_conversation():
    turn = Turn(index=0, role=Role.SYSTEM, start_ms=0, end_ms=9, text="欢迎致电请按一请按二请按三")
    text = Transcript(call_id="c", language="zh", duration_ms=9, turns=(turn,))
    assert grade(text).reasons == ("too_little_speech",)


def test_music_and_tones_are_not_measured_as_speech():
    sound = np.concatenate([melody(5), tone(450, 5)])
    assert signal_quality(sound, ()) == SignalQuality()
