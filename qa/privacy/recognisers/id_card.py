"""Resident identity card of mainland China: 18 places, the last one a check character.

GB 11643-1999: region (6), date of birth (8), sequence (3), check character by ISO 7064 MOD 11-2.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from qa.privacy.digits import Window
from qa.privacy.found import ID_CARD, LAST_DIGITS, Found
from qa.privacy.view import View

_SHAPE = re.compile(r"[1-9]\d{5}(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{4}")
_OLD_SHAPE = re.compile(r"[1-9]\d{5}\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}")
_LAST_X = re.compile(r"[ ,，、-]{0,3}(?:x|叉|埃克斯|艾克斯|大写的?x|字母x)(?![a-z])")
#: The last places of a card are what agents verify people by.
_TAIL = re.compile(r"(?:后|末|最后)(?:四|六|4|6)位|尾号|last (?:four|six|4|6)")
_TAIL_LENGTHS, _TAIL_REACH = (3, 4, 5, 6), 24
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def check_character(first17: str) -> str:
    """The 18th place by ISO 7064 MOD 11-2: `0`–`9` or `X`."""
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, first17, strict=True))
    return "10X98765432"[total % 11]


def recognise(view: View) -> Iterator[Found]:
    """Identity card numbers, with or without a right check character."""
    for window, cue in view.windows:
        number, end = window.digits, window.end
        if cue == ID_CARD and window.whole and len(number) in _TAIL_LENGTHS:
            yield from _tail(view, window)
            continue
        if len(number) == 17:
            last = _LAST_X.match(view.text, end)
            if last is None:
                continue
            number, end = number + "X", last.end()
        known = cue == ID_CARD
        judged = _judge(number, known=known, whole=window.whole)
        if judged:
            score, reason = judged
            yield Found(type=ID_CARD, start=window.start, end=end, score=score, reason=reason)


def _tail(view: View, window: Window) -> Iterator[Found]:
    if not _TAIL.search(view.text[max(0, window.start - _TAIL_REACH) : window.start]):
        return
    last = _LAST_X.match(view.text, window.end)
    if len(window.digits) < 4 and not last:
        return
    end = last.end() if last else window.end
    yield Found(
        type=LAST_DIGITS, start=window.start, end=end, score=0.65, reason="last places of the card"
    )


def _judge(number: str, *, known: bool, whole: bool) -> tuple[float, str] | None:
    shaped = _SHAPE.fullmatch(number.replace("X", "0"))
    if len(number) == 18 and shaped and check_character(number[:17]) == number[17]:
        return 0.99, "check character right (ISO 7064 MOD 11-2)"
    if shaped:
        return (0.8 if known else 0.6), "identity card shape, check character wrong"
    if known and whole and (15 <= len(number) <= 19 or _OLD_SHAPE.fullmatch(number)):
        return 0.7, "digits after identity card words"
    return None
