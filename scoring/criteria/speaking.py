"""`rate`, `loudness`, `talk_ratio`: how a side speaks (dossier S6.1, S6.2)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from qa.analysis import RoleStats
from scoring.criteria.base import Part, RuleBase, Scope, Seconds, Share, Side
from scoring.criteria.findings import Finding, cannot, counted, say
from scoring.criteria.view import CallView

Band = tuple[float, float]


class Rates(Part):
    """Comfortable rates per minute: characters in Chinese, words in English (from, to)."""

    full: Band
    half: Band


class Rate(RuleBase):
    """Speech rate inside a band gives full credit, inside the wider band half.

    The default bands are this system's own (published norms conflict, dossier §6); recalibrate
    them to the 5th–95th percentile of good calls.
    """

    kind: Literal["rate"]
    zh: Rates = Rates(full=(150, 300), half=(120, 340))
    en: Rates = Rates(full=(105, 180), half=(90, 210))
    faster_than_customer: Annotated[float, Field(gt=1)] = 1.6
    penalty: Share = 0.5
    min_talk_s: Seconds = 30.0

    def check(self, view: CallView, scope: Scope) -> Finding:
        """Compare the measured rate with the band."""
        scope = self.scoped(scope)
        stats = view.analysis.stats
        side = _stats_of(view, scope)
        if stats is None or side is None:
            return cannot("没有语速数据", "no speech rate was measured", rule="rate")
        if side.talk_ms < self.min_talk_s * 1000 or side.rate_per_min is None:
            return Finding(
                share=None,
                applies=False,
                reason=say(
                    f"讲话不足 {self.min_talk_s:g} 秒", f"under {self.min_talk_s:g} s of talk"
                ),
                rule="rate",
            )
        chinese = view.language == "zh"
        return self._finding(side.rate_per_min, stats.customer.rate_per_min, chinese, view)

    def _finding(self, rate: float, other: float | None, chinese: bool, view: CallView) -> Finding:
        bands = self.zh if chinese else self.en
        share = 1.0 if _inside(rate, bands.full) else 0.5 if _inside(rate, bands.half) else 0.0
        low, high = bands.full
        zh = f"语速每分钟 {rate:.0f} {'字' if chinese else '词'}，标准 {low:g}–{high:g}"
        unit = "characters" if chinese else "words"
        en = f"{rate:.0f} {unit} per minute, standard {low:g}–{high:g}"
        ratio = rate / other if other else 0.0
        if ratio > self.faster_than_customer:
            share = max(0.0, share - self.penalty)
            zh += f"；是客户语速的 {ratio:.1f} 倍"
            en += f"; {ratio:.1f}× the customer's rate"
        return Finding(
            share=share,
            reason=say(zh, en),
            rule="rate",
            confidence=min(0.9, view.role_confidence),
            measured={
                "rate_per_min": round(rate, 1),
                "low": low,
                "high": high,
                "times_customer": round(ratio, 2),
            },
        )


class Loudness(RuleBase):
    """Level near the customer's, no clipping, no sudden jumps: one fault costs half."""

    kind: Literal["loudness"]
    within_db: Annotated[float, Field(gt=0)] = 12.0
    clipping_below: Share = 0.005
    max_jumps: Annotated[int, Field(ge=0)] = 0

    def check(self, view: CallView, scope: Scope) -> Finding:
        """Count the faults; without audio it is not evaluable."""
        scope = self.scoped(scope)
        stats = view.analysis.stats
        side = _stats_of(view, scope)
        if stats is None or side is None or side.loudness_db is None:
            return cannot("没有音量数据", "loudness was not measured", rule="loudness")
        other = (
            stats.customer.loudness_db if scope.side != Side.CUSTOMER else stats.agent.loudness_db
        )
        apart = abs(side.loudness_db - other) if other is not None else 0.0
        clipping, jumps = side.clipping_share or 0.0, side.loudness_jumps or 0
        faults = [apart > self.within_db, clipping >= self.clipping_below, jumps > self.max_jumps]
        return Finding(
            share=max(0.0, 1 - 0.5 * sum(faults)),
            reason=say(
                f"与客户音量差 {apart:.0f} dB(±{self.within_db:g})，"
                f"削波 {clipping:.1%}，突增 {jumps} 次",
                f"{apart:.0f} dB from the customer (±{self.within_db:g}), clipping {clipping:.1%}, "
                f"{counted(jumps, 'jump')}",
            ),
            rule="loudness",
            confidence=min(0.85, view.role_confidence),
            measured={"apart_db": round(apart, 1), "clipping": clipping, "jumps": float(jumps)},
        )


class TalkRatio(RuleBase):
    """The agent's part of all talk lies between two bounds."""

    kind: Literal["talk_ratio"]
    at_least: Share = 0.0
    at_most: Share = 1.0

    def check(self, view: CallView, scope: Scope) -> Finding:
        """Compare; `scope` does not matter, the ratio is of the call."""
        del scope
        stats = view.analysis.stats
        if stats is None or stats.talk_ratio is None:
            return cannot("没有讲话时长数据", "talk time was not measured", rule="talk_ratio")
        met = self.at_least <= stats.talk_ratio <= self.at_most
        return Finding(
            share=1.0 if met else 0.0,
            reason=say(
                f"客服讲话占 {stats.talk_ratio:.0%}，标准 {self.at_least:.0%}–{self.at_most:.0%}",
                f"agent talks {stats.talk_ratio:.0%}, "
                f"standard {self.at_least:.0%}–{self.at_most:.0%}",
            ),
            rule="talk_ratio",
            confidence=min(0.9, view.role_confidence),
            measured={
                "talk_ratio": round(stats.talk_ratio, 4),
                "low": self.at_least,
                "high": self.at_most,
            },
        )


def _stats_of(view: CallView, scope: Scope) -> RoleStats | None:
    stats = view.analysis.stats
    if stats is None or not view.timed:
        return None
    return stats.customer if scope.side == Side.CUSTOMER else stats.agent


def _inside(value: float, band: Band) -> bool:
    return band[0] <= value <= band[1]
