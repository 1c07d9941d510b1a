"""Customer sentiment by any `transformers` text classifier the site names: a folder or a hub name.

Labels are mapped explicitly (`sentiment.labels`), or by their names where these say it plainly.
`LABEL_0` says nothing and is never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from qa import runtime
from qa.errors import ModelError, SettingsError
from scoring.sentiment import LABELS, UNKNOWN, SentimentScore, from_probabilities, scoring_language
from scoring.sentiment_pieces import join_scores, pieces_of

_BATCH = 32
_TOKENS = 512
_PLAIN = {
    "positive": re.compile(r"pos(?:itive)?|[45] stars?|好评|正面|积极|pos\.?", re.IGNORECASE),
    "neutral": re.compile(r"neu(?:tral)?|3 stars?|中性|neu\.?", re.IGNORECASE),
    "negative": re.compile(r"neg(?:ative)?|[12] stars?|差评|负面|消极|neg\.?", re.IGNORECASE),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Classifier:
    """A loaded classifier; `columns` says which of its outputs belong to which label."""

    tokenizer: Any
    network: Any
    columns: Mapping[str, tuple[int, ...]]
    window: int = _TOKENS


class TransformersSentiment:
    """A `SentimentModel` on a text classifier. `languages` empty: the site chose it for its own."""

    name = "transformers"
    languages: frozenset[str] = frozenset()

    def __init__(self, classifier: Classifier) -> None:
        self._classifier = classifier

    def score(self, texts: Sequence[str], *, language: str) -> list[SentimentScore]:
        """Label, score and probabilities of each text; a text without words gives `unknown`."""
        pieces, owners = pieces_of(texts, lambda text: scoring_language(text, language) != "")
        if not pieces:
            return [UNKNOWN] * len(texts)
        judged = np.vstack(
            [self._judge(pieces[at : at + _BATCH]) for at in range(0, len(pieces), _BATCH)]
        )
        joined = join_scores(len(texts), owners, pieces, judged)
        return [from_probabilities(found) if found else UNKNOWN for found in joined]

    def _judge(self, texts: Sequence[str]) -> np.ndarray:
        import torch  # noqa: PLC0415 - heavy: only where a model runs

        inputs = self._classifier.tokenizer(
            list(texts),
            truncation=True,
            max_length=self._classifier.window,
            padding=True,
            return_tensors="pt",
        )
        with torch.inference_mode():
            shares = torch.softmax(self._classifier.network(**inputs).logits.float(), dim=1).numpy()
        columns = self._classifier.columns
        return np.stack([shares[:, list(columns[name])].sum(axis=1) for name in LABELS], axis=1)


def columns_of(
    id2label: Mapping[int, str], labels: Mapping[str, str]
) -> dict[str, tuple[int, ...]]:
    """Which outputs mean which label.

    Args:
        id2label: The model's own names of its outputs.
        labels: The site's mapping from those names to `positive`, `neutral`, `negative`.

    Raises:
        SettingsError: A name is not mapped and does not say it plainly, or no output is positive
            or negative.
    """
    columns: dict[str, tuple[int, ...]] = dict.fromkeys(LABELS, ())
    for number, name in sorted(id2label.items()):
        found = labels.get(name) or next(
            (label for label, pattern in _PLAIN.items() if pattern.fullmatch(name.strip())), ""
        )
        if found not in columns:
            raise SettingsError(
                f"the model's label {name!r} does not say which class it is",
                "sentiment.labels",
                f"map it: labels = {{ {name} = 'positive' }} (or neutral, negative)",
            )
        columns[found] = (*columns[found], int(number))
    if not columns["positive"] or not columns["negative"]:
        raise SettingsError(
            f"no output of {sorted(id2label.values())} is both positive and negative",
            "sentiment.labels",
            "map one to positive and one to negative",
        )
    return columns


def open_classifier(name: str, labels: Mapping[str, str]) -> Classifier:
    """Load a classifier from a folder, or from the site's hub cache.

    Raises:
        ModelError: Not there, broken, or torch is not installed.
        SettingsError: Its labels cannot be mapped.
    """
    runtime.guard_torchaudio()
    try:
        import transformers  # noqa: PLC0415 - heavy: only where a model runs

        logging: Any = transformers.logging
        logging.set_verbosity_error()
        logging.disable_progress_bar()
        source = str(Path(name).expanduser()) if Path(name).expanduser().is_dir() else name
        tokenizer = transformers.AutoTokenizer.from_pretrained(source, local_files_only=True)
        network = transformers.AutoModelForSequenceClassification.from_pretrained(
            source, local_files_only=True, use_safetensors=True
        ).eval()
    except ImportError as error:
        raise ModelError(
            f"the classifier needs {error.name}", name, "install the `sentiment` extra"
        ) from error
    except Exception as error:  # a broken folder fails in a dozen library-specific ways
        raise ModelError(
            f"the classifier cannot be loaded ({type(error).__name__}: {error})",
            name,
            "give a folder with config, tokenizer and safetensors, or a name in the hub cache",
        ) from error
    columns = columns_of(network.config.id2label, labels)
    # two positions are reserved in the RoBERTa family
    window = min(_TOKENS, getattr(network.config, "max_position_embeddings", _TOKENS + 2) - 2)
    return Classifier(tokenizer=tokenizer, network=network, columns=columns, window=window)
