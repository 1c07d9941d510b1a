"""Text in, speech out: Kokoro-82M v1.0 (int8 ONNX) with a disk cache of spoken sentences."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from samples.english import english_phonemes
from samples.mandarin import mandarin_phonemes

Samples = npt.NDArray[np.float32]  # mono, shape (n,), −1…1

RATE_HZ = 24_000
LOUDNESS_RMS = 0.08  # −22 dBFS of speech, a usual telephone level
SENTENCE_PAUSE_MS = 260
MAX_TOKENS = 500
_SENTENCE = re.compile(r"[^。！？.!?…]+[。！？.!?…]*")


def phonemes_of(text: str, voice: str) -> str:
    """Phonemes of `text` as the accent of `voice` reads it (`z…` Mandarin, `b…` British)."""
    if voice.startswith("z"):
        return mandarin_phonemes(text)
    return english_phonemes(text, british=voice.startswith("b"))


def trimmed(audio: Samples, *, floor: float = 0.012) -> Samples:
    """The sound without the silence around it (30 ms kept on both sides)."""
    loud = np.flatnonzero(np.abs(audio) > floor)
    if not len(loud):
        return audio[:0]
    margin = RATE_HZ * 30 // 1000
    return audio[max(0, loud[0] - margin) : loud[-1] + margin]


def levelled(audio: Samples) -> Samples:
    """The sound at the usual speech level, measured over its louder parts."""
    frames = audio[: len(audio) // 480 * 480].reshape(-1, 480)
    if not len(frames):
        return audio
    rms = np.sqrt((frames**2).mean(axis=1))
    level = float(np.sqrt((rms[rms > 0.3 * rms.max()] ** 2).mean())) if rms.max() > 0 else 0.0
    return audio * np.float32(LOUDNESS_RMS / level) if level else audio


@dataclass(slots=True)
class Speaker:
    """The voice model.

    Attributes:
        model: `kokoro.onnx`-style file with inputs tokens, style, speed.
        vocabulary: JSON file with `vocab`: phoneme → token.
        voices: Folder of `NAME.bin`, float32 styles of shape (510, 256) by phrase length.
        cache: Folder of sentences already spoken; safe to delete.
    """

    model: Path
    vocabulary: Path
    voices: Path
    cache: Path
    threads: int = 2
    _session: object | None = None
    _tokens: dict[str, int] = field(default_factory=dict)

    def say(self, text: str, *, voice: str, speed: float) -> Samples:
        """Speech of `text` at 24 kHz and the usual level, sentences a short pause apart."""
        pause = np.zeros(RATE_HZ * SENTENCE_PAUSE_MS // 1000, np.float32)
        parts: list[Samples] = []
        for sentence in _SENTENCE.findall(text):
            if sentence.strip():
                spoken = self._sentence(phonemes_of(sentence.strip(), voice), voice, speed)
                parts += [levelled(trimmed(spoken)), pause]
        return np.concatenate(parts[:-1]) if parts else np.zeros(0, np.float32)

    def _sentence(self, phonemes: str, voice: str, speed: float) -> Samples:
        key = hashlib.sha256(f"{self.model.name}|{voice}|{speed}|{phonemes}".encode()).hexdigest()
        stored = self.cache / f"{key[:24]}.npy"
        if stored.exists():
            return np.load(stored).astype(np.float32) / 32767
        audio = self._synthesise(phonemes, voice, speed)
        self.cache.mkdir(parents=True, exist_ok=True)
        np.save(stored, (np.clip(audio, -1, 1) * 32767).astype(np.int16))
        return np.load(stored).astype(np.float32) / 32767

    def _synthesise(self, phonemes: str, voice: str, speed: float) -> Samples:
        session = self._load()
        tokens = [self._tokens[sound] for sound in phonemes if sound in self._tokens][:MAX_TOKENS]
        styles = np.fromfile(self.voices / f"{voice}.bin", dtype="<f4").reshape(-1, 256)
        feed = {
            "tokens": np.array([[0, *tokens, 0]], np.int64),
            "style": styles[min(len(tokens), len(styles)) - 1][None],
            "speed": np.array([speed], np.float32),
        }
        return np.asarray(session.run(None, feed)[0], np.float32).ravel()  # type: ignore[attr-defined]

    def _load(self) -> object:
        if self._session is None:
            import onnxruntime

            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = self.threads
            options.add_session_config_entry("session.intra_op.allow_spinning", "0")
            self._session = onnxruntime.InferenceSession(
                str(self.model), options, providers=["CPUExecutionProvider"]
            )
            vocabulary = json.loads(self.vocabulary.read_text(encoding="utf-8"))
            self._tokens = vocabulary.get("vocab", vocabulary)
        return self._session
