"""Rows that a person's action reaches, as a condition on the calls table."""

from __future__ import annotations

import sqlalchemy as sa

from qa.access import Action, Person, require, scope_of
from qa.store.tables import calls


def reached(person: Person, action: Action) -> sa.ColumnElement[bool]:
    """The condition for queries that join `calls`.

    Raises:
        AccessDeniedError: The person may not do this at all.
    """
    require(person, action)
    scope = scope_of(person, action)
    if scope.everything:
        return sa.true()
    own = calls.c.agent_id == scope.agent_id if scope.agent_id else sa.false()
    return sa.or_(calls.c.team.in_(sorted(scope.teams)), own)
