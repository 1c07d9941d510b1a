"""Results to scores: percent, coverage, sections, critical classes, auto-fails (dossier §2.4).

The engine computes with it when it scores, reviews compute with it again after people decided.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from qa.evaluation import (
    JUDGED,
    CriterionClass,
    CriterionResult,
    CriticalFinding,
    CriticalState,
    Outcome,
)
from qa.form import FormRules


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """The sums behind a score.

    Attributes:
        percent: Score before it is decided whether there is one; None when nothing was evaluated.
        applicable: Weight that applies, scaled so that the whole form is 100.
        coverage: Evaluated ÷ applicable weight.
        positive_share: Part of the won points that rests on words or events that were found.
    """

    percent: float | None
    applicable: float
    coverage: float
    positive_share: float


def points_of(
    form: FormRules, outcome: Outcome, *, weight: float, share: float, bonus: bool
) -> float:
    """Points of one result: those won, or (deduct mode) those taken off, as a negative number."""
    if outcome not in JUDGED:
        return 0.0
    if form.mode == "deduct" and not bonus:
        return round(-weight * (1 - share), 6) + 0.0
    return round(weight * share, 6)


def totals(results: Sequence[CriterionResult], form: FormRules) -> Totals:
    """Sums over all results."""
    plain = [r for r in results if r.criterion_id not in form.bonus]
    extra = sum(r.points for r in results if r.criterion_id in form.bonus)
    whole = sum(r.weight for r in plain) or 1.0
    applicable = _applicable(plain)
    evaluated = sum(r.applied_weight for r in plain)
    won = _won(plain)
    positive = _won([r for r in plain if _rests_on_evidence(r, form)])
    return Totals(
        percent=_percent(form, plain, won=won, evaluated=evaluated, extra=extra),
        applicable=round(100 * applicable / whole, 2),
        coverage=round(evaluated / applicable, 4) if applicable else 0.0,
        positive_share=round(positive / won, 4) if won else 0.0,
    )


def _applicable(results: Sequence[CriterionResult]) -> float:
    return sum(r.weight for r in results if r.verdict.outcome != Outcome.NOT_APPLICABLE)


def _won(results: Sequence[CriterionResult]) -> float:
    return sum(r.verdict.share * r.applied_weight for r in results)


def _rests_on_evidence(result: CriterionResult, form: FormRules) -> bool:
    if result.criterion_id in form.fault_finding:
        return False
    return any(item.match != "measured" for item in result.verdict.evidence)


def _percent(
    form: FormRules,
    plain: Sequence[CriterionResult],
    *,
    won: float,
    evaluated: float,
    extra: float,
) -> float | None:
    if not evaluated:
        return None
    if form.mode == "deduct":
        value = form.initial + sum(r.points for r in plain) + extra
    elif form.mode == "points":
        value = 100 * (won + extra) / evaluated
    else:
        value = 100 * won / evaluated
    return round(min(form.ceiling, max(form.floor, value)), 2)


def section_percent(results: Sequence[CriterionResult], section_id: str) -> float | None:
    """Percent of a section; None where less than half of its applicable weight was evaluated."""
    own = [r for r in results if r.section_id == section_id]
    evaluated = sum(r.applied_weight for r in own)
    if evaluated <= 0 or evaluated < 0.5 * _applicable(own):
        return None
    return round(100 * _won(own) / evaluated, 2)


def critical_states(
    results: Sequence[CriterionResult],
    findings: Sequence[CriticalFinding],
    form: FormRules,
    *,
    decided: Collection[str] = (),
) -> dict[str, str]:
    """Per critical class `pass`, `suspected`, `not_evaluable`, or `fail` once a person said so.

    `decided` names the criteria whose outcome is a person's.
    """
    states = {}
    for kind in CriterionClass:
        if kind == CriterionClass.NON_CRITICAL:
            continue
        own = [r for r in results if r.critical_class == kind and r.weight > 0]
        codes = {f.state for f in findings if f.critical_class == kind}
        states[kind.value] = _critical(own, codes, decided, form)
    return states


def _critical(
    own: Sequence[CriterionResult],
    codes: Collection[CriticalState],
    decided: Collection[str],
    form: FormRules,
) -> str:
    missed = [r for r in own if r.verdict.outcome == Outcome.MISSED]
    if CriticalState.CONFIRMED in codes or any(r.criterion_id in decided for r in missed):
        return "fail"
    sure = form.critical_confidence
    if CriticalState.SUSPECTED in codes or any(
        r.verdict.confidence >= sure and not r.verdict.review for r in missed
    ):
        return "suspected"
    judged = any(r.verdict.outcome in JUDGED for r in own)
    blind = any(r.verdict.outcome == Outcome.NOT_EVALUABLE for r in own)
    return "not_evaluable" if blind and not judged else "pass"


def after_fails(
    percent: float | None,
    results: Sequence[CriterionResult],
    fails: Sequence[CriticalFinding],
    form: FormRules,
) -> float | None:
    """The score once these auto-fails count: zero, a cap, or a section at zero; None stays None."""
    if percent is None:
        return None
    scopes = [(fail, form.auto_fails.get(fail.code, "call")) for fail in fails]
    sections = {fail.criterion_id for fail, scope in scopes if scope == "section"}
    value = percent - _lost_sections(results, sections, form)
    for _, scope in scopes:
        if scope != "section":
            value = min(value, _cap(scope))
    return round(max(0.0, value), 2)


def _cap(scope: str) -> float:
    return float(scope.removeprefix("cap:")) if scope.startswith("cap:") else 0.0


def _lost_sections(
    results: Sequence[CriterionResult], criteria: Collection[str], form: FormRules
) -> float:
    """Percent that goes when the sections of these criteria are at zero."""
    lost = {r.section_id for r in results if r.criterion_id in criteria}
    plain = [r for r in results if r.criterion_id not in form.bonus]
    evaluated = sum(r.applied_weight for r in plain)
    gone = _won([r for r in plain if r.section_id in lost])
    scale = 1.0 if form.mode == "deduct" else 100 / evaluated if evaluated else 0.0
    return gone * scale
