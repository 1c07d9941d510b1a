"""Meaning for the scorecard: similarity to samples, paraphrase overlap, thresholds from examples.

With an encoder the measure is a cosine; without one it is the share of common key terms, which is
weaker and says so. Either only ever *supports* a judgement: a forbidden phrase is never deducted
by similarity (dossier §2.4).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from typing import Any

import numpy as np

from qa.errors import SettingsError
from scoring.criteria.keyterms import key_terms
from scoring.encoder import Encoder, similarities
from scoring.encoder_space import common_floor

#: Raised when the same vectors would give another similarity.
SCALE_VERSION = "1"
#: A paraphrase shares this many key terms, or is this similar (dossier S3.3).
SHARED_TERMS = 2
#: Similarity from which a sentence plays another back (dossier S3.3); see `SemanticReader`.
SAME_MEANING = 0.55


@dataclass(frozen=True, slots=True, kw_only=True)
class Closeness:
    """How close a text is to the nearest of some samples.

    Attributes:
        value: Cosine (`method` `meaning`) or share of key terms 0–1 (`method` `terms`).
        sample: Place of the nearest sample; None when there is none to compare.
    """

    value: float
    sample: int | None
    method: str


class SemanticReader:
    """Compares texts by meaning where an encoder is present, else by key terms.

    Cosines of different encoders are not comparable (unrelated sentences get 0.1 from one and 0.8
    from another). Similarity is therefore scaled: 0 is what this encoder gives to unrelated
    sentences on average, 1 is the same sentence.
    """

    def __init__(self, encoder: Encoder | None = None) -> None:
        self._encoder = encoder

    @cached_property
    def floor(self) -> float:
        """The encoder's mean cosine of sentences that have nothing in common."""
        return common_floor(self._encoder) if self._encoder else 0.0

    @property
    def digest(self) -> str:
        """Identity for the digest of what is scored with it; `""` without an encoder."""
        return f"{self._encoder.digest}/{SCALE_VERSION}" if self._encoder else ""

    @property
    def method(self) -> str:
        """`meaning` with an encoder, `terms` without."""
        return "meaning" if self._encoder else "terms"

    def similarity(self, text: str, sentences: Sequence[str]) -> float:
        """Highest similarity of the text to the sentences, 0 when either is empty."""
        return self.closest([text], sentences)[0].value

    def closest(self, texts: Sequence[str], samples: Sequence[str]) -> tuple[Closeness, ...]:
        """For each text the nearest sample."""
        if not samples:
            return tuple(Closeness(value=0.0, sample=None, method=self.method) for _ in texts)
        table = self.table(texts, samples)
        return tuple(
            Closeness(
                value=round(float(row.max()), 4),
                sample=int(row.argmax()) if row.max() > 0 else None,
                method=self.method,
            )
            for row in table
        )

    def table(self, texts: Sequence[str], samples: Sequence[str]) -> np.ndarray:
        """Similarity of every text with every sample, `(len(texts), len(samples))`, 0–1."""
        if self._encoder is not None:
            left, right = self._encoder.encode(texts), self._encoder.encode(samples)
            return np.maximum((similarities(left, right) - self.floor) / (1 - self.floor), 0.0)
        return np.array(
            [[term_overlap(text, sample) for sample in samples] for text in texts]
        ).reshape(len(texts), len(samples))


def term_overlap(left: str, right: str) -> float:
    """Common key terms over the smaller set (overlap coefficient), 0 when either has none."""
    one, other = key_terms(left), key_terms(right)
    if not one or not other:
        return 0.0
    return len(one & other) / min(len(one), len(other))


@dataclass(frozen=True, slots=True, kw_only=True)
class Paraphrase:
    """Whether a sentence plays a need back: the shared terms, the similarity, and the answer."""

    echoed: bool
    shared: tuple[str, ...]
    similarity: float | None


def paraphrases(
    sentence: str,
    needs: Sequence[str],
    *,
    reader: SemanticReader | None = None,
    threshold: float = SAME_MEANING,
) -> Paraphrase:
    """Whether a sentence plays back what somebody said before it.

    Either `SHARED_TERMS` common key terms with the needs together, or a similarity of at least
    `threshold` to one of them. An empty phrase ("let me confirm that") shares nothing.
    """
    said = frozenset(term for need in needs for term in key_terms(need))
    shared = tuple(sorted(key_terms(sentence) & said))
    similarity = None
    if reader is not None and reader.method == "meaning" and needs and sentence.strip():
        similarity = reader.similarity(sentence, [need for need in needs if need])
    meant = similarity is not None and similarity >= threshold and bool(key_terms(sentence))
    return Paraphrase(
        echoed=len(shared) >= SHARED_TERMS or meant,
        shared=shared,
        similarity=None if similarity is None else round(similarity, 4),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """A threshold set on labelled examples.

    Attributes:
        value: Similarity from which the answer is yes.
        precision: Of the yes answers on the examples, at this threshold.
        recall: Of the examples labelled yes.
        histogram: Counts per bin of 0.05 from 0 to 1: (labelled no, labelled yes).
    """

    value: float
    precision: float
    recall: float
    histogram: tuple[tuple[int, int], ...]


def set_threshold(
    values: Sequence[float], labels: Sequence[bool], *, precision: float = 0.9
) -> Threshold:
    """The lowest threshold that keeps the asked precision, so that recall is highest.

    Raises:
        SettingsError: Fewer than four examples of either kind: no threshold can be set on them.
    """
    good = sorted((v for v, yes in zip(values, labels, strict=True) if yes), reverse=True)
    bad = [v for v, yes in zip(values, labels, strict=True) if not yes]
    if min(len(good), len(bad)) < 4:
        raise SettingsError(
            f"{len(good)} examples say yes and {len(bad)} say no",
            "labelled examples",
            "label at least four of each",
        )
    best = None
    for cut in good:
        hits = sum(v >= cut for v in good)
        wrong = sum(v >= cut for v in bad)
        if hits / (hits + wrong) >= precision:
            best = (cut, hits, wrong)
    cut, hits, wrong = best or (max(*good, *bad) + 0.001, 0, 0)
    return Threshold(
        value=round(cut, 4),
        precision=round(hits / (hits + wrong), 4) if hits + wrong else 0.0,
        recall=round(hits / len(good), 4),
        histogram=_histogram(good, bad),
    )


def _histogram(good: Sequence[float], bad: Sequence[float]) -> tuple[tuple[int, int], ...]:
    edges = np.linspace(0, 1, 21)
    yes, _ = np.histogram(np.clip(good, 0, 1), edges)
    no, _ = np.histogram(np.clip(bad, 0, 1), edges)
    return tuple(zip(no.tolist(), yes.tolist(), strict=True))


def shipped_thresholds() -> Mapping[str, Any]:
    """Thresholds set on the project's labelled pairs: operator → threshold, figures, histogram.

    Operators: `paraphrase`, `empathy`, `answered`, `explained` (`samples/semantics`).
    """
    text = files("scoring").joinpath("semantic_thresholds.json").read_text("utf-8")
    found: Mapping[str, Any] = json.loads(text)["operators"]
    return found
