"""Domain words a recogniser writes with other characters of the same sound: 宽袋 → 宽带.

Off unless a lexicon is configured (`asr.corrections`). Every change is recorded.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from qa.errors import SettingsError
from qa.text import HAN

_HAN_RUN = re.compile(f"[{HAN}]+")
_SHORTEST = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """`heard` at `start` of the text was replaced by `written`, which sounds the same."""

    start: int
    heard: str
    written: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrected:
    """The text after correction, as long as before, and what was changed."""

    text: str
    changes: tuple[Correction, ...] = ()


class Corrector:
    """Replaces words that sound exactly like a domain word, toneless, character for character.

    Args:
        terms: Domain words of two or more Chinese characters.
        exceptions: Real words that must stay although a term sounds the same.
    """

    def __init__(self, terms: Sequence[str], *, exceptions: Sequence[str] = ()) -> None:
        self._terms: dict[tuple[str, ...], str] = {}
        for term in terms:
            if len(term) >= _SHORTEST:
                self._terms.setdefault(_pinyin(term), term)
        self._lengths = sorted({len(key) for key in self._terms}, reverse=True)
        self._exceptions = frozenset([*terms, *exceptions])

    def correct(self, text: str) -> Corrected:
        """Correct every run of Chinese characters; longer terms win, earlier ones first."""
        if not self._terms:
            return Corrected(text=text)
        characters = list(text)
        changes: list[Correction] = []
        for run in _HAN_RUN.finditer(text):
            changes.extend(self._in_run(run[0], run.start()))
        for change in changes:
            characters[change.start : change.start + len(change.heard)] = change.written
        return Corrected(text="".join(characters), changes=tuple(changes))

    def _in_run(self, run: str, offset: int) -> list[Correction]:
        sounds = _pinyin(run)
        if len(sounds) != len(run):
            return []
        changes: list[Correction] = []
        position = 0
        while position < len(run):
            length = next(
                (n for n in self._lengths if sounds[position : position + n] in self._terms), 0
            )
            heard = run[position : position + length]
            if length and heard not in self._exceptions:
                written = self._terms[sounds[position : position + length]]
                changes.append(Correction(start=offset + position, heard=heard, written=written))
            position += length or 1
        return changes


def load_corrector(lexicon: str) -> Corrector | None:
    """Read a lexicon: one term a line, `-word` for a real word that must stay, `#` comments.

    Args:
        lexicon: Path of a UTF-8 text file; `""` gives None.

    Raises:
        SettingsError: The file cannot be read, or a term is not Chinese of two characters.
    """
    if not lexicon:
        return None
    path = Path(lexicon)
    if not path.is_file():
        raise SettingsError(
            f"no correction lexicon {lexicon!r}", "asr.corrections", "name a UTF-8 text file"
        )
    return _load(str(path), path.stat().st_mtime_ns)


@lru_cache(maxsize=4)
def _load(path: str, _changed: int) -> Corrector:
    terms: list[str] = []
    exceptions: list[str] = []
    try:
        lines = Path(path).read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(str(error), path, "save the lexicon as UTF-8 text") from error
    for number, line in enumerate(lines, start=1):
        entry = line.partition("#")[0].strip()
        if entry.startswith("-"):
            exceptions.append(entry[1:].strip())
        elif entry:
            if len(entry) < _SHORTEST or not _HAN_RUN.fullmatch(entry):
                raise SettingsError(
                    f"{entry!r} is not a Chinese term of at least two characters",
                    f"{path}:{number}",
                    "correct or remove the line",
                )
            terms.append(entry)
    return Corrector(terms, exceptions=exceptions)


def _pinyin(text: str) -> tuple[str, ...]:
    from pypinyin import lazy_pinyin  # noqa: PLC0415 - 0.2 s of dictionaries, only when configured

    return tuple(lazy_pinyin(text))
