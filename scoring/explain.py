"""Why a criterion came out as it did: the rule tree with every sub-result and the nearest miss."""

from __future__ import annotations

from dataclasses import dataclass

from qa.analysis import Analysis
from qa.clock import clock
from qa.errors import NotFoundError
from qa.evaluation import Bilingual, Evidence, Verdict
from scoring.criteria.base import Scope, bilingual
from scoring.criteria.findings import Finding, evidence_of, first_spots, say
from scoring.criteria.view import CallView, Encoder, PhraseMatcher
from scoring.engine import prepare
from scoring.judge import judge, scope_of
from scoring.scorecard import Scorecard

_MARKS = {True: "✓", False: "✗", None: "?"}
_OUTCOMES = {
    "met": ("达标", "met"),
    "partial": ("部分达标", "partly met"),
    "missed": ("未达标", "missed"),
    "not_applicable": ("不适用", "not applicable"),
    "not_evaluable": ("不可评估", "not evaluable"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """One rule in the tree.

    Attributes:
        rule: Kind and target of the rule, e.g. `phrase any G1`.
        share: What it gave, 0–1; None when it could not be evaluated.
        measured: Named numbers with thresholds.
        evidence: What it found; `candidates` are too doubtful to count.
        nearest: Closest phrase and similarity when nothing matched.
    """

    rule: str
    share: float | None
    confidence: float
    reason: Bilingual
    measured: dict[str, float]
    evidence: tuple[Evidence, ...] = ()
    candidates: tuple[Evidence, ...] = ()
    nearest: tuple[float, str] | None = None
    children: tuple[Branch, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """The tree of one criterion on one call; `applies` explains why it was or was not asked."""

    call_id: str
    criterion_id: str
    name: Bilingual
    verdict: Verdict
    applies: Branch | None
    tree: Branch | None
    labels: dict[str, str]

    def render(self, language: str = "zh") -> str:
        """The tree as text in one interface language."""
        zh = language.startswith("zh")
        outcome = _OUTCOMES[self.verdict.outcome.value][0 if zh else 1]
        lines = [
            f"{self.criterion_id} {self.name.in_language(language)}: {outcome} "
            f"{self.verdict.share:.2f}"
            + (
                f"(置信度 {self.verdict.confidence:.2f})"
                if zh
                else f" (confidence {self.verdict.confidence:.2f})"
            ),
            f"  {self.verdict.reason.in_language(language)}",
        ]
        if self.labels:
            shown = ", ".join(f"{key}={value}" for key, value in self.labels.items())
            lines.append(f"  {'标签' if zh else 'labels'}: {shown}")
        if self.applies is not None:
            lines.append(f"  {'适用条件' if zh else 'applies when'}:")
            lines += _lines(self.applies, language, 2)
        if self.tree is not None:
            lines.append(f"  {'规则' if zh else 'rule'}:")
            lines += _lines(self.tree, language, 2)
        return "\n".join(lines)


def explain(
    analysis: Analysis,
    scorecard: Scorecard,
    criterion_id: str,
    *,
    matcher: PhraseMatcher | None = None,
    encoder: Encoder | None = None,
) -> Explanation:
    """Evaluate one criterion again, in full, and keep every sub-result.

    Raises:
        NotFoundError: When the scorecard has no such criterion.
    """
    found = scorecard.criterion(criterion_id)
    if found is None:
        known = ", ".join(item.id for _, item in scorecard.criteria())
        raise NotFoundError(f"no criterion {criterion_id!r}", scorecard.id, f"known: {known}")
    criterion = found[1]
    view, labels = prepare(analysis, scorecard, matcher=matcher, encoder=encoder, explain=True)
    verdict, finding = judge(criterion, view)
    if finding is None:
        finding = criterion.rule.check(view, scope_of(criterion))
    asked = criterion.applies_when
    return Explanation(
        call_id=analysis.call.id,
        criterion_id=criterion.id,
        name=bilingual(criterion.name),
        verdict=verdict,
        applies=_branch(asked.check(view, Scope()), view) if asked is not None else None,
        tree=_branch(finding, view),
        labels=labels,
    )


def _branch(finding: Finding, view: CallView) -> Branch:
    return Branch(
        rule=finding.rule,
        share=finding.share,
        confidence=round(finding.confidence, 4),
        reason=finding.reason,
        measured=dict(finding.measured),
        evidence=tuple(evidence_of(s, view.turns) for s in first_spots(finding.spots, 3)),
        candidates=tuple(evidence_of(s, view.turns) for s in first_spots(finding.candidates, 3)),
        nearest=finding.nearest,
        children=tuple(_branch(child, view) for child in finding.children),
    )


def _lines(branch: Branch, language: str, depth: int) -> list[str]:
    pad = "  " * depth
    holds = None if branch.share is None else branch.share >= 1
    share = "" if branch.share in (None, 0.0, 1.0) else f" {branch.share:.2f}"
    lines = [f"{pad}{_MARKS[holds]} {branch.rule}{share}: {branch.reason.in_language(language)}"]
    zh = language.startswith("zh")
    if branch.measured:
        numbers = ", ".join(f"{key}={value:g}" for key, value in branch.measured.items())
        lines.append(f"{pad}  {'测得' if zh else 'measured'} {numbers}")
    if branch.nearest is not None:
        similarity, phrase = branch.nearest
        nearest = say(
            f"最接近的用语：“{phrase}”，相似度 {similarity:.2f}",
            f"closest phrase: “{phrase}”, similarity {similarity:.2f}",
        )
        lines.append(f"{pad}  {nearest.in_language(language)}")
    for item in (*branch.evidence, *branch.candidates):
        doubtful = item in branch.candidates
        mark = ("(待核听)" if zh else " (to be listened to)") if doubtful else ""
        quote = f"“{item.quote}”" if item.quote else f"{clock(item.start_ms)}–{clock(item.end_ms)}"
        lines.append(
            f"{pad}  · {clock(item.start_ms)} {quote} {item.rule} {item.match} "
            f"{item.similarity:.2f}/{item.confidence:.2f}{mark}"
        )
    for child in branch.children:
        lines += _lines(child, language, depth + 1)
    return lines
