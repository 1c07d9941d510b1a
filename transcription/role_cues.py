"""What agents and customers say by trade: the sayings of `role_cues.toml`, ready to be found."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

from qa.text import has_han

_NEVER = re.compile(r"(?!)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cue:
    """A kind of saying and how strongly it speaks for the agent (negative: for the customer).

    Attributes:
        weight: Natural-log odds of one hit.
        opening: True when it counts fully only in a speaker's first turns, and half later.
        homophones: Chinese phrases also recognised by their sound, because a weak recogniser
            writes 公号 for 工号.
    """

    name: str
    weight: float
    zh: re.Pattern[str]
    en: re.Pattern[str]
    opening: bool = False
    homophones: tuple[str, ...] = ()


def count(cue: Cue, text: str) -> int:
    """How often a turn (lower case, simplified) carries the cue."""
    chinese = has_han(text)
    hits = sum(1 for _ in cue.zh.finditer(text)) if chinese else 0
    hits += sum(1 for _ in cue.en.finditer(text))
    if not hits and cue.homophones and chinese:
        sound = syllables(text)
        hits = sum(1 for phrase in cue.homophones if syllables(phrase) in sound)
    return hits


@lru_cache(maxsize=4096)
def syllables(text: str) -> str:
    """Toneless pinyin with the usual confusions folded, one `.` between syllables."""
    from pypinyin import lazy_pinyin  # noqa: PLC0415 - 0.2 s of dictionaries, only for Chinese

    return "." + ".".join(_folded(item) for item in lazy_pinyin(text)) + "."


def _folded(syllable: str) -> str:
    folded = re.sub(r"^([zcs])h", r"\1", syllable)
    folded = re.sub(r"^n(?=[aeiou])", "l", folded)
    return re.sub(r"(?<=[aei])ng$", "n", folded)


def _read() -> Mapping[str, Any]:
    return tomllib.loads(files(__package__).joinpath("role_cues.toml").read_text("utf-8"))


def _either(patterns: list[str], *, prefix: str = "") -> re.Pattern[str]:
    return re.compile(f"{prefix}(?:{'|'.join(patterns)})") if patterns else _NEVER


def _cue(row: Mapping[str, Any]) -> Cue:
    return Cue(
        name=row["name"],
        weight=row["weight"],
        zh=_either(row.get("zh", [])),
        en=_either(row.get("en", []), prefix=r"\b"),
        opening=row.get("opening", False),
        homophones=tuple(row.get("homophones", ())),
    )


_DATA = _read()
CUES: tuple[Cue, ...] = tuple(_cue(row) for row in _DATA["cue"])
#: A sentence only a machine says, weaker signs of one, and what only a person says.
MENU = _either(_DATA["recorded"]["menu"])
SIGNS = _either(_DATA["recorded"]["signs"])
PERSON = _either(_DATA["recorded"]["person"])
