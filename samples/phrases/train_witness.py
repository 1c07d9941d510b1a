"""Train the witness, which takes deductions back, and write it beside the lexicons.

    python samples/phrases/train_witness.py

One linear classifier a language: sentences of any forbidden bank against everything good that
agents say. Reads what `train.py` reads and `witness-*.txt` here. About one
unseen forbidden sentence in ten stays under the boundary, and asks a person.

The second threshold, of what deducts without a frame, is set on `agents/`: each of its files is
judged by models that read all others, and at most `MOST_WRONG` of good sentences may deduct.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from sklearn.svm import LinearSVC
from train import HERE, LANGUAGES, Pieces, fit, packed, read_rows, sentences, written_files

from qa.calls import Role
from scoring.matching import BankKind, default_matcher
from scoring.matching.likeness import (
    LEAST_LIKE,
    LEAST_MARGIN,
    NONE,
    grams_as_written,
    save_likeness,
)
from scoring.matching.matcher import WITNESS_FILE

STRENGTH = 1.0
#: In English frames are narrower, and good sentences further off.
BOUNDARY = {"zh": 0.0, "en": -0.1}
#: Good sentences near a fault, left out in turn, that may deduct by likeness: one in 125.
MOST_WRONG = 0.008
#: Whatever the left-out sentences allow: what is hardly like anything written must not deduct.
LOWEST_SUM = 0.9


def agents(rows: list[tuple[str, str]], language: str) -> list[tuple[str, str]]:
    """(bank, sentence) pairs of what agents say."""
    banks = default_matcher().banks
    rows = rows + read_rows(HERE / f"witness-{language}.txt")
    return sorted({r for r in rows if r[0] == NONE or banks[r[0]].side is Role.AGENT})


def forbidden(bank: str) -> bool:
    """Whether agents must not say it."""
    return bank != NONE and default_matcher().banks[bank].kind is BankKind.FORBIDDEN


def learn(rows: list[tuple[str, str]], language: str) -> tuple[Pieces, LinearSVC]:
    """The classifier of forbidden against good."""
    pieces = Pieces([text for _, text in rows], language, grams_as_written)
    model = LinearSVC(C=STRENGTH, class_weight="balanced", random_state=0)
    matrix = pieces.matrix([text for _, text in rows], strange=False)
    return pieces, model.fit(matrix, [forbidden(bank) for bank, _ in rows])


def enough(language: str) -> float:
    """What margin and lead must come to for a sentence to deduct by likeness."""
    sums, is_bad = [], []
    for path in written_files(language):
        asked = read_rows(path)
        sums.append(evidence([text for _, text in asked], language, but=path))
        is_bad += [forbidden(bank) for bank, _ in asked]
    found, bad = np.concatenate(sums), np.array(is_bad)
    good = np.sort(found[~bad])[::-1]
    least = max(LOWEST_SUM, round(float(good[int(MOST_WRONG * len(good))]) + 0.001, 3))
    share = (found[bad] >= least).mean()
    print(f"  deducts by likeness from {least:+.3f}: {share:.1%} of sentences left out")
    return least


def evidence(texts: list[str], language: str, *, but: Path) -> np.ndarray:
    """Margin plus lead of each sentence by models that never read the file `but`.

    Minus infinity where they convict of nothing, shape (sentences,). As `Witness.convicts`.
    """
    banks = default_matcher().banks
    rows = sentences(language, but=but)
    pieces = Pieces([text for _, text in rows], language)
    likeness = fit(pieces, rows)
    names = list(likeness.classes_)
    said = [name == NONE or banks[name].side is Role.AGENT for name in names]
    scores = likeness.decision_function(pieces.matrix(texts, strange=True))
    scores = np.where(said, scores, -np.inf)
    pieces, witness = learn(agents(rows, language), language)
    margins = witness.decision_function(pieces.matrix(texts, strange=True)) - BOUNDARY[language]
    top = scores.max(axis=1)
    like_bad = [forbidden(names[one]) for one in scores.argmax(axis=1)] & (top >= LEAST_LIKE)
    sums = margins + top - scores[:, names.index(NONE)]
    return np.where(like_bad & (margins >= LEAST_MARGIN), sums, -np.inf)


def main() -> None:
    """Train both languages and write the witness."""
    models = {}
    for language in LANGUAGES:
        rows = agents(sentences(language), language)
        print(f"{language}: {len(rows)} sentences")
        pieces, witness = learn(rows, language)
        fields = packed(pieces, witness, rows)
        models[language] = {
            **fields,
            "thresholds": np.array([BOUNDARY[language], enough(language)]),
        }
    judged = sorted(filter(forbidden, default_matcher().banks))
    save_likeness(WITNESS_FILE, banks=tuple(judged), models=models)
    print(f"{WITNESS_FILE.name}: {WITNESS_FILE.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    sys.exit(main())
