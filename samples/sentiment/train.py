"""Train the sentiment head on `utterances.tsv` and write `scoring/sentiment_weights/`.

    python samples/sentiment/build.py && python samples/sentiment/train.py

Needs the `e5-small` pack. Regularisation is chosen across registers and the temperature set on
the validation families; the held-out families are touched once, for the figures printed at the
end. Nothing but `utterances.tsv` is read: public reviews and tweets are for evaluation only.
"""

from __future__ import annotations

import csv
import hashlib
import json
import sys
from pathlib import Path

import numpy as np
from scipy.optimize import minimize_scalar
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score

from scoring.check_sentiment import calibration_error
from scoring.encoder import open_encoder
from scoring.sentiment import LABELS
from scoring.sentiment_head import HeadWeights, features, probabilities

HERE = Path(__file__).parent
TARGET = HERE.parents[1] / "scoring" / "sentiment_weights"
#: Pairs of sentences are families of their own; each counts for less than a sentence alone.
PAIR_WEIGHT = 0.3
STRENGTHS = (0.0003, 0.001, 0.003, 0.01, 0.03, 0.1)
#: Calibration error allowed on the validation families; the target for unseen data is 0.06.
MOST_ERROR = 0.045


def read() -> list[dict[str, str]]:
    """The utterances as dicts."""
    with (HERE / "utterances.tsv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def family_weights(rows: list[dict[str, str]]) -> np.ndarray:
    """Families count by the root of their size; each label of each language equally."""

    def counted(*names: str) -> np.ndarray:
        keys = ["/".join(row[name] for name in names) for row in rows]
        sizes = {key: keys.count(key) for key in set(keys)}
        return np.array([sizes[key] for key in keys], float)

    weights = counted("family") ** -0.5
    weights[["&" in row["family"] for row in rows]] *= PAIR_WEIGHT
    groups = ["/".join((row["label"], row["language"])) for row in rows]
    for group in set(groups):
        at = np.array([name == group for name in groups])
        weights[at] /= weights[at].sum()
    return weights * len(rows) / weights.sum()


def fit(
    inputs: np.ndarray, labels: np.ndarray, weights: np.ndarray, strength: float, *, encoder: str
) -> HeadWeights:
    """Multinomial logistic regression as head weights without a hidden layer."""
    model = LogisticRegression(C=strength, max_iter=3000)
    model.fit(inputs, labels, sample_weight=weights)
    order = [list(model.classes_).index(label) for label in range(len(LABELS))]
    return HeadWeights(
        hidden=np.zeros((0, 0), np.float32),
        hidden_bias=np.zeros(0, np.float32),
        output=model.coef_[order].T.astype(np.float32),
        output_bias=model.intercept_[order].astype(np.float32),
        temperature=1.0,
        version="",
        encoder=encoder,
    )


def with_temperature(weights: HeadWeights, value: float, version: str = "") -> HeadWeights:
    """The same weights at another temperature."""
    parts = {name: getattr(weights, name) for name in HeadWeights.__slots__}
    return HeadWeights(**parts | {"temperature": value, "version": version})


def shifted_loss(
    inputs: np.ndarray, labels: np.ndarray, rows: list[dict[str, str]], strength: float
) -> float:
    """Validation loss on a register the head was not trained on, at the best temperature.

    Real calls differ from these utterances as one register differs from another, so strength is
    chosen by how well calls teach reviews and reviews teach calls, not by the same register.
    """
    is_call = np.array([row["register"] != "review" for row in rows])
    train, check = part(rows, "train"), part(rows, "validation")
    total = 0.0
    for seen in (is_call, ~is_call):
        at = train & seen
        weights = family_weights([row for row, kept in zip(rows, at, strict=True) if kept])
        head = fit(inputs[at], labels[at], weights, strength, encoder="")
        unseen = check & ~seen
        head = with_temperature(head, best_temperature(head, inputs[unseen], labels[unseen]))
        total += float(losses_of(head, inputs[unseen], labels[unseen]).mean())
    return total / 2


def part(rows: list[dict[str, str]], name: str) -> np.ndarray:
    """Which rows belong to a split."""
    return np.array([row["split"] == name for row in rows])


def best_temperature(head: HeadWeights, inputs: np.ndarray, labels: np.ndarray) -> float:
    """The temperature that fits the labels best."""
    found = minimize_scalar(
        lambda value: losses_of(with_temperature(head, value), inputs, labels).mean(),
        bounds=(0.2, 4),
        method="bounded",
    )
    return float(found.x)


def softened(head: HeadWeights, inputs: np.ndarray, labels: np.ndarray) -> HeadWeights:
    """The head at the highest temperature that keeps the validation calibration error in bounds.

    Composed sentences are clearer than speech: what is exactly calibrated on them is too sure of
    itself on calls. So it is made as unsure as `MOST_ERROR` allows, and no more.
    """
    value = best_temperature(head, inputs, labels)
    while True:
        softer = with_temperature(head, round(value * 1.02, 4))
        found = probabilities(inputs, softer)
        if calibration_error(found.max(axis=1), found.argmax(axis=1) == labels) > MOST_ERROR:
            return with_temperature(head, round(value, 4))
        value *= 1.02


def losses_of(weights: HeadWeights, inputs: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Negative log-likelihood of each label."""
    chosen = probabilities(inputs, weights)[np.arange(len(labels)), labels]
    return -np.log(np.maximum(chosen, 1e-9))


def main() -> None:
    """Train, report, write."""
    rows = read()
    encoder = open_encoder("e5-small")
    inputs = features([row["text"] for row in rows], encoder)
    labels = np.array([LABELS.index(row["label"]) for row in rows])
    train, check = part(rows, "train"), part(rows, "validation")
    best = min(STRENGTHS, key=lambda strength: shifted_loss(inputs, labels, rows, strength))
    weights = family_weights([row for row in rows if row["split"] == "train"])
    head = fit(inputs[train], labels[train], weights, best, encoder=encoder.digest)
    head = softened(head, inputs[check], labels[check])
    version = hashlib.sha256((HERE / "utterances.tsv").read_bytes()).hexdigest()[:12]
    head = with_temperature(head, head.temperature, version)
    print(f"C={best} temperature={head.temperature} data={version}")
    for name in ("train", "validation", "heldout"):
        at = part(rows, name)
        chosen = [row for row, kept in zip(rows, at, strict=True) if kept]
        report(name, probabilities(inputs[at], head), labels[at], chosen)
    save(head)


def report(name: str, found: np.ndarray, labels: np.ndarray, rows: list[dict[str, str]]) -> None:
    """Accuracy, macro-F1 and calibration, over all and by language and register."""

    def line(title: str, at: np.ndarray) -> None:
        guess = found[at].argmax(axis=1)
        macro = f1_score(labels[at], guess, average="macro")
        ece = calibration_error(found[at].max(axis=1), guess == labels[at])
        share = (guess == labels[at]).mean()
        print(f"{title:32} n={at.sum():5} accuracy={share:.3f} macro_f1={macro:.3f} ece={ece:.3f}")

    line(name, np.ones(len(rows), bool))
    for group in sorted({(row["language"], row["register"]) for row in rows}):
        line(
            f"  {name} {' '.join(group)}",
            np.array([(r["language"], r["register"]) == group for r in rows]),
        )


def save(head: HeadWeights) -> None:
    """Write arrays and their description."""
    TARGET.mkdir(exist_ok=True)
    arrays = ("hidden", "hidden_bias", "output", "output_bias")
    np.savez(TARGET / "head.npz", **{name: getattr(head, name) for name in arrays})
    told = {name: getattr(head, name) for name in ("temperature", "version", "encoder")}
    (TARGET / "head.json").write_text(json.dumps(told, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    sys.exit(main())
