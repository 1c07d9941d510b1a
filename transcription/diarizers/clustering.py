"""How many people speak, and what their voices are.

Vectors of runs of speech found the speakers: within a run nobody else speaks, while the slots of a
window sometimes hold two people who follow each other. They are first cut into more groups than
there are people, by agglomerative clustering with average linkage. Groups are then merged while
they sound like one person. Cosines depend on the line
(two strangers on one telephone channel reach 0.57, on a good microphone 0.25), so likeness between
two groups is measured against the likeness inside them, as reliability corrects a correlation
(Spearman 1904): 1 for one person, whatever the channel.
"""

from __future__ import annotations

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage

from transcription.diarizers.frames import Floats, Integers, Runs, Voices

#: Average cosine at which the first cut is made: rarely two people in one group.
_FIRST_CUT = 0.62
#: Corrected likeness from which two large groups are one person, and how much less is enough for a
#: group of one second: what little speech sounds like is uncertain, by one over its length.
SAME_PERSON = 0.84
_ODDNESS_S = 0.8
#: Likeness inside a group that has too few vectors to measure it.
_USUAL_LIKENESS = 0.72
#: Vectors from less clean speech than this are too uncertain to found a speaker.
_RELIABLE_SECONDS = 1.0
#: A speaker has at least this much clean speech, and this share of all of it.
_LEAST_SECONDS, _LEAST_SHARE = 1.0, 0.01
#: Vectors that are clustered; the pairwise distances of more would fill the memory.
_MOST_ROWS = 1500


def find_speakers(voices: Voices, runs: Runs, *, min_speakers: int, max_speakers: int) -> Floats:
    """Centres of the speakers, (speakers, 192) of unit length, most speech first.

    No vector at all (nobody speaks alone for long enough) gives one centre of zeros.
    """
    if not len(voices):
        return np.zeros((1, voices.vector.shape[1]), np.float32)
    vector, seconds = _founders(voices, runs)
    labels = _first_cut(vector, min_groups=min_speakers)
    labels = _merged(vector, seconds, labels, (min_speakers, max_speakers))
    labels = _absorbed(vector, seconds, labels, min_speakers)
    return centres_of(vector, seconds, labels)


def centres_of(vector: Floats, seconds: Floats, labels: Integers) -> Floats:
    """Mean directions of the groups 0…k−1, the one with most speech first."""
    centres = np.zeros((int(labels.max()) + 1, vector.shape[1]), np.float32)
    np.add.at(centres, labels, vector * seconds[:, None])
    centres /= np.maximum(np.linalg.norm(centres, axis=1, keepdims=True), 1e-8)
    return centres[np.argsort(-np.bincount(labels, weights=seconds), kind="stable")]


def _founders(voices: Voices, runs: Runs) -> tuple[Floats, Floats]:
    """Vectors and seconds of the runs, and of voices that have none, if long enough to trust."""
    vector = np.concatenate([runs.vector, voices.vector[voices.broken]])
    seconds = np.concatenate([runs.seconds, voices.seconds[voices.broken]])
    reliable = np.flatnonzero(seconds >= _RELIABLE_SECONDS)
    rows = reliable if len(reliable) >= 2 else np.arange(len(seconds))
    longest = np.sort(rows[np.argsort(-seconds[rows], kind="stable")[:_MOST_ROWS]])
    return vector[longest], seconds[longest]


def _first_cut(vector: Floats, *, min_groups: int) -> Integers:
    if len(vector) == 1:
        return np.zeros(1, np.int64)
    tree = linkage(vector, method="average", metric="cosine")
    labels = fcluster(tree, 1 - _FIRST_CUT, criterion="distance")
    if labels.max() < min_groups:
        labels = fcluster(tree, min_groups, criterion="maxclust")
    return np.unique(labels, return_inverse=True)[1]


def _merged(vector: Floats, seconds: Floats, labels: Integers, bounds: tuple[int, int]) -> Integers:
    """Merge the two most alike groups until all differ and there are few enough."""
    while int(labels.max()) + 1 > bounds[0]:
        excess = _corrected(vector, seconds, labels) - _needed(seconds, labels)
        first, second = np.unravel_index(np.argmax(excess), excess.shape)
        if excess[first, second] < 0 and _large(seconds, labels).size <= bounds[1]:
            break
        labels = np.where(labels == max(first, second), min(first, second), labels)
        labels = np.unique(labels, return_inverse=True)[1]
    return labels


def _needed(seconds: Floats, labels: Integers) -> Floats:
    """(groups, groups) likeness at which two are one person, by the speech of the smaller one."""
    speech = np.bincount(labels, weights=seconds)
    return (SAME_PERSON - _ODDNESS_S / np.minimum(speech[:, None], speech)).astype(np.float32)


def _corrected(vector: Floats, seconds: Floats, labels: Integers) -> Floats:
    """(groups, groups) cosine between groups over that inside them; −2 on the diagonal."""
    groups = int(labels.max()) + 1
    share = np.zeros((groups, len(labels)), np.float32)
    share[labels, np.arange(len(labels))] = seconds
    share /= share.sum(axis=1, keepdims=True)
    between = share @ (vector @ vector.T) @ share.T
    alone = np.square(share).sum(axis=1)
    inside = (np.diag(between) - alone) / np.maximum(1 - alone, 1e-6)
    inside = np.where(alone > 0.6, _USUAL_LIKENESS, np.maximum(inside, 0.3))
    likeness = between / np.sqrt(inside[:, None] * inside)
    np.fill_diagonal(likeness, -2.0)
    return likeness


def _large(seconds: Floats, labels: Integers) -> Integers:
    speech = np.bincount(labels, weights=seconds)
    return np.flatnonzero(speech >= max(_LEAST_SECONDS, _LEAST_SHARE * speech.sum()))


def _absorbed(vector: Floats, seconds: Floats, labels: Integers, min_speakers: int) -> Integers:
    """Members of groups too small to be a speaker join the speaker they resemble."""
    large = _large(seconds, labels)
    if large.size < min_speakers:
        speech = np.bincount(labels, weights=seconds)
        large = np.sort(np.argsort(-speech, kind="stable")[:min_speakers])
    kept = np.isin(labels, large)
    index = np.searchsorted(large, labels.clip(max=large.max()))
    centres = np.zeros((large.size, vector.shape[1]), np.float32)
    np.add.at(centres, index[kept], vector[kept] * seconds[kept, None])
    centres /= np.maximum(np.linalg.norm(centres, axis=1, keepdims=True), 1e-8)
    return np.where(kept, index, np.argmax(vector @ centres.T, axis=1))
