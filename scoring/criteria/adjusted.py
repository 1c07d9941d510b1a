"""`adjusted`: another rule's credit, raised, lowered, capped or set when conditions hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, model_validator

from scoring.criteria.base import Part, RuleBase, Scope, Share, Text
from scoring.criteria.findings import Finding, first_spots, say
from scoring.criteria.view import CallView

if TYPE_CHECKING:
    from scoring.criteria.union import Rule


class Adjustment(Part):
    """When `when` holds: `add` to, `cap` or `set` the share."""

    when: Rule
    name: Text
    add: Annotated[float, Field(ge=-1, le=1)] | None = None
    cap: Share | None = None
    set: Share | None = None

    @model_validator(mode="after")
    def _one_effect(self) -> Adjustment:
        if sum(value is not None for value in (self.add, self.cap, self.set)) != 1:
            raise ValueError("give exactly one of add, cap and set")
        return self

    def apply(self, share: float) -> float:
        """The new share."""
        if self.set is not None:
            return self.set
        if self.cap is not None:
            return min(share, self.cap)
        return min(1.0, max(0.0, share + (self.add or 0.0)))


class Adjusted(RuleBase):
    """`rule` first, then each adjustment in order. A doubtful reason never lowers the share."""

    kind: Literal["adjusted"]
    rule: Rule
    adjustments: Annotated[tuple[Adjustment, ...], Field(min_length=1)]

    def check(self, view: CallView, scope: Scope) -> Finding:
        """Apply the adjustments that hold with enough confidence."""
        scope = self.scoped(scope)
        base = self.rule.check(view, scope)
        if base.share is None:
            return base
        share, reason, spots = base.share, base.reason, list(base.spots)
        candidates, children = list(base.candidates), [base]
        confidence = base.confidence
        for step in self.adjustments:
            found = step.when.check(view, scope)
            children.append(found)
            candidates += found.candidates
            changed = step.apply(share) if found.holds else share
            if changed == share:
                continue
            if changed < share and found.confidence < view.means.minimum_confidence:
                candidates += found.spots
                continue
            share, spots = changed, [*spots, *found.spots]
            confidence = min(confidence, found.confidence)
            reason = say(
                f"{reason.zh}；{step.name.zh}（{found.reason.zh}）",
                f"{reason.en}; {step.name.en} ({found.reason.en})",
            )
        return base._replace(
            share=share,
            reason=reason,
            rule="adjusted",
            spots=first_spots(spots, 50),
            candidates=first_spots(candidates),
            confidence=confidence,
            children=tuple(children),
            review=base.review or len(candidates) > len(base.candidates),
        )
