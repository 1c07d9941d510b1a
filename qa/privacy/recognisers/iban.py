"""International bank account numbers (ISO 13616): country, check digits MOD 97-10, account."""

from __future__ import annotations

import re
from collections.abc import Iterator

from qa.privacy.found import IBAN, Found
from qa.privacy.view import View

_SHAPE = re.compile(
    r"(?<![a-z0-9])[a-z]{2}\d{2}(?: ?[a-z0-9]{4}){2,7}(?: ?[a-z0-9]{1,3})?(?![a-z0-9])"
)


def has_right_check(iban: str) -> bool:
    """True when ISO 7064 MOD 97-10 over the rearranged number leaves 1."""
    moved = iban[4:] + iban[:4]
    return int("".join(str(int(char, 36)) for char in moved)) % 97 == 1


def recognise(view: View) -> Iterator[Found]:
    """Numbers whose check digits are right."""
    for match in _SHAPE.finditer(view.text):
        text = match[0]
        while len(text) >= 15:
            if has_right_check(text.replace(" ", "")):
                yield Found(
                    type=IBAN,
                    start=match.start(),
                    end=match.start() + len(text),
                    score=0.98,
                    reason="check digits right (MOD 97-10)",
                )
                break
            text = text.rpartition(" ")[0]
