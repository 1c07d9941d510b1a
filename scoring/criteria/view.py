"""One call prepared for rules: who says what where, phrase hits, anchors; each computed once."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Hashable, Sequence
from typing import Any

from qa.analysis import Analysis, EventKind
from qa.calls import Role
from qa.evaluation import Bilingual
from qa.transcript import Turn
from scoring.criteria.base import Scope, Side
from scoring.criteria.findings import MEASURED, Finding, Spot, say
from scoring.criteria.means import Encoder, Means, PhraseHit, PhraseMatcher
from scoring.criteria.placing import (
    Joined,
    WordIndex,
    call_language,
    count_units,
    in_script,
    join,
    role_confidence,
    timing,
    turn_language,
)
from scoring.criteria.windows import ANYWHERE, Anchor, Range, resolve
from scoring.phrasefinds import kept_hits

#: Speech inside these events is not conversation: hits there do not count.
_NOT_TALK = {EventKind.HOLD, EventKind.MUSIC, EventKind.IVR, EventKind.RINGBACK}


class CallView:
    """The call as rules see it. Built for one evaluation and thrown away; never shared."""

    def __init__(self, analysis: Analysis, means: Means) -> None:
        self.analysis = analysis
        self.means = means
        self.turns: tuple[Turn, ...] = analysis.transcript.turns
        self.facts: dict[str, str] = dict(analysis.facts)
        self.timed = analysis.transcript.timed
        self.role_confidence = role_confidence(analysis)
        self._events = tuple(
            event for event in analysis.events if self.timed and event.kind in _NOT_TALK
        )
        self._inside = tuple(self._event_at((t.start_ms + t.end_ms) // 2) for t in self.turns)
        self.language = call_language(analysis)
        self.start_ms, self.end_ms = self._bounds()
        self._positions = {
            role: tuple(
                pos
                for pos, turn in enumerate(self.turns)
                if turn.role == role and not self._inside[pos]
            )
            for role in Role
        }
        #: Results that rules of one kind keep for each other, by a key of their own.
        self.memo: dict[Hashable, Any] = {}
        self._starts = [turn.start_ms for turn in self.turns]
        self._weights = [len(turn.text) + 1 for turn in self.turns]
        self._languages: list[str | None] = [None] * len(self.turns)
        self._units: list[int | None] = [None] * len(self.turns)
        self._joined: dict[tuple[Role, str], Joined] = {}
        self._heard: dict[tuple[Side, int], float] = {}
        self._word_indexes: dict[int, WordIndex] = {}
        self._by_side: dict[Side, list[int]] = {}
        self._hits: dict[str, list[tuple[int, PhraseHit]]] | None = None
        self._bank_spots: dict[str, list[Spot]] = {}
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
        span = self.range_of(scope)
        found = self._of_side(scope.side)
        if span is ANYWHERE:
            return found
        return [pos for pos in found if span.contains((pos, 0), self._starts[pos])]

    def _of_side(self, side: Side) -> list[int]:
        if side not in self._by_side:
            self._by_side[side] = sorted(p for role in side.roles for p in self._positions[role])
        return self._by_side[side]

    def has_side(self, side: Side) -> bool:
        """Whether anybody of this side is known to speak."""
        return bool(self._of_side(side))

    def language_of(self, pos: int) -> str:
        """`zh` or `en` (or another code) of one turn."""
        if self._languages[pos] is None:
            self._languages[pos] = turn_language(self.turns[pos], self.language)
        return self._languages[pos] or ""

    def units(self, pos: int) -> int:
        """Spoken units of a turn: Han characters and digits (zh) or words (en)."""
        if self._units[pos] is None:
            self._units[pos] = count_units(self.turns[pos].text, self.language_of(pos))
        return self._units[pos] or 0

    def joined(self, role: Role, script: str = "") -> Joined:
        """The turns of a role (that a `zh` or `en` pattern can match) as one text."""
        key = (role, script)
        if key not in self._joined:
            own = [
                pos
                for pos, turn in enumerate(self.turns)
                if turn.role == role and in_script(turn.text, script)
            ]
            self._joined[key] = join(self.turns, own)
        return self._joined[key]

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
        if bank not in self._bank_spots:
            self._bank_spots[bank] = self._place_hits(bank)
        return self.within(self._bank_spots[bank], scope, inside=inside)

    def within(self, spots: Sequence[Spot], scope: Scope, *, inside: str = "") -> list[Spot]:
        """The spots of the scope's side and window; those inside hold or music only if asked."""
        if not spots:
            return []
        roles = scope.side.roles
        span = self.range_of(scope)
        own = [
            spot
            for spot in spots
            if spot.inside == inside and (spot.pos < 0 or self.turns[spot.pos].role in roles)
        ]
        return own if span is ANYWHERE else [spot for spot in own if span.holds(spot)]

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
        """A stretch of a turn as a spot; its confidence is min(recognition, role, rule)."""
        turn = self.turns[pos]
        length = len(turn.text)
        if not 0 <= start <= end <= length:
            start = max(0, min(start, length))
            end = max(start, min(end, length))
        words = self._word_indexes.get(pos)
        if words is None and turn.words:
            words = self._word_indexes[pos] = WordIndex(turn)
        start_ms, end_ms, heard = timing(turn, start, end, words)
        inside = self._inside[pos] or (self._event_at(start_ms) if self._events else "")
        sure = min(heard, self.role_confidence, confidence)
        # In the order of the fields: named arguments take twice as long, a hundred times a call.
        return Spot(
            pos, start_ms, end_ms, rule, start, end, match, similarity, sure, effect, inside
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
        return Spot(
            pos=-1,
            anchor_pos=bisect_right(self._starts, start_ms) - 1,
            start_ms=start_ms,
            end_ms=end_ms,
            rule=rule,
            match=MEASURED,
            confidence=confidence,
        )

    def heard(self, scope: Scope) -> float:
        """How sure it is that nothing was missed: recognition of the side's speech × its role."""
        if scope.item is not None:
            return self._measure_heard(scope)
        key = (scope.side, id(scope.window))
        if key not in self._heard:
            self._heard[key] = self._measure_heard(scope)
        return self._heard[key]

    def _measure_heard(self, scope: Scope) -> float:
        positions = self.positions(scope) or self._of_side(scope.side)
        weight = sum([self._weights[pos] for pos in positions])
        if not weight:
            return 0.0
        total = sum([self._weights[pos] * self.turns[pos].confidence for pos in positions])
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

    def _place_hits(self, bank: str) -> list[Spot]:
        if self._hits is None:
            self._hits = self._find_hits()
        return [
            self.place(
                pos,
                hit.start,
                hit.end,
                rule=bank,
                match=str(hit.match),
                similarity=hit.similarity,
                confidence=hit.confidence,
                effect=str(hit.effect),
            )
            for pos, hit in self._hits.get(bank, ())
        ]

    def _find_hits(self) -> dict[str, list[tuple[int, PhraseHit]]]:
        """Hits by bank: those kept with the analysis, else searched for now."""
        kept = kept_hits(self.analysis, self.means.matcher)
        hits: dict[str, list[tuple[int, PhraseHit]]] = {}
        for role in (Role.AGENT, Role.CUSTOMER, Role.SYSTEM):
            for pos, turn in enumerate(self.turns):
                if turn.role == role and turn.text:
                    found = kept.get(pos, ()) if kept is not None else self._search(pos, turn)
                    for hit in found:
                        hits.setdefault(hit.bank, []).append((pos, hit))
        return hits

    def _search(self, pos: int, turn: Turn) -> Sequence[PhraseHit]:
        return self.means.matcher.hits(
            turn.text, language=self.language_of(pos), side=turn.role, banks=self.means.banks
        )

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


def _unknown_anchor(name: str) -> Bilingual:
    return say(
        f"锚点“{name}”没有定义或互相引用", f"anchor {name!r} is undefined or refers to itself"
    )


__all__ = ["CallView", "Encoder", "Means", "PhraseMatcher"]
