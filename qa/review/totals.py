"""Points to scores after decisions: the arithmetic of the scorecard engine, from results alone.

A test compares it with the engine's own on every sample call.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from qa.evaluation import (
    CriterionClass,
    CriterionResult,
    CriticalFinding,
    CriticalState,
    Evaluation,
    Outcome,
    SectionResult,
)
from qa.review.form import FormRules
from qa.review.values import JUDGED, Decision


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Sums behind a score.

    Attributes:
        percent: None when nothing was judged.
        applicable: Weight that applies, of 100.
        coverage: Evaluated ÷ applicable weight.
        positive_share: Part of the won points that rests on words or events that were found.
    """

    percent: float | None
    applicable: float
    coverage: float
    positive_share: float


def totals(results: Sequence[CriterionResult], form: FormRules) -> Totals:
    """Sums over all results."""
    plain = [r for r in results if r.criterion_id not in form.bonus]
    extra = sum(r.points for r in results if r.criterion_id in form.bonus)
    whole = sum(r.weight for r in plain) or 1.0
    applicable = sum(r.weight for r in plain if r.verdict.outcome != Outcome.NOT_APPLICABLE)
    evaluated = sum(r.applied_weight for r in plain)
    won = _won(plain)
    positive = _won([r for r in plain if _rests_on_evidence(r, form)])
    return Totals(
        percent=_percent(form, plain, extra),
        applicable=round(100 * applicable / whole, 2),
        coverage=round(evaluated / applicable, 4) if applicable else 0.0,
        positive_share=round(positive / won, 4) if won else 0.0,
    )


def _won(results: Sequence[CriterionResult]) -> float:
    return sum(r.verdict.share * r.applied_weight for r in results)


def _rests_on_evidence(result: CriterionResult, form: FormRules) -> bool:
    if result.criterion_id in form.fault_finding:
        return False
    return any(item.match != "measured" for item in result.verdict.evidence)


def _percent(form: FormRules, plain: Sequence[CriterionResult], extra: float) -> float | None:
    evaluated = sum(r.applied_weight for r in plain)
    if not evaluated:
        return None
    if form.mode == "deduct":
        value = form.initial + sum(r.points for r in plain) + extra
    else:
        value = 100 * (_won(plain) + (extra if form.mode == "points" else 0.0)) / evaluated
    return round(min(form.ceiling, max(form.floor, value)), 2)


def sections_again(
    sections: Sequence[SectionResult], results: Sequence[CriterionResult]
) -> tuple[SectionResult, ...]:
    """Section scores; None where less than half of the applicable weight was evaluated."""
    found = []
    for section in sections:
        own = [r for r in results if r.section_id == section.section_id]
        applicable = sum(r.weight for r in own if r.verdict.outcome != Outcome.NOT_APPLICABLE)
        evaluated = sum(r.applied_weight for r in own)
        shown = evaluated > 0 and evaluated >= 0.5 * applicable
        percent = round(100 * _won(own) / evaluated, 2) if shown else None
        found.append(replace(section, percent=percent))
    return tuple(found)


def critical_states(
    results: Sequence[CriterionResult],
    findings: Sequence[CriticalFinding],
    decided: Mapping[str, Decision],
    form: FormRules,
) -> dict[str, str]:
    """Per critical class: `fail` once a person said so, else what the machine may say of it."""
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
    decided: Mapping[str, Decision],
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
    evaluation: Evaluation, form: FormRules, states: Collection[CriticalState]
) -> float | None:
    """The score once auto-fails in these states count: zero, a cap, or a section at zero."""
    percent = evaluation.quality_percent
    if percent is None:
        return None
    counting = [f for f in evaluation.findings if f.state in states]
    scopes = {f.code: form.auto_fails.get(f.code, "call") for f in counting}
    value = _without_sections(
        evaluation, form, [f for f in counting if scopes[f.code] == "section"]
    )
    for scope in scopes.values():
        if scope != "section":
            value = min(value, _cap(scope))
    return round(max(0.0, value), 2)


def _cap(scope: str) -> float:
    return float(scope.removeprefix("cap:")) if scope.startswith("cap:") else 0.0


def _without_sections(
    evaluation: Evaluation, form: FormRules, fails: Sequence[CriticalFinding]
) -> float:
    assert evaluation.quality_percent is not None
    names = {fail.criterion_id for fail in fails}
    lost = {r.section_id for r in evaluation.results if r.criterion_id in names}
    if not lost:
        return evaluation.quality_percent
    plain = [r for r in evaluation.results if r.criterion_id not in form.bonus]
    evaluated = sum(r.applied_weight for r in plain)
    gone = _won([r for r in plain if r.section_id in lost])
    scale = 1.0 if form.mode == "deduct" else 100 / evaluated if evaluated else 0.0
    return evaluation.quality_percent - gone * scale
