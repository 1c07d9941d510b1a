"""Chinese by sound: toneless syllables with the confusions recognisers and accents make folded.

One syllable is one private-use character, so ordinary string tools (regular expressions,
Aho-Corasick, edit distance) work on sounds. Folded pairs (dossier 3.4-3.5): n/l, z/zh, c/ch,
s/sh, f/h initially; in/ing, en/eng, an/ang finally; 您 = 你; retroflex er dropped.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from qa.text import HAN

SYLLABLE_BASE = 0xE000
SYLLABLE_CLASS = f"[\ue000-\uf8ff{HAN}]"
_INITIALS = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("n", "l"), ("f", "h"))
_FINALS = (("ing", "in"), ("eng", "en"), ("ang", "an"))


def fold_syllable(syllable: str) -> str:
    """A toneless pinyin syllable reduced to what survives accents and bad recognition."""
    if syllable == "nin":
        syllable = "ni"
    for initial, folded in _INITIALS:
        if syllable.startswith(initial):
            syllable = folded + syllable[len(initial) :]
            break
    for final, folded in _FINALS:
        if syllable.endswith(final):
            return syllable[: -len(final)] + folded
    return "e" if syllable == "er" else syllable


def syllables(text: str) -> str:
    """`text` with each Chinese character replaced by the character of its folded syllable."""
    return text.translate(_table())


def is_syllable(char: str) -> bool:
    """True for a character that stands for a syllable."""
    return "\ue000" <= char <= "\uf8ff"


class _SoundTable(dict[int, int]):
    """Code point of a character → code point of its syllable, worked out once per character."""

    def __init__(self) -> None:
        from pypinyin import Style, lazy_pinyin  # noqa: PLC0415 - loads its dictionaries

        super().__init__()
        self._read: Callable[[str], list[str]] = lambda char: lazy_pinyin(
            char, style=Style.NORMAL, errors="ignore"
        )
        self._codes: dict[str, int] = {}

    def __missing__(self, code: int) -> int:
        sound = self._read(chr(code)) if code >= 0x3400 and not 0xD800 <= code < 0xF900 else []
        self[code] = self._code(fold_syllable(sound[0])) if sound else code
        return self[code]

    def _code(self, syllable: str) -> int:
        return self._codes.setdefault(syllable, SYLLABLE_BASE + len(self._codes))


@cache
def _table() -> _SoundTable:
    return _SoundTable()
