"""One call prepared for rules: who says what where, phrase hits, anchors; each computed once."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from qa.analysis import Analysis, EventKind
from qa.calls import Role
from qa.transcript import Turn
from scoring.criteria.base import RuleBase, Scope, Side
from scoring.criteria.findings import MEASURED, Finding, Spot
from scoring.criteria.windows import ANYWHERE, NOWHERE, Anchor, Range, Window, resolve

#: Speech inside these events is not conversation (issue 3: hits inside hold, music, IVR do not count).
_NOT_TALK = {EventKind.HOLD, EventKind.MUSIC, EventKind.IVR, EventKind.RINGBACK}
_HAN = re.compile(r"[\u3400-\u9fff]")
_LATIN_WORD = re.compile(r"[A-Za-z']{2,}")
_UNIT_ZH = re.compile(r"[\u3400-\u9fff0-9]|[A-Za-z']+")
_UNIT_EN = re.compile(r"[A-Za-z0-9']+|[\u3400-\u9fff]")


class PhraseHit(Protocol):
    """One bank hit in a text, as `scoring.matching` returns it."""

    @property
    def bank(self) -> str: ...
    @property
    def match(self) -> str: ...
    @property
    def similarity(self) -> float: ...
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...
    @property
    def effect(self) -> str: ...
    @property
    def confidence(self) -> float: ...


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


class Encoder(Protocol):
    """Sentence similarity for `semantic` rules; absent means not evaluable."""

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


class CallView:
    """The call as rules see it. Built for one evaluation and thrown away; never shared."""

    def __init__(self, analysis: Analysis, means: Means) -> None:
        self.analysis = analysis
        self.means = means
        self.turns: tuple[Turn, ...] = analysis.transcript.turns
        self.facts: dict[str, str] = dict(analysis.facts)
        self.timed = analysis.transcript.timed
        self.role_confidence = _role_confidence(analysis)
        self._events = tuple(
            event for event in analysis.events if self.timed and event.kind in _NOT_TALK
        )
        self._inside = tuple(self._event_at((t.start_ms + t.end_ms) // 2) for t in self.turns)
        self.language = _call_language(analysis)
        self.start_ms, self.end_ms = self._bounds()
        self._positions = {
            role: tuple(
                pos
                for pos, turn in enumerate(self.turns)
                if turn.role == role and not self._inside[pos]
            )
            for role in Role
        }
        self._hits: dict[str, list[Spot]] | None = None
        self._anchors: dict[tuple[str, int], Spot | None] = {}
        self._findings: dict[str, Finding] = {}
        self._ranges: dict[int, Range] = {}
        self._pending: set[str] = set()

    def position_of(self, role: Role, count: int) -> int:
        """Position of the count-th turn of a role (the last one if there are fewer, -1 if none)."""
        positions = self._positions[role][:count]
        return positions[-1] if positions else -1

    def positions(self, scope: Scope) -> list[int]:
        """Positions of turns of the scope's side that begin in its window, events left out."""
        roles = scope.side.roles
        span = self.range_of(scope)
        found = sorted(pos for role in roles for pos in self._positions[role])
        if span is ANYWHERE:
            return found
        return [pos for pos in found if span.holds(self.turn_spot(pos, "turn"))]

    def has_side(self, side: Side) -> bool:
        """Whether anybody of this side is known to speak."""
        return any(self._positions[role] for role in side.roles)

    def language_of(self, pos: int) -> str:
        """`zh` or `en` (or another code) of one turn; a plainly different script wins."""
        turn = self.turns[pos]
        language = (turn.language or self.language)[:2]
        if language == "zh" and not _HAN.search(turn.text):
            return "en" if len(_LATIN_WORD.findall(turn.text)) >= 3 else "zh"
        if language == "en" and len(_HAN.findall(turn.text)) >= 2:
            return "zh"
        return language

    def units(self, pos: int) -> int:
        """Spoken units of a turn: Han characters and digits (zh) or words (en)."""
        pattern = _UNIT_ZH if self.language_of(pos) == "zh" else _UNIT_EN
        return len(pattern.findall(self.turns[pos].text))

    def range_of(self, scope: Scope) -> Range:
        """The scope's window in this call."""
        if scope.window is None:
            return ANYWHERE
        if scope.item is not None:
            return resolve(scope.window, self, scope)
        key = id(scope.window)
        if key not in self._ranges:
            self._ranges[key] = resolve(scope.window, self, scope)
        return self._ranges[key]

    def spots(self, bank: str, scope: Scope, *, inside: str = "") -> list[Spot]:
        """Hits of a bank in the scope, in reading order."""
        return self.within(self._all_hits().get(bank, []), scope, inside=inside)

    def within(self, spots: Sequence[Spot], scope: Scope, *, inside: str = "") -> list[Spot]:
        """The spots of the scope's side and window; those inside hold or music only if asked."""
        if not spots:
            return []
        roles = scope.side.roles
        span = self.range_of(scope)
        return [
            spot
            for spot in spots
            if spot.inside == inside
            and (spot.pos < 0 or self.turns[spot.pos].role in roles)
            and span.holds(spot)
        ]

    def place(
        self,
        pos: int,
        start: int,
        end: int,
        *,
        rule: str,
        match: str = "regex",
        similarity: float = 1.0,
        confidence: float = 0.9,
        effect: str = "award",
    ) -> Spot:
        """A stretch of a turn's text as a spot: times, and confidence = min(recognition, role, rule)."""
        turn = self.turns[pos]
        start = max(0, min(start, len(turn.text)))
        end = max(start, min(end, len(turn.text)))
        start_ms, end_ms, heard = _timing(turn, start, end)
        inside = self._inside[pos] or (self._event_at(start_ms) if self._events else "")
        return Spot(
            pos=pos,
            start_ms=start_ms,
            end_ms=end_ms,
            rule=rule,
            char_start=start,
            char_end=end,
            match=match,
            similarity=similarity,
            confidence=min(heard, self.role_confidence, confidence),
            effect=effect,
            inside=inside,
        )

    def turn_spot(self, pos: int, rule: str, *, match: str = MEASURED) -> Spot:
        """A whole turn as a spot."""
        turn = self.turns[pos]
        return Spot(
            pos=pos,
            start_ms=turn.start_ms,
            end_ms=turn.end_ms,
            rule=rule,
            char_end=len(turn.text),
            match=match,
            confidence=min(turn.confidence, self.role_confidence),
            inside=self._inside[pos],
        )

    def stretch(self, start_ms: int, end_ms: int, *, rule: str, confidence: float = 0.95) -> Spot:
        """A gap or event as a spot between turns."""
        starts = [turn.start_ms for turn in self.turns]
        return Spot(
            pos=-1,
            anchor_pos=bisect_right(starts, start_ms) - 1,
            start_ms=start_ms,
            end_ms=end_ms,
            rule=rule,
            match=MEASURED,
            confidence=confidence,
        )

    def heard(self, scope: Scope) -> float:
        """How sure it is that nothing was missed: recognition of the side's speech × its role."""
        positions = self.positions(scope)
        if not positions:
            positions = [pos for role in scope.side.roles for pos in self._positions[role]]
        weight = sum(len(self.turns[pos].text) + 1 for pos in positions)
        if not weight:
            return 0.0
        total = sum((len(self.turns[p].text) + 1) * self.turns[p].confidence for p in positions)
        return min(total / weight, self.role_confidence)

    def anchor(self, anchor: str | Anchor, scope: Scope) -> Spot | None:
        """The spot an anchor means in this call, or None when it does not occur."""
        if isinstance(anchor, str):
            name, hit = anchor, 1
        else:
            name, hit = anchor.name, anchor.hit
            if anchor.rule is not None:
                return _kth(anchor.rule.check(self, Scope(item=scope.item)).spots, hit)
        if name == "it":
            return scope.item
        key = (name, hit)
        if key not in self._anchors:
            self._anchors[key] = _kth(self.named(name).spots, hit)
        return self._anchors[key]

    def named(self, name: str) -> Finding:
        """The finding of a named anchor of the scorecard."""
        if name in self._findings:
            return self._findings[name]
        rule = self.means.anchors.get(name)
        if rule is None or name in self._pending:
            return Finding(share=None, reason=_unknown_anchor(name), rule=name)
        self._pending.add(name)
        finding = rule.check(self, Scope())
        self._pending.discard(name)
        self._findings[name] = finding
        return finding

    def nearest(self, banks: Sequence[str], scope: Scope) -> tuple[float, str] | None:
        """The closest miss over the scope's turns (explanations only)."""
        found = [
            self.means.matcher.nearest(
                self.turns[pos].text, language=self.language_of(pos), bank=bank
            )
            for pos in self.positions(scope)
            for bank in banks
        ]
        return max(found, default=None)

    def _all_hits(self) -> dict[str, list[Spot]]:
        if self._hits is None:
            self._hits = {}
            for role in (Role.AGENT, Role.CUSTOMER, Role.SYSTEM):
                for pos, turn in enumerate(self.turns):
                    if turn.role == role and turn.text:
                        self._add_hits(pos, turn)
        return self._hits

    def _add_hits(self, pos: int, turn: Turn) -> None:
        assert self._hits is not None
        found = self.means.matcher.hits(
            turn.text, language=self.language_of(pos), side=turn.role, banks=self.means.banks
        )
        for hit in found:
            spot = self.place(
                pos,
                hit.start,
                hit.end,
                rule=hit.bank,
                match=str(hit.match),
                similarity=hit.similarity,
                confidence=hit.confidence,
                effect=str(hit.effect),
            )
            self._hits.setdefault(hit.bank, []).append(spot)

    def _event_at(self, ms: int) -> str:
        for event in self._events:
            if event.start_ms <= ms < event.end_ms:
                return event.kind.value
        return ""

    def _bounds(self) -> tuple[int, int]:
        """t0 and tEnd: first agent speech after IVR and ringing; last speech of either party."""
        stats = self.analysis.stats
        if stats is not None:
            return stats.speech_start_ms, max(stats.speech_end_ms, stats.speech_start_ms)
        talk = [t for pos, t in enumerate(self.turns) if not self._inside[pos]]
        first = next((t.start_ms for t in talk if t.role == Role.AGENT), None)
        start = first if first is not None else min((t.start_ms for t in talk), default=0)
        return start, max((t.end_ms for t in talk), default=start)


