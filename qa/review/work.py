"""Assignments: who reviews which call by when, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from qa.review.values import PickReason, Purpose


class AssignmentState(StrEnum):
    """Where an assignment stands."""

    OPEN = "open"
    DONE = "done"
    SKIPPED = "skipped"
    WITHDRAWN = "withdrawn"


class SkipReason(StrEnum):
    """Why a picked call is not reviewed; counted per reviewer."""

    NO_AUDIO = "no_audio"
    NOT_A_CONVERSATION = "not_a_conversation"
    LANGUAGE = "language"
    CONFLICT_OF_INTEREST = "conflict_of_interest"
    ALREADY_REVIEWED = "already_reviewed"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAssignment:
    """A call for a reviewer.

    Attributes:
        reasons: Why it was picked; shown beside it.
    """

    call_id: str
    reviewer: str
    purpose: Purpose = Purpose.FIRST
    reasons: tuple[PickReason, ...] = ()
    sample_id: int | None = None
    due_at: datetime | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """An assignment as stored."""

    id: int
    call_id: str
    reviewer: str
    purpose: Purpose
    reasons: tuple[PickReason, ...]
    sample_id: int | None
    state: AssignmentState
    assigned_by: str
    assigned_at: datetime
    due_at: datetime | None
    closed_at: datetime | None
    note: str

    def is_overdue(self, now: datetime) -> bool:
        """Open past its date."""
        return self.state == AssignmentState.OPEN and self.due_at is not None and now > self.due_at
