"""What a telephone line does to a voice, and the sounds that only a telephone makes."""

from __future__ import annotations

import numpy as np
import soxr
from numpy.typing import NDArray
from scipy.signal import butter, sosfiltfilt

Samples = NDArray[np.float32]  # mono, shape (n,), −1…1

LINE_HZ = 8_000
BAND_HZ = (300.0, 3400.0)  # ITU-T G.712 telephone band
RINGBACK = {"zh": ((425.0,), 1.0, 4.0), "en": ((440.0, 480.0), 2.0, 4.0)}  # tones, on s, off s
CHORDS = (
    (261.6, 329.6, 392.0),
    (220.0, 277.2, 329.6),
    (293.7, 349.2, 440.0),
    (196.0, 246.9, 392.0),
)


def line_band(audio: Samples, rate_hz: int) -> Samples:
    """Sound at `rate_hz` as it leaves the line: 8 kHz, 300–3400 Hz."""
    narrow = soxr.resample(audio, rate_hz, LINE_HZ) if rate_hz != LINE_HZ else audio
    if len(narrow) < 64:
        return narrow.astype(np.float32)
    band = butter(4, BAND_HZ, btype="bandpass", fs=LINE_HZ, output="sos")
    return sosfiltfilt(band, narrow).astype(np.float32)


def line_noise(length: int, *, snr_db: float, speech_rms: float, seed: int) -> Samples:
    """Hiss with a little mains hum in the telephone band, `snr_db` under the speech level."""
    rng = np.random.default_rng(seed)
    hiss = line_band(rng.standard_normal(length).astype(np.float32), LINE_HZ)
    hiss *= np.float32(1 / np.sqrt((hiss**2).mean()))
    seconds = np.arange(length, dtype=np.float32) / LINE_HZ
    hum = np.sin(2 * np.pi * 350 * seconds) * 0.12
    level = speech_rms * 10 ** (-snr_db / 20)
    return ((hiss + hum) * level).astype(np.float32)


def ringback(duration_ms: int, *, language: str, level: float = 0.06) -> Samples:
    """The tone a caller hears while the other side rings (425 Hz in China, 440+480 in the US)."""
    tones, on_s, off_s = RINGBACK[language]
    seconds = np.arange(duration_ms * LINE_HZ // 1000, dtype=np.float32) / LINE_HZ
    tone = sum(np.sin(2 * np.pi * hz * seconds) for hz in tones) / len(tones)
    return (tone * (seconds % (on_s + off_s) < on_s) * level).astype(np.float32)


def hold_music(duration_ms: int, *, seed: int, level: float = 0.07) -> Samples:
    """Plain plucked chords, written here so that nobody's recording is needed."""
    rng = np.random.default_rng(seed)
    length = duration_ms * LINE_HZ // 1000
    music = np.zeros(length + LINE_HZ, np.float32)
    note = np.arange(LINE_HZ, dtype=np.float32) / LINE_HZ
    for beat, start in enumerate(range(0, length, LINE_HZ * 2 // 5)):
        chord = CHORDS[beat // 8 % len(CHORDS)]
        hz = chord[int(rng.integers(len(chord)))] * (2 if beat % 2 else 1)
        partials = sum(np.sin(2 * np.pi * hz * k * note) / k**1.5 for k in (1, 2, 3, 4))
        music[start : start + LINE_HZ] += (partials * np.exp(-3.5 * note)).astype(np.float32)
    music = line_band(music[:length], LINE_HZ)
    return music * np.float32(level / np.sqrt((music**2).mean()))
