"""`overlap` and `no_interruption`: both sides talking at once (dossier §2.1, S3.1)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from qa.analysis import Overlap, OverlapKind
from scoring.criteria.base import RuleBase, Scope, Share, Side
from scoring.criteria.findings import Finding, Spot, cannot, counted, first_spots, say
from scoring.criteria.view import CallView


def _unknown_overlap(view: CallView, rule: str) -> Finding | None:
    """Why interruptions cannot be known here, or None when they can."""
    stats = view.analysis.stats
    if not view.timed or stats is None:
        return cannot(
            "文字稿没有时间，无法判断抢话", "no times, overlap cannot be known", rule=rule
        )
    if stats.overlaps is None:
        return cannot(
            "单声道录音不能证明抢话", "a mono recording cannot prove interruption", rule=rule
        )
    return None


def _overlap_spots(view: CallView, scope: Scope, kinds: tuple[OverlapKind, ...]) -> list[Spot]:
    stats = view.analysis.stats
    assert stats is not None
    found: list[Spot] = []
    for overlap in stats.overlaps or ():
        if overlap.kind in kinds and overlap.by in scope.side.roles:
            spot = _placed(overlap, view)
            if view.range_of(scope).holds(spot):
                found.append(spot)
    return found


def _placed(overlap: Overlap, view: CallView) -> Spot:
    pos = _position(view, overlap.turn_index)
    end = len(view.turns[pos].text) if pos >= 0 else 0
    return Spot(
        pos=pos,
        start_ms=overlap.start_ms,
        end_ms=overlap.end_ms,
        char_end=end,
        rule=f"overlap {overlap.kind.value}",
        match="measured",
        confidence=min(0.9, view.role_confidence),
    )


def _position(view: CallView, turn_index: int) -> int:
    if 0 <= turn_index < len(view.turns) and view.turns[turn_index].index == turn_index:
        return turn_index
    return next((p for p, turn in enumerate(view.turns) if turn.index == turn_index), -1)


class OverlapRule(RuleBase):
    """Overlaps started by a side, or the share of the talk that is overlap."""

    kind: Literal["overlap"]
    of: tuple[OverlapKind, ...] = (OverlapKind.MAJOR,)
    at_least: Annotated[int, Field(ge=1)] = 1
    share_over: Share | None = None

    def check(self, view: CallView, scope: Scope) -> Finding:
        """Count overlaps, or compare their share."""
        scope = self.scoped(scope)
        unknown = _unknown_overlap(view, "overlap")
        if unknown:
            return unknown
        kinds = tuple(OverlapKind) if self.share_over is not None else self.of
        spots = _overlap_spots(view, scope, kinds)
        portion = _overlap_share(view)
        if self.share_over is not None:
            met = portion > self.share_over
            reason = say(
                f"重叠占 {portion:.0%}，阈值 {self.share_over:.0%}",
                f"overlap is {portion:.0%}, threshold {self.share_over:.0%}",
            )
        else:
            met = len(spots) >= self.at_least
            reason = say(f"重叠 {len(spots)} 次", counted(len(spots), "overlap"))
        return Finding(
            share=1.0 if met else 0.0,
            reason=reason,
            rule="overlap",
            spots=first_spots(spots, 50),
            confidence=min(0.9, view.role_confidence),
            measured={"overlaps": float(len(spots)), "overlap_share": round(portion, 4)},
        )


class NoInterruption(RuleBase):
    """Credit 1 − `penalty` × (major + ½ minor − allowance), one free per 5 min of customer talk."""

    kind: Literal["no_interruption"]
    penalty: Share = 0.34
    minor_weight: Share = 0.5
    free_per_customer_min: Annotated[float, Field(gt=0)] = 5.0
    overlap_share: Share = 0.10
    """Overlap above this share of the talk caps the credit."""
    cap: Share = 0.5
    role_confidence: Share = 0.8
    """Below it nobody can be blamed for interrupting."""

    def check(self, view: CallView, scope: Scope) -> Finding:
        """Count the interruptions and compare with the allowance."""
        scope = self.scoped(scope)
        unknown = _unknown_overlap(view, "no_interruption")
        if unknown:
            return unknown
        if view.role_confidence < self.role_confidence:
            return cannot(
                f"说话人区分置信度 {view.role_confidence:.2f} 低于 {self.role_confidence:g}",
                f"speaker confidence {view.role_confidence:.2f} is below {self.role_confidence:g}",
                rule="no_interruption",
            )
        agent = Scope(side=Side.AGENT, window=scope.window)
        major = _overlap_spots(view, agent, (OverlapKind.MAJOR,))
        minor = _overlap_spots(view, agent, (OverlapKind.MINOR,))
        return self._finding(view, major, minor)

    def _finding(self, view: CallView, major: list[Spot], minor: list[Spot]) -> Finding:
        stats = view.analysis.stats
        assert stats is not None
        weighed = len(major) + self.minor_weight * len(minor)
        free = int(stats.customer.talk_ms / 60_000 // self.free_per_customer_min)
        share = max(0.0, 1 - self.penalty * max(0.0, weighed - free))
        portion = _overlap_share(view)
        if portion > self.overlap_share:
            share = min(share, self.cap)
        return Finding(
            share=share,
            reason=say(
                f"客服抢话 {len(major)} 次、轻微 {len(minor)} 次，允许 {free} 次；"
                f"重叠占 {portion:.0%}",
                f"agent interrupted {len(major)}×, briefly {len(minor)}×, {free} allowed; "
                f"overlap {portion:.0%}",
            ),
            rule="no_interruption",
            spots=first_spots([*major, *minor], 50),
            confidence=min(0.9, view.role_confidence),
            measured={
                "major": float(len(major)),
                "minor": float(len(minor)),
                "allowed": float(free),
                "overlap_share": round(portion, 4),
            },
        )


def _overlap_share(view: CallView) -> float:
    """Overlap ÷ both sides' talk."""
    stats = view.analysis.stats
    assert stats is not None
    talk = stats.agent.talk_ms + stats.customer.talk_ms
    overlap = sum(o.end_ms - o.start_ms for o in stats.overlaps or ())
    return overlap / talk if talk else 0.0
