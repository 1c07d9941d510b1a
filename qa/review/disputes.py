"""Release, acknowledgement and disputes: who may say what until when. Pure; the clock comes in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from qa.access import Person
from qa.errors import ReviewError
from qa.evaluation import Outcome


class DisputeState(StrEnum):
    """Where a dispute stands.

    `UPHELD`: the verdict stands. `EXPIRED`: nobody decided in time; the agent loses no round.
    """

    OPEN = "open"
    IN_REVIEW = "in_review"
    UPHELD = "upheld"
    OVERTURNED = "overturned"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


#: State → states it may go to. Everything else is refused.
NEXT: Mapping[DisputeState, frozenset[DisputeState]] = {
    DisputeState.OPEN: frozenset(
        {DisputeState.IN_REVIEW, DisputeState.WITHDRAWN, DisputeState.EXPIRED}
    ),
    DisputeState.IN_REVIEW: frozenset(
        {
            DisputeState.UPHELD,
            DisputeState.OVERTURNED,
            DisputeState.WITHDRAWN,
            DisputeState.EXPIRED,
        }
    ),
    DisputeState.UPHELD: frozenset(),
    DisputeState.OVERTURNED: frozenset(),
    DisputeState.WITHDRAWN: frozenset(),
    DisputeState.EXPIRED: frozenset(),
}
PENDING = (DisputeState.OPEN, DisputeState.IN_REVIEW)
DECIDED = (DisputeState.UPHELD, DisputeState.OVERTURNED)
MAX_COMMENT = 4_000


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputePolicy:
    """Windows in days and rounds, fixed for an evaluation when it is released.

    Attributes:
        window_days: How long after release an agent may dispute.
        again_days: How long after a decision she may ask for another round.
        decide_days: How long the decision may take; then it is overdue.
        expire_days: Undecided for so long after becoming overdue, a dispute expires.
        rounds: Disputes per criterion.
    """

    window_days: int = 7
    again_days: int = 3
    decide_days: int = 5
    expire_days: int = 14
    rounds: int = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """An evaluation shown to its agent from `visible_at` on, open to dispute until then."""

    id: int
    call_id: str
    evaluation_id: int
    visible_at: datetime
    dispute_until: datetime
    rounds: int
    made_by: str
    made_at: datetime

    def is_visible(self, now: datetime) -> bool:
        """Whether the agent sees it yet."""
        return now >= self.visible_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledgement:
    """The agent has seen it. Agreement is not implied."""

    release_id: int
    call_id: str
    comment: str
    made_by: str
    made_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispute:
    """One disputed subject in one round.

    Attributes:
        subject: Criterion id or auto-fail code.
        reviewer: Whose decision is disputed; `""` where only the machine has judged.
        wished: The outcome the agent thinks right, if she named one.
        answer: The reason for the decision.
    """

    id: int
    call_id: str
    release_id: int
    evaluation_id: int
    scorecard_id: str
    scorecard_version: str
    subject: str
    round: int
    state: DisputeState
    reviewer: str
    outcome_before: str
    outcome_after: str | None
    wished: Outcome | None
    comment: str
    opened_by: str
    opened_at: datetime
    due_at: datetime
    taken_by: str
    closed_at: datetime | None
    answer: str

    def is_overdue(self, now: datetime) -> bool:
        """Undecided past its date."""
        return self.state in PENDING and now > self.due_at


def advance(state: DisputeState, to: DisputeState) -> DisputeState:
    """The next state.

    Raises:
        ReviewError: There is no such step.
    """
    if to not in NEXT[state]:
        raise ReviewError(
            f"a dispute that is {state.value} cannot become {to.value}", "dispute", "reload it"
        )
    return to


def next_round(
    release: Release,
    earlier: Sequence[Dispute],
    now: datetime,
    policy: DisputePolicy,
    *,
    comment: str,
) -> int:
    """The number of the round that may be opened now.

    Args:
        release: The evaluation's release.
        earlier: Earlier disputes on the same subject of this release.
        now: The clock.
        policy: Windows.
        comment: Why; mandatory.

    Raises:
        ReviewError: Not released yet, window closed, no round left, one pending, or no comment.
    """
    place = f"dispute on call {release.call_id}"
    if not release.is_visible(now):
        raise ReviewError("the evaluation is not released yet", place, "wait for the release")
    if not comment.strip() or len(comment) > MAX_COMMENT:
        raise ReviewError("the reason is missing or too long", place, "say what is wrong and why")
    if any(dispute.state in PENDING for dispute in earlier):
        raise ReviewError("a dispute on this is pending", place, "wait for its decision")
    last = max(earlier, key=lambda item: item.round, default=None)
    limit = deadline(release, last, policy)
    if now > limit:
        raise ReviewError(
            f"the window closed on {limit:%Y-%m-%d %H:%M} UTC", place, "talk to your team leader"
        )
    used = sum(dispute.state in (*DECIDED, DisputeState.WITHDRAWN) for dispute in earlier)
    if used >= release.rounds:
        raise ReviewError(
            f"all {release.rounds} rounds are used", place, "talk to your team leader"
        )
    return 1 if last is None else last.round + 1


def deadline(release: Release, last: Dispute | None, policy: DisputePolicy) -> datetime:
    """Until when a (further) dispute may be opened."""
    if last is None or last.closed_at is None:
        return release.dispute_until
    return max(release.dispute_until, last.closed_at + timedelta(days=policy.again_days))


def forbid_own_decision(person: Person, dispute: Dispute, judges: Sequence[str]) -> None:
    """A dispute is decided by somebody who had no part in it.

    Args:
        person: Who wants to decide.
        dispute: The dispute.
        judges: Everybody who reviewed the call or decided an earlier round.

    Raises:
        ReviewError: The person reviewed it, decided before, or opened it.
    """
    if person.user_id in {dispute.reviewer, dispute.opened_by, *judges}:
        raise ReviewError(
            f"{person.user_id} took part in what is disputed",
            f"dispute {dispute.id}",
            "another QA lead must decide it",
        )


def is_expired(dispute: Dispute, now: datetime, policy: DisputePolicy) -> bool:
    """Whether nobody has decided for so long that it must be closed and reported."""
    return dispute.state in PENDING and now > dispute.due_at + timedelta(days=policy.expire_days)
