"""`latency`: how long one side takes to answer the other."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from qa.calls import Role
from scoring.criteria.base import RuleBase, Scope, Seconds
from scoring.criteria.findings import Finding, Spot, cannot, first_spots, say
from scoring.criteria.view import CallView


class Latency(RuleBase):
    """Answers that come later than `over_s` after the other side stopped."""

    kind: Literal["latency"]
    over_s: Seconds
    at_least: Annotated[int, Field(ge=1)] = 1

    def check(self, view: CallView, scope: Scope) -> Finding:
        """Measure each change of speaker to this side."""
        scope = self.scoped(scope)
        if not view.timed:
            return cannot(
                "文字稿没有时间，无法测应答", "no times, latency cannot be measured", rule="latency"
            )
        waits = self._waits(view, scope)
        late = [spot for spot, wait in waits if wait > self.over_s * 1000]
        slowest = max((wait for _, wait in waits), default=0) / 1000
        return Finding(
            share=1.0 if len(late) >= self.at_least else 0.0,
            reason=say(
                f"最慢应答 {slowest:.1f} 秒，阈值 {self.over_s:g} 秒，超过 {len(late)} 次",
                f"slowest answer {slowest:.1f} s, threshold {self.over_s:g} s, "
                f"exceeded {len(late)}×",
            ),
            rule="latency",
            spots=first_spots(late, 50),
            confidence=min(0.95, view.role_confidence),
            measured={
                "slowest_s": round(slowest, 1),
                "threshold_s": self.over_s,
                "late": float(len(late)),
            },
        )

    def _waits(self, view: CallView, scope: Scope) -> list[tuple[Spot, int]]:
        wanted = set(view.positions(scope))
        found = []
        previous_end: int | None = None
        previous_role: Role | None = None
        for pos, turn in enumerate(view.turns):
            changed = previous_role is not None and turn.role != previous_role
            if changed and pos in wanted and previous_end is not None:
                wait = turn.start_ms - previous_end
                if wait > 0 and not _crosses_event(view, previous_end, turn.start_ms):
                    found.append((view.turn_spot(pos, "latency"), wait))
            previous_end = max(previous_end or 0, turn.end_ms)
            previous_role = turn.role
        return found


def _crosses_event(view: CallView, start_ms: int, end_ms: int) -> bool:
    return any(e.start_ms < end_ms and start_ms < e.end_ms for e in view.analysis.events)
