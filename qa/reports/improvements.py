"""The board of improvements: finding, owner, action, and the measurement that tells if it worked.

Plan, do, check, act (PDCA): a finding is planned with an owner and a date, the action is done, the
indicator it is about is measured again, and a person draws the conclusion.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from qa.errors import SettingsError
from qa.people.indicators import INDICATORS, MISS
from qa.people.measures import Better, Table

#: Days measured before the finding was entered, and again after the action was done.
DAYS = 28


class Step(StrEnum):
    """Where an improvement stands."""

    PLAN = "plan"
    DO = "do"
    CHECK = "check"
    ACT = "act"


@dataclass(frozen=True, slots=True, kw_only=True)
class Improvement:
    """One line of the board.

    Attributes:
        measure: The indicator that shows the defect: key of `INDICATORS`, or `miss:<criterion>`.
        team: Whose calls are measured; empty is everybody's.
        finding: What is wrong, in a manager's words.
        owner: Who answers for the action; empty while nobody does.
        opened_on: The site's day on which it was entered: what came before is the baseline.
        done_on: When the action was finished: what came after is measured.
        conclusion: What was decided at the end: kept, tried otherwise, given up.
    """

    id: int = 0
    measure: str
    team: str = ""
    finding: str
    owner: str = ""
    action: str = ""
    due_on: date
    opened_by: str = ""
    opened_on: date
    done_on: date | None = None
    conclusion: str = ""
    closed_by: str = ""
    closed_at: datetime | None = None

    @property
    def step(self) -> Step:
        """Plan until somebody owns an action, do until it is done, check until it is concluded."""
        if self.closed_at is not None:
            return Step.ACT
        if self.done_on is not None:
            return Step.CHECK
        return Step.DO if self.owner and self.action else Step.PLAN

    def is_overdue(self, today: date) -> bool:
        """Whether the action should have been done by now."""
        return self.step in (Step.PLAN, Step.DO) and self.due_on < today

    @property
    def baseline(self) -> tuple[date, date]:
        """Days measured before, half-open."""
        return self.opened_on - timedelta(days=DAYS), self.opened_on

    def measured(self, today: date) -> tuple[date, date] | None:
        """Days measured after the action, half-open, today left out; None while there are none."""
        if self.done_on is None:
            return None
        since = self.done_on + timedelta(days=1)
        until = min(since + timedelta(days=DAYS), today)
        return (since, until) if since < until else None


def measurable() -> list[str]:
    """Indicators that an improvement may be about: of calls, and with a good direction."""
    return [
        key
        for key, item in INDICATORS.items()
        if item.table is Table.CALLS and item.better is not Better.BAND
    ]


def checked(item: Improvement, today: date) -> Improvement:
    """The line, if it says what it must.

    Raises:
        SettingsError: Finding, measure or date is missing or impossible.
    """
    place = "improvement"
    if not item.finding.strip():
        raise SettingsError("the finding is empty", place, "say what is wrong")
    if not item.measure.startswith(MISS) and item.measure not in measurable():
        raise SettingsError(
            f"{item.measure!r} cannot be measured again", place, "choose an indicator of calls"
        )
    if item.due_on < today:
        raise SettingsError("the date has passed", place, "choose a day to come")
    return item
