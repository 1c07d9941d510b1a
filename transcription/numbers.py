"""Spoken numbers beside their digits: what was said stays, the digit form is offered."""

from __future__ import annotations

import re
from dataclasses import dataclass

from qa.numerals import EN_NUMBER_WORDS, EN_ONES, ZH_DIGITS, chinese_number, english_number

_ZH = "".join(ZH_DIGITS)
_NUMBER_WORD = "(?:" + "|".join(sorted(EN_NUMBER_WORDS | {"oh"}, key=len, reverse=True)) + ")"
_TIMES = {"double": 2, "triple": 3}
_SPOKEN = re.compile(
    rf"(?P<percent>百分之(?P<rate>[{_ZH}十百点]+))"
    # Digits read out with the commas and spaces a recogniser puts between groups.
    rf"|(?P<digits>[{_ZH}](?:[，,、 ]?[{_ZH}]){{2,}}(?![十百千万亿]))"
    rf"|(?P<zh>[{_ZH}十百千万亿]{{2,}})"
    rf"|(?P<en>\b(?:(?:double|triple) )?{_NUMBER_WORD}\b"
    rf"(?:[ ,-]+(?:and |(?:double|triple) )?{_NUMBER_WORD}\b)*)",
    re.IGNORECASE,
)
_EN_UNITS = re.compile("hundred|thousand|million")


@dataclass(frozen=True, slots=True, kw_only=True)
class SpokenNumber:
    """A number in a text: `text[start:end]` was said, `digits` is how it is written."""

    start: int
    end: int
    said: str
    digits: str


def find_numbers(text: str) -> tuple[SpokenNumber, ...]:
    """Numbers said in words, in order: 幺三八 → 138, 一千零二十三 → 1023, "one oh two" → 102.

    Numbers already written in digits are not listed. Single digits and idioms (一下, 万一, 千万,
    "one") are left alone.
    """
    found = []
    for match in _SPOKEN.finditer(text):
        digits = _digits(match)
        if digits:
            found.append(
                SpokenNumber(start=match.start(), end=match.end(), said=match[0], digits=digits)
            )
    return tuple(found)


def digit_form(text: str) -> str:
    """The text with every spoken number written in digits."""
    out: list[str] = []
    position = 0
    for number in find_numbers(text):
        out += (text[position : number.start], number.digits)
        position = number.end
    return "".join([*out, text[position:]])


def _digits(match: re.Match[str]) -> str:
    if match["percent"]:
        return _percent(match["rate"])
    if match["digits"]:
        return "".join(ZH_DIGITS[char] for char in match["digits"] if char in ZH_DIGITS)
    if match["zh"]:
        return chinese_number(match["zh"]) or ""
    return _english(match["en"].lower())


def _percent(rate: str) -> str:
    if rate == "百":
        return "100%"
    whole, point, fraction = rate.partition("点")
    number = ZH_DIGITS.get(whole) or ("10" if whole == "十" else chinese_number(whole))
    if not number:
        return ""
    return number + ("." if point else "") + "".join(ZH_DIGITS.get(c, "") for c in fraction) + "%"


def _english(said: str) -> str:
    words = [word for word in re.split(r"[ ,-]+", said) if word]
    if "oh" in words and not any(word in EN_ONES for word in words):
        return ""
    expanded: list[str] = []
    times = 1
    for word in words:
        if word in _TIMES:
            times = _TIMES[word]
            continue
        expanded += ["zero" if word == "oh" else word] * times
        times = 1
    if len(expanded) > 2 and not _EN_UNITS.search(said):
        return _read_out(expanded)
    return english_number(expanded) or ""


def _read_out(words: list[str]) -> str:
    """Digits and pairs read one after another: `five five five twelve thirty four`."""
    out, pending = "", ""
    for word in words:
        value = english_number([word]) or ("1" if word == "one" else "")
        if not value:
            continue
        if pending and len(value) == 1 and value != "0":
            out, pending = out + pending[0] + value, ""
        elif len(value) == 2 and value.endswith("0") and value != "10":
            out, pending = out + pending, value
        else:
            out, pending = out + pending + value, ""
    return out + pending
