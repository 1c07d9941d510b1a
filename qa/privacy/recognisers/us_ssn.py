"""US social security numbers: AAA-GG-SSSS; area not 000, 666 or 9xx, no block all zero (SSA)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from qa.privacy.found import US_SSN, Found
from qa.privacy.view import View

_WRITTEN = re.compile(r"(?<![0-9.-])(\d{3})[- ](\d{2})[- ](\d{4})(?![0-9]|-\d)")


def recognise(view: View) -> Iterator[Found]:
    """Numbers in the written form; the words for it decide about bare digits (`reference`)."""
    for match in _WRITTEN.finditer(view.text):
        area, group, serial = match.groups()
        if area in ("000", "666") or area[0] == "9" or group == "00" or serial == "0000":
            continue
        known = view.says(US_SSN, match.start())
        yield Found(
            type=US_SSN,
            start=match.start(),
            end=match.end(),
            score=0.95 if known else 0.7,
            reason="SSN shape" + (" after its name" if known else ""),
        )
