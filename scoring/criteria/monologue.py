"""`monologue`: a long stretch in which one side could speak its mind."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from qa.analysis import OverlapKind
from scoring.criteria.base import RuleBase, Scope, Seconds
from scoring.criteria.findings import Finding, cannot, counted, first_spots, say
from scoring.criteria.view import CallView


class Monologue(RuleBase):
    """A turn of at least `longer_s` (without times: `min_units` characters or words).

    With `uninterrupted`, a turn the other side broke into (major overlap) does not count.
    """

    kind: Literal["monologue"]
    longer_s: Seconds
    min_units: Annotated[int, Field(ge=1)] = 50
    uninterrupted: bool = True

    def check(self, view: CallView, scope: Scope) -> Finding:
        """Find the long turns."""
        scope = self.scoped(scope)
        if not view.has_side(scope.side):
            return cannot(
                "没有可辨认的该方讲话", "nobody of this side is known to speak", rule="monologue"
            )
        stats = view.analysis.stats
        broken = {
            overlap.over_turn_index
            for overlap in (stats.overlaps or () if stats else ())
            if overlap.kind == OverlapKind.MAJOR
        }
        spots = [
            view.turn_spot(pos, "monologue")
            for pos in view.positions(scope)
            if self._long(view, pos)
            and not (self.uninterrupted and view.turns[pos].index in broken)
        ]
        return Finding(
            share=1.0 if spots else 0.0,
            reason=say(
                f"连续讲话 {self.longer_s:g} 秒以上 {len(spots)} 次",
                f"{counted(len(spots), 'stretch', 'stretches')} of {self.longer_s:g} s or more",
            ),
            rule="monologue",
            spots=first_spots(spots, 3),
            confidence=min(0.9, view.role_confidence),
            measured={"stretches": float(len(spots)), "threshold_s": self.longer_s},
        )

    def _long(self, view: CallView, pos: int) -> bool:
        if view.timed:
            return view.turns[pos].duration_ms >= self.longer_s * 1000
        return view.units(pos) >= self.min_units
