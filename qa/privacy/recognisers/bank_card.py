"""Payment cards: 13–19 digits, Luhn check digit (ISO/IEC 7812-1)."""

from __future__ import annotations

from collections.abc import Iterator

from qa.privacy.found import BANK_CARD, Found
from qa.privacy.view import View


def passes_luhn(number: str) -> bool:
    """True when the check digit of `number` is right (ISO/IEC 7812-1 annex B)."""
    total = 0
    for place, char in enumerate(reversed(number)):
        digit = int(char) * (2 if place % 2 else 1)
        total += digit - 9 if digit > 9 else digit
    return total % 10 == 0


def recognise(view: View) -> Iterator[Found]:
    """Card numbers: by check digit, or by the words before a number of that length."""
    for window, cue in view.windows:
        if not 13 <= len(window.digits) <= 19 or set(window.digits) == {"0"}:
            continue
        known = cue == BANK_CARD
        luhn = passes_luhn(window.digits)
        scheme = window.digits[0] in "3456" or window.digits[:2] in ("62", "22", "23")
        if luhn and scheme and (window.whole or known):
            unnamed = 0.6 if cue else 0.85  # announced as something else: one in ten passes
            score, reason = (0.98 if known else unnamed), "Luhn check digit right"
        elif known and (luhn or window.whole):
            score, reason = 0.7, "digits after card words, check digit not right"
        else:
            continue
        yield Found(type=BANK_CARD, start=window.start, end=window.end, score=score, reason=reason)
