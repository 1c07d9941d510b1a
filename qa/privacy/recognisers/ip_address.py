"""IPv4 addresses."""

from __future__ import annotations

import re
from collections.abc import Iterator

from qa.privacy.found import IP_ADDRESS, Found
from qa.privacy.view import View

_BYTE = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_ADDRESS = re.compile(rf"(?<![0-9.]){_BYTE}(?:\.{_BYTE}){{3}}(?![0-9]|\.\d)")


def recognise(view: View) -> Iterator[Found]:
    """Four bytes with dots."""
    for match in _ADDRESS.finditer(view.text):
        yield Found(
            type=IP_ADDRESS, start=match.start(), end=match.end(), score=0.85, reason="IPv4"
        )
