"""Blocks of changing rate, width and clock become one even 16 kHz array."""

import numpy as np
import pytest

from tests.sounds import tone
from transcription.soundtrack import SoundTrack


def collect(blocks, *, seconds=0.0):
    """(rate, channels, seconds, clock) per block → samples, flags."""
    track = SoundTrack(seconds=seconds)
    for rate, channels, length, at in blocks:
        block = np.stack([tone(300, length, rate=rate)] * channels)
        track.add(block, rate_hz=rate, at_s=at)
    samples, rate = track.finish()
    return samples, rate, set(track.flags)


STEADY = [(8000, 1, 1.0, float(k)) for k in range(5)]
CASES = [
    ("nothing", [], 0, 0, set()),
    ("steady", STEADY, 5.0, 8000, set()),
    ("no clock", [(8000, 1, 1.0, None)] * 5, 5.0, 8000, set()),
    ("starts late", [(8000, 1, 1.0, 100.0 + k) for k in range(5)], 5.0, 8000, set()),
    ("rounded clock", [(8000, 1, 1.0, k + 0.03 * (k % 2)) for k in range(5)], 5.0, 8000, set()),
    ("a hole", [(8000, 1, 1.0, 0.0), (8000, 1, 1.0, 3.0)], 4.0, 8000, {"gaps_filled"}),
    ("clock restarts", [*STEADY, *STEADY], 10.0, 8000, {"clock_jumped"}),
    ("clock runs away", [(8000, 1, 1.0, 0.0), (8000, 1, 1.0, 9e6)], 2.0, 8000, {"clock_jumped"}),
    ("rate changes", [(8000, 1, 1.0, 0.0), (48_000, 1, 1.0, 1.0)], 2.0, 8000, {"rate_changed"}),
    ("16 kHz", [(16_000, 1, 1.0, float(k)) for k in range(3)], 3.0, 16_000, set()),
    ("a channel less", [(8000, 2, 1.0, 0.0), (8000, 1, 1.0, 1.0)], 2.0, 8000, {"channels_changed"}),
    ("a channel more", [(8000, 1, 1.0, 0.0), (8000, 2, 1.0, 1.0)], 2.0, 8000, {"channels_changed"}),
]  # fmt: skip


@pytest.mark.parametrize("expected", [0.0, 0.5, 60.0], ids=["unknown", "too short", "too long"])
@pytest.mark.parametrize(
    ("blocks", "seconds", "rate", "flags"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_length_rate_and_flags(blocks, seconds, rate, flags, expected):
    samples, found_rate, found = collect(blocks, seconds=expected)
    assert samples.shape[1] == pytest.approx(seconds * 16_000, abs=16)
    assert (found_rate, found) == (rate, flags)
    if blocks:
        assert samples.shape[0] == blocks[0][1]


def test_a_hole_is_silence_of_its_length():
    samples, _, _ = collect([(8000, 1, 1.0, 0.0), (8000, 1, 1.0, 3.0)])
    loud = np.abs(samples[0].reshape(4, 16_000)).max(axis=1) > 0.1
    assert loud.tolist() == [True, False, False, True]


def test_small_blocks_join_without_seams():
    track = SoundTrack()
    sound = tone(300, 4, rate=8000)
    for at in range(0, len(sound), 160):
        track.add(sound[None, at : at + 160], rate_hz=8000, at_s=at / 8000)
    samples, _ = track.finish()
    spectrum = np.abs(np.fft.rfft(samples[0][8000:40_000] * np.hanning(32_000)))
    peak = int(np.argmax(spectrum))
    assert peak * 0.5 == pytest.approx(300, abs=1)
    beside = np.delete(spectrum, range(peak - 5, peak + 6))
    assert beside.max() < 1e-3 * spectrum[peak]


def test_memory_grows_with_the_sound_and_not_with_a_lie_about_its_length():
    track = SoundTrack(seconds=1e9)
    track.add(np.zeros((1, 8000), np.float32), rate_hz=8000, at_s=0.0)
    samples, _ = track.finish()
    assert samples.shape == (1, 16_000)
