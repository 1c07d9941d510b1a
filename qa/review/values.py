"""What people decide about an evaluation. Decisions append; nothing edits a verdict."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from qa.evaluation import CriterionResult, CriticalState, Evaluation, Outcome


class DecisionKind(StrEnum):
    """What a person may say about a criterion, or (confirm, reject) about a suspected auto-fail."""

    ACCEPT = "accept"
    CHANGE = "change"
    NOT_APPLICABLE = "not_applicable"
    COMMENT = "comment"
    CONFIRM = "confirm"
    REJECT = "reject"


class Cause(StrEnum):
    """Why the machine was wrong: what has to be repaired."""

    RECOGNITION = "recognition_error"
    ROLE_SWAPPED = "role_swapped"
    RULE_TOO_WIDE = "rule_too_wide"
    RULE_TOO_NARROW = "rule_too_narrow"
    NA_MISSED = "na_missed"
    JUDGEMENT = "judgement"


class Purpose(StrEnum):
    """Why a call is reviewed. `SECOND` is another person's view of an already reviewed call."""

    FIRST = "first"
    SECOND = "second"
    DISPUTE = "dispute"
    AUDIT = "audit"


class ReviewState(StrEnum):
    """Where a review stands."""

    OPEN = "open"
    SUBMITTED = "submitted"


class PickReason(StrEnum):
    """Why a call was chosen for review; shown beside it in the work list."""

    RANDOM = "random"
    STRATIFIED = "stratified"
    RISK = "risk"
    LOW_CONFIDENCE = "low_confidence"
    AUTO_FAIL = "auto_fail"
    DISPUTE = "dispute"
    CALIBRATION = "calibration"
    REPLACEMENT = "replacement"
    MANUAL = "manual"


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A decision about to be made.

    Attributes:
        subject: Criterion id, or the code of a suspected auto-fail (`AF-3`).
        outcome: The person's outcome (`CHANGE` only).
        share: Credit 0–1 (`CHANGE` only); by default 1 for met, 0 for missed, 0.5 for partial.
        cause: Why the machine was wrong; required wherever the machine is overruled.
        clip_ms: What the person heard, half-open, where it differs from the machine's evidence.
    """

    subject: str
    kind: DecisionKind
    outcome: Outcome | None = None
    share: float | None = None
    cause: Cause | None = None
    comment: str = ""
    clip_ms: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One thing a person said, as stored.

    Attributes:
        version: 1, 2 … per call and subject: the order in which decisions were saved.
        outcome: The outcome that counts after it; None for comments and for auto-fails.
        machine_outcome: What the machine had said (`suspected`, `candidate` for an auto-fail).
        overrides: Whether the machine was overruled.
        conflict_with: Id of a decision by somebody else that this person had not seen and that
            says something different; None when there is none.
        round: 0 for a review, else the round of the dispute that decided it.
    """

    id: int
    review_id: int | None
    call_id: str
    evaluation_id: int
    scorecard_id: str
    scorecard_version: str
    digest: str
    subject: str
    version: int
    kind: DecisionKind
    outcome: Outcome | None
    share: float | None
    machine_outcome: str
    machine_share: float
    machine_confidence: float
    overrides: bool
    cause: Cause | None
    comment: str
    clip_ms: tuple[int, int] | None
    conflict_with: int | None
    round: int
    made_by: str
    made_at: datetime

    @property
    def settles(self) -> bool:
        """Whether it decides something; a comment does not."""
        return self.kind != DecisionKind.COMMENT


@dataclass(frozen=True, slots=True, kw_only=True)
class ConflictShown:
    """Two people decided the same subject without having seen each other. Both are kept.

    Attributes:
        mine: What was just saved; it is the latest and counts until somebody decides again.
        theirs: What the other person had saved before.
    """

    subject: str
    mine: Decision
    theirs: Decision


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """A stored decision, and the conflict it met (None in the ordinary case)."""

    decision: Decision
    conflict: ConflictShown | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """One person's pass over one call.

    Attributes:
        opened_at, first_action_at, submitted_at: Moments of the clock, for measuring.
        active_ms: Time really spent as the page measured it; 0 when not measured.
        quality_percent: Effective quality score at submission; `final_percent` after confirmed
            auto-fails. Both None while open, or where there is no score.
    """

    id: int
    call_id: str
    evaluation_id: int
    assignment_id: int | None
    reviewer: str
    purpose: Purpose
    state: ReviewState
    opened_at: datetime
    first_action_at: datetime | None = None
    submitted_at: datetime | None = None
    active_ms: int = 0
    comment: str = ""
    quality_percent: float | None = None
    final_percent: float | None = None
    band: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What the machine said about one subject."""

    outcome: str
    share: float
    confidence: float


def machine_view(evaluation: Evaluation, subject: str) -> Machine | None:
    """The machine's word on a criterion or auto-fail code; None when it has none."""
    result = result_of(evaluation, subject)
    if result is not None:
        verdict = result.verdict
        return Machine(
            outcome=verdict.outcome.value, share=verdict.share, confidence=verdict.confidence
        )
    for finding in evaluation.findings:
        if finding.code == subject:
            return Machine(outcome=finding.state.value, share=0.0, confidence=finding.confidence)
    return None


def result_of(evaluation: Evaluation, criterion_id: str) -> CriterionResult | None:
    """The result of a criterion, or None."""
    return next((r for r in evaluation.results if r.criterion_id == criterion_id), None)


#: What the machine may have said of an auto-fail.
SUSPICIONS = frozenset({CriticalState.SUSPECTED.value, CriticalState.CANDIDATE.value})
