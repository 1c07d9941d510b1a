"""The outcome of scoring: verdicts with evidence, and three results per call, never one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from qa.transcript import EngineStamp


class Outcome(StrEnum):
    """Result of one criterion. Not applicable ≠ not evaluable ≠ missed."""

    MET = "met"
    PARTIAL = "partial"
    MISSED = "missed"
    NOT_APPLICABLE = "not_applicable"
    NOT_EVALUABLE = "not_evaluable"


#: The outcomes that carry a share of the weight.
JUDGED = (Outcome.MET, Outcome.PARTIAL, Outcome.MISSED)


class CriterionClass(StrEnum):
    """Whom an error of this criterion hurts (COPC-style error classes)."""

    CUSTOMER = "customer_critical"
    BUSINESS = "business_critical"
    COMPLIANCE = "compliance_critical"
    NON_CRITICAL = "non_critical"


class CriticalState(StrEnum):
    """State of a critical finding. Software only ever suspects; a person confirms or rejects."""

    CANDIDATE = "candidate"
    SUSPECTED = "suspected"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"


class EvaluationState(StrEnum):
    """Whether the evaluation carries a score."""

    SCORED = "scored"
    NEEDS_PERSON = "needs_person"
    NOT_SCORABLE = "not_scorable"
    VOID = "void"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bilingual:
    """One text in both interface languages."""

    zh: str
    en: str

    def in_language(self, language: str) -> str:
        """The zh text for any `zh…` code, else the en text."""
        return self.zh if language.startswith("zh") else self.en


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A replayable clip that supports a verdict.

    Attributes:
        turn_index: Index of the turn, or None for a gap or event between turns.
        quote: Exact characters of the turn's `text` (`text[char_start:char_end]`).
        rule: Id of the bank, pattern or measurement that found it.
        match: `exact`, `regex`, `fuzzy`, `homophone`, `semantic`, `measured` or `event`.
        similarity: 0–1; 1.0 for exact and measured.
        confidence: Recognition × match × role confidence, 0–1.
    """

    turn_index: int | None
    start_ms: int
    end_ms: int
    quote: str
    rule: str
    match: str = "exact"
    similarity: float = 1.0
    confidence: float = 1.0
    char_start: int = 0
    char_end: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a rule found for one criterion.

    Attributes:
        share: Credit 0–1 of the criterion's weight (0 when not applicable or not evaluable).
        measured: Numbers behind the verdict, e.g. `{"longest_gap_s": 12.4, "threshold_s": 10}`.
        review: True when a person should look before the verdict counts against anybody.
    """

    outcome: Outcome
    share: float
    confidence: float
    reason: Bilingual
    evidence: tuple[Evidence, ...] = ()
    measured: Mapping[str, float] = field(default_factory=dict)
    review: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionResult:
    """A verdict in its place on the scorecard.

    Attributes:
        weight: Nominal weight; `applied_weight` is what entered the denominator (0 for N/A and NE).
        points: Points won (`share × applied_weight`, or added/deducted points in those modes).
    """

    criterion_id: str
    section_id: str
    name: Bilingual
    weight: float
    applied_weight: float
    points: float
    critical_class: CriterionClass
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionResult:
    """Section score in per cent; None when less than half of its weight was evaluated."""

    section_id: str
    name: Bilingual
    weight: float
    percent: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CriticalFinding:
    """A suspected auto-fail (code AF-n) or a candidate that needs a person's ear."""

    code: str
    criterion_id: str
    critical_class: CriterionClass
    state: CriticalState
    name: Bilingual
    evidence: tuple[Evidence, ...] = ()
    confidence: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """One call scored with one scorecard version. Reviews append beside it; nothing edits it.

    Attributes:
        digest: SHA-256 (16 hex) of the scorecard and lexicons used.
        quality_percent: 0–100, or None when coverage is too small ("needs a person").
        if_confirmed_percent: What the score becomes if every suspected auto-fail is confirmed.
        coverage: Evaluated weight ÷ applicable weight, 0–1.
        positive_share: Share of won points that rest on positive evidence, 0–1.
        critical: Critical class → `pass`, `suspected` or `not_evaluable`.
    """

    call_id: str
    scorecard_id: str
    scorecard_version: str
    digest: str
    state: EvaluationState
    quality_percent: float | None
    if_confirmed_percent: float | None
    band: str
    coverage: float
    applicable_weight: float
    positive_share: float
    critical: Mapping[str, str]
    results: tuple[CriterionResult, ...]
    sections: tuple[SectionResult, ...]
    findings: tuple[CriticalFinding, ...] = ()
    reasons: tuple[Bilingual, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    stamps: tuple[EngineStamp, ...] = ()
