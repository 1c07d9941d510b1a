"""What the store hands out beside the values of `qa`: stage keys, problems, nights, rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from qa.errors import StoreError


class StageState(StrEnum):
    """Where a stage of a recording stands. `QUARANTINED` waits until a person says try again."""

    PENDING = "pending"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    QUARANTINED = "quarantined"


class LeaseLostError(StoreError):
    """Another worker took the work over; this result was not saved, and need not be."""

    code = "lease_lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class StageKey:
    """Identity of a piece of work: these bytes, this stage, this configuration (stamp digest)."""

    sha256: str
    stage: str
    digest: str

    def __str__(self) -> str:
        return f"{self.stage} of {self.sha256[:16]} ({self.digest})"


@dataclass(frozen=True, slots=True, kw_only=True)
class StageDone:
    """A finished stage, saved in the same transaction as what it produced.

    Attributes:
        timings_ms: Named parts of the wall time, e.g. `{"decode": 120, "asr": 5300}`.
        audio_ms: Length of the sound worked on, for real-time factors.
        engine: Which engine did it, as shown to operators.
    """

    key: StageKey
    owner: str
    timings_ms: Mapping[str, int] = field(default_factory=dict)
    audio_ms: int = 0
    engine: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StageRun:
    """One row of the stage protocol, as stored."""

    key: StageKey
    state: StageState
    attempts: int
    interrupted: int
    owner: str
    lease_until: datetime | None
    started_at: datetime | None
    finished_at: datetime | None
    error_code: str
    error_message: str
    error_remedy: str
    timings_ms: Mapping[str, int]
    audio_ms: int
    engine: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something that kept a recording from being scored: reason and next step.

    Attributes:
        stage: Where it happened: `source`, `ingest`, `transcribe`, `score` …
        attempts: How often it was seen.
    """

    uri: str
    stage: str
    code: str
    message: str
    remedy: str = ""
    sha256: str = ""
    run_id: str | None = None
    attempts: int = 1
    first_seen_at: datetime | None = None
    last_seen_at: datetime | None = None
    resolved_at: datetime | None = None
    id: int | None = None


class RunState(StrEnum):
    """Where a night stands. `LOST` = it ended without saying so (killed, power cut)."""

    RUNNING = "running"
    FINISHED = "finished"
    FAILED = "failed"
    LOST = "lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One night (or one `qa run` by hand). `counts` holds the numbers of its summary.

    Attributes:
        kind: `night` (by schedule), `catch_up` (a missed one), `by_hand`, `backfill`, `rerun`.
        scheduled_for: The moment of the schedule that this run answers.
        progress: While it runs: `due`, `finished`, `gave_up`, `audio_seconds`, `elapsed_seconds`.
    """

    id: str
    started_at: datetime
    finished_at: datetime | None = None
    host: str = ""
    source: str = ""
    state: RunState = RunState.RUNNING
    counts: Mapping[str, float] = field(default_factory=dict)
    summary: str = ""
    kind: str = "by_hand"
    scheduled_for: datetime | None = None
    progress: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenFile:
    """What an earlier listing remembers of a file. No `recording_id`: it was being written."""

    uri: str
    size_bytes: int
    version: str
    details_digest: str = ""
    recording_id: str | None = None
    seen_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """An agent during one stretch of time (half-open dates)."""

    agent_id: str
    valid_from: date
    valid_to: date | None = None
    name: str = ""
    team: str = ""
    hired_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleOverride:
    """A person's word on which speaker is the agent. `roles`: speaker label → role."""

    call_id: str
    transcript_digest: str
    roles: Mapping[str, str]
    made_by: str
    made_at: datetime
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRow:
    """One line of the call list: the call, its recording, and its current evaluation if any.

    Attributes:
        language: The given language, else the detected one, else `""`.
        evaluation_id: None when the call has not been scored; then so are the fields below it.
        state, band, quality_percent: What counts: the person's where one has decided.
        is_decided: A person has.
        machine_percent: The machine's own score.
        review_count: Criteria that a person should look at.
        finding_count: Suspected auto-fails and candidates.
    """

    call_id: str
    happened_at: datetime
    started_at: datetime | None
    agent_id: str
    agent_name: str
    team: str
    queue: str
    direction: str
    language: str
    duration_ms: int
    recording_id: str
    sha256: str
    uri: str
    transcript_id: int | None
    turn_count: int | None
    evaluation_id: int | None
    scorecard_id: str | None
    scorecard_version: str | None
    state: str | None
    band: str | None
    quality_percent: float | None
    is_decided: bool
    machine_percent: float | None
    if_confirmed_percent: float | None
    coverage: float | None
    finding_count: int | None
    review_count: int | None
