"""Phrase matching that survives recognition errors, with evidence offsets."""

from scoring.matching.matcher import (
    PhraseMatcher,
    SentenceEncoder,
    default_matcher,
    load_matcher,
)
from scoring.matching.values import RULE_CONFIDENCE, TIERS, Bank, BankKind, Hit

__all__ = [
    "RULE_CONFIDENCE",
    "TIERS",
    "Bank",
    "BankKind",
    "Hit",
    "PhraseMatcher",
    "SentenceEncoder",
    "default_matcher",
    "load_matcher",
]
