"""Clips and waveforms for the player."""

import hashlib
import io
import wave

import numpy as np
import pytest

from qa.privacy.audio import AudioSpan
from tests.sounds import encode, save, silence, tone, wav
from transcription import playback
from transcription.playback import clip, peaks, playable, playback_copy, to_wav


def read(content):
    with wave.open(io.BytesIO(content)) as file:
        data = np.frombuffer(file.readframes(file.getnframes()), "<i2")
        return data.reshape(-1, file.getnchannels()).T / 32_767, file.getframerate()


STEPS = np.concatenate([tone(300, 2, rate=8000), silence(2, rate=8000), tone(600, 2, rate=8000)])


@pytest.mark.parametrize("subtype", ["PCM_16", "ULAW", "GSM610"])
def test_a_clip_is_the_stretch_asked_for(tmp_path, subtype):
    path = save(tmp_path, "a.wav", wav(STEPS, rate=8000, subtype=subtype))
    samples, rate = read(clip(path, 3500, 5500))
    assert rate == 8000
    assert samples.shape[1] == pytest.approx(2 * rate, abs=400)
    level = np.abs(samples[0]).reshape(-1)
    assert level[:3000].max() < 0.05
    assert level[5000:].max() > 0.2


@pytest.mark.parametrize(("codec", "container"), [("libmp3lame", "mp3"), ("libopus", "ogg")])
def test_clips_of_compressed_files(tmp_path, codec, container):
    rate = 48_000
    sound = np.concatenate([tone(300, 20, rate=rate), silence(20, rate=rate)])
    path = save(
        tmp_path, f"a.{container}", encode(sound, codec=codec, container=container, rate=rate)
    )
    loud, _ = read(clip(path, 18_000, 19_000))
    quiet, _ = read(clip(path, 22_000, 23_000))
    assert loud.shape[1] == pytest.approx(rate, abs=rate * 0.1)
    assert np.abs(loud).max() > 0.2
    assert np.abs(quiet).max() < 0.02


def test_both_channels_and_the_end_of_the_file(tmp_path):
    path = save(tmp_path, "a.wav", wav(np.stack([STEPS, STEPS * 0]), rate=8000))
    samples, rate = read(clip(path, 5000, 99_000))
    assert samples.shape == (2, rate)
    assert np.abs(samples[1]).max() == 0


def test_muted_ranges_are_silent_and_only_they(tmp_path):
    path = save(tmp_path, "a.wav", wav(tone(300, 4, rate=8000), rate=8000))
    samples, _ = read(clip(path, 1000, 3000, mute=[(1500, 2000), (0, 100), (2900, 9000)]))
    loud = np.abs(samples[0]).reshape(-1, 800).max(axis=1) > 0.1
    assert loud.tolist() == [True] * 5 + [False] * 5 + [True] * 9 + [False]


def test_a_clip_after_the_end_is_empty_but_playable(tmp_path):
    path = save(tmp_path, "a.wav", wav(STEPS, rate=8000))
    samples, _ = read(clip(path, 60_000, 61_000))
    assert samples.shape[1] == 0


def test_rates_above_48_khz_are_lowered():
    samples, rate = read(to_wav(tone(300, 1, rate=96_000), rate_hz=96_000))
    assert (rate, samples.shape[1]) == (48_000, 48_000)


@pytest.mark.parametrize("buckets", [1, 7, 100])
def test_peaks_follow_the_sound(buckets):
    found = peaks(np.concatenate([silence(1), tone(300, 1)]), buckets)
    assert len(found) == buckets
    assert found[-1] == pytest.approx(0.3, abs=0.01)
    assert found[0] == pytest.approx(0.3 if buckets == 1 else 0, abs=0.01)


def test_peaks_of_nothing_and_of_less_than_a_bucket():
    assert peaks(silence(0), 3) == [0, 0, 0]
    assert len(peaks(np.array([0.5, 0.25], np.float32), 10)) == 10


