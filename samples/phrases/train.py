"""Train the likeness model of the phrase banks and write it beside the lexicons.

    python samples/phrases/train.py

Reads the phrases of the lexicons, the wordings frames were written on (`tests/scoring/matching/
data/*-dev.yaml`, `LEARNED` under `fresh/`), `zh.txt`/`en.txt` and `agents/` here; nothing else, and
none of the held-out sets. One linear classifier per bank against all others (squared hinge),
weights in eight bits. Thresholds are set on sentences left out in turn: the lowest that keeps
wrong finds under `MOST_WRONG`.

`train_witness.py` trains the second witness of deductions.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
from ruamel.yaml import YAML
from scipy.sparse import csr_matrix
from sklearn.model_selection import StratifiedKFold
from sklearn.svm import LinearSVC

from qa.text import normalise
from scoring.matching import BankKind, default_matcher
from scoring.matching.likeness import NONE, grams, save_likeness
from scoring.matching.matcher import LIKENESS_FILE
from scoring.matching.patterns import FOLD_YOU
from scoring.matching.pinyin import is_syllable, syllables

HERE = Path(__file__).parent
DEV = HERE.parents[1] / "tests" / "scoring" / "matching" / "data"
LANGUAGES = ("zh", "en")
#: Sets on which frames were written after they had measured; the others there only measure.
LEARNED = ("forbidden", "first-contact", "first-contact-2", "first-contact-3")
#: Folders of what was written by hand beside `agents/`: a file for each writer.
OTHERS = ("service", "customers")
LEAST_SEEN, STRENGTH, UNSEEN_SHARE = 2, 1.0, 0.25
#: Wrong finds per sentence that any kind of bank may cost, measured on sentences left out. One of a
#: positive bank is often another thing the sentence does as well; a candidate of a forbidden bank
#: costs a person time, a signal may raise an alert.
MOST_WRONG = {BankKind.POSITIVE: 0.14, BankKind.FORBIDDEN: 0.045, BankKind.SIGNAL: 0.003}

#: Customers talk about anything, few examples of which are here: their signals must be surer; less
#: so in Mandarin, where recognisers spoil more of what was said.
LOWEST = {
    "zh": {BankKind.POSITIVE: -0.6, BankKind.FORBIDDEN: -0.6, BankKind.SIGNAL: -0.3},
    "en": {BankKind.POSITIVE: -0.6, BankKind.FORBIDDEN: -0.6, BankKind.SIGNAL: -0.1},
}


def plain(text: str) -> str:
    """As the matcher sees it."""
    return normalise(text).without_breaks().text.translate(FOLD_YOU).strip()


def sentences(language: str, *, but: Path | None = None) -> list[tuple[str, str]]:
    """(bank, sentence) pairs, `none` for good sentences of no bank; `but`: a file left out."""
    banks = default_matcher().banks
    rows = [(bank.id, text) for bank in banks.values() for text in bank.phrases[language]]
    rows += [(NONE, t) for bank in banks.values() for t in bank.hard_negatives.get(language, ())]
    read = YAML(typ="safe").load
    for bank, texts in read((DEV / "paraphrases-dev.yaml").read_text("utf-8")).items():
        rows += [(bank, text) for text in texts[language]]
    negatives = read((DEV / "hard-negatives-dev.yaml").read_text("utf-8"))
    rows += [(NONE, text) for text in negatives[language]]
    for name in LEARNED:
        found = (DEV.parent / "fresh" / f"{name}-{language}.jsonl").read_text("utf-8")
        rows += [(row["bank"], row["text"]) for row in map(json.loads, found.splitlines())]
    others = [found for side in OTHERS for found in sorted((HERE / side).glob(f"*-{language}.txt"))]
    for path in [HERE / f"{language}.txt", *others, *written_files(language)]:
        rows += read_rows(path) if path != but else []
    return sorted(set(rows))


def written_files(language: str) -> list[Path]:
    """What agents say, forbidden and good, a file for each hand that wrote it."""
    return sorted((HERE / "agents").glob(f"*-{language}.txt"))


def read_rows(path: Path) -> list[tuple[str, str]]:
    """(bank, sentence) pairs of a file with one bank a line, `BANK|sentence|sentence`."""
    lines = [line.split("|") for line in path.read_text("utf-8").splitlines()]
    return [(bank, text) for bank, *texts in lines if bank and bank[0] != "#" for text in texts]


class Pieces:
    """Sentences as rows of weighted n-grams, cut by `cut`."""

    def __init__(
        self, texts: list[str], language: str, cut: Callable[[str, str], set[str]] = grams
    ) -> None:
        self.language, self.cut = language, cut
        seen = Counter(piece for text in texts for piece in cut(plain(text), language))
        self.names = sorted(piece for piece, count in seen.items() if count >= LEAST_SEEN)
        self.rows = {piece: row for row, piece in enumerate(self.names)}
        count = np.array([seen[piece] for piece in self.names])
        self.rarity = np.rint(1000 * (np.log((1 + len(texts)) / (1 + count)) + 1)).astype(np.int32)
        self.unseen = round(float(self.rarity.max()) * UNSEEN_SHARE**0.5)

    def matrix(self, texts: list[str], *, strange: bool) -> csr_matrix:
        """Rows of length one; `strange`: unknown n-grams count into the length."""
        at, columns, values = [], [], []
        for row, text in enumerate(texts):
            pieces = self.cut(plain(text), self.language)
            known = sorted(self.rows[piece] for piece in pieces if piece in self.rows)
            rare = self.rarity[known].astype(float)
            extra = self.unseen**2 * (len(pieces) - len(known)) if strange else 0
            length = np.sqrt((rare**2).sum() + extra) or 1.0
            at += [row] * len(known)
            columns += known
            values += list(rare / length)
        return csr_matrix((values, (at, columns)), shape=(len(texts), len(self.names)))


def fit(pieces: Pieces, rows: list[tuple[str, str]]) -> LinearSVC:
    """One classifier per bank."""
    model = LinearSVC(C=STRENGTH, class_weight="balanced", random_state=0)
    return model.fit(pieces.matrix([t for _, t in rows], strange=False), [b for b, _ in rows])


def left_out(rows: list[tuple[str, str]], language: str, banks: list[str]) -> np.ndarray:
    """Scores of every sentence by models that never saw it, shape (sentences, banks)."""
    labels = np.array([bank for bank, _ in rows])
    scores = np.zeros((len(rows), len(banks)))
    for train, test in StratifiedKFold(5, shuffle=True, random_state=0).split(labels, labels):
        chosen = [rows[i] for i in train]
        pieces = Pieces([text for _, text in chosen], language)
        model = fit(pieces, chosen)
        assert list(model.classes_) == banks
        texts = [rows[i][1] for i in test]
        scores[test] = model.decision_function(pieces.matrix(texts, strange=True))
    return scores


def thresholds(
    rows: list[tuple[str, str]], scores: np.ndarray, banks: list[str], language: str
) -> dict[str, float]:
    """Least score by kind of bank, the lowest that stays under `MOST_WRONG`."""
    known = default_matcher().banks
    side = {bank: known[bank].side if bank != NONE else None for bank in banks}
    least = {}
    best = []
    for (bank, _), row in zip(rows, scores, strict=True):
        mine = side[bank] or known["G1"].side
        allowed = np.array([side[name] in (None, mine) for name in banks])
        found = int(np.argmax(np.where(allowed, row, -np.inf)))
        best.append((banks[found], row[found], bank))
    for kind, most in MOST_WRONG.items():
        mine = [b for b in best if b[0] != NONE and known[b[0]].kind is kind]
        wrong = sorted((score for found, score, bank in mine if found != bank), reverse=True)
        cut = int(most * len(rows))
        lowest = LOWEST[language][kind]
        least[kind] = max(lowest, round(float(wrong[cut]) + 0.001, 3) if cut < len(wrong) else -1)
        right = sum(score >= least[kind] and found == bank for found, score, bank in mine)
        total = sum(bank != NONE and known[bank].kind is kind for bank, _ in rows)
        print(
            f"  {kind}: least {least[kind]:+.3f}, {right / total:.1%} of sentences left out found"
        )
    return {bank: least[known[bank].kind] if bank != NONE else 9.0 for bank in banks}


def packed(pieces: Pieces, model: LinearSVC, rows: list[tuple[str, str]]) -> dict[str, object]:
    """The fields of a `LanguageModel` but its thresholds; weights in eight bits."""
    weighted = model.coef_.T * pieces.rarity[:, None]  # (n-grams, classes)
    scale = np.abs(weighted).max(axis=0) / 127
    spelling = {
        syllables(char): char for _, text in rows for char in plain(text) if char > "\u3000"
    }
    return {
        "grams": [written(piece, spelling) for piece in pieces.names],
        "weights": np.rint(weighted / scale).astype(np.int8),
        "rarity": pieces.rarity,
        "unseen": np.int64(pieces.unseen),
        "scale": scale,
        "bias": model.intercept_,
    }


def written(piece: str, spelling: dict[str, str]) -> str:
    """An n-gram as it is kept: syllables as a character that sounds so."""
    if any(is_syllable(char) for char in piece):
        return "~" + "".join(spelling.get(char, char) for char in piece)
    return piece


def main() -> None:
    """Train both languages and write the model."""
    models = {}
    for language in LANGUAGES:
        rows = sentences(language)
        banks = sorted({bank for bank, _ in rows})
        print(f"{language}: {len(rows)} sentences, {len(banks) - 1} banks")
        least = thresholds(rows, left_out(rows, language, banks), banks, language)
        pieces = Pieces([text for _, text in rows], language)
        fields = packed(pieces, fit(pieces, rows), rows)
        models[language] = {**fields, "thresholds": np.array([least[bank] for bank in banks])}
    save_likeness(LIKENESS_FILE, banks=tuple(banks), models=models)
    print(f"{LIKENESS_FILE.name}: {LIKENESS_FILE.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    sys.exit(main())
