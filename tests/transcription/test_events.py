"""Music, ringback, keys, beeps and noise, generated; and no music in real speech."""

import io

import numpy as np
import pytest
import scipy.signal
import soxr

from qa.analysis import EventKind
from tests.sounds import cadence, melody, noise, silence, tone, voice, wav
from transcription.audio import decode
from transcription.speech import SileroDetector

DETECTOR = SileroDetector()


def telephone(samples, subtype="GSM610"):
    """The sound after a telephone line: 300–3400 Hz at 8 kHz, coded."""
    low = soxr.resample(samples, 16_000, 8000)
    band = scipy.signal.butter(4, [300, 3400], "band", fs=8000, output="sos")
    coded = wav(scipy.signal.sosfilt(band, low).astype("f4"), rate=8000, subtype=subtype)
    return decode(io.BytesIO(coded)).samples[0]


def kinds(events):
    return [(event.kind, event.note) for event in events]


def heard_ms(spans):
    return sum(span.end_ms - span.start_ms for span in spans)


SCALE = [220 * 2 ** (step / 12) for step in (0, 4, 7, 12, 9, 5, 2, 7, 11, 4)]
CHORDS = [(262, 330, 392), (294, 349, 440), (247, 294, 392), (262, 349, 440)]
MUSIC = [
    ("one voice", melody(15, voices=1)),
    ("two voices", melody(15, voices=2)),
    ("four voices", melody(15, voices=4)),
    ("quick notes", melody(15, note=0.12, voices=2)),
    ("slow notes", melody(15, note=0.9, voices=2)),
    ("plucked", melody(15, voices=3, decay=9)),
    ("bare sines", np.concatenate([tone(hertz, 0.3) for hertz in SCALE * 5])),
    ("chords", np.concatenate([tone(chord, 1.0) for chord in CHORDS * 4])),
    ("one chord held", tone(CHORDS[0], 12)),
    ("quiet", melody(15, voices=2, level=0.03)),
]


@pytest.mark.parametrize("line", [lambda x: x, telephone], ids=["clean", "telephone"])
@pytest.mark.parametrize("sound", [m[1] for m in MUSIC], ids=[m[0] for m in MUSIC])
def test_music_is_found_and_not_heard_as_speech(sound, line):
    samples = line(sound)
    length_ms = len(samples) / 16
    spans, events = DETECTOR.listen(samples)
    music = [e for e in events if e.kind == EventKind.MUSIC]
    assert sum(e.end_ms - e.start_ms for e in music) > 0.85 * length_ms
    assert heard_ms(spans) == 0
    assert all(0.5 <= event.confidence < 1 for event in music)


def test_music_in_a_noisy_line():
    found = DETECTOR.events(telephone(melody(15, voices=2)) + noise(15, level=0.01))
    assert kinds(found)[0] == (EventKind.MUSIC, "")


def test_hold_music_between_silence_keeps_its_edges():
    music = melody(12, voices=2)
    (event,) = DETECTOR.events(np.concatenate([silence(10), music, silence(10)]))
    assert event.kind == EventKind.MUSIC
    assert event.start_ms == pytest.approx(10_000, abs=1300)
    assert event.end_ms == pytest.approx(22_000, abs=1300)


RINGING = [
    ("China", cadence(450, 1, 4, 16), "ringback"),
    ("Europe", cadence(425, 1, 4, 16), "ringback"),
    ("North America", cadence((440, 480), 2, 4, 16), "ringback"),
    ("Britain", np.tile(np.r_[cadence((400, 450), 0.4, 0.2, 1.0), silence(2)], 5), "ringback"),
    ("busy, China", cadence(450, 0.35, 0.35, 7), "busy"),
    ("busy, North America", cadence((480, 620), 0.5, 0.5, 8), "busy"),
]


@pytest.mark.parametrize("line", [lambda x: x, telephone], ids=["clean", "telephone"])
@pytest.mark.parametrize(("sound", "note"), [r[1:] for r in RINGING], ids=[r[0] for r in RINGING])
def test_call_progress_tones(sound, note, line):
    samples = line(sound)
    spans, events = DETECTOR.listen(samples)
    assert kinds(events) == [(EventKind.RINGBACK, note)]
    assert heard_ms(spans) == 0
    last = np.flatnonzero(np.abs(sound) > 0.05)[-1] / 16
    assert events[0].start_ms <= 100
    assert events[0].end_ms == pytest.approx(last, abs=150)


