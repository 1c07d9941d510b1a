"""How good a sentiment model is on labelled texts, by source: accuracy, macro-F1, calibration.

A source whose labels are only positive and negative is judged on those two: the model's two
probabilities are compared and `neutral` is left out of the question (their shares are scaled to 1
for the calibration error). A source with three labels is judged on all three.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from qa.errors import SettingsError, SourceError
from qa.settings import SentimentSettings
from scoring.sentiment import LABELS, SentimentModel, SentimentScore, create_sentiment

COLUMNS = ("language", "source", "label", "text")
_BINS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class SentimentCheck:
    """One source of a check. `ece` is the expected calibration error over ten equal bins.

    Attributes:
        n: Texts judged on.
        unknown: Texts the model gave no answer for; they count as wrong.
        classes: `2` or `3`.
    """

    source: str
    language: str
    n: int
    accuracy: float
    macro_f1: float
    ece: float
    classes: int
    unknown: int = 0


def check_sentiment(path: Path, settings: SentimentSettings) -> list[dict[str, Any]]:
    """`judge_sentiment` with the model these settings ask for, as plain rows for tables and JSON.

    Raises:
        ModelError: The model cannot be loaded.
        SettingsError: Sentiment is switched off.
        SourceError: The file cannot be read as asked.
    """
    model, _ = create_sentiment(settings)
    if model is None:
        raise SettingsError("sentiment is off", "sentiment.engine", "choose an engine to check")
    return [{"model": model.name} | asdict(row) for row in judge_sentiment(path, model)]


def judge_sentiment(path: Path, model: SentimentModel) -> tuple[SentimentCheck, ...]:
    """Judge a model on a CSV with the columns `language, source, label, text`.

    Raises:
        SourceError: The file cannot be read, a column is missing, or a label is not one of three.
    """
    rows = read_labelled(path)
    scores: dict[int, SentimentScore] = {}
    for language in sorted({row["language"] for row in rows}):
        at = [place for place, row in enumerate(rows) if row["language"] == language]
        found = model.score([rows[place]["text"] for place in at], language=language)
        scores |= dict(zip(at, found, strict=True))
    groups = dict.fromkeys((row["language"], row["source"]) for row in rows)
    return tuple(
        _check(
            language,
            source,
            [
                (row["label"], scores[at])
                for at, row in enumerate(rows)
                if (row["language"], row["source"]) == (language, source)
            ],
        )
        for language, source in groups
    )


def read_labelled(path: Path) -> list[Mapping[str, str]]:
    """Rows of a labelled CSV, in order.

    Raises:
        SourceError: Not readable, a column missing, or a label that is none of the three.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
            if missing:
                raise SourceError(
                    f"columns missing: {', '.join(missing)}",
                    str(path),
                    f"needs {', '.join(COLUMNS)}",
                )
            rows = [{name: row[name] or "" for name in COLUMNS} for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise SourceError(f"cannot be read: {error}", str(path), "give a UTF-8 CSV file") from error
    for number, row in enumerate(rows, start=2):
        if row["label"] not in LABELS:
            raise SourceError(
                f"label {row['label']!r} is none of {', '.join(LABELS)}",
                f"{path}:{number}",
                "correct the label",
            )
    if not rows:
        raise SourceError("no rows", str(path), "give at least one labelled text")
    return list(rows)


def _check(
    language: str, source: str, judged: Sequence[tuple[str, SentimentScore]]
) -> SentimentCheck:
    truths = [label for label, _ in judged]
    classes = [name for name in LABELS if name in truths or name != "neutral"]
    answers = [_answer(score, classes) for _, score in judged]
    right = np.array([truth == label for truth, (label, _) in zip(truths, answers, strict=True)])
    sure = np.array([confidence for _, confidence in answers])
    return SentimentCheck(
        source=source,
        language=language,
        n=len(judged),
        accuracy=round(float(right.mean()), 4),
        macro_f1=round(macro_f1(truths, [label for label, _ in answers]), 4),
        ece=round(calibration_error(sure, right), 4),
        classes=len(classes),
        unknown=sum(1 for label, _ in answers if not label),
    )


def _answer(score: SentimentScore, classes: Sequence[str]) -> tuple[str, float]:
    """The likeliest of the classes the source knows, with its share among them."""
    shares = {name: score.probabilities.get(name, 0.0) for name in classes}
    total = sum(shares.values())
    if not total:
        return "", 0.0
    # a model without any evidence either way (the lexicon's tie) is counted as negative
    best = max(reversed(classes), key=lambda name: shares[name])
    return best, shares[best] / total


def macro_f1(truths: Sequence[str], answers: Sequence[str]) -> float:
    """Mean F1 over the labels that occur in `truths`."""
    values = []
    for label in sorted(set(truths)):
        hits = sum(t == a == label for t, a in zip(truths, answers, strict=True))
        values.append(2 * hits / max(1, truths.count(label) + list(answers).count(label)))
    return float(np.mean(values)) if values else 0.0


def calibration_error(confidence: np.ndarray, right: np.ndarray) -> float:
    """Expected calibration error: mean |confidence − accuracy| over ten bins, by their size.

    Naeini, Cooper and Hauskrecht (2015), *Obtaining well calibrated probabilities*.
    """
    if not len(confidence):
        return 0.0
    bins = np.minimum((np.asarray(confidence) * _BINS).astype(int), _BINS - 1)
    error = 0.0
    for place in range(_BINS):
        at = bins == place
        if at.any():
            error += at.mean() * abs(confidence[at].mean() - right[at].mean())
    return float(error)
