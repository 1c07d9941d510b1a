"""`hold` and `event`: waiting, music, transfers: as conditions and as occurrences for `each`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from qa.analysis import EventKind
from scoring.criteria.base import RuleBase, Scope, Seconds, Side
from scoring.criteria.findings import Finding, Spot, cannot, counted, first_spots, say, seconds
from scoring.criteria.view import CallView

#: Silence after a hold request that makes it a hold (dossier §2.1).
_SILENT_HOLD_MS = 8000


class Hold(RuleBase):
    """Holds: hold events, or a hold phrase followed by at least 8 s without speech."""

    kind: Literal["hold"]
    longer_s: Seconds = 0.0
    at_least: Annotated[int, Field(ge=1)] = 1
    asked_by: tuple[str, ...] = ("H1",)

    def check(self, view: CallView, scope: Scope) -> Finding:
        """Find the holds."""
        scope = self.scoped(scope)
        if not view.timed and not self._asked(view):
            return Finding(
                share=0.0, reason=say("没有等待", "no hold"), rule="hold", confidence=0.8
            )
        if not view.timed:
            return cannot(
                "文字稿没有时间，无法测等待", "no times, holds cannot be measured", rule="hold"
            )
        spots = [s for s in self._holds(view) if s.end_ms - s.start_ms >= self.longer_s * 1000]
        spots = [s for s in spots if view.range_of(scope).holds(s)]
        longest = max((s.end_ms - s.start_ms for s in spots), default=0)
        return Finding(
            share=1.0 if len(spots) >= self.at_least else 0.0,
            reason=say(
                f"等待 {len(spots)} 次，最长 {seconds(longest)} 秒",
                f"{counted(len(spots), 'hold')}, longest {seconds(longest)} s",
            ),
            rule="hold",
            spots=first_spots(spots, 50),
            confidence=min((s.confidence for s in spots), default=0.95),
            measured={
                "holds": float(len(spots)),
                "longest_hold_s": round(longest / 1000, 1),
                "threshold_s": self.longer_s,
            },
        )

    def _asked(self, view: CallView) -> list[Spot]:
        return [s for bank in self.asked_by for s in view.spots(bank, Scope(side=Side.AGENT))]

    def _holds(self, view: CallView) -> list[Spot]:
        found = _events(view, (EventKind.HOLD, EventKind.MUSIC))
        stats = view.analysis.stats
        for gap in stats.gaps if stats else ():
            if gap.duration_ms < _SILENT_HOLD_MS:
                continue
            asked = any(
                0 <= gap.start_ms - spot.end_ms <= 5000
                or spot.start_ms <= gap.start_ms < spot.end_ms
                for spot in self._asked(view)
            )
            overlaps = any(s.start_ms < gap.end_ms and gap.start_ms < s.end_ms for s in found)
            if asked and not overlaps:
                found.append(view.stretch(gap.start_ms, gap.end_ms, rule="hold", confidence=0.8))
        return sorted(found, key=lambda s: s.start_ms)


class Event(RuleBase):
    """Events of the recording: hold, music, ivr, ringback, transfer, noise."""

    kind: Literal["event"]
    of: tuple[EventKind, ...]
    longer_s: Seconds = 0.0
    at_least: Annotated[int, Field(ge=1)] = 1

    def check(self, view: CallView, scope: Scope) -> Finding:
        """Find the events."""
        scope = self.scoped(scope)
        span = view.range_of(scope)
        spots = [
            s
            for s in _events(view, self.of)
            if s.end_ms - s.start_ms >= self.longer_s * 1000 and span.holds(s)
        ]
        return Finding(
            share=1.0 if len(spots) >= self.at_least else 0.0,
            reason=say(f"事件 {len(spots)} 个", counted(len(spots), "event")),
            rule="event " + "/".join(self.of),
            spots=first_spots(spots, 50),
            confidence=min((s.confidence for s in spots), default=0.95),
            measured={"events": float(len(spots))},
        )


def _events(view: CallView, kinds: tuple[EventKind, ...]) -> list[Spot]:
    """Events of some kinds as spots; neighbouring hold and music pieces are one."""
    found: list[Spot] = []
    for event in sorted(view.analysis.events, key=lambda e: (e.start_ms, e.end_ms)):
        if event.kind not in kinds:
            continue
        if found and event.start_ms - found[-1].end_ms <= 2000 and EventKind.HOLD in kinds:
            last = found.pop()
            start, end = last.start_ms, max(last.end_ms, event.end_ms)
            confidence = min(last.confidence, event.confidence)
        else:
            start, end, confidence = event.start_ms, event.end_ms, event.confidence
        found.append(view.stretch(start, end, rule=event.kind.value, confidence=confidence))
    return found