def test_ringback_over_line_noise():
    sound = cadence(450, 1, 4, 16) + noise(16, level=0.008)
    assert (EventKind.RINGBACK, "ringback") in kinds(DETECTOR.events(sound))


def test_keys_and_beeps():
    keys = [(697, 1209), (770, 1336), (941, 1477), (852, 1209)]
    dialled = np.concatenate([np.r_[tone(pair, 0.1), silence(0.15)] for pair in keys])
    spans, events = DETECTOR.listen(np.r_[silence(1), dialled, silence(1), tone(1400, 0.4)])
    assert kinds(events) == [(EventKind.NOISE, "dtmf")] * 4 + [(EventKind.NOISE, "beep")]
    assert [e.start_ms for e in events[:4]] == pytest.approx([1000, 1250, 1500, 1750], abs=50)
    assert heard_ms(spans) == 0


@pytest.mark.parametrize("seed", [1, 2])
def test_loud_noise_is_noise_and_quiet_noise_is_nothing(seed):
    spans, events = DETECTOR.listen(noise(12, level=0.05, seed=seed))
    assert kinds(events) == [(EventKind.NOISE, "noise")]
    assert (events[0].start_ms, events[0].end_ms) == (0, 12_000)
    assert heard_ms(spans) == 0
    assert DETECTOR.listen(noise(12, level=0.001, seed=seed)) == ((), ())


@pytest.mark.parametrize("pitch", [95, 130, 210])
def test_a_voice_is_not_music_and_not_a_tone(pitch):
    sound = voice(12, pitch=pitch)
    for samples in (sound, telephone(sound)):
        assert {e.kind for e in DETECTOR.events(samples)} <= {EventKind.NOISE}
        assert {e.note for e in DETECTOR.events(samples)} <= {"noise"}


def test_mains_hum_under_pauses_is_not_music():
    hum = sum(tone(50 * k, 40, level=0.003) for k in (4, 5, 6, 8, 10, 12)) + noise(40, level=5e-4)
    talk = np.concatenate([voice(5), silence(5)] * 4)
    assert EventKind.MUSIC not in {e.kind for e in DETECTOR.events(hum + talk)}


@pytest.mark.parametrize("samples", [silence(0), silence(0.01), silence(3)])
def test_nothing_in_nothing(samples):
    assert DETECTOR.listen(samples) == ((), ())


@pytest.mark.parametrize("missing", [1, 100, 255, 256, 300])
def test_a_recording_of_any_length_is_heard(missing):
    """The last frame of a spectrum may reach beyond the sound; steps and levels must agree."""
    steps = 20 * 53 * 256
    quiet = noise(20, level=0.004)[: steps - missing]
    assert len(quiet) == steps - missing
    assert all(event.kind == EventKind.NOISE for event in DETECTOR.events(quiet))


@pytest.mark.evaldata
def test_real_speech_is_never_taken_for_music_or_ringing(evaldata):
    files = [*evaldata.glob("calls/*.wav"), *evaldata.glob("diarization/*.wav")]
    assert files
    for path in files:
        for samples in decode(path).samples:
            found = [e for e in DETECTOR.events(samples) if e.note != "noise"]
            assert found == [], path.name


@pytest.mark.evaldata
def test_hold_music_between_real_speech_leaves_the_speech(evaldata):
    speech = decode(evaldata / "calls" / "chromecast_purchase.wav").samples[0]
    half = len(speech) // 2
    alone = heard_ms(DETECTOR.speech(speech))
    held = np.concatenate([speech[:half], telephone(melody(15, voices=3)), speech[half:]])
    spans, events = DETECTOR.listen(held)
    (music,) = [e for e in events if e.kind == EventKind.MUSIC]
    assert music.start_ms == pytest.approx(half / 16, abs=1500)
    assert music.end_ms == pytest.approx(half / 16 + 15_000, abs=1500)
    assert heard_ms(spans) == pytest.approx(alone, rel=0.06)
