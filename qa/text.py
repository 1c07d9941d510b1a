"""Texts made comparable: Chinese and English normalised for matching, with a way back.

Three texts exist per turn: raw (as heard), shown (simplified, punctuated) and matched (what
`normalise` returns). Matching happens on the last; evidence quotes the shown one through the
offset map.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from qa.characters import (
    FOLDING,
    HAN,
    QUESTION,
    QUOTE,
    SENTENCE_END,
    SOFT_BREAK,
    has_han,
    to_simplified,
)
from qa.contractions import EN_FILLERS, EN_REPLACEMENTS
from qa.numerals import EN_NUMBER_WORDS, ZH_DIGITS, chinese_number, english_number

__all__ = [
    "HAN",
    "Normalised",
    "count_units",
    "drop_breaks",
    "has_han",
    "kept_positions",
    "normalise",
    "to_simplified",
]

_UNIT_ZH = re.compile(rf"[{HAN}]|\d|[^\W\d_{HAN}]+(?:['’-][^\W\d_{HAN}]+)*")
_UNIT_EN = re.compile(rf"[{HAN}]|\d+(?:[.,]\d+)*|[^\W\d_{HAN}]+(?:['’-][^\W\d_{HAN}]+)*")

_NUMBER_WORD = "(?:" + "|".join(sorted(EN_NUMBER_WORDS, key=len, reverse=True)) + ")"
_ZH_DIGIT = "零〇○一幺二两三四五六七八九"
_MEASURES = (
    "个|分钟|小时|天|号|点|元|块|位|种|项|次|年|月|日|周|秒|份|台|条|张|遍|颗|星|兆|折|档|套|步|倍"
)
_FOREIGN_WORD = re.compile(r"[a-z]+(?:'[a-z]+)*'?")
_SPOKEN_NUMBER = re.compile(
    rf"(?<![a-z'])(?:an? (?=hundred|thousand))?{_NUMBER_WORD}(?![a-z'])"
    rf"(?:[ -](?:and )?{_NUMBER_WORD}(?![a-z']))*(?: per ?cent(?![a-z]))?"
)
# Every branch starts with a character class, so texts without them are skipped quickly.
_TOKEN = re.compile(
    rf"(?P<percent>百分之(?:百|[{_ZH_DIGIT}十百点]+|[\d.]+))"
    rf"|(?P<zhnum>[{_ZH_DIGIT}十][{_ZH_DIGIT}十百千万亿]+)"
    rf"|(?P<zhone>[二两三四五六七八九十](?<![\d第几百千万].)(?=(?:{_MEASURES}))|[幺〇○])"
    r"|(?P<oneword>1(?<![\d.]1)(?=[下定样点会直起些切般旦]))"
    r"|(?P<filler>[嗯呃啊呀哦噢喔诶欸唉]+)"
    r"|(?P<thousands>,(?<=\d,)(?=\d{3}(?!\d)))"
    r"|(?P<per>p(?<=\d p)er ?cent(?![a-z]))"
    r"|(?P<acronym>[a-z](?<![a-z].)\.(?:[a-z]\.)+)"
    r"|(?P<title>[md](?<![a-z].)(?:r|rs|s)\.)"
    r"|(?P<hyphen>-+)"
)
# A single space between two foreign words is already tidy.
_GAP = re.compile(rf'[ ,.?"]{{2,}}|^ | $|[,.?"]| (?=[%{HAN}])| (?<=[{HAN}] )')


@dataclass(frozen=True, slots=True)
class Normalised:
    """A text ready for matching, and where each of its characters came from.

    Attributes:
        text: Lower case, simplified, half width; breaks are `,` (pause), `.` (end), `?`
            (question) and `"` (quotation mark); fillers gone; numbers as digits; English
            contractions written out.
        starts: For each character of `text`, where its source span starts in the shown text.
        ends: For each character of `text`, where its source span ends (half-open).
    """

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The half-open span of the shown text behind `text[start:end]`; empty stays empty."""
        if start >= end or not self.text:
            at = self.starts[start] if start < len(self.starts) else (self.ends or (0,))[-1]
            return at, at
        return min(self.starts[start:end]), max(self.ends[start:end])

    def kept(self) -> Sequence[int]:
        """Positions of the characters that are not breaks."""
        return kept_positions(self.text)

    def without_breaks(self) -> Normalised:
        """The same text with breaks removed, for phrases that straddle a pause."""
        keep = self.kept()
        if len(keep) == len(self.text):
            return self
        return Normalised(
            drop_breaks(self.text),
            tuple([self.starts[index] for index in keep]),
            tuple([self.ends[index] for index in keep]),
        )


