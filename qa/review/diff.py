"""What changed between two evaluations of one call: shown after a correction or a swap."""

from __future__ import annotations

from dataclasses import dataclass

from qa.evaluation import Bilingual, CriterionResult, Evaluation

_SAME = 0.005


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionDiff:
    """One criterion before and after; an outcome of `""` means it was not on the form."""

    criterion_id: str
    name: Bilingual
    before: str
    after: str
    share_before: float
    share_after: float
    reason: Bilingual


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationDiff:
    """Before and after of a call.

    Attributes:
        criteria: Only those that changed, in the order of the form.
        findings_gone, findings_new: Auto-fail codes no longer, or newly, suspected.
    """

    quality_before: float | None
    quality_after: float | None
    band_before: str
    band_after: str
    state_before: str
    state_after: str
    criteria: tuple[CriterionDiff, ...]
    findings_gone: tuple[str, ...]
    findings_new: tuple[str, ...]

    @property
    def is_empty(self) -> bool:
        """True when nothing changed that anybody could see."""
        return (
            not (self.criteria or self.findings_gone or self.findings_new)
            and self.quality_before == self.quality_after
            and self.state_before == self.state_after
        )

    @property
    def points(self) -> float | None:
        """Points won or lost; None where one side has no score."""
        if self.quality_before is None or self.quality_after is None:
            return None
        return round(self.quality_after - self.quality_before, 2)


def compare(before: Evaluation, after: Evaluation) -> EvaluationDiff:
    """What changed from one evaluation to another."""
    old = {result.criterion_id: result for result in before.results}
    new = {result.criterion_id: result for result in after.results}
    order = [*new, *(name for name in old if name not in new)]
    found = [_criterion(old.get(name), new.get(name)) for name in order]
    were = {finding.code for finding in before.findings}
    are = {finding.code for finding in after.findings}
    return EvaluationDiff(
        quality_before=before.quality_percent,
        quality_after=after.quality_percent,
        band_before=before.band,
        band_after=after.band,
        state_before=before.state.value,
        state_after=after.state.value,
        criteria=tuple(item for item in found if item is not None),
        findings_gone=tuple(sorted(were - are)),
        findings_new=tuple(sorted(are - were)),
    )


def _criterion(old: CriterionResult | None, new: CriterionResult | None) -> CriterionDiff | None:
    shown = new or old
    assert shown is not None
    one, two = (item.verdict.outcome.value if item else "" for item in (old, new))
    before, after = (item.verdict.share if item else 0.0 for item in (old, new))
    if one == two and abs(before - after) <= _SAME:
        return None
    return CriterionDiff(
        criterion_id=shown.criterion_id,
        name=shown.name,
        before=one,
        after=two,
        share_before=before,
        share_after=after,
        reason=shown.verdict.reason,
    )
