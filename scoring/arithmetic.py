"""Points to scores: weights of a profile, percent, sections, coverage, bands (dossier §2.4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from qa.evaluation import (
    CriterionResult,
    CriticalFinding,
    CriticalState,
    Outcome,
    SectionResult,
)
from scoring.scorecard import AutoFail, Criterion, Profile, Scorecard, Scoring, bilingual

_SCORED = (Outcome.MET, Outcome.PARTIAL, Outcome.MISSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """The sums behind a score.

    Attributes:
        percent: Score before it is decided whether there is one; None when nothing was evaluated.
        applicable: Weight that applies, scaled so that the whole card is 100.
        coverage: Evaluated ÷ applicable weight.
        positive_share: Part of the won points that rests on words or events that were found.
    """

    percent: float | None
    applicable: float
    coverage: float
    positive_share: float


def profile_weights(card: Scorecard, profile: Profile | None) -> dict[str, float]:
    """Weight per criterion: multiplied by the profile, then scaled back to the card's total."""
    factors = profile.multiply if profile else {}
    weights = {
        item.id: item.weight
        * factors.get(section.id, 1.0)
        * _own_factor(factors, section.id, item.id)
        for section, item in card.criteria()
    }
    plain = {item.id for _, item in card.criteria() if not item.bonus}
    total = sum(weights[name] for name in plain)
    if profile is None or total == 0:
        return weights
    before = sum(item.weight for _, item in card.criteria() if not item.bonus)
    return {
        name: round(value * before / total, 6) if name in plain else value
        for name, value in weights.items()
    }


def _own_factor(factors: object, section_id: str, criterion_id: str) -> float:
    """A criterion that shares its section's id (a section of one) is multiplied once."""
    if criterion_id == section_id:
        return 1.0
    return dict(factors).get(criterion_id, 1.0)  # type: ignore[call-overload]


def points_of(
    scoring: Scoring, outcome: Outcome, *, weight: float, share: float, bonus: bool
) -> float:
    """Points of one result: those won, or (deduct mode) those taken off, as a negative number."""
    if outcome not in _SCORED:
        return 0.0
    if scoring.mode == "deduct" and not bonus:
        return round(-weight * (1 - share), 6) + 0.0
    return round(weight * share, 6)


def totals(card: Scorecard, results: Sequence[CriterionResult]) -> Totals:
    """Sums over all results."""
    items = {item.id: item for _, item in card.criteria()}
    bonus = {name for name, item in items.items() if item.bonus}
    plain = [r for r in results if r.criterion_id not in bonus]
    whole = sum(r.weight for r in plain) or 1.0
    applicable = sum(r.weight for r in plain if r.verdict.outcome != Outcome.NOT_APPLICABLE)
    evaluated = sum(r.applied_weight for r in plain)
    won = sum(r.verdict.share * r.applied_weight for r in plain)
    extra = sum(r.points for r in results if r.criterion_id in bonus)
    positive = sum(
        r.verdict.share * r.applied_weight
        for r in plain
        if _rests_on_evidence(items[r.criterion_id], r)
    )
    return Totals(
        percent=_percent(card.scoring, plain, won=won, evaluated=evaluated, extra=extra),
        applicable=round(100 * applicable / whole, 2),
        coverage=round(evaluated / applicable, 4) if applicable else 0.0,
        positive_share=round(positive / won, 4) if won else 0.0,
    )


def _rests_on_evidence(criterion: Criterion, result: CriterionResult) -> bool:
    if criterion.deducts:
        return False
    return any(e.match != "measured" for e in result.verdict.evidence)


def _percent(
    scoring: Scoring,
    plain: Sequence[CriterionResult],
    *,
    won: float,
    evaluated: float,
    extra: float,
) -> float | None:
    if not evaluated:
        return None
    if scoring.mode == "deduct":
        value = scoring.initial + sum(r.points for r in plain) + extra
    elif scoring.mode == "points":
        value = 100 * (won + extra) / evaluated
    else:
        value = 100 * won / evaluated
    return round(min(scoring.ceiling, max(scoring.floor, value)), 2)


def section_results(
    card: Scorecard, results: Sequence[CriterionResult]
) -> tuple[SectionResult, ...]:
    """Per section: percent of evaluated weight, None when less than half of it was evaluated."""
    found = []
    for section in card.sections:
        own = [r for r in results if r.section_id == section.id]
        applicable = sum(r.weight for r in own if r.verdict.outcome != Outcome.NOT_APPLICABLE)
        evaluated = sum(r.applied_weight for r in own)
        won = sum(r.verdict.share * r.applied_weight for r in own)
        shown = evaluated > 0 and evaluated >= 0.5 * applicable
        found.append(
            SectionResult(
                section_id=section.id,
                name=bilingual(section.name),
                weight=round(sum(r.weight for r in own), 4),
                percent=round(100 * won / evaluated, 2) if shown else None,
            )
        )
    return tuple(found)


def if_confirmed(
    card: Scorecard,
    results: Sequence[CriterionResult],
    findings: Sequence[CriticalFinding],
    percent: float | None,
) -> float | None:
    """The score if every suspected auto-fail is confirmed; `percent` when there is none."""
    if percent is None:
        return None
    suspected = {f.code for f in findings if f.state == CriticalState.SUSPECTED}
    fails = [fail for fail in card.auto_fails if fail.code in suspected]
    value = _without_sections(card, results, fails, percent)
    for fail in fails:
        if fail.cap is not None:
            value = min(value, fail.cap)
    return round(max(0.0, value), 2)


def _without_sections(
    card: Scorecard, results: Sequence[CriterionResult], fails: Sequence[AutoFail], percent: float
) -> float:
    """The score with the sections of section-scoped fails at zero."""
    names = {fail.criterion for fail in fails if fail.scope == "section"}
    lost = {section.id for section, item in card.criteria() if item.id in names}
    if not lost:
        return percent
    bonus = {item.id for _, item in card.criteria() if item.bonus}
    plain = [r for r in results if r.criterion_id not in bonus]
    evaluated = sum(r.applied_weight for r in plain)
    gone = sum(r.verdict.share * r.applied_weight for r in plain if r.section_id in lost)
    scale = 1.0 if card.scoring.mode == "deduct" else 100 / evaluated if evaluated else 0.0
    return percent - gone * scale


def band_of(card: Scorecard, percent: float | None) -> str:
    """The band a score lies in; `""` without a score."""
    if percent is None:
        return ""
    for band in card.bands:
        if percent >= band.at_least:
            return band.id
    return card.bands[-1].id