_BREAK = re.compile(r'[,?"]|\.(?!\d)')  # a decimal point is no break


def drop_breaks(text: str) -> str:
    """Normalised text without its breaks."""
    return _BREAK.sub("", text)


def kept_positions(text: str) -> Sequence[int]:
    """For each character of `drop_breaks(text)`, its place in `text`."""
    positions: list[int] = []
    begin = 0
    for match in _BREAK.finditer(text):
        positions.extend(range(begin, match.start()))
        begin = match.end()
    if not begin:
        return range(len(text))
    positions.extend(range(begin, len(text)))
    return positions


def normalise(text: str) -> Normalised:
    """Make `text` (Chinese, English or both) comparable, remembering where it came from.

    Steps: compatibility forms and width (NFKC), control characters and emoji removed,
    traditional to simplified, lower case, fillers dropped (unless nothing else is left),
    numbers to digits (`一千零二十三`, `one zero two three` → `1023`), contractions written out,
    spaces next to Chinese removed.
    """
    characters, starts, ends = _by_character(text)
    result = _by_token(characters, starts, ends, drop_fillers=True)
    if not result.text.strip(' ,.?"'):
        result = _by_token(characters, starts, ends, drop_fillers=False)
    return result


def count_units(text: str, language: str) -> int:
    """Speech units of `text`: zh = Han characters + digits (+ foreign words), en = words.

    Punctuation, emoji and spaces never count; the unit of speaking rates (dossier 2.1).
    """
    pattern = _UNIT_ZH if language.lower().startswith("zh") else _UNIT_EN
    return sum(1 for _ in pattern.finditer(unicodedata.normalize("NFKC", text)))


def _by_character(text: str) -> tuple[str, Sequence[int], Sequence[int]]:
    shown = to_simplified(text)
    folded = shown.translate(FOLDING)
    if FOLDING.resized.isdisjoint(shown):
        return folded, range(len(text)), range(1, len(text) + 1)
    starts = [index for index, char in enumerate(shown) for _ in FOLDING[ord(char)]]
    return folded, starts, [index + 1 for index in starts]


def _by_token(
    text: str, starts: Sequence[int], ends: Sequence[int], *, drop_fillers: bool
) -> Normalised:
    edits = list(_token_edits(text, drop_fillers=drop_fillers))
    if edits:
        text, starts, ends = _apply(edits, text, starts, ends)
    edits = list(_gap_edits(text))
    if edits:
        text, starts, ends = _apply(edits, text, starts, ends)
    return Normalised(text, tuple(starts), tuple(ends))


def _apply(
    edits: list[tuple[int, int, str]], text: str, starts: Sequence[int], ends: Sequence[int]
) -> tuple[str, list[int], list[int]]:
    """Replace spans; each new character points to the whole span it stands for."""
    out: list[str] = []
    out_starts: list[int] = []
    out_ends: list[int] = []
    position = 0
    for begin, stop, replacement in edits:
        out += (text[position:begin], replacement)
        out_starts.extend(starts[position:begin])
        out_ends.extend(ends[position:begin])
        out_starts.extend([starts[begin]] * len(replacement))
        out_ends.extend([ends[stop - 1]] * len(replacement))
        position = stop
    out.append(text[position:])
    out_starts.extend(starts[position:])
    out_ends.extend(ends[position:])
    return "".join(out), out_starts, out_ends


