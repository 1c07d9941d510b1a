"""What a rule found: spots in the call, a share of credit, and the reason in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from qa.evaluation import Bilingual, Evidence
from qa.transcript import Turn

#: Match kinds that are measurements, not words: they support a verdict but prove no phrase.
MEASURED = "measured"

_NOTHING: Mapping[str, float] = MappingProxyType({})

#: Position of a spot that lies between turns.
BETWEEN_TURNS = -1


class Spot(NamedTuple):
    """A place in the call that supports or contradicts a rule.

    Spots and findings are named tuples: a call makes hundreds, and these are made fastest.

    Attributes:
        pos: Position of the turn in the transcript, or `BETWEEN_TURNS` for a gap or event.
        anchor_pos: For a gap: position of the turn it follows, so that order is known.
        char_start: First character of the turn's text; `char_end` is exclusive.
        effect: `award`, `deduct`, `candidate` (a person must listen) or `signal`.
        inside: Kind of the event (`hold`, `music`, `ivr` …) the spot lies in, else `""`.
    """

    pos: int
    start_ms: int
    end_ms: int
    rule: str
    char_start: int = 0
    char_end: int = 0
    match: str = "exact"
    similarity: float = 1.0
    confidence: float = 1.0
    effect: str = "award"
    inside: str = ""
    anchor_pos: int = BETWEEN_TURNS

    @property
    def only_alike(self) -> bool:
        """Found by likeness of meaning and no more: nobody loses by it (dossier §2.4)."""
        return self.match == "semantic" and self.effect != "deduct"

    @property
    def begins(self) -> tuple[int, int]:
        """Reading order of the first character."""
        return (self.pos, self.char_start) if self.pos >= 0 else (self.anchor_pos, 1 << 30)

    @property
    def ends(self) -> tuple[int, int]:
        """Reading order just after the last character."""
        return (self.pos, self.char_end) if self.pos >= 0 else (self.anchor_pos, 1 << 30)


class Finding(NamedTuple):
    """The answer of one rule.

    Attributes:
        share: Credit 0–1; a plain condition gives 0 or 1. None means not evaluable.
        confidence: 0–1: of the evidence when there is some, else of having heard everything.
        candidates: Spots too uncertain to count; a person should listen to them.
        children: Answers of nested rules, kept for the explanation.
        nearest: Closest phrase and its similarity when nothing matched (explanations only).
        review: True when a person should look before this counts against anybody.
        applies: False when there was no occasion for the behaviour (not applicable).
    """

    share: float | None
    reason: Bilingual
    rule: str = ""
    spots: tuple[Spot, ...] = ()
    candidates: tuple[Spot, ...] = ()
    confidence: float = 1.0
    measured: Mapping[str, float] = _NOTHING
    children: tuple[Finding, ...] = ()
    nearest: tuple[float, str] | None = None
    review: bool = False
    applies: bool = True

    @property
    def holds(self) -> bool:
        """Whether a condition is true (an unknown answer is not)."""
        return self.share is not None and self.share >= 1.0

    @property
    def unknown(self) -> bool:
        """Whether the rule could not be evaluated."""
        return self.share is None


def say(zh: str, en: str) -> Bilingual:
    """One reason in both languages."""
    return Bilingual(zh=zh, en=en)


def counted(count: int, one: str, many: str = "") -> str:
    """A number and what is counted, in English: `1 question`, `2 questions`."""
    return f"{count} {one}" if count == 1 else f"{count} {many or one + 's'}"


def cannot(zh: str, en: str, *, rule: str = "") -> Finding:
    """A rule that could not be evaluated, with the reason."""
    return Finding(share=None, reason=say(zh, en), rule=rule, confidence=0.0)


def no_occasion(zh: str, en: str, *, rule: str = "") -> Finding:
    """There was no occasion for the behaviour: not applicable."""
    return Finding(share=None, reason=say(zh, en), rule=rule, applies=False)


def first_spots(spots: Iterable[Spot], limit: int = 5) -> tuple[Spot, ...]:
    """The first `limit` spots in reading order, without repeats of one place and rule."""
    spots = tuple(spots)
    if len(spots) < 2:
        return spots[:limit]
    # One tuple is both the order and the place, `begins` written out: hundreds of times a call.
    seen: dict[tuple[int, int, int, str], Spot] = {}
    for spot in spots:
        if spot.pos >= 0:
            place = (spot.pos, spot.char_start, spot.start_ms, spot.rule)
        else:
            place = (spot.anchor_pos, 1 << 30, spot.start_ms, spot.rule)
        seen.setdefault(place, spot)
    return tuple([seen[place] for place in sorted(seen)[:limit]])


def all_spots(findings: Iterable[Finding]) -> list[Spot]:
    """The spots of several findings, one finding after another."""
    return [spot for finding in findings if finding.spots for spot in finding.spots]


def all_candidates(findings: Iterable[Finding]) -> list[Spot]:
    """The candidates of several findings, one finding after another."""
    return [spot for finding in findings if finding.candidates for spot in finding.candidates]


def evidence_of(spot: Spot, turns: tuple[Turn, ...]) -> Evidence:
    """The spot as evidence whose quote is exactly `text[char_start:char_end]` of its turn."""
    turn = turns[spot.pos] if 0 <= spot.pos < len(turns) else None
    return Evidence(
        turn_index=turn.index if turn else None,
        start_ms=spot.start_ms,
        end_ms=spot.end_ms,
        quote=turn.text[spot.char_start : spot.char_end] if turn else "",
        rule=spot.rule,
        match=spot.match,
        similarity=round(spot.similarity, 4),
        confidence=round(spot.confidence, 4),
        char_start=spot.char_start if turn else 0,
        char_end=spot.char_end if turn else 0,
    )


def quote_of(spot: Spot, turns: tuple[Turn, ...], limit: int = 40) -> str:
    """The quoted words of a spot for a reason, shortened in the middle of nothing."""
    if not 0 <= spot.pos < len(turns):
        return ""
    text = turns[spot.pos].text[spot.char_start : spot.char_end].strip()
    return text if len(text) <= limit else text[: limit - 1] + "…"


def seconds(ms: float) -> str:
    """Milliseconds as seconds with one decimal, for reasons."""
    return f"{ms / 1000:.1f}"
