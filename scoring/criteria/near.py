"""`near`: two patterns within k words (en) or characters (zh) of each other in one turn."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import Field

from scoring.criteria.base import RuleBase, Scope
from scoring.criteria.findings import Finding, Spot, cannot, first_spots, quote_of, say
from scoring.criteria.searching import Patterns, PatternTimeoutError, spans_by_turn
from scoring.criteria.view import CallView

_WORD = re.compile(r"[A-Za-z0-9']+")


class Near(RuleBase):
    """`first` and `second` close together, as Verint's NEAR and V-Spark's `~n`."""

    kind: Literal["near"]
    first: Patterns
    second: Patterns
    within: Annotated[int, Field(ge=0, le=200)] = 5
    """Most words (English turns) or characters (Chinese turns) between the two."""
    ordered: bool = False
    """Whether `first` must come first."""

    def check(self, view: CallView, scope: Scope) -> Finding:
        """Look for the closest pair in each turn."""
        scope = self.scoped(scope)
        if not view.has_side(scope.side):
            return cannot(
                "没有可辨认的该方讲话", "nobody of this side is known to speak", rule="near"
            )
        try:
            spots = view.within(self._pairs(view, scope), scope)
        except PatternTimeoutError:
            return cannot("模式超出时间限制", "a pattern took too long", rule="near")
        if spots:
            quote = quote_of(spots[0], view.turns)
            reason = say(
                f"“{quote}”两词相距不超过 {self.within}", f"“{quote}”: both within {self.within}"
            )
        else:
            reason = say(f"没有相距 {self.within} 以内的搭配", f"no pair within {self.within}")
        return Finding(
            share=1.0 if spots else 0.0,
            reason=reason,
            rule="near",
            spots=first_spots(spots),
            confidence=max((s.confidence for s in spots), default=0.0) or view.heard(scope),
            measured={"hits": float(len(spots)), "within": float(self.within)},
        )

    def _pairs(self, view: CallView, scope: Scope) -> list[Spot]:
        found = []
        for pos in view.positions(Scope(side=scope.side)):
            text, language = view.turns[pos].text, view.language_of(pos)
            role = view.turns[pos].role
            firsts = spans_by_turn(self.first.of(language), view, role).get(pos, [])
            seconds = spans_by_turn(self.second.of(language), view, role).get(pos, [])
            for one in firsts:
                for two in seconds:
                    if self._close(text, one, two, language):
                        start, end = min(one[0], two[0]), max(one[1], two[1])
                        found.append(view.place(pos, start, end, rule="near"))
        return found

    def _close(self, text: str, one: tuple[int, int], two: tuple[int, int], language: str) -> bool:
        if one[0] < two[1] and two[0] < one[1]:
            return False
        if self.ordered and two[0] < one[0]:
            return False
        between = text[min(one[1], two[1]) : max(one[0], two[0])]
        if language == "zh":
            return sum(char.isalnum() for char in between) <= self.within
        return len(_WORD.findall(between)) <= self.within
