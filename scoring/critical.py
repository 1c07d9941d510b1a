"""Auto-fails: only ever suspected, and below the bar not even that (dossier §2.3, §2.4)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from qa.evaluation import (
    CriticalFinding,
    CriticalState,
)
from scoring.criteria.base import Scope, bilingual
from scoring.criteria.findings import Finding, Spot, evidence_of, first_spots
from scoring.criteria.view import CallView
from scoring.scorecard import AutoFail, Scorecard

_NOTHING: Mapping[str, CriticalFinding | None] = MappingProxyType({})


def suspect(
    card: Scorecard,
    view: CallView,
    *,
    known: Mapping[str, CriticalFinding | None] = _NOTHING,
) -> tuple[CriticalFinding, ...]:
    """What the auto-fail register finds: suspicions above the bar, candidates below it.

    Codes in `known` are taken over instead of checked again.
    """
    found = (
        known[fail.code] if fail.code in known else _finding(fail, view) for fail in card.auto_fails
    )
    return tuple(item for item in found if item is not None)


def _finding(fail: AutoFail, view: CallView) -> CriticalFinding | None:
    if fail.applies_when is not None and not fail.applies_when.check(view, Scope()).holds:
        return None
    finding = fail.rule.check(view, Scope(side=fail.side, window=fail.window))
    above = _above(fail, finding, view)
    doubtful = finding.candidates or (finding.spots if finding.holds else ())
    if not above and not doubtful:
        return None
    spots = first_spots(above or doubtful, 8)
    return CriticalFinding(
        code=fail.code,
        criterion_id=fail.criterion,
        critical_class=fail.critical_class,
        state=CriticalState.SUSPECTED if above else CriticalState.CANDIDATE,
        name=bilingual(fail.name),
        evidence=tuple(evidence_of(spot, view.turns) for spot in spots),
        confidence=round(max(spot.confidence for spot in spots), 4),
    )


def _above(fail: AutoFail, finding: Finding, view: CallView) -> list[Spot]:
    """The spots that justify a suspicion; a suspicion needs at least one."""
    bar = fail.bar
    if not finding.holds or view.role_confidence < bar.role_confidence:
        return []
    return [
        spot
        for spot in finding.spots
        if spot.confidence >= bar.confidence
        and spot.match in bar.matches
        and spot.match != "semantic"  # likeness of meaning suspects nobody, whatever the bar says
        and spot.effect != "candidate"
    ]
