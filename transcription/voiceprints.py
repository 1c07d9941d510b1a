"""Voices compared with the one an agent has enrolled: off unless a site asks for it.

Nothing here is stored; `qa.store.voiceprints` keeps what agents agreed to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qa.intervals import Range, intersect, total
from qa.modelpacks import find_pack
from transcription.protocols import SAMPLE_RATE_HZ, Samples, Separation

#: Less speech of a voice says little about it; more than the most changes nothing.
LEAST_MS, MOST_MS = 3_000, 45_000
#: The network hears pieces of one length.
_PIECE_MS = 3_000
_PER_MS = SAMPLE_RATE_HZ // 1000
_PACK = "campplus-zh-en"

Vector = NDArray[np.float32]


class VoiceReader:
    """CAM++ on stretches of speech; the network is loaded when the first voice is asked for.

    Attributes:
        model: What computes the vectors; those of another model are not comparable.
    """

    def __init__(self) -> None:
        self.model = f"{_PACK}@{find_pack(_PACK).digest()}"
        self._network: Any = None

    def read(self, samples: Samples, ranges: Sequence[Range]) -> Vector | None:
        """The unit vector (192,) of whoever speaks in the ranges of one channel `(n,)`.

        None with less than three seconds of speech.
        """
        inside = intersect(sorted(ranges), [(0, samples.size // _PER_MS)])
        if total(inside) < LEAST_MS:
            return None
        import torch  # noqa: PLC0415 - heavy, and only with enrolled voices

        from transcription.campplus import embed, fbank, load_campplus  # noqa: PLC0415

        if self._network is None:
            self._network = load_campplus()
        features = [fbank(torch.from_numpy(piece)) for piece in _pieces(samples, inside)]
        vectors = embed(self._network, torch.stack(features)).numpy()
        mean: Vector = vectors.mean(axis=0)
        return mean / max(float(np.linalg.norm(mean)), 1e-8)


def likeness(
    enrolled: Sequence[float],
    voices: Mapping[str, Sequence[float] | Vector | None],
) -> dict[str, float]:
    """Speaker → cosine with an enrolled voice; speakers without a vector are left out."""
    wanted = np.asarray(enrolled, np.float32)
    return {
        speaker: float(np.dot(wanted, np.asarray(vector, np.float32)))
        for speaker, vector in voices.items()
        if vector is not None and len(vector) == len(wanted)
    }


def speakers_of(
    separation: Separation, sound: Mapping[str, Samples], reader: VoiceReader
) -> dict[str, Vector | None]:
    """The voice of every separated speaker.

    Args:
        separation: Who speaks when.
        sound: Speaker label → channel `(n,)`; with one entry `""` everybody is on it.
        reader: Reads where the separation brings no vector of its own.
    """
    found: dict[str, Vector | None] = {}
    for label in dict.fromkeys(span.speaker for span in separation.exclusive):
        if label in separation.embeddings:
            found[label] = np.asarray(separation.embeddings[label], np.float32)
            continue
        samples = sound.get(label, sound.get(""))
        own = [(s.start_ms, s.end_ms) for s in separation.exclusive if s.speaker == label]
        found[label] = None if samples is None else reader.read(samples, own)
    return found


def _pieces(samples: Samples, ranges: Sequence[Range]) -> list[Samples]:
    """Speech laid end to end and cut into pieces; the last one is filled up by repeating it."""
    length, size = 0, _PIECE_MS * _PER_MS
    parts: list[Samples] = []
    for start, end in ranges:
        parts.append(samples[start * _PER_MS : end * _PER_MS])
        length += end - start
        if length >= MOST_MS:
            break
    speech = np.concatenate(parts)
    whole = [speech[at : at + size] for at in range(0, len(speech) - size + 1, size)]
    return whole or [np.resize(speech, size)]
