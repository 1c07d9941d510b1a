"""Train the witness, which takes deductions back, and write it beside the lexicons.

    python samples/phrases/train_witness.py

One linear classifier a language: sentences of any forbidden bank against everything good that
agents say. Reads what `train.py` reads and `witness-*.txt` here. About one
unseen forbidden sentence in ten stays under the boundary, and asks a person.
"""

from __future__ import annotations

import sys

import numpy as np
from sklearn.svm import LinearSVC
from train import HERE, LANGUAGES, Pieces, packed, read_rows, sentences

from qa.calls import Role
from scoring.matching import BankKind, default_matcher
from scoring.matching.likeness import NONE, save_likeness
from scoring.matching.matcher import WITNESS_FILE

STRENGTH = 0.5
#: Asking for a code or password deducts by its words alone: the harm is done however it is put.
SECRETS = "F7"
#: In English frames are narrower, and good sentences further off.
BOUNDARY = {"zh": 0.0, "en": -0.1}


def agents(language: str) -> list[tuple[str, str]]:
    """(bank, sentence) pairs of what agents say."""
    rows = sentences(language) + read_rows(HERE / f"witness-{language}.txt")
    banks = default_matcher().banks
    return sorted({r for r in rows if r[0] == NONE or banks[r[0]].side is Role.AGENT})


def forbidden(bank: str) -> bool:
    """Whether agents must not say it."""
    return bank != NONE and default_matcher().banks[bank].kind is BankKind.FORBIDDEN


def fit(pieces: Pieces, rows: list[tuple[str, str]]) -> LinearSVC:
    """The classifier of forbidden against good."""
    model = LinearSVC(C=STRENGTH, class_weight="balanced", random_state=0)
    matrix = pieces.matrix([text for _, text in rows], strange=False)
    return model.fit(matrix, [forbidden(bank) for bank, _ in rows])


def main() -> None:
    """Train both languages and write the witness."""
    models = {}
    for language in LANGUAGES:
        rows = agents(language)
        pieces = Pieces([text for _, text in rows], language)
        fields = packed(pieces, fit(pieces, rows), rows)
        models[language] = {**fields, "thresholds": np.array([BOUNDARY[language]])}
        print(f"{language}: {len(rows)} sentences")
    judged = sorted(bank for bank in default_matcher().banks if forbidden(bank) and bank != SECRETS)
    save_likeness(WITNESS_FILE, banks=tuple(judged), models=models)
    print(f"{WITNESS_FILE.name}: {WITNESS_FILE.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    sys.exit(main())
