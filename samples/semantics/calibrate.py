"""Set the thresholds of the semantic operators on labelled pairs written for this project.

    python samples/semantics/calibrate.py            # prints and writes the thresholds
    python samples/semantics/calibrate.py --check    # only compares with what is shipped

Each pair says whether a sentence plays back, meets, answers or explains what was said before it.
The threshold is the lowest that keeps the precision asked for; precision and recall are also given
with each pair judged by a threshold set without it.
"""

import argparse
import csv
import json
from pathlib import Path
from typing import Any

from qa import runtime

runtime.prepare()

from scoring.encoder import open_encoder  # noqa: E402 - after the thread counts are set
from scoring.semantics import SemanticReader, set_threshold  # noqa: E402

PAIRS = Path(__file__).with_name("pairs.tsv")
SHIPPED = Path(__file__).parents[2] / "scoring" / "semantic_thresholds.json"
PRECISION = 0.9


def left_out(values: list[float], labels: list[bool]) -> tuple[float, float]:
    """Precision and recall with every pair judged by the others' threshold."""
    hits = wrong = 0
    for at, value in enumerate(values):
        rest = [v for i, v in enumerate(values) if i != at]
        told = [v for i, v in enumerate(labels) if i != at]
        if value >= set_threshold(rest, told, precision=PRECISION).value:
            hits, wrong = hits + labels[at], wrong + (not labels[at])
    return round(hits / max(1, hits + wrong), 3), round(hits / sum(labels), 3)


def calibrated() -> dict[str, Any]:
    """Operator → its threshold with figures and histogram."""
    encoder = open_encoder("e5-small", device="cpu")
    reader = SemanticReader(encoder)
    with PAIRS.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    encoder.encode([row[name] for row in rows for name in ("said", "before")])
    found = {}
    for operator in dict.fromkeys(row["operator"] for row in rows):
        mine = [row for row in rows if row["operator"] == operator]
        values = [reader.similarity(row["said"], [row["before"]]) for row in mine]
        labels = [row["label"] == "yes" for row in mine]
        best = set_threshold(values, labels, precision=PRECISION)
        precision, recall = left_out(values, labels)
        found[operator] = {
            "threshold": best.value,
            "pairs": len(mine),
            "precision": best.precision,
            "recall": best.recall,
            "left_out": {"precision": precision, "recall": recall},
            "histogram": [list(pair) for pair in best.histogram],
        }
    return {"encoder": reader.digest, "operators": found}


def main() -> None:
    """Print the figures, and write or compare them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    given = parser.parse_args()
    found = calibrated()
    for name, told in found["operators"].items():
        figures = {key: value for key, value in told.items() if key != "histogram"}
        print(name, json.dumps(figures))
    text = json.dumps(found, indent=1) + "\n"
    if given.check:
        raise SystemExit(text != SHIPPED.read_text("utf-8"))
    SHIPPED.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
