"""What rules work with besides the call: phrase matcher, sentence encoder, anchors, options."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from qa.calls import Role
from qa.evaluation import Bilingual
from scoring.criteria.base import RuleBase


class PhraseHit(Protocol):
    """One bank hit in a text, as `scoring.matching.Hit`."""

    @property
    def bank(self) -> str:
        """Bank id."""
        ...

    @property
    def match(self) -> str:
        """Tier that found it: exact, regex, fuzzy, homophone, semantic."""
        ...

    @property
    def similarity(self) -> float:
        """0–1."""
        ...

    @property
    def start(self) -> int:
        """First character in the shown text."""
        ...

    @property
    def end(self) -> int:
        """Character after the last."""
        ...

    @property
    def effect(self) -> str:
        """award, deduct, candidate or signal."""
        ...

    @property
    def confidence(self) -> float:
        """Confidence of the rule itself."""
        ...


class PhraseMatcher(Protocol):
    """What the engine needs from a phrase matcher."""

    @property
    def digest(self) -> str:
        """Identity of lexicons and thresholds."""
        ...

    def hits(
        self, text: str, *, language: str, side: Role | None, banks: Collection[str] | None
    ) -> Sequence[PhraseHit]:
        """Every hit of the named banks in one turn."""
        ...

    def nearest(self, text: str, *, language: str, bank: str) -> tuple[float, str]:
        """The closest phrase of a bank and its similarity."""
        ...

    def title(self, bank: str) -> Bilingual | None:
        """What people call a bank; None when there is no such bank."""
        ...


class Encoder(Protocol):
    """Sentence similarity for `semantic` rules; without one they are not evaluable."""

    def similarity(self, text: str, sentences: Sequence[str]) -> float:
        """Highest cosine similarity of the text to the sentences."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What rules work with besides the call.

    Attributes:
        anchors: Named anchors of the scorecard.
        banks: Phrase banks the scorecard uses; others are not matched.
        options: The scorecard's switches.
        minimum_confidence: Below it nothing is held against anybody (dossier §2.4: 0.6).
        explain: Evaluate everything and look for nearest misses.
    """

    matcher: PhraseMatcher
    encoder: Encoder | None = None
    anchors: Mapping[str, RuleBase] = field(default_factory=dict)
    banks: frozenset[str] = frozenset()
    options: Mapping[str, str] = field(default_factory=dict)
    minimum_confidence: float = 0.6
    explain: bool = False
