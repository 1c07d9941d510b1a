"""Voice vectors of the local speakers of a window, computed only where they say anything.

Only windows that do not overlap are embedded, so every second of speech is looked at once. The
clean frames of a voice are gathered and cut into pieces of one length: the network then runs in
batches of one shape, and a voice never shares a piece with another.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

import numpy as np
import torch
from torch import Tensor

from transcription.campplus import DIMENSION, CamPlus, embed, fbank
from transcription.diarizers.frames import (
    EMBEDDED_EVERY,
    LOCAL_SPEAKERS,
    WINDOW_FRAMES,
    Flags,
    Floats,
    Voices,
    Windows,
)
from transcription.diarizers.windows import window_samples
from transcription.protocols import Samples

#: Feature frames (10 ms) of a piece, and the least that is stretched to one.
PIECE_FRAMES = 200
_SHORTEST_FRAMES = 40
#: Pieces of one voice in one window: six seconds tell a voice as well as ten.
_MOST_PIECES = 3
_BATCH = 24


def embed_voices(
    network: CamPlus, samples: Samples, windows: Windows, device: torch.device
) -> Voices:
    """Voice vectors of the local speakers of every fourth window who speak alone for 0.4 s."""
    owners: list[tuple[int, int, float]] = []
    vectors: list[Floats] = []
    stream = _pieces(samples, windows)
    while batch := list(islice(stream, _BATCH)):
        owners += [owner for owner, _ in batch]
        features = torch.stack([piece for _, piece in batch]).to(device)
        vectors.append(embed(network, features).cpu().numpy())
    return _joined(owners, vectors)


def embedded_windows(count: int) -> list[int]:
    """Every fourth window, and the last: together they cover the recording once."""
    return sorted({*range(0, count, EMBEDDED_EVERY), count - 1})


def _pieces(samples: Samples, windows: Windows) -> Iterator[tuple[tuple[int, int, float], Tensor]]:
    clean = windows.clean()
    for window in embedded_windows(len(windows)):
        if not clean[window].any():
            continue
        features = fbank(torch.from_numpy(window_samples(samples, window)))
        places = torch.arange(len(features)) * WINDOW_FRAMES // len(features)
        for slot in range(LOCAL_SPEAKERS):
            spoken = features[_flags(clean[window, :, slot])[places]]
            if len(spoken) >= _SHORTEST_FRAMES:
                owner = (window, slot, len(spoken) / 100)
                yield from ((owner, piece) for piece in _cut(spoken))


def _flags(values: Flags) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(values))


def _cut(speech: Tensor) -> Iterable[Tensor]:
    """Pieces of equal length spread over the speech; short speech is repeated to fill one."""
    length = len(speech)
    if length <= PIECE_FRAMES:
        return (speech.repeat(-(-PIECE_FRAMES // length), 1)[:PIECE_FRAMES],)
    count = min(_MOST_PIECES, round(length / PIECE_FRAMES))
    starts = np.linspace(0, length - PIECE_FRAMES, max(1, count)).astype(int)
    return (speech[start : start + PIECE_FRAMES] for start in starts)


def _joined(owners: list[tuple[int, int, float]], vectors: list[Floats]) -> Voices:
    """One row per owner: the mean direction of its pieces."""
    rows = list(dict.fromkeys(owners))
    index = {owner: row for row, owner in enumerate(rows)}
    sums = np.zeros((len(rows), DIMENSION), np.float32)
    if rows:
        np.add.at(sums, [index[owner] for owner in owners], np.concatenate(vectors))
    lengths = np.linalg.norm(sums, axis=1, keepdims=True)
    return Voices(
        window=np.array([row[0] for row in rows], np.int64),
        slot=np.array([row[1] for row in rows], np.int64),
        seconds=np.array([row[2] for row in rows], np.float32),
        vector=sums / np.maximum(lengths, 1e-8),
    )
