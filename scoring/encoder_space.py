"""What all vectors of an encoder share, and how to take it out.

Encoders place every sentence near one common direction: two sentences with nothing in common have a
cosine of 0.78 in the e5 family. Distances mean something only once that is removed, and it must be
removed by a fixed yardstick: the mean of the sentences at hand would remove their topic as well.
"""

from __future__ import annotations

import numpy as np

from scoring.encoder import Encoder, similarities

#: Sentences that have nothing to do with each other: what an encoder gives them is its zero.
UNRELATED = (
    "我的猫昨天生了三只小猫",
    "会议改到下周三上午",
    "这道题的答案是四十二",
    "请把窗户关上",
    "他小时候在海边长大",
    "番茄炒蛋要先放油",
    "the train leaves from platform nine",
    "she painted the fence green",
    "interest rates fell again last spring",
    "my brother plays the trumpet",
    "the soup needs a little more salt",
    "they found an old map in the attic",
)


def common_floor(encoder: Encoder) -> float:
    """The mean cosine this encoder gives to sentences that have nothing in common, at least 0."""
    vectors = encoder.encode(UNRELATED)
    table = similarities(vectors, vectors)
    return max(0.0, float(table[np.triu_indices(len(UNRELATED), 1)].mean()))


def centred(vectors: np.ndarray, encoder: Encoder) -> np.ndarray:
    """Unit vectors `(n, d)` without the common direction; rows of zeros stay zeros."""
    shared = encoder.encode(UNRELATED).mean(axis=0, keepdims=True)
    moved = np.where(np.any(vectors, axis=1, keepdims=True), vectors - shared, 0)
    norms = np.linalg.norm(moved, axis=1, keepdims=True)
    return np.asarray(moved / np.where(norms > 0, norms, 1))
