"""Likeness: which bank a sentence resembles by the pieces it is made of, learned from examples.

Frames say exactly what they accept; people find other words. A linear model over character,
syllable and word n-grams recognises those, from sentences written for this project
(`samples/phrases/`). A second model, the witness, reads the same sentence as it is written, sounds
left aside, and tells what agents must not say from good speech. Neither deducts alone: a frame
deducts when the witness agrees (`finds`), and a sentence that no frame knows where both are sure
of it together; anything less is a candidate for a person.
All sums are integers and the rest is one square root and one division, so every machine gets the
same figures.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
import zipfile
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from qa.errors import ScorecardError
from qa.text import drop_breaks, has_han
from scoring.matching.pinyin import is_syllable, syllables

NONE = "none"
_ZH_LONG, _EN_LONG = 24, 90  # a stretch without any mark longer than this is read in windows
_ZH_SHORT, _EN_SHORT = 4, 12  # characters: shorter clauses inside a sentence say too little
_ZH_WINDOW, _EN_WINDOW = 16, 60
#: Pieces of a sentence must be surer than the sentence: there are more of them to be wrong about.
_PIECE_MARGIN = 0.15
#: What resembles no bank in particular never deducts, however bad it sounds.
LEAST_LIKE = -0.1
LEAST_MARGIN = 0.3
#: Characters below which a sentence says too little to deduct without a frame or listed phrase.
SHORTEST = {"zh": 3, "en": 10}
_DIGITS = re.compile(r"\d+(?:[.:,]\d+)*")
_SENTENCE = re.compile(r"[^.?]+")
_CLAUSE = re.compile(r'[^.?,"]+')
_EN_WORD_GRAMS, _EN_LETTER_GRAMS = 3, (3, 5)
_APART = 3  # the second of a pair of characters or words: so many places beyond the next


@dataclass(frozen=True, slots=True, kw_only=True)
class Likely:
    """A stretch of normalised text that resembles a bank.

    Attributes:
        score: > 0 is sure, −1 is nothing.
        lead: By how much it resembles the bank more than good speech of no bank.
        whole: Whether it is a whole sentence, no clause or window of one.
    """

    bank: str
    score: float
    lead: float
    whole: bool
    start: int
    end: int

    @property
    def similarity(self) -> float:
        """The score as a share between 0 and 1."""
        return round(min(1.0, max(0.0, (self.score + 1) / 2)), 3)


def language_of(text: str) -> str:
    """The model that reads a text: `zh` where it has a Chinese character."""
    return "zh" if has_han(text) else "en"


def grams(text: str, language: str) -> set[str]:
    """The pieces of a sentence (normalised, without breaks) that the model looks at."""
    plain = _DIGITS.sub("0", text.strip())
    if language == "zh":
        marked, sounds = f"^{plain}$", f"^{syllables(plain)}$"
        found = {marked[i : i + n] for n in (1, 2, 3) for i in range(len(marked) - n + 1)}
        found.update(
            piece
            for n in (2, 3)
            for i in range(len(sounds) - n + 1)
            if any(map(is_syllable, piece := sounds[i : i + n]))
        )
        return found
    words = ["^", *plain.split(), "$"]
    found = {
        " ".join(words[i : i + n])
        for n in range(1, _EN_WORD_GRAMS + 1)
        for i in range(len(words) - n + 1)
    }
    low, high = _EN_LETTER_GRAMS
    for word in words[1:-1]:
        spaced = f" {word} "
        found.update(
            "_" + spaced[i : i + n]
            for n in range(low, high + 1)
            for i in range(len(spaced) - n + 1)
        )
    return found


def grams_as_written(text: str, language: str) -> set[str]:
    """The pieces the witness looks at: no sounds, but also characters or words a little apart."""
    plain = _DIGITS.sub("0", text.strip())
    if language == "zh":
        marked = f"^{plain}$"
        units = list(marked)
        found = {marked[i : i + n] for n in range(1, 5) for i in range(len(marked) - n + 1)}
    else:
        units = ["^", *plain.split(), "$"]
        found = grams(text, language)
    return found | {
        f"{first}…{second}"
        for i, first in enumerate(units)
        for second in units[i + 2 : i + 2 + _APART]
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageModel:
    """Weights of one language.

    Attributes:
        rows: Row of each n-gram.
        weights: int8, shape (n-grams, banks): weight × rarity, in steps of `scale`.
        rarity: int32, shape (n-grams,): inverse document frequency in thousandths.
        unseen: What an n-gram never seen adds to the length of the sentence, as `rarity`.
        scale: Value of one step, shape (banks,).
        bias: Shape (banks,).
        thresholds: Least score of each bank, shape (banks,).
    """

    rows: Mapping[str, int]
    weights: np.ndarray
    rarity: np.ndarray
    unseen: int
    scale: np.ndarray
    bias: np.ndarray
    thresholds: np.ndarray

    def scores(self, pieces: Collection[str]) -> np.ndarray | None:
        """Score of each bank, or `None` when none of the pieces of a sentence is known."""
        known = [row for piece in pieces if (row := self.rows.get(piece)) is not None]
        if not known:
            return None
        rarity = self.rarity[known].astype(np.int64)
        length = int((rarity * rarity).sum()) + self.unseen**2 * (len(pieces) - len(known))
        sums = self.weights[known].sum(axis=0, dtype=np.int64)
        return np.asarray(sums * self.scale / math.sqrt(length) + self.bias)


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """The model of all banks; `digest` is its identity."""

    banks: tuple[str, ...]
    models: Mapping[str, LanguageModel]
    digest: str

    def find(self, text: str, allowed: np.ndarray) -> Iterator[Likely]:
        """Stretches of normalised text that resemble a bank, sentence by sentence.

        Args:
            text: Normalised text, breaks included.
            allowed: Which of `banks` count, shape (banks,), bool; `none` should be among them.
        """
        for start, end, whole in _units(text):
            sentence = text[start:end]
            scores = self._scores(sentence)
            if scores is None:
                continue
            best = int(np.argmax(np.where(allowed, scores, -np.inf)))
            thresholds = self.models[language_of(sentence)].thresholds
            least = thresholds[best] + (0.0 if whole else _PIECE_MARGIN)
            if self.banks[best] != NONE and scores[best] >= least:
                score, none = float(scores[best]), float(scores[self.banks.index(NONE)])
                yield Likely(
                    bank=self.banks[best],
                    score=score,
                    lead=score - none,
                    whole=whole,
                    start=start,
                    end=end,
                )

    def lead(self, sentence: str, bank: str) -> float:
        """By how much a sentence (normalised) resembles `bank` more than none; 0 when unknown."""
        scores = self._scores(sentence) if bank in self.banks else None
        if scores is None:
            return 0.0
        return float(scores[self.banks.index(bank)] - scores[self.banks.index(NONE)])

    def _scores(self, sentence: str) -> np.ndarray | None:
        language = language_of(sentence)
        model = self.models.get(language)
        return None if model is None else model.scores(grams(drop_breaks(sentence), language))

    def mask(self, names: frozenset[str]) -> np.ndarray:
        """Which banks are among `names`; `none` always is."""
        return np.array([name == NONE or name in names for name in self.banks])


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """Tells what agents must not say from good sentences, as a whole.

    Attributes:
        judged: Forbidden banks whose frames need it.
        models: Weights of one class, forbidden, by language; their second threshold is what a
            sentence that no frame knows needs to deduct.
        digest: Identity of the weights.
    """

    judged: frozenset[str]
    models: Mapping[str, LanguageModel]
    digest: str

    def convicts(self, sentence: str, likely: Likely) -> bool:
        """Whether a sentence (normalised) that resembles a forbidden bank deducts by that alone.

        A part of one never does: narrative speech without marks is full of odd parts.
        """
        language = language_of(sentence)
        model = self.models.get(language)
        if model is None or not likely.whole or likely.score < LEAST_LIKE:
            return False
        if len(drop_breaks(sentence)) < SHORTEST[language]:
            return False
        margin = self.margin(sentence)
        return margin >= LEAST_MARGIN and margin + likely.lead >= float(model.thresholds[1])

    def margin(self, sentence: str) -> float:
        """How far over its boundary a sentence (normalised, breaks included) sounds forbidden.

        Below 0 it sounds good; minus infinity where nothing of it is known.
        """
        language = language_of(sentence)
        model = self.models.get(language)
        if model is None:
            return -math.inf
        scores = model.scores(grams_as_written(drop_breaks(sentence), language))
        return -math.inf if scores is None else float(scores[0] - model.thresholds[0])


def _units(text: str) -> Iterator[tuple[int, int, bool]]:
    """(start, end, is a whole sentence): sentences, their clauses, windows of endless ones."""
    for match in _SENTENCE.finditer(text):
        start, end = match.span()
        if not text[start:end].strip(' ,"'):
            continue
        zh = has_han(match[0])
        long, short, window = (
            (_ZH_LONG, _ZH_SHORT, _ZH_WINDOW) if zh else (_EN_LONG, _EN_SHORT, _EN_WINDOW)
        )
        if end - start <= long * 2:
            yield start, end, True
        clauses = [found.span() for found in _CLAUSE.finditer(text, start, end)]
        for begin, stop in clauses if len(clauses) > 1 else ():
            if stop - begin >= short:
                yield begin, stop, False
        for begin, stop in clauses:
            if stop - begin > long:
                yield from _windows(text, begin, stop, window)


def sentence_around(text: str, start: int, end: int) -> str:
    """The sentence around a span; of a long one the clause, of an endless one a window."""
    long = _ZH_LONG if has_han(text[start:end]) else _EN_LONG
    begin, stop = 0, len(text)
    for marks in (".?", '.?,"'):
        begin = max(text.rfind(mark, 0, start) for mark in marks) + 1
        stop = min((at for mark in marks if (at := text.find(mark, end)) >= 0), default=len(text))
        if stop - begin <= 2 * long:
            return text[begin:stop]
    return text[max(begin, start - long) : min(stop, end + long)]


def _windows(text: str, start: int, end: int, size: int) -> Iterator[tuple[int, int, bool]]:
    """Half-overlapping windows that start and end between words."""
    spaced = " " in text[start:end] and not has_han(text[start:end])
    for begin in range(start, end - size // 2, size // 2):
        stop = min(end, begin + size)
        if spaced:
            begin = text.find(" ", begin, end) + 1 if begin > start else begin  # noqa: PLW2901
            cut = text.rfind(" ", begin, stop) if stop < end else stop
            stop = cut if cut > begin else stop
        if stop > begin:
            yield begin, stop, False


def save_likeness(path: Path, *, banks: tuple[str, ...], models: Mapping[str, Any]) -> None:
    """Write a model: per language the fields of `LanguageModel`, n-grams in the order of rows."""
    arrays: dict[str, np.ndarray] = {"banks": _packed(list(banks))}
    for language, fields in models.items():
        for name, value in fields.items():
            arrays[f"{language}.{name}"] = _packed(value) if name == "grams" else np.asarray(value)
    np.savez_compressed(path, allow_pickle=False, **arrays)


def _packed(texts: list[str]) -> np.ndarray:
    return np.frombuffer(json.dumps(texts, ensure_ascii=False).encode("utf-8"), np.uint8)


def load_likeness(path: Path) -> Likeness | None:
    """The model beside the lexicons, or `None` where there is none.

    Raises:
        ScorecardError: The file is damaged.
    """
    found = _load(path)
    return found and Likeness(banks=found[0], models=found[1], digest=found[2])


def load_witness(path: Path) -> Witness | None:
    """The witness beside the lexicons; absent and damaged as in `load_likeness`."""
    found = _load(path)
    return found and Witness(judged=frozenset(found[0]), models=found[1], digest=found[2])


def _load(path: Path) -> tuple[tuple[str, ...], Mapping[str, LanguageModel], str] | None:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    try:
        with np.load(path, allow_pickle=False) as data:
            banks = tuple(_texts(data["banks"]))
            languages = sorted({name.split(".")[0] for name in data.files if "." in name})
            models = {language: _language(data, language) for language in languages}
    except (ValueError, KeyError, zipfile.BadZipFile, OSError) as error:
        raise ScorecardError(
            f"not a likeness model: {error}", str(path), "restore the file or train it again"
        ) from error
    return banks, MappingProxyType(models), hashlib.sha256(content).hexdigest()[:16]


def _texts(packed: np.ndarray) -> list[str]:
    return list(json.loads(packed.tobytes()))


def _language(data: Any, language: str) -> LanguageModel:
    """Syllables are kept as one character each that sounds so, marked with a leading `~`."""
    pieces = _texts(data[f"{language}.grams"])
    return LanguageModel(
        rows={_heard(piece): row for row, piece in enumerate(pieces)},
        weights=data[f"{language}.weights"],
        rarity=data[f"{language}.rarity"],
        unseen=int(data[f"{language}.unseen"]),
        scale=data[f"{language}.scale"],
        bias=data[f"{language}.bias"],
        thresholds=data[f"{language}.thresholds"],
    )


def _heard(piece: str) -> str:
    return syllables(piece[1:]) if piece[0] == "~" and len(piece) > 1 else piece
