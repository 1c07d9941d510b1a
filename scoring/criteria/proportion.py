"""`proportion`: hits of one rule as a share of the hits of another (您 among 您 and 你)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from scoring.criteria.base import RuleBase, Scope, Share, Text
from scoring.criteria.findings import Finding, cannot, first_spots, no_occasion, say
from scoring.criteria.view import CallView

if TYPE_CHECKING:
    from scoring.criteria.union import Rule


class Proportion(RuleBase):
    """Hits of `of` ÷ hits of `among` is at least `at_least`; nothing to divide is no occasion."""

    kind: Literal["proportion"]
    name: Text
    of: Rule
    among: Rule
    at_least: Share

    def check(self, view: CallView, scope: Scope) -> Finding:
        """Count both and divide."""
        scope = self.scoped(scope)
        part, whole = self.of.check(view, scope), self.among.check(view, scope)
        if part.unknown or whole.unknown:
            return cannot("无法统计", "cannot be counted", rule="proportion")
        if not whole.spots:
            return no_occasion(f"没有出现{self.name.zh}", f"no {self.name.en}", rule="proportion")
        value = len(part.spots) / len(whole.spots)
        return Finding(
            share=1.0 if value >= self.at_least else 0.0,
            reason=say(
                f"{self.name.zh} {value:.0%}，阈值 {self.at_least:.0%}",
                f"{self.name.en} {value:.0%}, threshold {self.at_least:.0%}",
            ),
            rule="proportion",
            spots=first_spots(part.spots, 5),
            confidence=min(part.confidence, whole.confidence),
            measured={"value": round(value, 4), "threshold": self.at_least},
            children=(part, whole),
        )