def _token_edits(text: str, *, drop_fillers: bool) -> Iterator[tuple[int, int, str]]:
    edits = list(_foreign_edits(text, drop_fillers=drop_fillers))
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or ""
        if kind == "filler":
            replacement = "" if drop_fillers else match[0]
        else:
            replacement = _REWRITES[kind](match)
        if replacement != match[0]:
            edits.append((match.start(), match.end(), replacement))
    position = 0
    for edit in sorted(edits):
        if edit[0] >= position:
            yield edit
            position = edit[1]


def _foreign_edits(text: str, *, drop_fillers: bool) -> Iterator[tuple[int, int, str]]:
    numbers = False
    for match in _FOREIGN_WORD.finditer(text):
        word = match[0]
        if word in EN_REPLACEMENTS:
            yield match.start(), match.end(), EN_REPLACEMENTS[word]
        elif "'" in word:
            yield match.start(), match.end(), word.replace("'", "")
        elif drop_fillers and word in EN_FILLERS:
            yield match.start(), match.end(), ""
        elif word in EN_NUMBER_WORDS:
            numbers = True
    if numbers:
        for match in _SPOKEN_NUMBER.finditer(text):
            yield match.start(), match.end(), _english(match)


def _percent(match: re.Match[str]) -> str:
    rate = match[0].removeprefix("百分之")
    if rate == "百":
        return "100%"
    whole, point, fraction = rate.partition("点")
    digits = "".join(ZH_DIGITS.get(char, char) for char in fraction)
    return f"{_chinese(whole)}{'.' if point else ''}{digits}%"


def _chinese(numeral: str) -> str:
    if len(numeral) == 1:
        return "10" if numeral == "十" else ZH_DIGITS.get(numeral, numeral)
    return chinese_number(numeral) or numeral


def _english(match: re.Match[str]) -> str:
    spoken = re.sub(" per ?cent$", "", match[0])
    words = spoken.replace("-", " ").split()
    if words[0] in ("a", "an"):
        words = ["one", *words[1:]]
    percent = spoken != match[0]
    number = english_number(words) or ("1" if percent and words == ["one"] else "")
    return (number or spoken.replace("-", " ")) + ("%" if percent else "")


def _hyphen(match: re.Match[str]) -> str:
    before = match.string[match.start() - 1 : match.start()]
    after = match.string[match.end() : match.end() + 1]
    if before.isdigit() and after.isdigit():
        return "-"
    joins_words = before.isascii() and before.isalnum() and after.isascii() and after.isalnum()
    return " " if joins_words else SOFT_BREAK


_REWRITES: dict[str, Callable[[re.Match[str]], str]] = {
    "percent": _percent,
    "zhnum": lambda match: _chinese(match[0]),
    "zhone": lambda match: _chinese(match[0]),
    "oneword": lambda _: "一",
    "acronym": lambda match: match[0].replace(".", ""),
    "title": lambda match: match[0].replace(".", ""),
    "per": lambda _: "%",
    "thousands": lambda _: "",
    "hyphen": _hyphen,
}


def _gap_edits(text: str) -> Iterator[tuple[int, int, str]]:
    """Runs of spaces and breaks become one break; spaces stay only between foreign words."""
    for match in _GAP.finditer(text):
        begin, stop = match.span()
        run = match[0]
        replacement = _gap(run, text[begin - 1 : begin] if begin else "", text[stop : stop + 1])
        if replacement != run:
            yield begin, stop, replacement


def _gap(run: str, before: str, after: str) -> str:
    if run == "." and before.isdigit() and after.isdigit():
        return run
    quote = QUOTE if QUOTE in run else ""
    if not before:
        return quote
    break_mark = next((mark for mark in (QUESTION, SENTENCE_END, SOFT_BREAK) if mark in run), "")
    spaced = before.isascii() and after.isascii() and after.isalnum()
    return f"{break_mark}{quote}{' ' if spaced else ''}"
