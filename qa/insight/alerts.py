"""Alerts and the risk queue: what was raised, why, and who has it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from qa.evaluation import Bilingual, Evidence


class AlertKind(StrEnum):
    """What is at risk."""

    COMPLAINT = "complaint"
    CHURN = "churn"


class RiskState(StrEnum):
    """Where an alert stands in the queue."""

    NEW = "new"
    TAKEN = "taken"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertReason:
    """One reason with its words; `points` only for churn."""

    code: str
    text: Bilingual
    evidence: tuple[Evidence, ...] = ()
    points: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """An alert of one call.

    Attributes:
        priority: `P1` … `P3` for complaints; `high` or `medium` for churn.
        points: Churn points; 0 for complaints.
        respond_within_minutes: Target for a first response; None for churn.
    """

    kind: AlertKind
    call_id: str
    priority: str
    reasons: tuple[AlertReason, ...]
    points: int = 0
    respond_within_minutes: int | None = None
    note: Bilingual | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskItem:
    """An alert in the queue.

    Attributes:
        raised_at: When the alert was first raised; an analysis done again does not move it.
        changed_by: The person who took or resolved it; `comment` is what they wrote.
        stands: False when a later analysis no longer raises it; only what a person has touched
            is kept then.
        labels: Metadata of the call (`agent_id`, `team`, `queue`, `reason`, `happened_at`).
    """

    alert: Alert
    raised_at: datetime
    id: int = 0
    state: RiskState = RiskState.NEW
    changed_by: str = ""
    changed_at: datetime | None = None
    comment: str = ""
    stands: bool = True
    labels: Mapping[str, str] = field(default_factory=dict)

    def age(self, now: datetime) -> timedelta:
        """Time since the alert was raised."""
        return now - self.raised_at

    def is_overdue(self, now: datetime) -> bool:
        """Whether nobody took it within its response target."""
        minutes = self.alert.respond_within_minutes
        waiting = self.state == RiskState.NEW and minutes is not None
        return waiting and self.age(now) > timedelta(minutes=minutes or 0)


#: Gravest first; a high churn risk stands with P2.
RANK = {"P1": 0, "P2": 1, "high": 1, "P3": 2, "medium": 2}


def risk_queue(items: Sequence[RiskItem]) -> tuple[RiskItem, ...]:
    """Open items: the gravest first, within a priority the oldest first."""
    waiting = [item for item in items if item.state != RiskState.RESOLVED]
    return tuple(
        sorted(
            waiting,
            key=lambda item: (RANK[item.alert.priority], item.raised_at, item.alert.call_id),
        )
    )
