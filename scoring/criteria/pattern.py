"""`regex`: patterns with exclusions; and the literal search shared with `phrase`."""

from __future__ import annotations

from functools import cached_property, lru_cache
from typing import Annotated, Literal

import regex
from pydantic import Field

from qa.evaluation import Bilingual
from scoring.criteria.base import RuleBase, Scope, Side, Text, bilingual
from scoring.criteria.findings import Finding, Spot, cannot, first_spots, quote_of, say
from scoring.criteria.placing import lowered
from scoring.criteria.searching import Patterns, PatternTimeoutError, spans_by_turn
from scoring.criteria.view import CallView
from scoring.criteria.windows import ANYWHERE, Range


def pattern_spots(
    patterns: Patterns,
    view: CallView,
    scope: Scope,
    *,
    unless: Patterns | None = None,
    rule: str = "regex",
) -> list[Spot]:
    """Matches of the patterns in the scope; a turn that matches `unless` is left out."""
    span = view.range_of(scope)
    if span is not ANYWHERE:
        return view.within(_spots_in(span, patterns, unless, view, scope.side, rule), scope)
    key = ("pattern", id(patterns), id(unless), scope.side, rule)
    if key not in view.memo:
        view.memo[key] = _spots_in(span, patterns, unless, view, scope.side, rule)
    return view.within(view.memo[key], scope)


def _spots_in(  # noqa: PLR0917 - the parts of one search
    span: Range,
    patterns: Patterns,
    unless: Patterns | None,
    view: CallView,
    side: Side,
    rule: str,
) -> list[Spot]:
    """Spots in turns that the window touches."""
    found: list[Spot] = []
    for role in side.roles:
        chinese = spans_by_turn(patterns.zh, view, role, script="zh")
        english = spans_by_turn(patterns.en, view, role, script="en")
        if not chinese and not english:
            continue
        barred = unless.turns_hit(view, role) if unless is not None else set[int]()
        for pos in sorted({*chinese, *english} - barred):
            turn = view.turns[pos]
            if not span.touches(pos, turn.start_ms, turn.end_ms):
                continue
            own, other = (chinese, english) if view.language_of(pos) == "zh" else (english, chinese)
            # Code-switching is normal (dossier §3.5): the other language counts too.
            spans = own.get(pos) or other.get(pos, [])
            found += [view.place(pos, start, end, rule=rule) for start, end in spans]
    return found


@lru_cache(maxsize=1024)
def literal_pattern(texts: tuple[str, ...]) -> str:
    """One pattern for literal texts; Latin words match whole, longer texts first."""
    bodies = [
        rf"(?<![A-Za-z0-9]){regex.escape(text)}(?![A-Za-z0-9])"
        if text.isascii()
        else regex.escape(text)
        for text in sorted(texts, key=lambda text: (-len(text), text))
        if text
    ]
    return "|".join(bodies)


def literal_spots(
    texts: tuple[str, ...], view: CallView, scope: Scope, *, inside: str = "", rule: str = ""
) -> list[Spot]:
    """Places where one of the literal texts is said, without regard to case."""
    found: list[Spot] = []
    for role in scope.side.roles:
        heard = view.joined(role).lowered  # looking for plain text first is much faster
        present = tuple(text for text in texts if lowered(text) in heard)
        if present:
            by_turn = spans_by_turn(literal_pattern(present), view, role)
            found += [
                view.place(pos, start, end, rule=rule or "text", match="exact", confidence=0.95)
                for pos, spans in sorted(by_turn.items())
                for start, end in spans
            ]
    return view.within(found, scope, inside=inside)


def _overlaps(spot: Spot, item: Spot) -> bool:
    return (
        spot.pos == item.pos and spot.char_start < item.char_end and item.char_start < spot.char_end
    )


class RegexRule(RuleBase):
    """A regular expression per language, with an exclusion that clears the turn."""

    kind: Literal["regex"]
    pattern: Patterns
    unless: Patterns | None = None
    """A turn that also matches this does not count."""
    at_least: Annotated[int, Field(ge=1)] = 1
    of_item: bool = False
    """Only inside the words of the item at hand, such as the fault a `deductions` rule weighs."""
    name: str | Text = "regex"
    """What the pattern looks for, in both languages or one word for both; the reason names it."""

    @cached_property
    def called(self) -> Bilingual:
        """The name in both languages."""
        return say(self.name, self.name) if isinstance(self.name, str) else bilingual(self.name)

    @cached_property
    def _unmatched(self) -> Bilingual:
        named = self.called
        return say(f"没有听到“{named.zh}”", f"nothing that counts as “{named.en}”")

    def check(self, view: CallView, scope: Scope) -> Finding:
        """Search the turns in the scope."""
        scope, named = self.scoped(scope), self.called
        if not view.has_side(scope.side):
            return cannot(
                "没有可辨认的该方讲话", "nobody of this side is known to speak", rule=named.en
            )
        try:
            spots = pattern_spots(self.pattern, view, scope, unless=self.unless, rule=named.en)
        except PatternTimeoutError:
            return cannot(
                f"模式“{named.zh}”超出时间限制",
                f"pattern {named.en!r} took too long",
                rule=named.en,
            )
        if self.of_item and scope.item is not None:
            spots = [spot for spot in spots if _overlaps(spot, scope.item)]
        confidence = max((s.confidence for s in spots), default=0.0) or view.heard(scope)
        reason = self._unmatched
        if spots:
            quote = quote_of(spots[0], view.turns)
            reason = say(f"“{quote}”算作“{named.zh}”", f"“{quote}” counts as “{named.en}”")
        return Finding(
            share=1.0 if len(spots) >= self.at_least else 0.0,
            reason=reason,
            rule=f"regex {named.en}",
            spots=first_spots(spots, 50),
            confidence=confidence,
            measured={"hits": float(len(spots)), "needed": float(self.at_least)},
        )
