"""Addresses written as on an envelope: lines from the house number to the postal code."""

from __future__ import annotations

import re
from collections.abc import Iterator

from qa.privacy.found import ADDRESS, Found
from qa.privacy.view import View

_HOUSE = re.compile(
    r"(?<![\w.-])\d{1,5}[a-z]? +[^\W\d_]|(?<![\w.-])\d{1,3} \d{1,5}[a-z]? +[^\W\d_]"
)
_POSTAL_CODE = re.compile(r"(?<![\d-])\d{5}(?:-\d{4})?(?![\d-])")
_TELEPHONE = re.compile(r"\d{3}[-.]\d{3}|\d{2,3} \d{3} \d{2}")
_MOST_CHARACTERS = 140


def recognise(view: View) -> Iterator[Found]:
    """A house number, two to five lines, and the postal code of the last one."""
    if view.text.count("\n") < 1:
        return
    end = 0
    for house in _HOUSE.finditer(view.text):
        if house.start() < end:
            continue
        stretch = view.text[house.start() : house.start() + _MOST_CHARACTERS]
        stretch = _TELEPHONE.split(stretch)[0]
        codes = [code for code in _POSTAL_CODE.finditer(stretch) if "\n" in stretch[: code.start()]]
        if codes:
            end = house.start() + codes[0].end()
            yield Found(
                type=ADDRESS,
                start=house.start(),
                end=end,
                score=0.75,
                reason="lines from house number to postal code",
            )