def _kth(spots: Sequence[Spot], hit: int) -> Spot | None:
    ordered = sorted(spots, key=lambda spot: (spot.begins, spot.start_ms))
    index = hit - 1 if hit > 0 else hit
    return ordered[index] if -len(ordered) <= index < len(ordered) else None


def _role_confidence(analysis: Analysis) -> float:
    quality = analysis.quality
    known = quality.role_confidence if quality else None
    given = analysis.transcript.roles.confidence
    return min(given, known) if known is not None else given


def _call_language(analysis: Analysis) -> str:
    stated = analysis.transcript.language or analysis.call.language
    if stated:
        return stated[:2].lower()
    text = "".join(turn.text for turn in analysis.transcript.turns[:50])
    return "zh" if len(_HAN.findall(text)) * 2 > len(_LATIN_WORD.findall(text)) else "en"


def _timing(turn: Turn, start: int, end: int) -> tuple[int, int, float]:
    """Times of a stretch of text (by its share of the turn) and the recognition confidence there."""
    length = len(turn.text) or 1
    span = turn.end_ms - turn.start_ms
    start_ms = turn.start_ms + span * start // length
    end_ms = max(turn.start_ms + span * end // length, start_ms)
    if not turn.words:
        return start_ms, end_ms, turn.confidence
    touched = [w for w in _words_between(turn, start, end)]
    if not touched:
        return start_ms, end_ms, turn.confidence
    heard = sum(word.confidence for word in touched) / len(touched)
    return touched[0].start_ms, max(touched[-1].end_ms, touched[0].start_ms), heard


def _words_between(turn: Turn, start: int, end: int):  # noqa: ANN202
    """Words whose letters fall between two characters, found by counting letters, not spaces."""
    before = sum(1 for char in turn.text[:start] if char.isalnum())
    upto = before + max(1, sum(1 for char in turn.text[start:end] if char.isalnum()))
    letters = sum(1 for char in turn.text if char.isalnum())
    counts = [max(1, sum(1 for char in word.text if char.isalnum())) for word in turn.words]
    total = sum(counts)
    scale = total / letters if letters else 1.0
    found, seen = [], 0
    for word, count in zip(turn.words, counts, strict=True):
        if seen < upto * scale and seen + count > before * scale:
            found.append(word)
        seen += count
    return found


def _unknown_anchor(name: str):  # noqa: ANN202
    from scoring.criteria.findings import say

    return say(
        f"锚点“{name}”没有定义或互相引用", f"anchor {name!r} is undefined or refers to itself"
    )


__all__ = ["NOWHERE", "CallView", "Encoder", "Means", "PhraseHit", "PhraseMatcher", "Window"]
