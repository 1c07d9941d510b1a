"""Voice vectors of the local speakers of a window, computed only where they say anything.

Only windows that do not overlap are embedded, so every second of speech is looked at once. The
clean frames of a voice are gathered and cut into pieces of one length: the network then runs in
batches of one shape, and a voice never shares a piece with another.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
import torch
from torch import Tensor

from transcription.campplus import DIMENSION, CamPlus, embed, fbank
from transcription.diarizers.frames import (
    EMBEDDED_EVERY,
    LOCAL_SPEAKERS,
    STEP_FRAMES,
    WINDOW_FRAMES,
    Flags,
    Floats,
    Runs,
    Voices,
    Windows,
    runs_of,
)
from transcription.diarizers.windows import window_samples
from transcription.protocols import Samples

#: Feature frames (10 ms) of a piece, and the least that is stretched to one.
PIECE_FRAMES = 200
_SHORTEST_FRAMES = 40
#: Frames of the grid (16.875 ms) from which a run is looked at by itself: one second.
_LONG_RUN = 60
#: Pieces of one voice in one window, and of one run of it.
_MOST_PIECES = 3
_MOST_OF_RUN = 2
_BATCH = 24

_Owner = tuple[int, int, float]
_Extent = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Piece:
    """Features (200, 80) of one voice; `owner` is window, slot and clean seconds."""

    owner: _Owner
    extent: _Extent | None
    features: Tensor


def embed_voices(
    network: CamPlus, samples: Samples, windows: Windows, device: torch.device
) -> tuple[Voices, Runs]:
    """Vectors of the local speakers of every fourth window, and of their longer runs of speech.

    Speakers who speak alone for less than 0.4 s of a window have no row.
    """
    owners: list[_Owner] = []
    extents: list[_Extent | None] = []
    vectors: list[Floats] = [np.zeros((0, DIMENSION), np.float32)]
    stream = _pieces(samples, windows)
    while batch := list(islice(stream, _BATCH)):
        owners += [piece.owner for piece in batch]
        extents += [piece.extent for piece in batch]
        features = torch.stack([piece.features for piece in batch]).to(device)
        vectors.append(embed(network, features).cpu().numpy())
    return _joined(owners, extents, np.concatenate(vectors))


def embedded_windows(count: int) -> list[int]:
    """Every fourth window, and the last: together they cover the recording once."""
    return sorted({*range(0, count, EMBEDDED_EVERY), count - 1})


def _pieces(samples: Samples, windows: Windows) -> Iterator[_Piece]:
    clean = windows.clean()
    for window in embedded_windows(len(windows)):
        if not clean[window].any():
            continue
        features = fbank(torch.from_numpy(window_samples(samples, window)))
        for slot in range(LOCAL_SPEAKERS):
            yield from _pieces_of(clean[window, :, slot], features, (window, slot))


def _pieces_of(clean: Flags, features: Tensor, place: tuple[int, int]) -> Iterator[_Piece]:
    """Pieces of the longest runs of a voice, or one of all its short ones together."""
    scale = len(features) / WINDOW_FRAMES
    owner = (*place, round(float(clean.sum()) * scale / 100, 2))
    longest = sorted(runs_of(clean), key=lambda run: run[0] - run[1])
    room = _MOST_PIECES
    for start, end in longest:
        if end - start < _LONG_RUN or not room:
            break
        cut = _cut(features[round(start * scale) : round(end * scale)], min(room, _MOST_OF_RUN))
        offset = place[0] * STEP_FRAMES
        yield from (
            _Piece(owner=owner, extent=(offset + start, offset + end), features=piece)
            for piece in cut
        )
        room -= len(cut)
    if room == _MOST_PIECES:
        spoken = features[
            torch.from_numpy(clean[np.arange(len(features)) * WINDOW_FRAMES // len(features)])
        ]
        if len(spoken) >= _SHORTEST_FRAMES:
            yield _Piece(owner=owner, extent=None, features=_cut(spoken, 1)[0])


def _cut(speech: Tensor, most: int) -> list[Tensor]:
    """Pieces of equal length spread over the speech; short speech is repeated to fill one."""
    length = len(speech)
    if length <= PIECE_FRAMES:
        return [speech.repeat(-(-PIECE_FRAMES // length), 1)[:PIECE_FRAMES]]
    count = max(1, min(most, round(length / PIECE_FRAMES)))
    margin = length - PIECE_FRAMES
    starts = [margin // 2] if count == 1 else [margin * i // (count - 1) for i in range(count)]
    return [speech[start : start + PIECE_FRAMES] for start in starts]


def _joined(
    owners: list[_Owner], extents: list[_Extent | None], vectors: Floats
) -> tuple[Voices, Runs]:
    rows, of_voice = _means(owners, vectors)
    whole = {owner for owner, extent in zip(owners, extents, strict=True) if extent}
    voices = Voices(
        window=np.array([row[0] for row in rows], np.int64),
        slot=np.array([row[1] for row in rows], np.int64),
        seconds=np.array([row[2] for row in rows], np.float32),
        vector=of_voice,
        broken=np.array([row not in whole for row in rows], np.bool_),
    )
    long = [index for index, extent in enumerate(extents) if extent]
    keys, of_run = _means([(owners[i], extents[i]) for i in long], vectors[long])
    bounds = np.array([extent for _, extent in keys], np.int64).reshape(-1, 2)
    return voices, Runs(start=bounds[:, 0], end=bounds[:, 1], vector=of_run)


def _means(keys: list[Any], vectors: Floats) -> tuple[list[Any], Floats]:
    """The different keys in order, and the mean direction of the vectors of each."""
    different = list(dict.fromkeys(keys))
    index = {key: row for row, key in enumerate(different)}
    sums = np.zeros((len(different), DIMENSION), np.float32)
    np.add.at(sums, [index[key] for key in keys], vectors)
    return different, sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-8)
