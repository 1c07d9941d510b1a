"""What a changed scorecard may take over from an earlier evaluation of the same analysis.

Scoring is pure: a criterion whose rule, anchors, labels and lexicons did not change comes out as
before. Replaying a draft therefore only judges what the draft changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from qa.evaluation import CriticalFinding, Evaluation, EvaluationState, Verdict
from scoring.scorecard import Scorecard

#: Fields of a criterion that do not touch its verdict.
_COSMETIC = {"name", "guidance", "weight", "bonus", "class", "examples"}
#: Criteria the listening level is worked out from.
_LISTENING = frozenset({"S3.1", "S3.3", "S3.5", "S4.1", "S5.1"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Unchanged:
    """Criteria and auto-fail codes that mean the same in two scorecards."""

    criteria: frozenset[str] = frozenset()
    codes: frozenset[str] = frozenset()
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Lent:
    """Parts of an earlier evaluation that still hold.

    Attributes:
        findings: Auto-fail code → finding, or None where the code was checked and not found.
        labels: Derived labels by name, and `listening_level` where it still holds.
    """

    verdicts: Mapping[str, Verdict] = field(default_factory=dict)
    findings: Mapping[str, CriticalFinding | None] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)


def unchanged(old: Scorecard, new: Scorecard) -> Unchanged:
    """What means the same in both; nothing does when anchors, labels or options differ."""
    if _shared(old) != _shared(new):
        return Unchanged()
    before = {item.id: _meaning(item) for _, item in old.criteria()}
    fails = {fail.code: _meaning(fail) for fail in old.auto_fails}
    same = frozenset(i.id for _, i in new.criteria() if before.get(i.id) == _meaning(i))
    codes = frozenset(f.code for f in new.auto_fails if fails.get(f.code) == _meaning(f))
    ids = {item.id for _, item in new.criteria()} | set(before)
    names = [derived.name for derived in new.labels]
    if same >= _LISTENING & ids:
        names.append("listening_level")
    return Unchanged(criteria=same, codes=codes, labels=tuple(names))


def lend(evaluation: Evaluation, same: Unchanged) -> Lent | None:
    """What an evaluation lends; None when its call was not judged (void)."""
    if evaluation.state in (EvaluationState.VOID, EvaluationState.NOT_SCORABLE):
        return None
    found = {finding.code: finding for finding in evaluation.findings}
    return Lent(
        verdicts={
            r.criterion_id: r.verdict for r in evaluation.results if r.criterion_id in same.criteria
        },
        findings={code: found.get(code) for code in same.codes},
        labels={n: evaluation.labels[n] for n in same.labels if n in evaluation.labels},
    )


def _shared(card: Scorecard) -> Any:
    plain = card.model_dump(mode="json", include={"anchors", "labels", "options"}, by_alias=True)
    return (plain, card.scoring.minimum_confidence)


def _meaning(part: Any) -> Any:
    plain = part.model_dump(mode="json", by_alias=True)
    if "weight" in plain:
        return {key: value for key, value in plain.items() if key not in _COSMETIC}
    return plain
