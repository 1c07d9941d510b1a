"""The board of improvements as stored, and their measurement from calls."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
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
    import pandas as pd

    from qa.reports.report import Figure
    from qa.store.audit import AuditTrail

#: Days, half-open.
_Span = tuple[date, date]
#: Calls that missed a line's criterion in a span, and calls where it was judged.
_Misses = Callable[[Improvement, _Span | None], tuple[int, int]]

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

    def measure(self, person: Person, items: Sequence[Improvement], *, today: date) -> list[Figure]:
        """Each line's indicator before the finding and after the action, and what may be said."""
        misses = self._misses(person, items, today)
        return [self._figure(person, item, item.measured(today), misses) for item in items]

    def _figure(
        self, person: Person, item: Improvement, after: _Span | None, misses: _Misses
    ) -> Figure:
        from qa.people.indicators import MISS, indicator  # noqa: PLC0415  (pandas)
        from qa.reports.comparing import compared, compared_shares, judged  # noqa: PLC0415

        about = indicator(item.measure)
        if item.measure.startswith(MISS):
            found = compared_shares(misses(item, after), misses(item, item.baseline))
        else:
            before = self._facts(person, item, item.baseline)
            calls = self._facts(person, item, after) if after else before.iloc[:0]
            found = compared(about, calls, before)
        return judged([found], [about.better])[0]

    def _facts(self, person: Person, item: Improvement, span: _Span) -> pd.DataFrame:
        return self._frames.facts(
            person,
            since=span[0],
            until=span[1],
            teams=[item.team] if item.team else [],
            action=Action.READ_REPORTS,
        )

    def _misses(self, person: Person, items: Sequence[Improvement], today: date) -> _Misses:
        """Missed and judged calls of every line that is about a criterion: one look per span.

        Findings are entered in the same meeting and so share their days.
        """
        from qa.people.indicators import MISS  # noqa: PLC0415  (pandas)

        wanted: defaultdict[_Span, list[Improvement]] = defaultdict(list)
        for item in items:
            if item.measure.startswith(MISS):
                for span in (item.baseline, item.measured(today)):
                    if span is not None:
                        wanted[span].append(item)
        sums = {}
        for (since, until), lines in wanted.items():
            teams = {line.team for line in lines}
            sums[since, until] = self._frames.outcome_sums(
                person,
                ["criterion_id", "team"],
                since=since,
                until=until,
                teams=[] if "" in teams else sorted(teams),
                criteria=sorted({_criterion(line) for line in lines}),
                action=Action.READ_REPORTS,
            )

        def of(item: Improvement, span: _Span | None) -> tuple[int, int]:
            if span is None:
                return 0, 0
            rows = sums[span]
            own = rows[rows["criterion_id"] == _criterion(item)]
            if item.team:
                own = own[own["team"] == item.team]
            return int(own["misses"].sum()), int(own["n"].sum())

        return of

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


def _criterion(item: Improvement) -> str:
    return item.measure.partition(":")[2]


def _row(item: Improvement) -> dict[str, Any]:
    columns = ("team", "measure", "owner", "due_on", "closed_at")
    hidden: dict[str, Any] = {name: redact_note(getattr(item, name)) for name in _TYPED}
    return {
        **{name: getattr(item, name) for name in columns},
        "body": codec.to_json(replace(item, id=0, **hidden)),
    }
