"""Sentiment models side by side on the evaluation texts: lexicon, head, and an upper bound.

    python tests/benchmarks/sentiment.py [FOLDER]

FOLDER (else `$QA_EVAL_DATA/sentiment`, else `../shared/data/sentiment`) holds CSV files with the
columns `language, source, label, text`. The upper bound is the same kind of head trained on half of
a source and judged on the other half, both ways; it is never written anywhere.
"""

import os
import sys
import tempfile
from pathlib import Path

import numpy as np

from qa import runtime
from qa.settings import SentimentSettings

runtime.prepare()

from scoring.check_sentiment import judge_sentiment, read_labelled  # noqa: E402
from scoring.sentiment import LABELS, create_sentiment, from_probabilities  # noqa: E402


class Bound:
    """Answers learnt on the other half of the same source."""

    name = "upper bound"
    languages = frozenset()

    def __init__(self, rows):
        from scoring.encoder import open_encoder
        from scoring.sentiment_head import features

        inputs = features([row["text"] for row in rows], open_encoder("e5-small"))
        self._found = {}
        for source in {row["source"] for row in rows}:
            at = [place for place, row in enumerate(rows) if row["source"] == source]
            half = np.random.default_rng(5).permutation(at)
            one, other = half[::2], half[1::2]
            self._learn(rows, inputs, one, other)
            self._learn(rows, inputs, other, one)

    def _learn(self, rows, inputs, seen, judged):
        from sklearn.linear_model import LogisticRegression

        model = LogisticRegression(C=0.003, max_iter=3000, class_weight="balanced")
        model.fit(inputs[seen], [rows[at]["label"] for at in seen])
        for at, shares in zip(judged, model.predict_proba(inputs[judged]), strict=True):
            found = dict.fromkeys(LABELS, 0.0) | dict(zip(model.classes_, shares, strict=True))
            self._found[rows[at]["text"]] = from_probabilities(found)

    def score(self, texts, *, language):
        return [self._found[text] for text in texts]


def folder_of(arguments):
    given = arguments[0] if arguments else os.environ.get("QA_EVAL_DATA", "")
    if arguments:
        return Path(given)
    root = Path(given) if given else Path(__file__).parents[3] / "shared" / "data"
    return root / "sentiment"


def main():
    folder = folder_of(sys.argv[1:])
    files = sorted(folder.glob("*.csv"))
    if not files:
        sys.exit(f"no evaluation data in {folder}; set QA_EVAL_DATA")
    rows = [row for path in files for row in read_labelled(path)]
    models = [create_sentiment(SentimentSettings(engine=name))[0] for name in ("lexicon", "head")]
    print("| source | n | model | accuracy | macro-F1 | ECE |\n|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as workspace:
        everything = Path(workspace) / "all.csv"
        write(everything, rows)
        for model in [*models, Bound(rows)]:
            for row in judge_sentiment(everything, model):
                print(
                    f"| {row.language} {row.source} | {row.n} | {model.name} "
                    f"| {row.accuracy:.3f} | {row.macro_f1:.3f} | {row.ece:.3f} |"
                )


def write(path, rows):
    import csv

    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main()
