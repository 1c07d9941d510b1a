"""Sounds in which nobody speaks: a recogniser must write nothing for them.

`sounds()` generates them; run as a script it plays all of them through the pipeline in Mandarin
and English and prints a table. Every word is a failure.

    python tests/benchmarks/non_speech.py [--seconds 20] [--json]
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

RATE = 16_000
Sound = NDArray[np.float32]


def sounds(seconds: float = 20.0, *, seed: int = 11) -> Iterator[tuple[str, Sound]]:
    """Name and mono sound at 16 kHz, all as they come over a telephone line."""
    random = np.random.default_rng(seed)
    size = int(seconds * RATE)
    time = np.arange(size) / RATE
    made = {
        "silence": np.zeros(size),
        "line noise": random.normal(0, 0.003, size),
        "loud white noise": random.normal(0, 0.1, size),
        "pink noise": pink(random, size),
        "hum 50 Hz": 0.1 * np.sin(2 * np.pi * 50 * time) + random.normal(0, 0.002, size),
        "ringback cn": ringing(time, (450,), on=1.0, off=4.0),
        "ringback us": ringing(time, (440, 480), on=2.0, off=4.0),
        "busy tone": ringing(time, (450,), on=0.35, off=0.35),
        "dtmf": dtmf(random, size),
        "hold music slow": music(random, size, beat=0.6),
        "hold music fast": music(random, size, beat=0.25),
        "hold music with gaps": music(random, size, beat=0.5) * (np.sin(time * 0.9) > -0.6),
        "string pad": pad(time),
        "drums": drums(random, size),
        "keyboard clicks": clicks(random, size),
        "breathing": breath(random, time),
        "beeps in silence": ringing(time, (1_000,), on=0.2, off=14.8),
    }
    for name, sound in made.items():
        yield name, telephone(np.asarray(sound))


def telephone(sound: NDArray[np.float64]) -> Sound:
    """300–3400 Hz, µ-law and back: what is left of a sound on a line."""
    spectrum = np.fft.rfft(sound)
    frequency = np.fft.rfftfreq(sound.size, 1 / RATE)
    spectrum[(frequency < 300) | (frequency > 3_400)] = 0
    narrow = np.clip(np.fft.irfft(spectrum, sound.size), -1, 1)
    law = np.sign(narrow) * np.log1p(255 * np.abs(narrow)) / np.log(256)
    coarse = np.round(law * 127) / 127
    return (np.sign(coarse) * (np.power(256, np.abs(coarse)) - 1) / 255).astype(np.float32)


def pink(random: np.random.Generator, size: int) -> NDArray[np.float64]:
    """Noise that falls 3 dB an octave."""
    spectrum = np.fft.rfft(random.normal(0, 1, size))
    sound = np.fft.irfft(spectrum / np.sqrt(np.arange(1, spectrum.size + 1)), size)
    return 0.1 * sound / np.abs(sound).max()


def ringing(
    time: NDArray[np.float64], tones: tuple[int, ...], *, on: float, off: float
) -> NDArray[np.float64]:
    """Call-progress tones with their cadence."""
    tone = sum(np.sin(2 * np.pi * hz * time) for hz in tones) / len(tones)
    return 0.2 * tone * ((time % (on + off)) < on)


def dtmf(random: np.random.Generator, size: int) -> NDArray[np.float64]:
    """Keys pressed in bursts."""
    sound = np.zeros(size)
    for start in range(RATE, size - RATE, RATE // 3):
        if random.random() < 0.6:
            t = np.arange(RATE // 8) / RATE
            low, high = random.choice([697, 770, 852, 941]), random.choice([1209, 1336, 1477])
            sound[start : start + t.size] = 0.2 * (
                np.sin(2 * np.pi * low * t) + np.sin(2 * np.pi * high * t)
            )
    return sound


def note(hz: float, seconds: float, *, decay: float) -> NDArray[np.float64]:
    """A plucked tone with harmonics."""
    t = np.arange(int(seconds * RATE)) / RATE
    return np.exp(-t * decay) * sum(np.sin(2 * np.pi * hz * k * t) / k for k in (1, 2, 3, 4))


def music(random: np.random.Generator, size: int, *, beat: float) -> NDArray[np.float64]:
    """A melody over chords, the kind queues are filled with."""
    sound = np.zeros(size + 4 * RATE)
    scale = 261.63 * 2 ** (np.array([0, 2, 4, 5, 7, 9, 11, 12]) / 12)
    step = int(beat * RATE)
    for index, start in enumerate(range(0, size, step)):
        melody = note(float(random.choice(scale)) * 2, beat * 2, decay=3.0)
        sound[start : start + melody.size] += 0.12 * melody
        if index % 4 == 0:
            for degree in (0, 2, 4):
                chord = note(float(scale[degree]), beat * 5, decay=0.8)
                sound[start : start + chord.size] += 0.05 * chord[: sound.size - start]
    return sound[:size]


def pad(time: NDArray[np.float64]) -> NDArray[np.float64]:
    """Slow chords with vibrato: the nearest music comes to a held vowel."""
    vibrato = 1 + 0.004 * np.sin(2 * np.pi * 5.5 * time)
    chords = [(220, 277, 330), (196, 247, 294), (175, 220, 262)]
    which = (time // 3).astype(int) % len(chords)
    sound = np.zeros_like(time)
    for index, chord in enumerate(chords):
        for hz in chord:
            sound += (which == index) * np.sin(2 * np.pi * np.cumsum(hz * vibrato) / RATE)
    return 0.08 * sound * (1 + 0.3 * np.sin(2 * np.pi * 0.4 * time))


def drums(random: np.random.Generator, size: int) -> NDArray[np.float64]:
    """Bursts of noise on a beat."""
    sound = np.zeros(size)
    for start in range(0, size - RATE, RATE // 4):
        burst = random.normal(0, 1, RATE // 5) * np.exp(-np.arange(RATE // 5) / (RATE / 30))
        sound[start : start + burst.size] += 0.3 * burst
    return sound


def clicks(random: np.random.Generator, size: int) -> NDArray[np.float64]:
    """Typing near a headset."""
    sound = random.normal(0, 0.001, size)
    for start in random.integers(0, size - 400, size // (RATE // 5)):
        sound[start : start + 300] += random.normal(0, 0.25, 300) * np.exp(-np.arange(300) / 50)
    return sound


def breath(random: np.random.Generator, time: NDArray[np.float64]) -> NDArray[np.float64]:
    """In and out."""
    return random.normal(0, 0.05, time.size) * np.clip(np.sin(2 * np.pi * 0.3 * time), 0, 1) ** 2


def heard(seconds: float) -> list[dict[str, object]]:
    """Every sound through the whole pipeline, alone and between two silences, in both languages."""
    from qa import runtime

    runtime.prepare()
    runtime.guard_torchaudio()
    from qa.calls import Call
    from qa.settings import load_settings
    from transcription.engines.bundle import load_engines
    from transcription.pipeline import transcribe_call
    from transcription.protocols import DecodedAudio

    engines = load_engines(load_settings())
    rows: list[dict[str, object]] = []
    for name, sound in sounds(seconds):
        audio = DecodedAudio(samples=sound[None], codec="generated", source_rate_hz=8_000)
        row: dict[str, object] = {"sound": name}
        for language in ("zh", "en"):
            call = Call(id=name, recording_id=name, language=language)
            transcript = transcribe_call(audio, call, engines).transcript
            row[language] = " ".join(turn.text for turn in transcript.turns)
            row[f"{language}_flags"] = ", ".join(transcript.flags)
        rows.append(row)
        print(f"{name:22} zh: {row['zh']!r:30} en: {row['en']!r:30} {row['en_flags']}", flush=True)
    return rows


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    rows = heard(asked.seconds)
    wrong = sum(1 for row in rows for language in ("zh", "en") if row[language])
    print(
        json.dumps(rows, ensure_ascii=False) if asked.json else f"{wrong} of {2 * len(rows)} wrong"
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
