"""From a rule's finding to a verdict: applicability, evaluability, low confidence, evidence."""

from __future__ import annotations

from qa.evaluation import Bilingual, Evidence, Outcome, Verdict
from scoring.criteria.base import Scope, bilingual
from scoring.criteria.findings import MEASURED, Finding, evidence_of, first_spots, say
from scoring.criteria.view import CallView
from scoring.scorecard import Criterion

#: Evidence kept per verdict.
MAX_EVIDENCE = 12


def judge(criterion: Criterion, view: CallView) -> tuple[Verdict, Finding | None]:
    """The verdict on one criterion, and the finding behind it (None when it was not asked)."""
    refused = _refusal(criterion, view)
    if refused is not None:
        return refused, None
    finding = criterion.rule.check(view, scope_of(criterion))
    return verdict_of(criterion, finding, view), finding


def scope_of(criterion: Criterion) -> Scope:
    """Where the criterion's rule looks unless it says otherwise."""
    return Scope(side=criterion.side, window=criterion.window)


def verdict_of(criterion: Criterion, finding: Finding, view: CallView) -> Verdict:
    """Turn a finding into a verdict; nothing doubtful is held against anybody (dossier §2.4)."""
    if not finding.applies:
        return _without_share(Outcome.NOT_APPLICABLE, finding.reason, confidence=1.0)
    if finding.share is None:
        return _without_share(Outcome.NOT_EVALUABLE, finding.reason)
    share = round(min(1.0, max(0.0, finding.share)), 4)
    confidence = round(finding.confidence, 4)
    unsure = confidence < view.means.minimum_confidence
    if share < 1 and unsure:
        return _doubted(finding, view, confidence)
    evidence = _evidence(finding, view)
    if share < 1 and not finding.spots:
        if criterion.evidence == "words":
            return _doubted(finding, view, confidence)
        evidence = (*evidence, _searched(criterion, view, confidence))
    outcome = Outcome.MET if share == 1 else Outcome.PARTIAL if share > 0 else Outcome.MISSED
    return Verdict(
        outcome=outcome,
        share=share,
        confidence=confidence,
        reason=finding.reason,
        evidence=evidence,
        measured=dict(finding.measured),
        review=finding.review or unsure or (share < 1 and bool(finding.candidates)),
    )


def _refusal(criterion: Criterion, view: CallView) -> Verdict | None:
    """Not applicable or not evaluable before the rule is even asked."""
    if criterion.applies_when is not None:
        # Applicability is asked of the whole call: the criterion's window is for its rule.
        applies = criterion.applies_when.check(view, Scope())
        if applies.unknown:
            return _without_share(Outcome.NOT_EVALUABLE, applies.reason)
        if not applies.holds:
            reason = (
                bilingual(criterion.not_applicable) if criterion.not_applicable else applies.reason
            )
            return _without_share(Outcome.NOT_APPLICABLE, reason, confidence=1.0)
    if criterion.evaluable_when is not None:
        possible = criterion.evaluable_when.check(view, Scope())
        if not possible.holds:
            reason = (
                bilingual(criterion.not_evaluable) if criterion.not_evaluable else possible.reason
            )
            return _without_share(Outcome.NOT_EVALUABLE, reason)
    if view.role_confidence < criterion.min_role_confidence:
        return _without_share(
            Outcome.NOT_EVALUABLE,
            say(
                f"角色置信度 {view.role_confidence:.2f}，需要 {criterion.min_role_confidence:g}",
                f"role confidence {view.role_confidence:.2f}, "
                f"{criterion.min_role_confidence:g} needed",
            ),
        )
    return None


def _without_share(outcome: Outcome, reason: Bilingual, *, confidence: float = 0.0) -> Verdict:
    return Verdict(outcome=outcome, share=0.0, confidence=confidence, reason=reason)


def _doubted(finding: Finding, view: CallView, confidence: float) -> Verdict:
    limit = view.means.minimum_confidence
    spots = finding.spots or finding.candidates
    return Verdict(
        outcome=Outcome.NOT_EVALUABLE,
        share=0.0,
        confidence=confidence,
        reason=say(
            f"置信度 {confidence:.2f} 低于 {limit:g}，不扣分，待人工核听({finding.reason.zh})",
            f"confidence {confidence:.2f} is below {limit:g}: nothing deducted, "
            f"a person should listen ({finding.reason.en})",
        ),
        evidence=tuple(evidence_of(s, view.turns) for s in first_spots(spots, MAX_EVIDENCE)),
        measured=dict(finding.measured),
        review=True,
    )


def _evidence(finding: Finding, view: CallView) -> tuple[Evidence, ...]:
    found = [evidence_of(s, view.turns) for s in finding.spots[:MAX_EVIDENCE]]
    room = MAX_EVIDENCE - len(found)
    doubtful = [
        evidence_of(spot._replace(rule=f"candidate {spot.rule}"), view.turns)
        for spot in finding.candidates[:room]
    ]
    return (*found, *doubtful)


def _searched(criterion: Criterion, view: CallView, confidence: float) -> Evidence:
    """The stretch in which the behaviour was looked for and not found: replayable as well."""
    span = view.range_of(scope_of(criterion))
    start, end = view.start_ms, view.end_ms
    if span.bounded and span.end_ms > span.start_ms:
        start, end = max(start, span.start_ms), min(end, span.end_ms)
    return Evidence(
        turn_index=None,
        start_ms=start,
        end_ms=max(start, end),
        quote="",
        rule="searched",
        match=MEASURED,
        confidence=confidence,
    )
