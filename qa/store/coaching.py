"""Coaching plans: opened by coaches, answered by agents, closed with a reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from qa import codec
from qa.access import Action, Person, require, scope_of
from qa.coaching.plans import LAST_LOOK, Plan, checked, opened_on
from qa.errors import AccessDeniedError, NotFoundError
from qa.privacy.redaction import redact_note
from qa.store.database import Database
from qa.store.people_frames import PeopleFrames
from qa.store.tables import agents, coaching_plans

if TYPE_CHECKING:
    import pandas as pd

    from qa.coaching.effect import Effect
    from qa.coaching.follow_up import FollowUp
    from qa.store.audit import AuditTrail


#: What people write into a plan; personal data in it is hidden.
_TYPED = ("situation", "behaviour", "impact", "reality", "options", "will", "reply", "close_reason")


class Coaching:
    """Plans. Reading shows what the store shows; writing asks for the right and the reach."""

    def __init__(self, database: Database, frames: PeopleFrames, audit: AuditTrail) -> None:
        self._database, self._frames, self._audit = database, frames, audit

    def open(self, person: Person, plan: Plan, *, today: date) -> Plan:
        """Store a plan, and return it with its id.

        Raises:
            AccessDeniedError: The person may not coach this agent.
            SettingsError: The plan lacks something.
        """
        self._reach(person, Action.COACH, plan.agent_id, today)
        plan = replace(
            checked(plan, today), opened_by=person.user_id, opened_at=self._database.now()
        )
        with self._database.writing() as connection:
            made = connection.execute(sa.insert(coaching_plans), _row(plan))
            key = int(made.inserted_primary_key[0]) if made.inserted_primary_key else 0
        self._audit.record(person.user_id, "plan_opened", kind="coaching_plan", subject=str(key))
        return replace(plan, id=key)

    def acknowledge(self, person: Person, plan_id: int, *, agrees: bool, reply: str = "") -> Plan:
        """The agent's own answer, also disagreement.

        Raises:
            AccessDeniedError: It is somebody else's plan.
        """
        require(person, Action.ACKNOWLEDGE)
        plan = self.get(plan_id)
        if not person.agent_id or person.agent_id != plan.agent_id:
            raise AccessDeniedError(
                "only the agent answers a plan", f"plan {plan_id}", "sign in as the agent"
            )
        now = self._database.now()
        changed = replace(plan, acknowledged_at=now, agrees=agrees, reply=reply.strip())
        return self._change(person, changed, "plan_acknowledged")

    def close(self, person: Person, plan_id: int, *, reason: str, today: date) -> Plan:
        """End a plan.

        Raises:
            AccessDeniedError: The person may not coach this agent.
        """
        plan = self.get(plan_id)
        self._reach(person, Action.COACH, plan.agent_id, today)
        changed = replace(plan, closed_at=self._database.now(), close_reason=reason.strip())
        return self._change(person, changed, "plan_closed")

    def get(self, plan_id: int) -> Plan:
        """A plan.

        Raises:
            NotFoundError: There is none, or it is out of sight.
        """
        query = sa.select(coaching_plans).where(coaching_plans.c.id == plan_id)
        with self._database.reading() as connection:
            row = connection.execute(query).first()
        if row is None:
            raise NotFoundError(f"no plan {plan_id}", self._database.place, "see the coaching page")
        return _plan(row)

    def all(self, *, agent_id: str = "", closed: bool = True) -> list[Plan]:
        """Plans, newest first."""
        plans = coaching_plans.c
        query = sa.select(coaching_plans).order_by(plans.opened_at.desc(), plans.id.desc())
        if agent_id:
            query = query.where(plans.agent_id == agent_id)
        if not closed:
            query = query.where(plans.closed_at.is_(None))
        with self._database.reading() as connection:
            return [_plan(row) for row in connection.execute(query)]

    def follow_ups(
        self, person: Person, plan: Plan, *, today: date, action: Action = Action.COACH
    ) -> tuple[FollowUp, ...]:
        """What the looks at a plan after 2, 6 and 12 weeks came to."""
        from qa.coaching.follow_up import follow_up_results  # noqa: PLC0415  (pandas)

        opened = opened_on(plan)
        outcomes = self._outcomes(person, [plan], today, action)
        return follow_up_results(outcomes, plan, opened, today)

    def effects(
        self, person: Person, *, today: date, action: Action = Action.COACH
    ) -> list[tuple[Plan, Effect]]:
        """What every plan in sight came to by a day; peers have no plan for the criterion."""
        from qa.coaching.effect import effect_of  # noqa: PLC0415  (pandas)

        plans = [plan for plan in self.all() if opened_on(plan) < today]
        found = []
        for criterion in dict.fromkeys(plan.criterion_id for plan in plans):
            own = [plan for plan in plans if plan.criterion_id == criterion]
            table = self._outcomes(person, own, today, action)
            coached = {plan.agent_id for plan in own}
            for plan in own:
                kept = ~table["agent_id"].isin(coached - {plan.agent_id})
                opened = opened_on(plan)
                until = min(today, opened + LAST_LOOK)
                found.append((plan, effect_of(table[kept], plan.agent_id, opened, until=until)))
        return found

    def _outcomes(
        self, person: Person, plans: Sequence[Plan], today: date, action: Action
    ) -> pd.DataFrame:
        """Verdicts on a criterion around its plans, other coached agents left out for one plan."""
        criterion = plans[0].criterion_id
        days = [opened_on(plan) for plan in plans]
        table = self._frames.outcomes(
            person,
            since=min(days) - LAST_LOOK,
            until=min(max(days) + LAST_LOOK, today) + timedelta(days=1),
            criteria=[criterion],
            action=action,
        )
        coached = {plan.agent_id for plan in self.all() if plan.criterion_id == criterion}
        return table[~table["agent_id"].isin(coached - {plan.agent_id for plan in plans})]

    def _change(self, person: Person, plan: Plan, action: str) -> Plan:
        chosen = sa.update(coaching_plans).where(coaching_plans.c.id == plan.id)
        with self._database.writing() as connection:
            connection.execute(chosen.values(_row(plan)))
        self._audit.record(person.user_id, action, kind="coaching_plan", subject=str(plan.id))
        return plan

    def _reach(self, person: Person, action: Action, agent_id: str, today: date) -> None:
        require(person, action)
        who = agents.c
        query = sa.select(who.team).where(
            who.agent_id == agent_id,
            who.valid_from <= today,
            sa.or_(who.valid_to.is_(None), who.valid_to > today),
        )
        with self._database.reading() as connection:
            team = connection.scalar(query) or ""
        if not scope_of(person, action).covers(agent_id=agent_id, team=team):
            raise AccessDeniedError(
                "not an agent of your teams", agent_id, "ask an administrator for the team"
            )


def _row(plan: Plan) -> dict[str, Any]:
    columns = ("agent_id", "criterion_id", "opened_by", "opened_at", "acknowledged_at", "closed_at")
    hidden: dict[str, Any] = {name: redact_note(getattr(plan, name)) for name in _TYPED}
    return {
        **{name: getattr(plan, name) for name in columns},
        "body": codec.to_json(replace(plan, id=0, **hidden)),
    }


def _plan(row: Any) -> Plan:
    return replace(codec.from_json(Plan, row.body, place=f"plan {row.id}"), id=row.id)
