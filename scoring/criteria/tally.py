"""`tally`: weighted counts of several rules, turned into credit by a scale."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, model_validator

from scoring.criteria.base import Part, RuleBase, Scope, Share, Text
from scoring.criteria.findings import Finding, Spot, cannot, first_spots, say
from scoring.criteria.view import CallView

if TYPE_CHECKING:
    from scoring.criteria.union import Rule


class Counted(Part):
    """Hits of `rule`, at most `limit`, each worth `weight`."""

    rule: Rule
    weight: Annotated[float, Field(gt=0)] = 1.0
    limit: Annotated[int, Field(ge=1)] = 100
    unless: Rule | None = None
    """A hit does not count when this holds around it (anchor `it`)."""


class Step(Part):
    """`share` when the count is `at_most` or `at_least` a number."""

    share: Share
    at_most: float | None = None
    at_least: float | None = None

    @model_validator(mode="after")
    def _one_bound(self) -> Step:
        if (self.at_most is None) == (self.at_least is None):
            raise ValueError("give exactly one of at_most and at_least")
        return self

    def fits(self, count: float) -> bool:
        """Whether the count is on this step."""
        if self.at_most is not None:
            return count <= self.at_most
        return self.at_least is not None and count >= self.at_least


class Tally(RuleBase):
    """Counts with a scale; the first step that fits gives the share, else 0.

    On a scale of `at_most` steps hits are faults: doubtful ones are left out and listed.
    """

    kind: Literal["tally"]
    name: Text
    of: Annotated[tuple[Counted, ...], Field(min_length=1)]
    scale: Annotated[tuple[Step, ...], Field(min_length=1)]

    def check(self, view: CallView, scope: Scope) -> Finding:
        """Count and look up the scale."""
        scope = self.scoped(scope)
        faults = self.scale[0].at_most is not None
        total, spots, doubtful = 0.0, list[Spot](), list[Spot]()
        findings = [item.rule.check(view, scope) for item in self.of]
        if all(finding.unknown for finding in findings):
            return cannot(findings[0].reason.zh, findings[0].reason.en, rule="tally")
        for item, finding in zip(self.of, findings, strict=True):
            kept, unsure = _sort(item, finding, view, scope, faults=faults)
            spots += kept
            doubtful += unsure
            total += item.weight * len(kept)
        share = next((step.share for step in self.scale if step.fits(total)), 0.0)
        heard = min(f.confidence for f in findings if not f.unknown)
        sure = min((s.confidence for s in spots), default=heard)
        limit = self.scale[0].at_most if faults else self.scale[0].at_least
        return Finding(
            share=share,
            reason=say(
                f"{self.name.zh}计 {total:g}(满分线 {'≤' if faults else '≥'} {limit:g})",
                f"{self.name.en}: {total:g} (full credit {'≤' if faults else '≥'} {limit:g})",
            ),
            rule="tally",
            spots=first_spots(spots, 50),
            candidates=first_spots(doubtful),
            confidence=sure if faults else (sure if share == 1 else min(sure, heard)),
            measured={"count": total, "threshold": float(limit or 0)},
            children=tuple(findings),
        )


def _sort(
    item: Counted, finding: Finding, view: CallView, scope: Scope, *, faults: bool
) -> tuple[list[Spot], list[Spot]]:
    """Spots that count, and spots too doubtful to count against anybody."""
    kept, unsure = list[Spot](), list(finding.candidates)
    if finding.unknown:
        return kept, unsure
    for spot in finding.spots:
        if item.unless is not None:
            local = Scope(side=scope.side, item=spot)
            if item.unless.check(view, local).holds:
                continue
        if faults and spot.confidence < view.means.minimum_confidence:
            unsure.append(spot)
        elif len(kept) < item.limit:
            kept.append(spot)
    return kept, unsure
