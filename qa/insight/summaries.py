"""One call in a glance, as it is kept beside its analysis."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """Words of a customer with the place they stand: `text[char_start:char_end]` of the turn."""

    call_id: str
    turn_index: int
    start_ms: int
    text: str
    char_start: int
    char_end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CallSummary:
    """What lists and figures need of a call's insight.

    Attributes:
        contacts: Contacts of this customer for this reason in the window, this one included.
        start, end, lowest: Sentiment −1…+1; None where too few turns were judged.
        low: The customer's most negative turn, where there is one under −0.2.
        suggestions: Sentences saying how things should be for everybody.
        needs: The customer's first substantial turns: what topics are made of.
        products: Names of products the customer spoke of.
    """

    call_id: str
    call_type: str
    reason: str
    contacts: int = 1
    judged_turns: int = 0
    start: float | None = None
    end: float | None = None
    lowest: float | None = None
    low_score: float | None = None
    low: Quote | None = None
    suggestions: tuple[Quote, ...] = ()
    needs: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
