"""Who may review, from accounts and roster; and calls as assignment sees them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from qa.access import Action, Person, UserRole, may
from qa.errors import ReviewError
from qa.review.assignment import Reviewer, Waiting
from qa.review.values import PickReason

if TYPE_CHECKING:
    from qa.store.store import Store


def reviewers_of(
    store: Store, user_ids: Sequence[str], *, capacity: int
) -> tuple[list[Reviewer], dict[str, frozenset[str]]]:
    """Reviewers by account name, and team → agent ids of its leaders.

    Raises:
        ReviewError: No such account, or one that may not review.
    """
    known = {one.user_id: one.person for one in store.accounts.all() if one.is_active}
    for user_id in user_ids:
        if user_id not in known or not may(known[user_id], Action.REVIEW):
            raise ReviewError(
                f"{user_id!r} is no account that may review", "reviewer", "see `qa users list`"
            )
    people = [known[user_id] for user_id in user_ids]
    return [reviewer(store, one, capacity=capacity) for one in people], leaders_of(known.values())


def reviewer(store: Store, person: Person, *, capacity: int) -> Reviewer:
    """A person with the team of her roster entry and the teams she leads."""
    today = store.database.now().date()
    own = store.roster.at(person.agent_id, today) if person.agent_id else None
    return Reviewer(
        user_id=person.user_id,
        agent_id=person.agent_id,
        team=own.team if own else "",
        leads=person.teams if UserRole.TEAM_LEADER in person.roles else frozenset(),
        capacity=capacity,
    )


def leaders_of(people: Iterable[Person]) -> dict[str, frozenset[str]]:
    """Team → agent ids of its leaders."""
    found: dict[str, set[str]] = {}
    for person in people:
        if UserRole.TEAM_LEADER in person.roles:
            for team in person.teams:
                found.setdefault(team, set()).add(person.agent_id or person.user_id)
    return {team: frozenset(names) for team, names in found.items()}


def waiting_of(store: Store, call_id: str, reasons: tuple[PickReason, ...]) -> Waiting:
    """A call with what matters for choosing its reviewer."""
    call = store.calls.get(call_id)
    judged = frozenset(review.reviewer for review in store.reviews.of_call(call_id))
    return Waiting(
        call_id=call_id,
        agent_id=call.agent_id,
        team=call.team,
        language=call.language,
        reasons=reasons,
        reviewed_by=judged,
    )
