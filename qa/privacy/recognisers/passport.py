"""Passports: mainland `E`/`G` + 8 digits, `EA`–`EZ` + 7 digits, travel permits; others by cue."""

from __future__ import annotations

import re
from collections.abc import Iterator

from qa.privacy.found import PASSPORT, Found
from qa.privacy.view import View

_MAINLAND = re.compile(
    r"(?<![a-z0-9'’])(?:[egdsp][ -]?\d{8}|e[a-hj-np-z][ -]?\d{7}|[chm]\d{8,10})(?![a-z0-9])"
)
_FIGURE = "[0-9零〇一幺二两三四五六七八九]"
_ANY = re.compile(
    rf"(?<![a-z0-9'’])[a-z]{{1,2}}[ -]?(?:{_FIGURE}[ -]?){{5,8}}{_FIGURE}(?![a-z0-9])"
)


def recognise(view: View) -> Iterator[Found]:
    """A letter and its digits: surer where 护照 or *passport* stands before."""
    for match in _MAINLAND.finditer(view.text):
        known = view.says(PASSPORT, match.start())
        score = 0.95 if known else 0.55
        yield Found(
            type=PASSPORT,
            start=match.start(),
            end=match.end(),
            score=score,
            reason="mainland passport shape" + (" after 护照" if known else ""),
        )
    for match in _ANY.finditer(view.text):
        if view.cue(match.start(), match.end()) == PASSPORT:
            yield Found(
                type=PASSPORT,
                start=match.start(),
                end=match.end(),
                score=0.85,
                reason="letter and digits after passport words",
            )
