"""What matching returns, and what a phrase bank is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from qa.calls import Role

EXACT, REGEX, FUZZY, HOMOPHONE, SEMANTIC = "exact", "regex", "fuzzy", "homophone", "semantic"
TIERS = (EXACT, REGEX, FUZZY, HOMOPHONE, SEMANTIC)

# Rule confidence of a hit by how it was found (dossier 2.4; fuzzy lies between its neighbours).
RULE_CONFIDENCE: Mapping[str, float] = MappingProxyType(
    {EXACT: 0.95, REGEX: 0.9, FUZZY: 0.8, HOMOPHONE: 0.75, SEMANTIC: 0.7}
)


class BankKind(StrEnum):
    """What a hit of the bank is worth."""

    POSITIVE = "positive"
    FORBIDDEN = "forbidden"
    SIGNAL = "signal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One place in a shown text where a bank was found.

    Attributes:
        bank: Bank id (`G1` … `K5`).
        match: Tier that found it: exact, regex, fuzzy, homophone or semantic.
        similarity: 1.0 for exact and regex, else the tier's measure in 0-1.
        start: Start of the span in the shown text.
        end: End of the span (half-open).
        effect: award, deduct, candidate (a person must look) or signal.
        pattern: The phrase or frame that matched.
        confidence: Confidence of the rule itself (`RULE_CONFIDENCE`).
    """

    bank: str
    match: str
    similarity: float
    start: int
    end: int
    effect: str
    pattern: str
    confidence: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Bank:
    """A family of phrases with one meaning.

    Attributes:
        id: Stable id used by scorecards.
        title: Name by language (`zh`, `en`).
        kind: Positive, forbidden or signal.
        side: Whose speech the bank listens to.
        phrases: Phrases of the service standard by language.
        frames: Frame sources by language, without their guards.
        hard_negatives: Sentences by language that must never deduct; run as tests.
        exact_you: True when 您 and 你 must not be confused (tone of command).
    """

    id: str
    title: Mapping[str, str]
    kind: BankKind
    side: Role
    phrases: Mapping[str, tuple[str, ...]]
    frames: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    hard_negatives: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    exact_you: bool = False


def effect_of(kind: BankKind, match: str) -> str:
    """The asymmetry of the standard: only exact and regex finds of forbidden banks deduct.

    A semantic find deducts besides where the witness is sure of the sentence (`finds`); one by
    sound or spelling never does.
    """
    if kind is BankKind.POSITIVE:
        return "award"
    if kind is BankKind.SIGNAL:
        return "signal"
    return "deduct" if match in (EXACT, REGEX) else "candidate"