def span(start_ms, end_ms, speaker):
    return AudioSpan(start_ms=start_ms, end_ms=end_ms, speaker=speaker)


def quiet(row, *, rate=16_000):
    """Which tenths of a second are silent."""
    return (np.abs(row).reshape(-1, rate // 10).max(axis=1) < 0.01).tolist()


def test_only_the_speaking_side_falls_silent():
    both = np.stack([tone(300, 1), tone(500, 1)])
    copy = playback_copy(both, [span(200, 500, "right")], mode="silence")
    assert quiet(copy[0]) == [False] * 10
    assert quiet(copy[1]) == [False] * 2 + [True] * 3 + [False] * 5
    assert np.abs(both[1]).min() < np.abs(both[1]).max()


@pytest.mark.parametrize(("channels", "speaker"), [(1, "S0"), (1, "right"), (2, "S1"), (2, "")])
def test_where_sides_are_not_apart_every_channel_falls_silent(channels, speaker):
    sound = np.stack([tone(300, 1)] * channels)
    copy = playback_copy(sound, [span(0, 1000, speaker)], mode="silence")
    assert all(all(quiet(row)) for row in copy)


def test_a_beep_replaces_the_sound_and_is_not_it():
    sound = tone(300, 1)[None]
    copy = playback_copy(sound, [span(200, 800, "S0")], mode="beep")
    middle = copy[0, 5000:11_000]
    power = np.abs(np.fft.rfft(middle))
    assert abs(np.argmax(power) * 16_000 / middle.size - 1000) < 10
    assert power[int(300 * middle.size / 16_000)] < power.max() / 100


def test_what_nobody_looked_at_is_not_heard_unless_the_site_says_so():
    sound = tone(300, 1)[None]
    assert np.abs(playback_copy(sound, None)).max() == 0
    assert np.array_equal(playback_copy(sound, None, mode="off"), sound)


def test_clips_hide_what_the_whole_recording_hides(tmp_path):
    path = save(tmp_path, "a.wav", wav(np.stack([tone(300, 4, rate=8000)] * 2), rate=8000))
    content = clip(path, 1000, 3000, hide=[span(1500, 2000, "right")], mode="silence")
    samples, _ = read(content)
    assert quiet(samples[0], rate=8000) == [False] * 20
    assert quiet(samples[1], rate=8000) == [False] * 5 + [True] * 5 + [False] * 10


@pytest.mark.parametrize("speaker", ["left", "S0"])
@pytest.mark.parametrize("mode", ["beep", "silence", "off"])
def test_a_recording_made_ready_by_the_minute_is_the_whole_one(speaker, mode, monkeypatch):
    monkeypatch.setattr(playback, "_STRETCH_MS", 500)
    both = np.stack([tone(300, 3), tone(500, 3)])
    # one span over the end of a stretch, one beside it, one far away
    spans = [span(450, 560, speaker), span(1_000, 1_010, speaker), span(2_400, 2_900, speaker)]
    found = playable(both, spans, mode=mode, buckets=30)
    whole = playback_copy(both, spans, mode=mode)
    assert found.wav == to_wav(whole)
    assert found.digest == hashlib.sha256(found.wav).hexdigest()
    assert found.seconds == pytest.approx(3)
    loudest = np.abs(whole).max(axis=0)
    wanted = np.array(peaks(loudest, 30)) / max(peaks(loudest, 30))
    assert found.outline == pytest.approx(wanted, abs=0.02)


def test_without_knowing_what_to_hide_nothing_is_heard():
    made = playable(tone(300, 1), None, buckets=5)
    assert np.abs(read(made.wav)[0]).max() == 0
    assert made.outline == (0, 0, 0, 0, 0)


def test_a_recording_without_samples():
    made = playable(silence(0), [], buckets=3)
    assert (made.outline, made.seconds) == ((0, 0, 0), 0)
