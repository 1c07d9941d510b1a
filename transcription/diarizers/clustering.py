"""How many people speak, and what their voices are.

Agglomerative clustering with average linkage over voice vectors, bounded to the one to three
people of a call. Small clusters are noise, laughter or overlap and do not make a speaker.
"""

from __future__ import annotations

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage

from transcription.diarizers.frames import Floats, Integers, Voices

#: Average cosine below which two groups of vectors are two people.
SAME_PERSON = 0.42
#: Vectors from less clean speech than this are too uncertain to found a speaker.
_RELIABLE_SECONDS = 1.0
#: A speaker has at least this much clean speech, and this share of all of it.
_LEAST_SECONDS, _LEAST_SHARE = 1.0, 0.02
#: Vectors that are clustered; the pairwise distances of more would fill the memory.
_MOST_ROWS = 1500
_REFINEMENTS = 5


def find_speakers(voices: Voices, *, min_speakers: int, max_speakers: int) -> Floats:
    """Centres of the speakers, (speakers, 192) of unit length, most speech first.

    No vector at all (nobody speaks alone for long enough) gives one centre of zeros.
    """
    if not len(voices):
        return np.zeros((1, voices.vector.shape[1]), np.float32)
    rows = _founders(voices)
    vector, seconds = voices.vector[rows], voices.seconds[rows]
    labels = _cut(vector, seconds, min_speakers=min_speakers, max_speakers=max_speakers)
    centres = _centres(vector, seconds, labels)
    for _ in range(_REFINEMENTS):
        labels = np.argmax(vector @ centres.T, axis=1)
        labels = np.unique(labels, return_inverse=True)[1]
        centres = _centres(vector, seconds, labels)
    return centres[np.argsort(-np.bincount(labels, weights=seconds), kind="stable")]


def _founders(voices: Voices) -> Integers:
    reliable = np.flatnonzero(voices.seconds >= _RELIABLE_SECONDS)
    rows = reliable if len(reliable) >= 2 else np.arange(len(voices))
    longest = np.argsort(-voices.seconds[rows], kind="stable")[:_MOST_ROWS]
    return np.sort(rows[longest])


def _cut(vector: Floats, seconds: Floats, *, min_speakers: int, max_speakers: int) -> Integers:
    """Labels 0…k−1 from the dendrogram; rows of small clusters join the nearest large one."""
    if len(vector) == 1:
        return np.zeros(1, np.int64)
    tree = linkage(vector, method="average", metric="cosine")
    heights = np.sort(tree[:, 2])
    labels = fcluster(tree, 1 - SAME_PERSON, criterion="distance")
    if _large(labels, seconds).size > max_speakers:
        higher = heights[heights > 1 - SAME_PERSON]
    elif _large(labels, seconds).size < min_speakers:
        higher = heights[heights <= 1 - SAME_PERSON][::-1] - 1e-6
    else:
        higher = np.zeros(0)
    for height in higher:
        labels = fcluster(tree, height, criterion="distance")
        if min_speakers <= _large(labels, seconds).size <= max_speakers:
            break
    return _absorb(vector, seconds, labels)


def _large(labels: Integers, seconds: Floats) -> Integers:
    speech = np.bincount(labels, weights=seconds)
    return np.flatnonzero(speech >= max(_LEAST_SECONDS, _LEAST_SHARE * speech.sum()))


def _absorb(vector: Floats, seconds: Floats, labels: Integers) -> Integers:
    large = _large(labels, seconds)
    if not large.size:
        return np.zeros(len(labels), np.int64)
    kept = np.isin(labels, large)
    index = np.searchsorted(large, labels.clip(max=large.max()))
    centres = _centres(vector[kept], seconds[kept], index[kept])
    nearest = np.argmax(vector @ centres.T, axis=1)
    return np.where(kept, index, nearest)


def _centres(vector: Floats, seconds: Floats, labels: Integers) -> Floats:
    centres = np.zeros((int(labels.max()) + 1, vector.shape[1]), np.float32)
    np.add.at(centres, labels, vector * seconds[:, None])
    return centres / np.maximum(np.linalg.norm(centres, axis=1, keepdims=True), 1e-8)
