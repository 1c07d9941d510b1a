"""`deductions`: full credit, less something for each fault heard beyond doubt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from qa.evaluation import Bilingual
from scoring.criteria.base import Part, RuleBase, Scope, Share, Text
from scoring.criteria.findings import Finding, Spot, cannot, first_spots, quote_of, say
from scoring.criteria.view import CallView

if TYPE_CHECKING:
    from scoring.criteria.union import Rule


class Fault(Part):
    """One kind of fault.

    Each hit of `rule` costs `each`; with `unless` holding around the hit (anchor `it`) it is no
    fault; with `softened_by` holding it costs `softened` instead; `only_if` must hold for a hit
    to count.
    """

    name: Text
    rule: Rule
    each: Share = 0.5
    limit: Annotated[int, Field(ge=1, le=100)] = 3
    """Most hits that count (dossier S7: each category counts at most 3)."""
    once_per_s: Annotated[float, Field(ge=0)] = 10.0
    """Repeats within this many seconds count once."""
    unless: Rule | None = None
    only_if: Rule | None = None
    softened_by: Rule | None = None
    softened: Share = 0.25


class Deductions(RuleBase):
    """Start at 1; subtract for each fault. Doubtful hits are listed for review instead."""

    kind: Literal["deductions"]
    faults: Annotated[tuple[Fault, ...], Field(min_length=1)]

    def check(self, view: CallView, scope: Scope) -> Finding:
        """Count the faults."""
        scope = self.scoped(scope)
        results = [_count(fault, view, scope) for fault in self.faults]
        findings = tuple(finding for _, _, _, finding in results)
        if all(finding.unknown for finding in findings):
            return cannot(findings[0].reason.zh, findings[0].reason.en, rule="deductions")
        lost = sum(cost for cost, _, _, _ in results)
        counted = [spot for _, spots, _, _ in results for spot in spots]
        doubtful = [spot for _, _, spots, _ in results for spot in spots]
        clear = [f.confidence for f in findings if not f.unknown]
        confidence = min((s.confidence for s in counted), default=min(clear))
        return Finding(
            share=max(0.0, 1.0 - lost),
            reason=self._reason(view, results, doubtful),
            rule="deductions",
            spots=first_spots(counted, 50),
            candidates=first_spots(doubtful),
            confidence=confidence,
            measured={"faults": float(len(counted)), "deducted": round(lost, 4)},
            children=findings,
            review=bool(doubtful),
        )

    def _reason(self, view: CallView, results: list[_Counted], doubtful: list[Spot]) -> Bilingual:
        zh, en = [], []
        for fault, (cost, spots, _, _) in zip(self.faults, results, strict=True):
            if spots:
                quote = quote_of(spots[0], view.turns) or f"{len(spots)}"
                zh.append(f"{fault.name.zh} {len(spots)} 次“{quote}”扣 {cost:g}")
                en.append(f"{fault.name.en} ×{len(spots)} “{quote}” −{cost:g}")
        if not zh:
            zh, en = ["未发现扣分行为"], ["nothing to deduct"]
        if doubtful:
            zh.append(f"另有 {len(doubtful)} 处待人工核听")
            en.append(f"{len(doubtful)} more to be listened to")
        return say("；".join(zh), "; ".join(en))


_Counted = tuple[float, list[Spot], list[Spot], Finding]


def _count(fault: Fault, view: CallView, scope: Scope) -> _Counted:
    """Cost, counted spots, doubtful spots, and the finding of one fault."""
    finding = fault.rule.check(view, scope)
    cost, counted = 0.0, list[Spot]()
    doubtful = list(finding.candidates)
    if finding.unknown or not (finding.spots and finding.share):
        return cost, counted, doubtful, finding
    for spot in sorted(finding.spots, key=lambda s: s.begins):
        if len(counted) >= fault.limit:
            break
        if (
            counted
            and view.timed
            and spot.start_ms - counted[-1].start_ms < fault.once_per_s * 1000
        ):
            continue
        if _excused(fault, view, scope, spot):
            continue
        doubted = spot.effect == "candidate" or spot.only_alike
        if doubted or spot.confidence < view.means.minimum_confidence:
            doubtful.append(spot)
            continue
        counted.append(spot)
        cost += fault.softened if _holds(fault.softened_by, view, scope, spot) else fault.each
    return cost, counted, doubtful, finding


def _excused(fault: Fault, view: CallView, scope: Scope, spot: Spot) -> bool:
    if fault.only_if is not None and not _holds(fault.only_if, view, scope, spot):
        return True
    return _holds(fault.unless, view, scope, spot)


def _holds(rule: Rule | None, view: CallView, scope: Scope, spot: Spot) -> bool:
    if rule is None:
        return False
    return rule.check(view, Scope(side=scope.side, item=spot)).holds
