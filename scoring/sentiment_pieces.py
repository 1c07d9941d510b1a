"""Long turns in pieces: a sentence has a mood, a page does not, and no model reads it whole."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import numpy as np

from scoring.sentiment import LABELS

#: Characters after which a turn is read in pieces.
PIECE_CHARS = 160
_SENTENCE_END = re.compile(r"(?<=[。！？!?；;\n])|(?<=\.)\s+")


def split_long(text: str) -> list[str]:
    """The text, or its sentences packed into pieces of at most `PIECE_CHARS` characters."""
    if len(text) <= PIECE_CHARS:
        return [text]
    pieces = [""]
    for sentence in _SENTENCE_END.split(text):
        for start in range(0, len(sentence), PIECE_CHARS):
            part = sentence[start : start + PIECE_CHARS]
            if len(pieces[-1]) + len(part) > PIECE_CHARS:
                pieces.append("")
            pieces[-1] += part
    return [piece for piece in pieces if piece.strip()]


def pieces_of(
    texts: Sequence[str], is_scorable: Callable[[str], bool]
) -> tuple[list[str], list[int]]:
    """Pieces of the texts that can be judged, and the place of the text each is from."""
    pieces: list[str] = []
    owners: list[int] = []
    for at, text in enumerate(texts):
        if is_scorable(text):
            parts = split_long(text)
            pieces += parts
            owners += [at] * len(parts)
    return pieces, owners


def join_scores(
    count: int, owners: Sequence[int], pieces: Sequence[str], judged: np.ndarray
) -> list[dict[str, float]]:
    """Probabilities per text, averaged over its pieces by length; empty where it had none.

    Args:
        count: Number of texts.
        owners: Place of the text each piece is from.
        pieces: The pieces.
        judged: Probabilities of the pieces in the order of `LABELS`, `(len(pieces), 3)`.
    """
    sums = np.zeros((count, len(LABELS)))
    for owner, piece, row in zip(owners, pieces, judged, strict=True):
        sums[owner] += row * len(piece)
    totals = sums.sum(axis=1)
    return [
        {name: float(part / total) for name, part in zip(LABELS, row, strict=True)} if total else {}
        for row, total in zip(sums, totals, strict=True)
    ]
