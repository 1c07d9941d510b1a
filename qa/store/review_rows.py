"""What every review repository asks first: whose call it is, and whether this person may."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import sqlalchemy as sa

from qa.access import Action, Person, UserRole, require, scope_of
from qa.errors import AccessDeniedError, NotFoundError
from qa.store.audit import AuditTrail
from qa.store.tables import calls


class Recorder(Protocol):
    """Writes an audit event inside the running transaction."""

    def __call__(self, person: Person, event: str, *, call_id: str = "", **details: Any) -> None:
        """Record that this person did this, to this call."""


def recorder(audit: AuditTrail) -> Recorder:
    """A recorder that appends to the audit trail of the store."""

    def record(person: Person, event: str, *, call_id: str = "", **details: Any) -> None:
        kind = "call" if call_id else "review"
        audit.record(person.user_id, event, kind=kind, subject=call_id, detail=details)

    return record


def no_record(person: Person, event: str, *, call_id: str = "", **details: Any) -> None:
    """Where the store keeps no audit."""
    del person, event, call_id, details


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFacts:
    """Whose call it is."""

    call_id: str
    agent_id: str
    team: str


def call_facts(connection: sa.Connection, call_id: str, *, lock: bool = False) -> CallFacts:
    """Agent and team of a call; `lock` holds its row until the transaction ends.

    Raises:
        NotFoundError: There is no such call (any more).
    """
    query = sa.select(calls.c.agent_id, calls.c.team).where(calls.c.id == call_id)
    row = connection.execute(query.with_for_update() if lock else query).first()
    if row is None:
        raise NotFoundError(
            f"no call {call_id!r}", "store", "it may have been deleted; go back to the list"
        )
    return CallFacts(call_id=call_id, agent_id=row.agent_id, team=row.team)


def require_row(person: Person, action: Action, facts: CallFacts) -> None:
    """The right, and the row inside its scope.

    Raises:
        AccessDeniedError: One of the two is missing.
    """
    require(person, action)
    if not scope_of(person, action).covers(agent_id=facts.agent_id, team=facts.team):
        raise AccessDeniedError(
            f"{person.user_id} may not {action.value.replace('_', ' ')} this call",
            action.value,
            "ask a QA lead",
        )


def forbid_own(person: Person, facts: CallFacts) -> None:
    """Nobody judges her own call, nor a leader those of the own team.

    Raises:
        AccessDeniedError: The call is the person's own, or of a team the person leads.
    """
    own = bool(person.agent_id) and person.agent_id == facts.agent_id
    leads = UserRole.TEAM_LEADER in person.roles and facts.team in person.teams
    if own or leads:
        raise AccessDeniedError(
            f"{person.user_id} may not judge calls of {'the own team' if leads else 'oneself'}",
            "review",
            "give the call to somebody else",
        )
