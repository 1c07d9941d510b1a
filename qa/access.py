"""Who may do what, to whose calls: one table, asked by pages, commands and the store alike.

A person holds one or more user roles. An action is allowed when one of the roles has it; the rows
that an action reaches are the widest scope among the roles that have it. Nothing here knows about
sign-in: that makes a `Person`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from qa.errors import AccessDeniedError


class UserRole(StrEnum):
    """What a signed-in person does here; not to be confused with who speaks in a call."""

    ADMIN = "admin"
    OPERATOR = "operator"
    QA_LEAD = "qa_lead"
    MONITOR = "monitor"
    COACH = "coach"
    TEAM_LEADER = "team_leader"
    MANAGER = "manager"
    AGENT = "agent"


class Action(StrEnum):
    """Everything that needs a right."""

    READ_CALLS = "read_calls"
    PLAY_AUDIO = "play_audio"
    READ_RAW = "read_raw"
    EXPORT = "export"
    REVIEW = "review"
    SAMPLE = "sample"
    ASSIGN = "assign"
    RELEASE = "release"
    DISPUTE = "dispute"
    DECIDE_DISPUTE = "decide_dispute"
    CALIBRATE = "calibrate"
    RUN_CALIBRATION = "run_calibration"
    READ_AGREEMENT = "read_agreement"
    HANDLE_RISKS = "handle_risks"
    READ_TOPICS = "read_topics"
    READ_AGENT = "read_agent"
    COACH = "coach"
    ACKNOWLEDGE = "acknowledge"
    READ_KPIS = "read_kpis"
    READ_REPORTS = "read_reports"
    IMPROVE = "improve"
    APPRAISE = "appraise"
    FREEZE_APPRAISAL = "freeze_appraisal"
    IMPORT_PEOPLE = "import_people"
    EDIT_SCORECARD = "edit_scorecard"
    ACTIVATE_SCORECARD = "activate_scorecard"
    READ_NIGHT = "read_night"
    OPERATE = "operate"
    MANAGE_USERS = "manage_users"
    READ_AUDIT = "read_audit"
    APPLY_RETENTION = "apply_retention"


class Reach(StrEnum):
    """Whose rows a role reaches, widest last."""

    OWN = "own"
    TEAMS = "teams"
    EVERYTHING = "everything"


_A = Action
_REVIEWING = {_A.READ_CALLS, _A.PLAY_AUDIO, _A.REVIEW, _A.CALIBRATE, _A.READ_AGREEMENT}
_RISKS = {_A.HANDLE_RISKS, _A.READ_TOPICS}
_PEOPLE = {_A.READ_CALLS, _A.PLAY_AUDIO, _A.READ_AGENT, _A.READ_KPIS}

#: Role → what it may do. The page table of the dashboard names actions, never roles.
RIGHTS: dict[UserRole, frozenset[Action]] = {
    UserRole.ADMIN: frozenset(
        {_A.MANAGE_USERS, _A.READ_AUDIT, _A.APPLY_RETENTION, _A.READ_NIGHT, _A.OPERATE}
    ),
    UserRole.OPERATOR: frozenset({_A.READ_NIGHT, _A.OPERATE}),
    UserRole.QA_LEAD: frozenset(
        _REVIEWING
        | _RISKS
        | _PEOPLE
        | {_A.READ_RAW, _A.EXPORT, _A.SAMPLE, _A.ASSIGN, _A.RELEASE, _A.DECIDE_DISPUTE}
        | {_A.RUN_CALIBRATION, _A.EDIT_SCORECARD, _A.ACTIVATE_SCORECARD, _A.READ_REPORTS}
        | {_A.READ_NIGHT, _A.IMPROVE}
    ),
    UserRole.MONITOR: frozenset(_REVIEWING | _RISKS | {_A.DISPUTE}),
    UserRole.COACH: frozenset(_PEOPLE | {_A.COACH, _A.CALIBRATE, _A.READ_TOPICS}),
    UserRole.TEAM_LEADER: frozenset(
        _PEOPLE | _RISKS | {_A.DISPUTE, _A.RELEASE, _A.COACH, _A.READ_REPORTS, _A.IMPROVE}
    ),
    UserRole.MANAGER: frozenset(
        _PEOPLE
        | _RISKS
        | {_A.EXPORT, _A.READ_AGREEMENT, _A.READ_REPORTS, _A.APPRAISE, _A.FREEZE_APPRAISAL}
        | {_A.IMPORT_PEOPLE, _A.READ_NIGHT, _A.IMPROVE}
    ),
    UserRole.AGENT: frozenset(
        {_A.READ_CALLS, _A.PLAY_AUDIO, _A.READ_AGENT, _A.DISPUTE, _A.ACKNOWLEDGE}
    ),
}

#: Role → whose rows. Coaches and team leaders see the teams they are given, agents themselves.
REACH: dict[UserRole, Reach] = {
    UserRole.ADMIN: Reach.EVERYTHING,
    UserRole.OPERATOR: Reach.EVERYTHING,
    UserRole.QA_LEAD: Reach.EVERYTHING,
    UserRole.MONITOR: Reach.EVERYTHING,
    UserRole.COACH: Reach.TEAMS,
    UserRole.TEAM_LEADER: Reach.TEAMS,
    UserRole.MANAGER: Reach.EVERYTHING,
    UserRole.AGENT: Reach.OWN,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who is asking.

    Attributes:
        user_id: Account name; written into every audit event and review.
        name: How pages address them.
        roles: What they do here.
        teams: Teams they are given (coach, team leader).
        agent_id: Their own agent id, where they take calls themselves.
    """

    user_id: str
    name: str = ""
    roles: frozenset[UserRole] = frozenset()
    teams: frozenset[str] = frozenset()
    agent_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Rows that an action of a person may touch.

    A row is inside when `everything`, or its team is in `teams`, or its agent is `agent_id`.
    """

    everything: bool = False
    teams: frozenset[str] = frozenset()
    agent_id: str = ""

    def covers(self, *, agent_id: str, team: str) -> bool:
        """Whether a call of this agent and team is inside."""
        if self.everything:
            return True
        return team in self.teams or bool(self.agent_id and agent_id == self.agent_id)


#: Commands and the batch work on their own behalf, by the rights of the machine's account.
SYSTEM = Person(user_id="system", name="system", roles=frozenset(UserRole))


def may(person: Person, action: Action) -> bool:
    """Whether one of the person's roles has the action."""
    return any(action in RIGHTS[role] for role in person.roles)


def require(person: Person, action: Action) -> None:
    """Stop who may not.

    Raises:
        AccessDeniedError: None of the person's roles has the action.
    """
    if not may(person, action):
        raise AccessDeniedError(
            f"{person.user_id or 'nobody'} may not {action.value.replace('_', ' ')}",
            action.value,
            "ask an administrator for a role that may",
        )


def scope_of(person: Person, action: Action) -> Scope:
    """The rows that `action` reaches for this person; nothing when they may not do it at all."""
    reaches = {REACH[role] for role in person.roles if action in RIGHTS[role]}
    if Reach.EVERYTHING in reaches:
        return Scope(everything=True)
    teams = person.teams if Reach.TEAMS in reaches else frozenset()
    return Scope(teams=teams, agent_id=person.agent_id if reaches else "")
