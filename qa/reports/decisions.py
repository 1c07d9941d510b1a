"""Decisions that the figures of a period ask for. The report proposes; people decide."""

from __future__ import annotations

from collections.abc import Sequence

from qa.people.intervals import Estimate
from qa.reports.comparing import MINIMUM_N
from qa.reports.report import (
    Ageing,
    Ask,
    Change,
    Critical,
    Decision,
    Defect,
    Line,
    Recognition,
)

#: A defect needs an owner when its miss rate is surely over this, or grew by more than noise.
DEFECT_RATE = 0.20
#: Recordings need a look when surely more than this share was doubtful or not scored.
LOST_SHARE = 0.10
#: Share of calls that people review (dossier §4.7); asked for when it is surely less.
REVIEWED_SHARE = 0.05
_OWNED = 3


def decisions(
    *,
    critical: Sequence[Critical],
    defects: Sequence[Defect],
    ageing: Sequence[Ageing],
    heard: Recognition,
    board: Sequence[Line] = (),
) -> tuple[Decision, ...]:
    """What is asked for, gravest first; nothing where an interval leaves it open.

    Nor is anything asked for from under 20 calls: two of two missed have a sure interval as well.
    A defect that somebody has taken on is not asked about again, unless the action is late.
    """
    return (
        *_critical(critical),
        *_overdue(ageing),
        *_late(board),
        *_defects(defects),
        *_heard(heard),
    )


def _critical(found: Sequence[Critical]) -> list[Decision]:
    return [
        Decision(
            ask=Ask.CRITICAL,
            name=one.name,
            value=one.figure.now.value,
            target=one.target,
            n=one.figure.now.n,
        )
        for one in found
        if one.figure.now
        and one.figure.now.n >= MINIMUM_N
        and one.target is not None
        and one.figure.now.high is not None
        and one.figure.now.high < one.target
    ]


def _overdue(ageing: Sequence[Ageing]) -> list[Decision]:
    late = sum(row.overdue for row in ageing)
    return [Decision(ask=Ask.OVERDUE, n=late)] if late else []


def _late(board: Sequence[Line]) -> list[Decision]:
    late = sum(line.overdue for line in board)
    return [Decision(ask=Ask.ACTION_LATE, n=late)] if late else []


def _defects(found: Sequence[Defect]) -> list[Decision]:
    grave = [
        one
        for one in found
        if not one.owner
        and (
            one.figure.change is Change.WORSE
            or (one.figure.now and _surely_over(one.figure.now, DEFECT_RATE))
        )
    ]
    return [
        Decision(
            ask=Ask.OWN_DEFECT,
            name=one.name,
            team=one.team,
            value=one.figure.now.value,
            n=one.figure.now.n,
        )
        for one in grave[:_OWNED]
        if one.figure.now
    ]


def _heard(heard: Recognition) -> list[Decision]:
    found = []
    for ask, share in ((Ask.DOUBTFUL, heard.doubtful), (Ask.UNSCORED, heard.unscored)):
        if share and _surely_over(share, LOST_SHARE):
            found.append(Decision(ask=ask, value=share.value, n=share.n))
    reviewed = heard.reviewed
    if (
        reviewed
        and reviewed.n >= MINIMUM_N
        and reviewed.high is not None
        and reviewed.high < REVIEWED_SHARE
    ):
        found.append(
            Decision(ask=Ask.REVIEW, value=reviewed.value, target=REVIEWED_SHARE, n=reviewed.n)
        )
    return found


def _surely_over(share: Estimate, limit: float) -> bool:
    return share.n >= MINIMUM_N and (share.low or 0) > limit
