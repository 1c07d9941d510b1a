"""The evaluation that counts: the machine's, with the latest decision of people laid over it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from qa.arithmetic import after_fails, critical_states, points_of, section_percent, totals
from qa.evaluation import (
    JUDGED,
    Bilingual,
    CriterionResult,
    CriticalFinding,
    CriticalState,
    Evaluation,
    EvaluationState,
    Evidence,
    Verdict,
)
from qa.form import STANDARD, FormRules
from qa.review.values import Decision, DecisionKind, machine_view


@dataclass(frozen=True, slots=True, kw_only=True)
class Effective:
    """What counts after people have decided.

    Attributes:
        evaluation: The machine's evaluation with decisions applied and every figure recomputed.
        machine: The machine's own, untouched.
        final_percent: Quality score after confirmed auto-fails; raw stays in `evaluation`.
        final_band: The band of that.
        decided: Subject → the decision that counts.
        conflicts: Decisions that met an unseen one of somebody else, and nobody decided since.
        waiting: Subjects a person should still look at (uncertain criteria, open suspicions).
    """

    evaluation: Evaluation
    machine: Evaluation
    final_percent: float | None
    final_band: str
    decided: Mapping[str, Decision]
    conflicts: tuple[Decision, ...]
    waiting: tuple[str, ...]


def latest(decisions: Iterable[Decision]) -> dict[str, Decision]:
    """Subject → the newest decision that settles it."""
    found: dict[str, Decision] = {}
    for decision in sorted(decisions, key=lambda item: item.version):
        if decision.settles:
            found[decision.subject] = decision
    return found


def effective(
    evaluation: Evaluation, decisions: Sequence[Decision], form: FormRules = STANDARD
) -> Effective:
    """Lay decisions over an evaluation and compute its figures again.

    Args:
        evaluation: The machine's.
        decisions: All of this call; those on another scorecard version are left out.
        form: The scorecard's arithmetic.
    """
    fitting = [d for d in decisions if _fits(d, evaluation)]
    decided = {
        name: decision
        for name, decision in latest(fitting).items()
        if not _is_stale(decision, evaluation)
    }
    results = tuple(
        _decided(result, decided.get(result.criterion_id), form) for result in evaluation.results
    )
    findings = tuple(_judged(finding, decided.get(finding.code)) for finding in evaluation.findings)
    waiting = (
        *(r.criterion_id for r in results if r.verdict.review),
        *(f.code for f in findings if f.state in _OPEN),
    )
    conflicts = tuple(d for d in decided.values() if d.conflict_with is not None)
    if not decided:
        return Effective(
            evaluation=evaluation,
            machine=evaluation,
            final_percent=evaluation.quality_percent,
            final_band=evaluation.band,
            decided={},
            conflicts=(),
            waiting=waiting,
        )
    after = recomputed(evaluation, results, findings, decided, form)
    final = _counting(after, form, CriticalState.CONFIRMED)
    return Effective(
        evaluation=after,
        machine=evaluation,
        final_percent=final,
        final_band=form.band(final),
        decided=decided,
        conflicts=conflicts,
        waiting=waiting,
    )


_OPEN = (CriticalState.SUSPECTED, CriticalState.CANDIDATE)


def _fits(decision: Decision, evaluation: Evaluation) -> bool:
    """Words about another version of the form are words about other questions."""
    return (
        decision.scorecard_id == evaluation.scorecard_id
        and decision.scorecard_version == evaluation.scorecard_version
    )


def _is_stale(decision: Decision, evaluation: Evaluation) -> bool:
    """Accepting what the machine said then is not accepting what it says now."""
    machine = machine_view(evaluation, decision.subject)
    if machine is None:
        return True
    return decision.kind == DecisionKind.ACCEPT and decision.outcome != machine.outcome


def _decided(
    result: CriterionResult, decision: Decision | None, form: FormRules
) -> CriterionResult:
    if decision is None or decision.outcome is None:
        return result
    verdict = _verdict(result.verdict, decision)
    judged = verdict.outcome in JUDGED
    bonus = result.criterion_id in form.bonus
    return replace(
        result,
        verdict=verdict,
        applied_weight=result.weight if judged and not bonus else 0.0,
        points=points_of(
            form, verdict.outcome, weight=result.weight, share=verdict.share, bonus=bonus
        ),
    )


def _verdict(verdict: Verdict, decision: Decision) -> Verdict:
    assert decision.outcome is not None
    changed = replace(
        verdict, outcome=decision.outcome, share=decision.share or 0.0, confidence=1.0, review=False
    )
    if decision.kind == DecisionKind.ACCEPT:
        return changed
    said = decision.comment.strip()
    by = decision.made_by
    reason = Bilingual(
        zh=f"{by} 复核改判" + (f"：{said}" if said else ""),
        en=f"Changed by {by}" + (f": {said}" if said else ""),
    )
    heard = _heard(decision)
    return replace(changed, reason=reason, evidence=(*heard, *verdict.evidence))


def _heard(decision: Decision) -> tuple[Evidence, ...]:
    if decision.clip_ms is None:
        return ()
    start, end = decision.clip_ms
    return (
        Evidence(
            turn_index=None, start_ms=start, end_ms=end, quote="", rule="person", match="event"
        ),
    )


def _judged(finding: CriticalFinding, decision: Decision | None) -> CriticalFinding:
    if decision is None:
        return finding
    confirmed = decision.kind == DecisionKind.CONFIRM
    state = CriticalState.CONFIRMED if confirmed else CriticalState.REJECTED
    return replace(finding, state=state)


def recomputed(
    machine: Evaluation,
    results: tuple[CriterionResult, ...],
    findings: tuple[CriticalFinding, ...],
    decided: Mapping[str, Decision],
    form: FormRules,
) -> Evaluation:
    """The evaluation with these results and findings, every figure computed again."""
    sums = totals(results, form)
    scored = sums.coverage >= form.minimum_coverage and sums.applicable >= form.minimum_weight
    state = EvaluationState.SCORED if scored else EvaluationState.NEEDS_PERSON
    if machine.state in (EvaluationState.VOID, EvaluationState.NOT_SCORABLE) and not _any_judged(
        results
    ):
        state = machine.state
    percent = sums.percent if state == EvaluationState.SCORED else None
    after = replace(
        machine,
        state=state,
        quality_percent=percent,
        if_confirmed_percent=percent,
        band=form.band(percent),
        coverage=sums.coverage,
        applicable_weight=sums.applicable,
        positive_share=sums.positive_share,
        critical=critical_states(results, findings, form, decided=decided),
        results=results,
        sections=tuple(
            replace(section, percent=section_percent(results, section.section_id))
            for section in machine.sections
        ),
        findings=findings,
        reasons=_reasons(results, findings),
    )
    worst = _counting(after, form, CriticalState.CONFIRMED, CriticalState.SUSPECTED)
    return replace(after, if_confirmed_percent=worst)


def _counting(evaluation: Evaluation, form: FormRules, *states: CriticalState) -> float | None:
    """The score when auto-fails in these states count."""
    fails = [finding for finding in evaluation.findings if finding.state in states]
    return after_fails(evaluation.quality_percent, evaluation.results, fails, form)


def _any_judged(results: Sequence[CriterionResult]) -> bool:
    return any(result.verdict.outcome in JUDGED for result in results)


def _reasons(
    results: Sequence[CriterionResult], findings: Sequence[CriticalFinding]
) -> tuple[Bilingual, ...]:
    found = []
    confirmed = sum(f.state == CriticalState.CONFIRMED for f in findings)
    suspected = sum(f.state == CriticalState.SUSPECTED for f in findings)
    waiting = sum(r.verdict.review for r in results)
    if confirmed:
        found.append(
            Bilingual(
                zh=f"{confirmed} 项致命错误已确认", en=f"{confirmed} critical error(s) confirmed"
            )
        )
    if suspected:
        found.append(
            Bilingual(
                zh=f"{suspected} 项疑似致命错误，需人工确认",
                en=f"{suspected} suspected critical error(s), to be confirmed by a person",
            )
        )
    if waiting:
        found.append(
            Bilingual(zh=f"{waiting} 项待人工核听", en=f"{waiting} criteria to be listened to")
        )
    return tuple(found)
