"""Whisper on whole batches of windows, through CTranslate2, keeping everything it wrote.

faster-whisper's batched pipeline throws away what a window says after its last closed timestamp
(its issue 1179); the sequential one decodes that part again, at twice the price. Here the tail is
kept, every window ends in real silence, and beams stay deterministic.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from transcription.protocols import SAMPLE_RATE_HZ, Samples
from transcription.repeats import compression

#: The encoder sees 30 s in frames of 10 ms.
_FRAMES = 3_000
_FRAME_SAMPLES = SAMPLE_RATE_HZ // 100
#: Real silence after the speech; beyond it the features are padded, which costs nothing.
_SILENCE_S = 0.5
_TIMESTAMP_MS = 20
#: What the encoder makes of windows: (batch, 1500, width).
Encoded = NDArray[np.float32]
_OPENING_MARKS = "\"'“¿([{-"
_CLOSING_MARKS = "\"'.。,，!！?？:：”)]}、"


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """One timestamped stretch of a window. Times are ms from its start.

    Attributes:
        words: Text (with the space before it), start, end, probability.
        logprob: Mean token log-probability of the whole window.
        no_speech: Probability that nobody speaks in the window.
    """

    text: str
    start_ms: float
    end_ms: float
    words: tuple[tuple[str, float, float, float], ...]
    logprob: float
    no_speech: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoding:
    """How to decode.

    Attributes:
        hotwords: Names to prime with, in one string.
        repetition_penalty: Above 1 it breaks loops, at some cost in accuracy.
    """

    language: str
    beam_size: int
    hotwords: str = ""
    repetition_penalty: float = 1.0


def features_of(model: Any, sounds: Sequence[Samples]) -> Any:
    """Log-mel features (batch, mels, 3000) of windows of at most 30 s."""
    rows = []
    for sound in sounds:
        silence = np.zeros(int(_SILENCE_S * SAMPLE_RATE_HZ), np.float32)
        features = model.feature_extractor(np.concatenate([sound, silence]))[:, :_FRAMES]
        # Below everything heard: what log-mel gives for digital silence.
        rows.append(
            np.pad(
                features,
                ((0, 0), (0, _FRAMES - features.shape[1])),
                constant_values=float(features.min()),
            )
        )
    return np.stack(rows).astype(np.float32, copy=False)


def decode(
    model: Any, sounds: Sequence[Samples], how: Decoding, *, known: Encoded | None = None
) -> list[list[Passage]]:
    """What is said in each window.

    Args:
        model: A `faster_whisper.WhisperModel`.
        sounds: Windows `(n,)` of at most 30 s.
        how: Language, beam and priming.
        known: The first window as `detect_language` encoded it, if it did.
    """
    tokenizer = _tokenizer(model, how.language)
    prompt = model.get_prompt(tokenizer, [], hotwords=how.hotwords or None)
    encoded = _encoded(model, sounds, known)
    results = model.model.generate(
        encoded,
        [list(prompt) for _ in sounds],
        beam_size=how.beam_size,
        max_length=model.max_length,
        suppress_blank=True,
        suppress_tokens=_suppressed(tokenizer),
        return_scores=True,
        return_no_speech_prob=True,
        repetition_penalty=how.repetition_penalty,
    )
    parts = [
        _split(result.sequences_ids[0], tokenizer, len(sound) * 1000 / SAMPLE_RATE_HZ)
        for result, sound in zip(results, sounds, strict=True)
    ]
    frames = [min(len(sound) // _FRAME_SAMPLES + 1, _FRAMES) for sound in sounds]
    model.add_word_timestamps(
        parts, tokenizer, encoded, frames, _OPENING_MARKS, _CLOSING_MARKS, 0.0
    )
    return [
        _passages(window, tokenizer, result) for window, result in zip(parts, results, strict=True)
    ]


def detect_language(model: Any, sound: Samples) -> tuple[str, float, Encoded | None]:
    """Language code and probability of one window, and its encoding for later use.

    The encoding is handed out on the CPU only, where computing it is the dearer half of decoding.
    """
    if not model.model.is_multilingual:
        return "en", 1.0, None
    encoded = model.encode(features_of(model, [sound]))
    token, probability = model.model.detect_language(encoded)[0][0]
    keepable = model.model.device == "cpu" and str(encoded.dtype).endswith("float32")
    kept = np.array(encoded) if keepable else None
    return str(token[2:-2]), float(probability), kept


def _encoded(model: Any, sounds: Sequence[Samples], known: Encoded | None) -> Any:
    if known is None:
        return model.encode(features_of(model, sounds))
    import ctranslate2  # noqa: PLC0415 - heavy

    parts = [known]
    if len(sounds) > 1:
        parts.append(np.array(model.encode(features_of(model, sounds[1:]))))
    return ctranslate2.StorageView.from_array(np.ascontiguousarray(np.concatenate(parts)))


def knows(model: Any, language: str) -> bool:
    """Whether the model has a token for the language."""
    return language in model.supported_languages


def looks_failed(window: Sequence[Passage], *, loop: float, guess: float) -> bool:
    """True for a window that is a loop or a guess rather than speech heard."""
    text = "".join(passage.text for passage in window)
    return bool(text.strip()) and (compression(text) > loop or window[0].logprob < guess)


def _tokenizer(model: Any, language: str) -> Any:
    from faster_whisper.tokenizer import Tokenizer  # noqa: PLC0415 - heavy

    multilingual = model.model.is_multilingual
    return Tokenizer(
        model.hf_tokenizer,
        multilingual,
        task="transcribe",
        language=language if multilingual else "en",
    )


def _suppressed(tokenizer: Any) -> list[int]:
    """Tokens no speech is written with: markup, other tasks, "no speech" itself."""
    special = (
        tokenizer.transcribe,
        tokenizer.translate,
        tokenizer.sot,
        tokenizer.sot_prev,
        tokenizer.sot_lm,
        tokenizer.no_speech,
    )
    return sorted({*tokenizer.non_speech_tokens, *(token for token in special if token)})


def _split(tokens: Sequence[int], tokenizer: Any, duration_ms: float) -> list[dict[str, Any]]:
    """Cut a window's tokens where a closing timestamp meets an opening one; the tail is kept."""
    begin = tokenizer.timestamp_begin
    parts: list[list[int]] = [[]]
    for index, token in enumerate(tokens):
        if index and token >= begin and tokens[index - 1] >= begin:
            parts.append([])
        parts[-1].append(token)
    found: list[dict[str, Any]] = []
    clock = 0.0
    for part in parts:
        if not any(token < tokenizer.eot for token in part):
            continue
        times = [(token - begin) * _TIMESTAMP_MS for token in part if token >= begin]
        start = times[0] if times and part[0] >= begin else clock
        closed = times and part[-1] >= begin and len(times) + (part[0] < begin) > 1
        clock = max(start, times[-1] if closed else duration_ms)
        found.append({"seek": 0, "start": start / 1000, "end": clock / 1000, "tokens": part})
    return found


def _passages(window: Sequence[dict[str, Any]], tokenizer: Any, result: Any) -> list[Passage]:
    length = len(result.sequences_ids[0])
    logprob = float(result.scores[0]) * length / (length + 1)
    return [
        Passage(
            text=tokenizer.decode(part["tokens"]),
            start_ms=part["start"] * 1000,
            end_ms=part["end"] * 1000,
            words=tuple(
                (word["word"], word["start"] * 1000, word["end"] * 1000, float(word["probability"]))
                for word in part.get("words", ())
            ),
            logprob=logprob,
            no_speech=float(result.no_speech_prob),
        )
        for part in window
    ]
