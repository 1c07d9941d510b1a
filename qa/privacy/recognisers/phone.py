"""Telephone numbers: mainland mobile and land line, 400/95 services, North American, international.

Mainland numbering: mobile 1[3-9] + 9 digits; land line 0 + area code (10, 2x, or three digits
starting 3–9) + 7–8 digits (MIIT numbering plan). North America: NXX-NXX-XXXX (NANP).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from qa.privacy.digits import Window
from qa.privacy.found import PHONE, Found
from qa.privacy.view import View

_MOBILE = re.compile(r"(?:0{0,2}86)?1[3-9]\d{9}")
_LAND_LINE = re.compile(r"(?:0{0,2}86)?0(?:10|2\d|[3-9]\d{2})[2-9]\d{6,7}")
_SERVICE = re.compile(r"(?:400|800)\d{7}")
_NANP = re.compile(r"(?:001|1)?[2-9]\d{2}[2-9]\d{6}")
_SHAPED = re.compile(
    r"(?<![0-9a-z.])(?:\+?\d{1,3}[ .-]?)?(?:\(\d{1,4}\)|\d{2,4})[ .-]\d{3,4}[ .-]\d{3,4}"
    r"(?:[ .-]\d{2,4})?(?:[ ,]{0,2}(?:x|ext\.?|extension|转|分机)[ ]?\d{1,6})?(?![0-9a-z]|\.\d)"
)
_PLUS = re.compile(r"(?<![0-9])\+\d{1,3}(?:[ .()-]{0,2}\d){6,13}(?!\d)")
_BRACKETED = re.compile(r"\(\+?\d{1,4}\) ?\d[\d .-]{4,14}\d")
_EXTENSION = re.compile(
    r"[ ,，]{0,2}(?:转|分机号?|ext\.?|extension|x)[ ]?[0-9零〇一幺二两三四五六七八九]{1,6}"
)


def recognise(view: View) -> Iterator[Found]:
    """Telephone numbers as figures or words, with their extension."""
    for window, cue in view.windows:
        judged = _judge(window, cue)
        if judged:
            start, end = _widen(view.text, window.start, window.end)
            yield Found(type=PHONE, start=start, end=end, score=judged[0], reason=judged[1])
    for pattern, reason in (
        (_SHAPED, "telephone punctuation"),
        (_PLUS, "country code"),
        (_BRACKETED, "area code in brackets"),
    ):
        for match in pattern.finditer(view.text):
            if 7 <= sum(char.isdigit() for char in match[0]) <= 20:
                yield Found(
                    type=PHONE, start=match.start(), end=match.end(), score=0.65, reason=reason
                )


def _judge(window: Window, cue: str) -> tuple[float, str] | None:
    digits = window.digits
    known = cue == PHONE
    bonus = (0.1 if known else 0.0) - (0.0 if window.tight else 0.05)
    if _MOBILE.fullmatch(digits):
        return (0.85 if window.whole else 0.75) + bonus, "mainland mobile 1[3-9]"
    if _LAND_LINE.fullmatch(digits):
        return (0.75 if window.whole else 0.55) + bonus, "area code + land line"
    if _SERVICE.fullmatch(digits):
        return 0.65 + bonus, "400/800 service number"
    if _NANP.fullmatch(digits) and (known or window.whole):
        return 0.6 + bonus, "NANP number"
    if known and 7 <= len(digits) <= 15 and window.whole:
        return 0.7, "digits after telephone words"
    return None


def _widen(text: str, start: int, end: int) -> tuple[int, int]:
    """Take in `+`, `(`, and the extension."""
    lead = re.search(r"[+(]{1,2}$", text[:start])
    tail = _EXTENSION.match(text, end)
    return (lead.start() if lead else start), (tail.end() if tail else end)
