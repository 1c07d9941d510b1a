"""What is left of an evaluation when the machine is turned off for some criteria."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from qa.evaluation import Bilingual, CriterionResult, Evaluation, Outcome, Verdict
from qa.form import FormRules
from qa.review.effective import recomputed

_SILENT = Verdict(
    outcome=Outcome.NOT_EVALUABLE,
    share=0.0,
    confidence=0.0,
    reason=Bilingual(
        zh="此项机器判定已关闭，由人工判断", en="The machine is turned off here; a person judges"
    ),
)


def silence(
    evaluation: Evaluation, off: Collection[str], form: FormRules | None = None
) -> Evaluation:
    """The evaluation without the machine's word, evidence and suspicions on criteria in `off`.

    Args:
        evaluation: The machine's.
        off: Ids of criteria at level `off`.
        form: The scorecard's arithmetic, to compute the figures again; without it they stay those
            of the night that scored the call.
    """
    results = tuple(_silent(r) if r.criterion_id in off else r for r in evaluation.results)
    findings = tuple(f for f in evaluation.findings if f.criterion_id not in off)
    if results == evaluation.results and findings == evaluation.findings:
        return evaluation
    if form is None:
        return replace(evaluation, results=results, findings=findings)
    return recomputed(evaluation, results, findings, {}, form)


def _silent(result: CriterionResult) -> CriterionResult:
    return replace(result, verdict=_SILENT, applied_weight=0.0, points=0.0)
