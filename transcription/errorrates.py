"""Character and word errors, counted on texts that differ only in what was heard."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import permutations

from rapidfuzz.distance import Levenshtein

from qa.numerals import ZH_DIGITS
from qa.text import normalise, to_simplified
from transcription.cleanup import plain_text
from transcription.numbers import digit_form

_DIGITS = str.maketrans({**ZH_DIGITS, "十": "10"})
#: More speakers than this are matched in order of their text, not by trying every pairing.
_MOST_PERMUTED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Errors:
    """Substitutions, insertions and deletions against the units of the reference."""

    substitutions: int = 0
    insertions: int = 0
    deletions: int = 0
    units: int = 0

    @property
    def count(self) -> int:
        """All errors."""
        return self.substitutions + self.insertions + self.deletions

    @property
    def rate(self) -> float | None:
        """Errors per reference unit; None for an empty reference."""
        return self.count / self.units if self.units else None


def characters(text: str) -> list[str]:
    """Units of the character error rate: simplified, unpunctuated, numbers in digits."""
    spoken = digit_form(to_simplified(text))
    return list(re.sub(r"[\W_]", "", plain_text(spoken)).translate(_DIGITS))


def words(text: str) -> list[str]:
    """Units of the word error rate: lower case, unpunctuated, contractions written out."""
    return re.sub(r"[^\w']+", " ", normalise(text).text).split()


def tokens(text: str, language: str) -> list[str]:
    """Characters for Chinese, words for everything else."""
    return characters(text) if language == "zh" else words(text)


def compare(reference: Sequence[str], heard: Sequence[str]) -> Errors:
    """Errors of the cheapest alignment."""
    kinds = {"replace": 0, "insert": 0, "delete": 0}
    for operation in Levenshtein.editops(reference, heard):
        kinds[operation.tag] += 1
    return Errors(
        substitutions=kinds["replace"],
        insertions=kinds["insert"],
        deletions=kinds["delete"],
        units=len(reference),
    )


def compare_attributed(
    reference: Sequence[Sequence[str]], heard: Sequence[Sequence[str]]
) -> Errors:
    """Errors when every speaker's words count only for that speaker (cpWER, CHiME-6).

    Each side lists one token sequence per speaker; the best pairing of speakers is scored, and
    words of a speaker without counterpart are all wrong.
    """
    size = max(len(reference), len(heard))
    left = [*reference, *([] for _ in range(size - len(reference)))]
    right = [*heard, *([] for _ in range(size - len(heard)))]
    if size > _MOST_PERMUTED:
        left, right = sorted(left, key=len), sorted(right, key=len)
        return total(compare(a, b) for a, b in zip(left, right, strict=True))
    costs = [[compare(a, b) for b in right] for a in left]
    best = min(
        permutations(range(size)),
        key=lambda order: sum(costs[i][j].count for i, j in enumerate(order)),
    )
    return total(costs[i][j] for i, j in enumerate(best))


def total(parts: Iterable[Errors]) -> Errors:
    """Errors and units added up."""
    items = list(parts)
    return Errors(
        substitutions=sum(item.substitutions for item in items),
        insertions=sum(item.insertions for item in items),
        deletions=sum(item.deletions for item in items),
        units=sum(item.units for item in items),
    )


def correct_flags(reference: Sequence[str], heard: Sequence[str]) -> list[bool]:
    """For every heard token, whether the alignment found it right."""
    right = [True] * len(heard)
    for operation in Levenshtein.editops(reference, heard):
        if operation.tag != "delete":
            right[operation.dest_pos] = False
    return right
