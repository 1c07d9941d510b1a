"""Customer sentiment by a small head on the sentence encoder: the default where torch is present.

The head is a logistic layer over the encoder's unit vector and three numbers of the lexicon. It was
trained only on utterances written for this project (`samples/sentiment/`, see the model card
`docs/model-cards/sentiment.md`). Its weights fit one encoder: another encoder is refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from io import BytesIO
from typing import Any

import numpy as np

from qa.errors import ModelError
from scoring.encoder import Encoder
from scoring.sentiment import UNKNOWN, SentimentScore, from_probabilities, scoring_language
from scoring.sentiment_lexicon import polarity
from scoring.sentiment_pieces import join_scores, pieces_of

_MENTION = re.compile(r"@\w+|https?://\S+")


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadWeights:
    """A small network as arrays; `encoder` is the digest of the encoder it was trained on."""

    hidden: np.ndarray
    hidden_bias: np.ndarray
    output: np.ndarray
    output_bias: np.ndarray
    temperature: float
    version: str
    encoder: str


class HeadSentiment:
    """A `SentimentModel` on encoder vectors. Languages other than zh and en give `unknown`."""

    name = "head"
    languages = frozenset({"zh", "en"})

    def __init__(self, encoder: Encoder, weights: HeadWeights) -> None:
        self._encoder = encoder
        self._weights = weights

    def score(self, texts: Sequence[str], *, language: str) -> list[SentimentScore]:
        """Label, score −1…1 and probabilities of each text, in order.

        A long text is judged in pieces (`sentiment_pieces`), so that a 5,000-character turn is
        neither cut off nor blurred into one vector.
        """
        pieces, owners = pieces_of(
            texts, lambda text: scoring_language(text, language) in self.languages
        )
        if not pieces:
            return [UNKNOWN] * len(texts)
        judged = probabilities(features(pieces, self._encoder), self._weights)
        joined = join_scores(len(texts), owners, pieces, judged)
        return [from_probabilities(found) if found else UNKNOWN for found in joined]


def features(texts: Sequence[str], encoder: Encoder) -> np.ndarray:
    """What the head sees: the vector times √d, then three lexicon numbers; `(n, d + 3)`."""
    plain = [_MENTION.sub(" ", text).strip() or text for text in texts]
    vectors = encoder.encode(plain)
    words = np.array([polarity(text) for text in plain], np.float32).reshape(len(plain), 3)
    return np.hstack([vectors * np.sqrt(vectors.shape[1]), 2 * np.tanh(words / 3)]).astype(
        np.float32
    )


def probabilities(inputs: np.ndarray, weights: HeadWeights) -> np.ndarray:
    """Calibrated probabilities in the order of `LABELS`, `(n, 3)`."""
    if weights.hidden.size:
        inputs = np.maximum(inputs @ weights.hidden + weights.hidden_bias, 0)
    logits = (inputs @ weights.output + weights.output_bias) / weights.temperature
    exponents = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(exponents / exponents.sum(axis=1, keepdims=True))


def load_weights(encoder_digest: str = "") -> HeadWeights:
    """The shipped weights.

    Raises:
        ModelError: They are missing or damaged, or were trained on another encoder.
    """
    folder = files("scoring").joinpath("sentiment_weights")
    try:
        told: dict[str, Any] = json.loads(folder.joinpath("head.json").read_text("utf-8"))
        with np.load(BytesIO(folder.joinpath("head.npz").read_bytes())) as arrays:
            found = {name: arrays[name].astype(np.float32) for name in arrays.files}
        weights = HeadWeights(
            **found, **{name: told[name] for name in ("temperature", "version", "encoder")}
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(
            f"the sentiment head's weights cannot be read ({error})",
            "scoring/sentiment_weights",
            "install the package again, or run samples/sentiment/train.py",
        ) from error
    if encoder_digest and weights.encoder != encoder_digest:
        raise ModelError(
            f"the sentiment head was trained on encoder {weights.encoder}, not {encoder_digest}",
            "sentiment.encoder",
            "use e5-small, train a head for this encoder, or set sentiment.engine = 'lexicon'",
        )
    return weights
