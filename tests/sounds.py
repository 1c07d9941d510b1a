"""Generated sound for tests: tones, music, noise, voice-like syllables, and files in any codec."""

from __future__ import annotations

import io
from pathlib import Path

import av
import numpy as np
import soundfile

RATE = 16_000


def tone(hertz, seconds, *, rate=RATE, level=0.3):
    """One sine, or the sum of several, at an overall peak of `level`."""
    time = np.arange(round(seconds * rate)) / rate
    pitches = hertz if isinstance(hertz, list | tuple) else [hertz]
    return (level / len(pitches) * sum(np.sin(2 * np.pi * h * time) for h in pitches)).astype("f4")


def silence(seconds, *, rate=RATE):
    return np.zeros(round(seconds * rate), np.float32)


def noise(seconds, *, rate=RATE, level=0.05, seed=1):
    """White noise with an RMS of `level`."""
    return np.random.default_rng(seed).normal(0, level, round(seconds * rate)).astype("f4")


def cadence(hertz, on, off, seconds, *, rate=RATE, level=0.2):
    """A call-progress tone: `on` seconds of sound, `off` seconds of silence, repeated."""
    period = np.concatenate([tone(hertz, on, rate=rate, level=level), silence(off, rate=rate)])
    count = int(np.ceil(seconds * rate / len(period)))
    return np.tile(period, count)[: round(seconds * rate)]


def melody(seconds, *, rate=RATE, level=0.3, seed=3, note=0.4, voices=1, decay=3.0):
    """Random notes of a scale with overtones and a decay, `voices` at a time."""
    rng = np.random.default_rng(seed)
    scale = 220 * 2 ** (np.array([0, 2, 4, 5, 7, 9, 11, 12, 14, 16]) / 12)
    time = np.arange(round(note * rate)) / rate
    notes = []
    for _ in range(int(np.ceil(seconds / note))):
        chord = np.zeros(len(time))
        for root in rng.choice(scale, voices, replace=False):
            for overtone in range(1, 7):
                chord += np.sin(2 * np.pi * root * overtone * time) / overtone**1.5
        attack = np.minimum(1, time / 0.01)
        notes.append(chord * attack * np.exp(-decay * time))
    sound = np.concatenate(notes)[: round(seconds * rate)]
    return (level * sound / np.abs(sound).max()).astype("f4")


def voice(seconds, *, rate=RATE, level=0.3, pitch=130.0, seed=5, syllables=4.0):
    """Syllables of a buzzing, gliding voice through moving formants; no language, no model."""
    rng = np.random.default_rng(seed)
    count = round(seconds * rate)
    time = np.arange(count) / rate
    glide = pitch * (
        1 + 0.12 * np.sin(2 * np.pi * 0.7 * time) + 0.05 * np.sin(2 * np.pi * 2.3 * time)
    )
    phase = 2 * np.pi * np.cumsum(glide) / rate
    knots = np.arange(0, seconds + 1, 1 / syllables)
    first = np.interp(time, knots, rng.uniform(300, 800, len(knots)))
    second = np.interp(time, knots, rng.uniform(900, 2200, len(knots)))
    sound = np.zeros(count)
    for overtone in range(1, int(3400 / pitch)):
        hertz = overtone * glide
        gain = 1 / (1 + ((hertz - first) / 120) ** 2) + 0.5 / (1 + ((hertz - second) / 160) ** 2)
        sound += gain * np.sin(overtone * phase)
    shape = np.clip(np.sin(np.pi * syllables * time) ** 2 * 1.3 - 0.15, 0, 1)
    sound = sound * shape * np.interp(time, knots, rng.uniform(0.5, 1, len(knots)))
    return (level * sound / max(1e-9, np.abs(sound).max())).astype("f4")


def wav(samples, *, rate=RATE, subtype="PCM_16", container="WAV"):
    """Bytes of a file written by libsndfile; samples (n,) or (channels, n)."""
    buffer = io.BytesIO()
    soundfile.write(buffer, np.asarray(samples).T, rate, subtype=subtype, format=container)
    return buffer.getvalue()


def encode(samples, *, codec, container, rate=RATE, bit_rate=None):
    """Bytes of a file written by FFmpeg; samples (n,) or (channels, n)."""
    rows = np.atleast_2d(np.asarray(samples, np.float32))
    layout = {1: "mono", 2: "stereo", 4: "quad"}[len(rows)]
    buffer = io.BytesIO()
    with av.open(buffer, "w", format=container) as file:
        stream = file.add_stream(codec, rate=rate, layout=layout)
        if bit_rate:
            stream.bit_rate = bit_rate
        step = stream.codec_context.frame_size or 1024
        resampler = av.AudioResampler(stream.codec_context.format, layout, rate, step)
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(rows), format="fltp", layout=layout)
        frame.sample_rate, frame.pts = rate, 0
        for piece in [*resampler.resample(frame), *resampler.resample(None)]:
            file.mux(stream.encode(piece))
        file.mux(stream.encode(None))
    return buffer.getvalue()


def save(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path
