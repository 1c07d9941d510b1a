"""The board of improvements as stored, and their measurement from calls."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from qa import codec
from qa.access import Action, Person, require, scope_of
from qa.errors import AccessDeniedError, NotFoundError, SettingsError
from qa.privacy.redaction import redact_note
from qa.reports.improvements import Improvement, checked
from qa.store.database import Database
from qa.store.people_frames import PeopleFrames
from qa.store.tables import improvements

if TYPE_CHECKING:
    from qa.reports.report import Figure
    from qa.store.audit import AuditTrail


#: What people write into a line; personal data in it is hidden.
_TYPED = ("finding", "action", "conclusion")


class Improvements:
    """Lines of the board. Team leaders see and keep those of their teams."""

    def __init__(self, database: Database, frames: PeopleFrames, audit: AuditTrail) -> None:
        self._database, self._frames, self._audit = database, frames, audit

    def open(self, person: Person, item: Improvement, *, today: date) -> Improvement:
        """Enter a finding; returns it with its id.

        Raises:
            AccessDeniedError: The person may not, or not for this team.
            SettingsError: The line lacks something.
        """
        self._reach(person, item.team)
        item = replace(checked(item, today), opened_by=person.user_id, opened_on=today)
        with self._database.writing() as connection:
            made = connection.execute(sa.insert(improvements), _row(item))
            key = int(made.inserted_primary_key[0]) if made.inserted_primary_key else 0
        self._note(person, "improvement_opened", key)
        return replace(item, id=key)

    def plan(
        self, person: Person, key: int, *, owner: str, action: str, due_on: date
    ) -> Improvement:
        """Name who does what by when."""
        given = {"owner": owner.strip(), "action": action.strip(), "due_on": due_on}
        return self._change(person, key, "improvement_planned", given)

    def done(self, person: Person, key: int, *, on: date, today: date) -> Improvement:
        """Note the day on which the action was finished; from the next one on it is measured.

        Raises:
            SettingsError: It lies before the finding or in the future.
        """
        if not self.get(person, key).opened_on <= on <= today:
            raise SettingsError(
                f"the action cannot have ended on {on}", f"improvement {key}", "correct the day"
            )
        return self._change(person, key, "improvement_done", {"done_on": on})

    def close(self, person: Person, key: int, *, conclusion: str) -> Improvement:
        """Draw the conclusion.

        Raises:
            SettingsError: It is empty.
        """
        if not conclusion.strip():
            raise SettingsError(
                "the conclusion is empty", f"improvement {key}", "say what is kept or tried next"
            )
        given = {
            "conclusion": conclusion.strip(),
            "closed_by": person.user_id,
            "closed_at": self._database.now(),
        }
        return self._change(person, key, "improvement_closed", given)

    def get(self, person: Person, key: int) -> Improvement:
        """One line.

        Raises:
            NotFoundError: There is none, or it is out of sight.
        """
        found = [item for item in self.all(person) if item.id == key]
        if not found:
            raise NotFoundError(f"no improvement {key}", "the board", "reload the page")
        return found[0]

    def all(self, person: Person, *, closed: bool = True) -> list[Improvement]:
        """The board, open lines first by date.

        Raises:
            AccessDeniedError: The person may not read reports.
        """
        require(person, Action.READ_REPORTS)
        rows = improvements.c
        scope = scope_of(person, Action.READ_REPORTS)
        query = sa.select(rows.id, rows.body).order_by(
            rows.closed_at.is_not(None), rows.due_on, rows.id
        )
        if not scope.everything:
            query = query.where(rows.team.in_(sorted(scope.teams)))
        if not closed:
            query = query.where(rows.closed_at.is_(None))
        with self._database.reading() as connection:
            found = connection.execute(query).all()
        return [
            replace(codec.from_json(Improvement, row.body, place=f"line {row.id}"), id=row.id)
            for row in found
        ]

    def measure(self, person: Person, item: Improvement, *, today: date) -> Figure:
        """The indicator before the finding and after the action, with what may be said about it."""
        from qa.people.indicators import MISS, indicator  # noqa: PLC0415  (pandas)
        from qa.reports.comparing import compared, compared_shares, judged  # noqa: PLC0415

        about, span = indicator(item.measure), item.measured(today)
        if item.measure.startswith(MISS):
            after = self._misses(person, item, span) if span else (0, 0)
            found = compared_shares(after, self._misses(person, item, item.baseline))
        else:
            before = self._frames.facts(person, **_wanted(item, item.baseline))
            calls = self._frames.facts(person, **_wanted(item, span)) if span else before.iloc[:0]
            found = compared(about, calls, before)
        return judged([found], [about.better])[0]

    def _misses(
        self, person: Person, item: Improvement, span: tuple[date, date]
    ) -> tuple[int, int]:
        """Calls that missed the criterion, and calls where it was judged."""
        sums = self._frames.outcome_sums(
            person,
            ["criterion_id"],
            criteria=[item.measure.partition(":")[2]],
            **_wanted(item, span),
        )
        return int(sums["misses"].sum()), int(sums["n"].sum())

    def _change(self, person: Person, key: int, action: str, given: dict[str, Any]) -> Improvement:
        item = self.get(person, key)
        self._reach(person, item.team)
        changed = replace(item, **given)
        with self._database.writing() as connection:
            chosen = sa.update(improvements).where(improvements.c.id == key)
            connection.execute(chosen.values(_row(changed)))
        self._note(person, action, key)
        return changed

    def _reach(self, person: Person, team: str) -> None:
        require(person, Action.IMPROVE)
        scope = scope_of(person, Action.IMPROVE)
        if not scope.everything and team not in scope.teams:
            raise AccessDeniedError(
                "not one of your teams", team or "all teams", "choose one of your teams"
            )

    def _note(self, person: Person, action: str, key: int) -> None:
        self._audit.record(person.user_id, action, kind="improvement", subject=str(key))


def _wanted(item: Improvement, span: tuple[date, date]) -> dict[str, Any]:
    teams = [item.team] if item.team else []
    return {"since": span[0], "until": span[1], "teams": teams, "action": Action.READ_REPORTS}


def _row(item: Improvement) -> dict[str, Any]:
    columns = ("team", "measure", "owner", "due_on", "closed_at")
    hidden: dict[str, Any] = {name: redact_note(getattr(item, name)) for name in _TYPED}
    return {
        **{name: getattr(item, name) for name in columns},
        "body": codec.to_json(replace(item, id=0, **hidden)),
    }
