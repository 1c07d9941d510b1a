"""Giving calls to reviewers: by capacity, in fair rotation, never to somebody with a stake."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from qa.review.sampling import place
from qa.review.values import PickReason, Purpose
from qa.review.work import NewAssignment


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewer:
    """Somebody who reviews.

    Attributes:
        agent_id: Her own agent id, where she takes calls herself.
        team: The team she belongs to; its leader's calls are not hers to judge.
        leads: Teams she leads; their calls are not hers to judge either.
        capacity: Open reviews she can have at a time.
        languages: Languages she understands; empty means all.
    """

    user_id: str
    agent_id: str = ""
    team: str = ""
    leads: frozenset[str] = frozenset()
    capacity: int = 20
    languages: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A call that needs a reviewer. `reviewed_by`: people who have judged it already."""

    call_id: str
    agent_id: str
    team: str
    language: str = ""
    reasons: tuple[PickReason, ...] = ()
    reviewed_by: frozenset[str] = frozenset()


class Obstacle(StrEnum):
    """Why somebody cannot review a call."""

    OWN_CALL = "own_call"
    OWN_LEADER = "own_leader"
    LEADS_TEAM = "leads_team"
    REVIEWED_BEFORE = "reviewed_before"
    LANGUAGE = "language"
    NO_CAPACITY = "no_capacity"


@dataclass(frozen=True, slots=True, kw_only=True)
class Handout:
    """Who gets what.

    Attributes:
        assignments: In the order of the calls.
        left: Call id → what stands in the way, per reviewer, where nobody could take it.
    """

    assignments: tuple[NewAssignment, ...]
    left: Mapping[str, Mapping[str, Obstacle]] = field(default_factory=dict)


def obstacle(
    call: Waiting, reviewer: Reviewer, leaders: Mapping[str, frozenset[str]]
) -> Obstacle | None:
    """What keeps this person from reviewing this call, capacity apart; None when nothing does.

    Args:
        call: The call.
        reviewer: The person.
        leaders: Team → agent ids of its leaders.
    """
    if reviewer.agent_id and reviewer.agent_id == call.agent_id:
        return Obstacle.OWN_CALL
    if call.team in reviewer.leads:
        return Obstacle.LEADS_TEAM
    if reviewer.team and call.agent_id in leaders.get(reviewer.team, frozenset()):
        return Obstacle.OWN_LEADER
    if reviewer.user_id in call.reviewed_by:
        return Obstacle.REVIEWED_BEFORE
    if reviewer.languages and call.language and call.language not in reviewer.languages:
        return Obstacle.LANGUAGE
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How a batch is given out.

    Attributes:
        days: Days until it is due.
        seed: Breaks ties; the same seed gives the same handout.
    """

    days: int = 3
    purpose: Purpose = Purpose.FIRST
    sample_id: int | None = None
    seed: str = "assign"


def hand_out(
    calls: Iterable[Waiting],
    reviewers: Sequence[Reviewer],
    *,
    now: datetime,
    terms: Terms,
    load: Mapping[str, int] | None = None,
    met: Mapping[tuple[str, str], int] | None = None,
    leaders: Mapping[str, frozenset[str]] | None = None,
) -> Handout:
    """Give every call to the person with most room who has met its agent least.

    Args:
        calls: What needs reviewing; calls that few can take are given out first.
        reviewers: Who reviews.
        now: The clock.
        terms: Due date and purpose.
        load: Reviewer → open reviews.
        met: (reviewer, agent) → earlier reviews, so that nobody keeps the same agents.
        leaders: Team → agent ids of its leaders.
    """
    room = {item.user_id: item.capacity - (load or {}).get(item.user_id, 0) for item in reviewers}
    capacity = {item.user_id: max(1, item.capacity) for item in reviewers}
    known = Counter(met or {})
    order = list(calls)
    barred = {
        call.call_id: {r.user_id: obstacle(call, r, leaders or {}) for r in reviewers}
        for call in order
    }
    given: dict[str, NewAssignment] = {}
    left: dict[str, dict[str, Obstacle]] = {}
    for call in sorted(order, key=lambda item: _choices(barred[item.call_id])):
        able = [name for name, why in barred[call.call_id].items() if why is None]
        free = [name for name in able if room[name] > 0]
        if not free:
            left[call.call_id] = {
                name: why or Obstacle.NO_CAPACITY for name, why in barred[call.call_id].items()
            }
            continue

        def turn(name: str, call: Waiting = call) -> tuple[float, float, float]:
            tie = place(f"{terms.seed}/{name}", call.call_id)
            return (known[name, call.agent_id], -room[name] / capacity[name], tie)

        chosen = min(free, key=turn)
        room[chosen] -= 1
        known[chosen, call.agent_id] += 1
        given[call.call_id] = _assignment(call, chosen, now, terms)
    return Handout(
        assignments=tuple(given[call.call_id] for call in order if call.call_id in given),
        left=left,
    )


def _choices(barred: Mapping[str, Obstacle | None]) -> int:
    return sum(why is None for why in barred.values())


def _assignment(call: Waiting, reviewer: str, now: datetime, terms: Terms) -> NewAssignment:
    return NewAssignment(
        call_id=call.call_id,
        reviewer=reviewer,
        purpose=terms.purpose,
        reasons=call.reasons,
        sample_id=terms.sample_id,
        due_at=now + timedelta(days=terms.days),
    )
