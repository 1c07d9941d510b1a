"""Presidio's recognisers beside ours, for sites that have `presidio-analyzer` installed.

`detect(text, also=[presidio_recogniser(AnalyzerEngine())])` adds what it finds under our types.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

from qa.privacy import found as kinds
from qa.privacy.found import Found
from qa.privacy.view import View

#: Presidio's entity → our type; others are left out.
ENTITIES = {
    "PHONE_NUMBER": kinds.PHONE,
    "CREDIT_CARD": kinds.BANK_CARD,
    "EMAIL_ADDRESS": kinds.EMAIL,
    "PERSON": kinds.PERSON,
    "LOCATION": kinds.ADDRESS,
    "US_SSN": kinds.US_SSN,
    "US_PASSPORT": kinds.PASSPORT,
    "US_DRIVER_LICENSE": kinds.DRIVER_LICENSE,
    "US_BANK_NUMBER": kinds.ACCOUNT,
    "IBAN_CODE": kinds.IBAN,
    "IP_ADDRESS": kinds.IP_ADDRESS,
}


class Result(Protocol):
    """What Presidio's analyzer returns for a span."""

    entity_type: str
    start: int
    end: int
    score: float


class Analyzer(Protocol):
    """`presidio_analyzer.AnalyzerEngine`, as far as it is used."""

    def analyze(self, text: str, language: str) -> list[Result]:
        """Spans of a text."""


def presidio_recogniser(
    analyzer: Analyzer, *, language: str = "en", least: float = 0.5
) -> Callable[[View], Iterator[Found]]:
    """A recogniser that asks Presidio.

    Args:
        analyzer: A set-up engine; it loads its language model when it is made.
        language: Presidio reads one language; texts in another give little.
        least: Scores below are dropped.
    """

    def recognise(view: View) -> Iterator[Found]:
        for one in analyzer.analyze(view.shown, language=language):
            kind = ENTITIES.get(one.entity_type)
            if kind and one.score >= least:
                yield Found(
                    type=kind,
                    start=one.start,
                    end=one.end,
                    score=one.score,
                    reason=f"Presidio {one.entity_type}",
                )

    return recognise
