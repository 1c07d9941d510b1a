"""How a night ends for reviews: what ran out, what lost trust, where the audit stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qa import codec
from qa.access import SYSTEM
from qa.store.review_card import evidence_now

if TYPE_CHECKING:
    from qa.store.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """What `close_night` did; kept as JSON in the night's row (`Run.summary`).

    Attributes:
        expired: Disputes that nobody decided in time.
        demoted: Criteria that went a step down the ladder, as `scorecard criterion level`.
        audit_head: `NUMBER:HASH` of the audit trail, for `qa audit verify --head`: a night's report
            that was sent or printed proves later that no event before it was taken out.
    """

    expired: int = 0
    demoted: tuple[str, ...] = ()
    audit_head: str = ""


def close_night(store: Store) -> Closing:
    """Let overdue disputes expire, take the steps down that the figures call for, note the head."""
    expired = store.disputes.expire(SYSTEM)
    changes = [
        change
        for scorecard_id in store.autonomy.scorecards()
        for change in store.autonomy.demote_fallen(scorecard_id, evidence_now(store, scorecard_id))
    ]
    return Closing(
        expired=len(expired),
        demoted=tuple(f"{c.scorecard_id} {c.criterion_id} {c.level.value}" for c in changes),
        audit_head=str(store.audit.head()),
    )


def closing_of(summary: str) -> Closing:
    """What the summary of a night's row says; nothing happened where it says nothing."""
    return codec.from_json(Closing, summary, place="night") if summary else Closing()
