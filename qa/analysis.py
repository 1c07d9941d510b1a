"""Everything a criterion may look at: transcript, measured speech, events, sentiment, quality."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from qa.acoustics import CallEvent, EventKind
from qa.calls import Call, Role
from qa.transcript import EngineStamp, Transcript

__all__ = [
    "Analysis",
    "CallEvent",
    "EventKind",
    "Gap",
    "Overlap",
    "OverlapKind",
    "PhraseFinds",
    "QualityIndex",
    "RoleStats",
    "SpeechStats",
    "TurnSentiment",
]


class OverlapKind(StrEnum):
    """How one speaker started while the other was talking (dossier §2.1)."""

    BACKCHANNEL = "backchannel"
    MINOR = "minor"
    MAJOR = "major"
    BRIEF = "brief"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Both sides silent, outside hold and music. `owner` is who should have spoken."""

    start_ms: int
    end_ms: int
    owner: Role
    after_turn: int | None = None

    @property
    def duration_ms(self) -> int:
        """Length of the gap."""
        return self.end_ms - self.start_ms


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlap:
    """Both sides talking: `by` started second, at `turn_index`, over turn `over_turn_index`."""

    start_ms: int
    end_ms: int
    by: Role
    turn_index: int
    over_turn_index: int
    kind: OverlapKind


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleStats:
    """One side's speech in numbers.

    Attributes:
        units: Spoken units: Han characters and digits (zh) or words (en).
        rate_per_min: `units` per minute over turns of at least 3 s; None under 30 s of talk.
        loudness_db: Median speech RMS in dBFS; None without audio.
        latency_ms: Median time from the other side's turn end to this side's turn start.
        longest_turn_ms: Longest monologue.
    """

    talk_ms: int = 0
    turns: int = 0
    units: int = 0
    rate_per_min: float | None = None
    loudness_db: float | None = None
    clipping_share: float | None = None
    loudness_jumps: int | None = None
    latency_ms: int | None = None
    longest_turn_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechStats:
    """Measured speech of a call.

    Attributes:
        speech_start_ms: t0, the first agent (else any) speech after IVR and ringing.
        speech_end_ms: tEnd, the last speech of either party.
        overlaps: None when overlap cannot be known (mono, or text without times).
        talk_ratio: Agent talk ÷ both sides' talk; None when nobody talks.
        metrics: Any further number by name, usable in rules as `metric: NAME`.
    """

    speech_start_ms: int
    speech_end_ms: int
    agent: RoleStats = field(default_factory=RoleStats)
    customer: RoleStats = field(default_factory=RoleStats)
    gaps: tuple[Gap, ...] = ()
    overlaps: tuple[Overlap, ...] | None = None
    talk_ratio: float | None = None
    hold_ms: int = 0
    metrics: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnSentiment:
    """Sentiment of one customer turn: score −1…+1 = P(positive) − P(negative)."""

    turn_index: int
    label: str
    score: float
    probabilities: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityIndex:
    """How far the recording and its transcript can be trusted. Grade D is not scorable."""

    grade: str
    snr_db: float | None = None
    clipping_share: float | None = None
    bandwidth_hz: int | None = None
    word_confidence: float | None = None
    role_confidence: float | None = None
    speech_transcribed_share: float | None = None
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PhraseFinds:
    """Where phrase banks were found, kept so that scoring again need not search again.

    Attributes:
        matcher: Digest of the matcher that searched; other matchers ignore these finds.
        transcript: Identity of the texts and roles searched.
        rows: Position of the turn, bank, match, similarity, start, end, effect, in reading order.
    """

    matcher: str
    transcript: str
    rows: tuple[tuple[int, str, str, float, int, int, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """All that a criterion may see; scoring needs nothing else (no audio, no models, no clock).

    Attributes:
        stats: None when turns carry no times.
        sentiment: Customer turns only; None when no sentiment model ran.
        facts: Call type, contact reason and other derived labels (`call_type`, `reason` …).
        phrases: Phrase banks found when the call was analysed; None when nobody looked.
    """

    call: Call
    transcript: Transcript
    stats: SpeechStats | None = None
    events: tuple[CallEvent, ...] = ()
    sentiment: tuple[TurnSentiment, ...] | None = None
    quality: QualityIndex | None = None
    facts: Mapping[str, str] = field(default_factory=dict)
    stamps: tuple[EngineStamp, ...] = ()
    phrases: PhraseFinds | None = None
