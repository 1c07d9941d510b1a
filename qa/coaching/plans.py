"""A coaching plan: what was agreed with an agent, when it is looked at again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from qa.errors import SettingsError

#: Weeks after which a plan is looked at again (dossier §5.4).
FOLLOW_UPS = (2, 6, 12)
#: Nothing is measured for a plan after its last look.
LAST_LOOK = timedelta(weeks=FOLLOW_UPS[-1])
CAUSES = ("skill", "knowledge", "process", "system", "policy")
#: Causes that the agent cannot remove: such a plan goes to management.
NOT_THE_AGENTS = frozenset({"process", "system", "policy"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One behaviour of one agent.

    Attributes:
        baseline: Miss rate when it was opened, 0–1, over `baseline_n` calls.
        call_ids: Evidence.
        situation: With `behaviour` and `impact` the SBI note: call, quoted words, what followed.
        reality: With `options` and `will` the GROW meeting; its goal is `goal` by `goal_on`.
        goal: Miss rate aimed at, 0–1.
        acknowledged_at: When the agent answered; `reply` is what they said, also disagreement.
    """

    id: int = 0
    agent_id: str
    criterion_id: str
    opened_by: str = ""
    opened_at: datetime | None = None
    baseline: float
    baseline_n: int
    goal: float
    goal_on: date
    cause: str = "skill"
    call_ids: tuple[str, ...] = ()
    situation: str = ""
    behaviour: str = ""
    impact: str = ""
    reality: str = ""
    options: str = ""
    will: str = ""
    acknowledged_at: datetime | None = None
    agrees: bool | None = None
    reply: str = ""
    closed_at: datetime | None = None
    close_reason: str = ""

    @property
    def goes_to_management(self) -> bool:
        """Whether the cause is not the agent's to remove."""
        return self.cause in NOT_THE_AGENTS


def checked(plan: Plan, today: date) -> Plan:
    """The plan, if it says what it must.

    Raises:
        SettingsError: Goal, date, cause, behaviour or agreed action is missing or impossible.
    """
    place = f"plan for {plan.agent_id}"
    if not 0 <= plan.goal <= 1 or plan.goal >= plan.baseline:
        raise SettingsError("the goal is no improvement", place, "aim under the present miss rate")
    if plan.goal_on <= today:
        raise SettingsError("the goal's date has passed", place, "choose a day to come")
    if plan.cause not in CAUSES:
        raise SettingsError(f"no cause {plan.cause!r}", place, f"one of {', '.join(CAUSES)}")
    if not plan.behaviour.strip() or not plan.will.strip():
        raise SettingsError(
            "behaviour or agreed action is empty", place, "say what was heard and what was agreed"
        )
    return plan


def opened_on(plan: Plan) -> date:
    """The day of opening.

    Raises:
        SettingsError: The plan has not been opened yet.
    """
    if plan.opened_at is None:
        raise SettingsError("the plan is not open", f"plan for {plan.agent_id}", "save it first")
    return plan.opened_at.date()
