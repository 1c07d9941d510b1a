"""`repetition`: the same speaker says nearly the same again within a few turns."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from rapidfuzz.fuzz import ratio

from scoring.criteria.base import RuleBase, Scope
from scoring.criteria.findings import Finding, Spot, cannot, first_spots, say
from scoring.criteria.view import CallView


class Repetition(RuleBase):
    """Near-identical turns of one side (Alibaba's ADVANCED_REPEAT_DETECT)."""

    kind: Literal["repetition"]
    similarity: Annotated[float, Field(gt=0, le=1)] = 0.8
    within_turns: Annotated[int, Field(ge=1, le=1000)] = 10
    """How many turns of the whole call to look back."""
    min_units: Annotated[int, Field(ge=1)] = 4
    """Shorter turns (Han characters or words) are skipped."""
    at_least: Annotated[int, Field(ge=1)] = 1
    questions_only: bool = False

    def check(self, view: CallView, scope: Scope) -> Finding:
        """Compare each turn with the side's earlier turns in reach."""
        scope = self.scoped(scope)
        if not view.has_side(scope.side):
            return cannot(
                "没有可辨认的该方讲话", "nobody of this side is known to speak", rule="repetition"
            )
        spots = self._repeats(view, scope)
        met = len(spots) >= self.at_least
        return Finding(
            share=1.0 if met else 0.0,
            reason=say(
                f"重复 {len(spots)} 次(阈值 {self.at_least} 次)",
                f"repeated {len(spots)} times (threshold {self.at_least})",
            ),
            rule="repetition",
            spots=first_spots(spots, 50),
            confidence=max((s.confidence for s in spots), default=0.0) or view.heard(scope),
            measured={"repeats": float(len(spots)), "threshold": float(self.at_least)},
        )

    def _repeats(self, view: CallView, scope: Scope) -> list[Spot]:
        usable = [p for p in view.positions(scope) if self._usable(view, p)]
        found = []
        for index, pos in enumerate(usable):
            for earlier in reversed(usable[:index]):
                if pos - earlier > self.within_turns:
                    break
                one, two = view.turns[earlier], view.turns[pos]
                if one.role != two.role:
                    continue
                alike = ratio(one.text, two.text, score_cutoff=self.similarity * 100) / 100
                if alike >= self.similarity:
                    length = len(two.text)
                    found.append(
                        view.place(
                            pos, 0, length, rule="repetition", match="fuzzy", similarity=alike
                        )
                    )
                    break
        return found

    def _usable(self, view: CallView, pos: int) -> bool:
        if view.units(pos) < self.min_units:
            return False
        text = view.turns[pos].text
        return not self.questions_only or "?" in text or "？" in text or "吗" in text
