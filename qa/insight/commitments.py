"""The commitments ledger: who promised what by when, and whether it was kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from qa.calls import Role


class CommitmentState(StrEnum):
    """Where a promise stands. `UNDATED` has no moment to be late against."""

    OPEN = "open"
    OVERDUE = "overdue"
    KEPT = "kept"
    LATE = "late"
    BROKEN = "broken"
    UNDATED = "undated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Commitment:
    """One promise.

    Attributes:
        by: Who promised: the agent (for the company) or the customer.
        action: Code of `scoring.commitment_words.ACTIONS`.
        quote: Exact words of the turn, `text[char_start:char_end]`.
        due_text: The time as said, `""` when none was ("soon" is none).
        due_at: By when, in the site's time zone; None without a time or a call start.
        earliest: Start of a promised window.
        vague: Words such as "尽快" in place of a time.
    """

    id: str
    call_id: str
    by: Role
    action: str
    turn_index: int
    start_ms: int
    end_ms: int
    quote: str
    char_start: int
    char_end: int
    due_text: str = ""
    due_at: datetime | None = None
    earliest: datetime | None = None
    vague: str = ""

    @property
    def complete(self) -> bool:
        """Whether who, what and when were all said."""
        return bool(self.due_text)


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitmentOutcome:
    """What became of a promise, from an import or a person.

    Attributes:
        kept_at: When it was fulfilled; None when it never was (`broken`).
        by: Who said so: an account or the name of the imported file.
    """

    commitment_id: str
    kept_at: datetime | None = None
    broken: bool = False
    by: str = ""
    comment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerItem:
    """A promise with what became of it; `labels` is metadata of the call (`agent_id`, `team` …)."""

    commitment: Commitment
    outcome: CommitmentOutcome | None = None
    labels: Mapping[str, str] = field(default_factory=dict)

    def state(self, now: datetime) -> CommitmentState:
        """Where it stands at `now`."""
        told = self.outcome
        return state_of(
            self.commitment,
            now=now,
            kept_at=told.kept_at if told else None,
            broken=bool(told and told.broken),
        )


def state_of(
    commitment: Commitment, *, now: datetime, kept_at: datetime | None = None, broken: bool = False
) -> CommitmentState:
    """Where a promise stands at `now`, given what an import says about it.

    Args:
        commitment: The promise.
        now: The moment of asking, aware when the promise's own times are.
        kept_at: When it was fulfilled, if it was.
        broken: True when the import says it never was.
    """
    if broken:
        return CommitmentState.BROKEN
    due = commitment.due_at
    if kept_at is not None:
        return CommitmentState.LATE if due and kept_at > due else CommitmentState.KEPT
    if due is None:
        return CommitmentState.UNDATED
    return CommitmentState.OVERDUE if now > due else CommitmentState.OPEN


def due_list(
    commitments: Sequence[Commitment], *, now: datetime, settled: frozenset[str] = frozenset()
) -> tuple[Commitment, ...]:
    """Promises still to be kept, the most overdue first; undated ones last."""
    waiting = [item for item in commitments if item.id not in settled]
    dated = sorted((item for item in waiting if item.due_at), key=lambda item: item.due_at or now)
    return (*dated, *(item for item in waiting if not item.due_at))


#: Column order of the export.
EXPORT_COLUMNS = (
    "id",
    "call_id",
    "by",
    "action",
    "due_at",
    "earliest",
    "due_text",
    "vague",
    "quote",
)


def to_row(commitment: Commitment) -> dict[str, str]:
    """The promise as one row of the export; moments as ISO 8601."""
    row = {name: getattr(commitment, name) for name in EXPORT_COLUMNS}
    return {
        name: value.isoformat() if isinstance(value, datetime) else str(value or "")
        for name, value in row.items()
    }
