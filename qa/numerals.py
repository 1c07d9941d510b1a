"""Numbers as people say them: Chinese numerals and English number words to digits."""

from __future__ import annotations

from collections.abc import Sequence

ZH_DIGITS = dict(zip("零〇○一幺二两三四五六七八九", "00011223456789", strict=True))
_ZH_UNITS = {"十": 10, "百": 100, "千": 1000}
_ZH_MYRIADS = {"万": 10_000, "亿": 100_000_000}

_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
EN_ONES = {word: value for value, word in enumerate(_ONES.split())}
EN_TENS = {word: 10 * value for value, word in enumerate(_TENS.split(), start=2)}
_EN_SCALES = {"hundred": 100, "thousand": 1000, "million": 1_000_000}
EN_NUMBER_WORDS = frozenset(EN_ONES) | frozenset(EN_TENS) | frozenset(_EN_SCALES)


def chinese_number(text: str) -> str | None:
    """Digits for a Chinese numeral, or `None` when the characters do not form one.

    Digit strings are read out one by one (`一三八` → `138`); numerals with units are evaluated
    (`一千零二十三` → `1023`). Approximate pairs (`三五`) and idioms (`一五一十`, `千万`) are left.
    """
    if not any(char in _ZH_UNITS or char in _ZH_MYRIADS for char in text):
        spoken_digitwise = len(text) >= 3 or any(char in "零〇○幺" for char in text)
        return "".join(ZH_DIGITS[char] for char in text) if spoken_digitwise else None
    total = section = 0
    digit: int | None = None
    ceiling, myriad_ceiling = 10_000, 10**12
    for index, char in enumerate(text):
        if char in ZH_DIGITS:
            if digit not in (None, 0):
                return None
            digit = int(ZH_DIGITS[char])
        elif char in _ZH_UNITS:
            unit = _ZH_UNITS[char]
            bare_ten = unit == 10 and index == 0
            if unit >= ceiling or (not digit and not bare_ten):
                return None
            section += (digit or 1) * unit
            ceiling, digit = unit, None
        else:
            unit = _ZH_MYRIADS[char]
            section += digit or 0
            if not section or unit >= myriad_ceiling:
                return None
            total += section * unit
            myriad_ceiling, ceiling, section, digit = unit, 10_000, 0, None
    return str(total + section + (digit or 0) * _elided_unit(text))


def _elided_unit(text: str) -> int:
    """The unit left out at the end: `三百五` is 350, `三百零五` is 305."""
    if len(text) < 3 or text[-1] not in ZH_DIGITS or text[-2] not in "百千万":
        return 1
    return {"百": 10, "千": 100, "万": 1000}[text[-2]]


def english_number(words: Sequence[str]) -> str | None:
    """Digits for a run of English number words, or `None` when they do not form one number.

    A run of single digits is read out (`one zero two three` → `1023`); otherwise the words are
    evaluated (`one hundred and five` → `105`). A lone `one` stays a word: it is rarely a number.
    """
    if list(words) in (["one"], ["hundred"], ["thousand"], ["million"]):
        return None
    if len(words) > 1 and all(EN_ONES.get(word, 10) < 10 for word in words):
        return "".join(str(EN_ONES[word]) for word in words)
    total = current = 0
    last = 1_000
    for word in words:
        if word == "and":
            continue
        if word in _EN_SCALES:
            scale = _EN_SCALES[word]
            current = max(current, 1) * scale
            if scale > 100:
                total, current = total + current, 0
            last = scale
            continue
        value = EN_ONES.get(word, EN_TENS.get(word, 0))
        tens_then_ones = last in EN_TENS.values() and 0 < value < 10
        if not tens_then_ones and last < 100:
            return None
        current, last = current + value, value
    return str(total + current)
