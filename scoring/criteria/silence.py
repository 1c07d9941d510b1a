"""`silence`: gaps in which nobody speaks; announced ones are excused (dossier §2.1, S3.4)."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import Field

from qa.analysis import Gap
from qa.calls import Role
from qa.evaluation import Bilingual
from scoring.criteria.base import RuleBase, Scope, Seconds, Share, Side
from scoring.criteria.findings import Finding, Spot, cannot, first_spots, say, seconds
from scoring.criteria.view import CallView

#: The agent sends the customer to look or try: silence afterwards is work, not dead air.
_REQUEST = {
    "zh": re.compile(
        r"(?:您|你|麻烦|请).{0,8}(?:试|看一?下|看看|找一?下|打开|重启|点击|点一?下|拔|插|按|登录|记一?下|输入)"
    ),
    "en": re.compile(
        r"\b(?:could you|can you|please|try|go ahead and|would you|if you could)\b.{0,30}"
        r"\b(?:try|check|look|open|restart|click|press|unplug|plug|type|enter|log in|find|write)\b",
        re.IGNORECASE,
    ),
}


class Silence(RuleBase):
    """Silences longer than `over_s`, hold and music left out.

    Holds when at least `at_least` unexcused gaps are in the window, or, with `share_over`,
    when unexcused gaps of at least `over_s` fill more than that share of the conversation.
    Without times it is not evaluable.
    """

    kind: Literal["silence"]
    over_s: Seconds
    at_least: Annotated[int, Field(ge=1)] = 1
    share_over: Share | None = None
    announced_by: tuple[str, ...] = ("L4", "H1")
    """Banks that announce a silence (请稍等…)."""
    announced_within_s: Seconds = 5.0
    announced_up_to_s: Seconds = 30.0
    """An announced silence is excused up to this length."""
    after_request_s: Seconds = 20.0
    """No dead air within this time after the agent asked the customer to look or try."""

    def check(self, view: CallView, scope: Scope) -> Finding:
        """Measure the gaps."""
        scope = self.scoped(scope)
        stats = view.analysis.stats
        if stats is None or not view.timed:
            return cannot(
                "文字稿没有时间，无法测静默", "no times, silence cannot be measured", rule="silence"
            )
        long = [gap for gap in stats.gaps if gap.duration_ms >= self.over_s * 1000]
        placed = [
            (gap, view.stretch(gap.start_ms, gap.end_ms, rule="silence"))
            for gap in long
            if _of_side(gap, scope.side)
        ]
        span = view.range_of(scope)
        inside = [(gap, spot) for gap, spot in placed if span.holds(spot)]
        counted = [spot for gap, spot in inside if not self._excused(gap, view)]
        return self._finding(view, counted, len(inside) - len(counted))

    def _finding(self, view: CallView, counted: list[Spot], excused: int) -> Finding:
        longest = max((s.end_ms - s.start_ms for s in counted), default=0)
        total = sum(s.end_ms - s.start_ms for s in counted)
        portion = total / max(1, view.end_ms - view.start_ms)
        measured = {
            "longest_gap_s": round(longest / 1000, 1),
            "threshold_s": self.over_s,
            "gaps": float(len(counted)),
            "excused": float(excused),
            "silence_share": round(portion, 4),
        }
        if self.share_over is not None:
            met = portion > self.share_over
            reason = say(
                f"静默占 {portion:.0%}，阈值 {self.share_over:.0%}",
                f"silence is {portion:.0%} of the call, threshold {self.share_over:.0%}",
            )
        else:
            met = len(counted) >= self.at_least
            reason = _reason(longest, self.over_s, len(counted), excused)
        return Finding(
            share=1.0 if met else 0.0,
            reason=reason,
            rule="silence",
            spots=first_spots(counted, 50),
            confidence=0.95,
            measured=measured,
        )

    def _excused(self, gap: Gap, view: CallView) -> bool:
        if self.announced_up_to_s * 1000 >= gap.duration_ms and self._announced(gap, view):
            return True
        return _after_request(gap, view, self.after_request_s)

    def _announced(self, gap: Gap, view: CallView) -> bool:
        anywhere = Scope(side=Side.AGENT)
        reach = self.announced_within_s * 1000
        return any(
            0 <= gap.start_ms - spot.end_ms <= reach or spot.start_ms <= gap.start_ms < spot.end_ms
            for bank in self.announced_by
            for spot in view.spots(bank, anywhere)
        )


def _of_side(gap: Gap, side: Side) -> bool:
    return side == Side.BOTH or gap.owner in side.roles or gap.owner == Role.UNKNOWN


def _after_request(gap: Gap, view: CallView, reach_s: float) -> bool:
    """Whether the agent asked the customer to look or try shortly before the gap."""
    for pos in reversed(range(len(view.turns))):
        turn = view.turns[pos]
        if turn.start_ms >= gap.start_ms:
            continue
        if gap.start_ms - turn.end_ms > reach_s * 1000:
            return False
        if turn.role == Role.AGENT:
            return bool(_REQUEST.get(view.language_of(pos), _REQUEST["en"]).search(turn.text))
    return False


def _reason(longest: int, over_s: float, count: int, excused: int) -> Bilingual:
    if not count:
        extra = f"(已说明的静默 {excused} 次不计)" if excused else ""
        extra_en = f" ({excused} announced)" if excused else ""
        return say(
            f"没有超过 {over_s:g} 秒的无应答静默{extra}",
            f"no unexplained silence over {over_s:g} s{extra_en}",
        )
    return say(
        f"测得 {seconds(longest)} 秒无应答，阈值 {over_s:g} 秒，共 {count} 次",
        f"measured {seconds(longest)} s of silence, threshold {over_s:g} s, {count} in all",
    )
