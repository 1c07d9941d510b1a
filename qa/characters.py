"""Characters made comparable: script, width and traditional forms, one for one where possible."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Any

HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
_HAN_CHARACTER = re.compile(f"[{HAN}]")
_SURROGATE = re.compile("[\ud800-\udfff]")
#: 接著, as recognisers write it, which the converter leaves; 著名 and 顯著 are other words.
_PARTICLE = re.compile("(?<![土原专專卓论論译譯编編巨遗遺合拙昭名显顯])著(?![名作称稱者述书書])")

# What all punctuation is reduced to.
SOFT_BREAK, SENTENCE_END, QUESTION, QUOTE = ",", ".", "?", '"'
_SOFT = frozenset(",、;:—–~/|…·()[]{}<>")
_END = frozenset(".。!\n\r\u2028\u2029")
_APOSTROPHES = frozenset("'’‘`´ʼ")
_QUOTES = frozenset('"“”„«»「」『』《》〈〉')


def has_han(text: str) -> bool:
    """True when `text` contains a Chinese character."""
    return _HAN_CHARACTER.search(text) is not None


def to_simplified(text: str) -> str:
    """`text` in simplified Chinese, character for character (the length never changes)."""
    if text.isascii():
        return text
    text = _PARTICLE.sub("着", text)
    if not _traditional().search(text):
        return text
    safe = _SURROGATE.sub("\ufffd", text)
    converted = _converter().convert(safe)
    if len(converted) != len(text):
        singly = _converter().convert("\n".join(safe)).split("\n")
        converted = "".join(
            new if len(new) == 1 else old for new, old in zip(singly, text, strict=False)
        )
    if safe == text or len(converted) != len(text):
        return converted if len(converted) == len(text) else text
    return "".join(
        old if "\ud800" <= old <= "\udfff" else new
        for old, new in zip(text, converted, strict=True)
    )


class FoldingTable(dict[int, str]):
    """What each character of a shown text becomes, worked out once per character."""

    def __init__(self) -> None:
        super().__init__()
        self.resized: set[str] = set()

    def __missing__(self, code: int) -> str:
        char = chr(code)
        self[code] = folded = _fold(char)
        if len(folded) != 1:
            self.resized.add(char)
        return folded


FOLDING = FoldingTable()


def _fold(char: str) -> str:
    if char in _APOSTROPHES:
        return "'"
    if char in _QUOTES:
        return QUOTE
    return "".join(_fold_compatible(part) for part in unicodedata.normalize("NFKC", char).lower())


def _fold_compatible(char: str) -> str:
    for group, canonical in ((_SOFT, SOFT_BREAK), (_END, SENTENCE_END), ("?？", QUESTION)):
        if char in group:
            return canonical
    category = unicodedata.category(char)
    if char.isspace() or category == "Cc" or category.startswith("Z"):
        return " "
    if char in "\u200b\u200c\u200d\ufeff" or category in ("Cf", "Mn", "Me", "Cs", "Sk"):
        return ""
    if category in ("So", "Co", "Cn"):
        return " "
    if ord(char) < 0x0530:  # Latin, Greek, Cyrillic: café = cafe
        base = unicodedata.normalize("NFKD", char)
        return "".join(part for part in base if unicodedata.category(part) != "Mn")
    return char


@cache
def _traditional() -> re.Pattern[str]:
    """Any character that simplification changes, as one fast test."""
    candidates = [chr(code) for code in range(0x3400, 0xFB00) if not 0xD800 <= code <= 0xF8FF]
    singly = _converter().convert("\n".join(candidates)).split("\n")
    changed = [old for old, new in zip(candidates, singly, strict=True) if old != new]
    return re.compile(f"[{''.join(changed)}]")


@cache
def _converter() -> Any:
    from opencc import OpenCC  # noqa: PLC0415 - 60 ms of dictionaries, only for Chinese

    return OpenCC("t2s")
