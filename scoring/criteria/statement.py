"""`statement`: the side says something of substance (not a question, not a mere signal)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from scoring.criteria.base import RuleBase, Scope
from scoring.criteria.findings import Finding, cannot, counted, first_spots, say
from scoring.criteria.question import questions_of
from scoring.criteria.searching import Patterns
from scoring.criteria.view import CallView


class Statement(RuleBase):
    """A turn with at least `min_zh` characters or `min_en` words outside its questions."""

    kind: Literal["statement"]
    min_zh: Annotated[int, Field(ge=1)] = 14
    min_en: Annotated[int, Field(ge=1)] = 9
    count_questions: bool = False
    """Count what is asked as well (a customer states a need as a question)."""
    unless: Patterns | None = None
    """Turns that match this do not count."""
    at_least: Annotated[int, Field(ge=1)] = 1
    not_banks: tuple[str, ...] = ()
    """Turns in which one of these banks hits do not count (hold requests, identity checks)."""

    def check(self, view: CallView, scope: Scope) -> Finding:
        """Find turns that tell the customer something."""
        scope = self.scoped(scope)
        if not view.has_side(scope.side):
            return cannot(
                "没有可辨认的该方讲话", "nobody of this side is known to speak", rule="statement"
            )
        barred = {spot.pos for bank in self.not_banks for spot in view.spots(bank, scope)}
        if self.unless is not None:
            for role in scope.side.roles:
                barred |= self.unless.turns_hit(view, role)
        spots = []
        for pos in view.positions(scope):
            text, language = view.turns[pos].text, view.language_of(pos)
            asked = 0
            if not self.count_questions:
                asked = sum(end - start for start, end in questions_of(view, pos))
            size = view.units(pos) * (len(text) - asked) / max(1, len(text))
            if pos not in barred and size >= (self.min_zh if language == "zh" else self.min_en):
                spots.append(view.turn_spot(pos, "statement"))
        return Finding(
            share=1.0 if len(spots) >= self.at_least else 0.0,
            reason=say(
                f"有 {len(spots)} 段说明" if spots else "没有说明性内容",
                f"explained in {counted(len(spots), 'turn')}" if spots else "nothing is explained",
            ),
            rule="statement",
            spots=first_spots(spots, 3),
            confidence=min(0.8, view.heard(scope)),
            measured={"statements": float(len(spots))},
        )
