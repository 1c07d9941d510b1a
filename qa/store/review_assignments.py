"""Who reviews what by when: the work list."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from qa.access import Action, Person, require
from qa.errors import NotFoundError, ReviewError
from qa.review.values import PickReason, Purpose
from qa.review.work import Assignment, AssignmentState, NewAssignment, SkipReason
from qa.store.database import Database
from qa.store.review_rows import Recorder, no_record
from qa.store.tables import assignments, reviews, sample_skips


class Assignments:
    """Giving out, skipping, reading. Rules about who may review whom: `qa.review.assignment`."""

    def __init__(self, database: Database, *, record: Recorder = no_record) -> None:
        self._database = database
        self._record = record

    def add(self, person: Person, new: Sequence[NewAssignment]) -> list[Assignment]:
        """Give calls out; those a reviewer already has open for the same purpose are left alone.

        Raises:
            AccessDeniedError: No right to assign.
            ReviewError: A second review for somebody who did the first.
        """
        require(person, Action.ASSIGN)
        added = []
        with self._database.writing() as connection:
            for item in new:
                self._refuse_same_reviewer(connection, item)
                insert = self._database.insert_ignoring(assignments).returning(assignments.c.id)
                key = connection.scalar(insert, self._row(person, item))
                if key is not None:
                    added.append(self._get(connection, key))
            self._record(person, "assigned", count=len(added))
        return added

    def skip(
        self,
        person: Person,
        assignment_id: int,
        reason: SkipReason,
        *,
        note: str = "",
        replaced_by: str | None = None,
    ) -> Assignment:
        """Put a call aside with a reason; counted per reviewer. The reviewer or a QA lead may.

        Raises:
            ReviewError: Not open any more, or `OTHER` without a note.
        """
        with self._database.writing() as connection:
            found = self._open(connection, person, assignment_id)
            if reason == SkipReason.OTHER and not note.strip():
                raise ReviewError("no reason is given", f"assignment {found.id}", "write it down")
            if found.sample_id is not None:
                row = {
                    "sample_id": found.sample_id,
                    "call_id": found.call_id,
                    "reason": reason.value,
                    "note": note.strip(),
                    "replaced_by": replaced_by,
                    "made_by": person.user_id,
                    "made_at": self._database.now(),
                }
                connection.execute(sa.insert(sample_skips), row)
            text = f"{reason.value} {note.strip()}".strip()
            self._close(connection, found.id, AssignmentState.SKIPPED, text)
            self._record(person, "skipped", call_id=found.call_id, reason=reason.value)
            return self._get(connection, found.id)

    def withdraw(self, person: Person, assignment_id: int, *, note: str = "") -> Assignment:
        """Take an open assignment back, to give it to somebody else."""
        require(person, Action.ASSIGN)
        with self._database.writing() as connection:
            found = self._open(connection, person, assignment_id)
            self._close(connection, found.id, AssignmentState.WITHDRAWN, note.strip())
            self._record(person, "withdrawn", call_id=found.call_id)
            return self._get(connection, found.id)

    def get(self, assignment_id: int) -> Assignment:
        """An assignment by id.

        Raises:
            NotFoundError: There is none.
        """
        with self._database.reading() as connection:
            return self._get(connection, assignment_id)

    def find(
        self,
        *,
        reviewer: str = "",
        states: Sequence[AssignmentState] = (AssignmentState.OPEN,),
        call_id: str = "",
        sample_id: int | None = None,
        limit: int = 1_000,
    ) -> list[Assignment]:
        """Assignments by due date, those without one last."""
        where: list[sa.ColumnElement[bool]] = []
        if states:
            where.append(assignments.c.state.in_([state.value for state in states]))
        for column, value in (
            (assignments.c.reviewer, reviewer),
            (assignments.c.call_id, call_id),
            (assignments.c.sample_id, sample_id),
        ):
            if value not in ("", None):
                where.append(column == value)
        query = (
            sa.select(assignments)
            .where(*where)
            .order_by(assignments.c.due_at.asc().nulls_last(), assignments.c.id)
            .limit(limit)
        )
        with self._database.reading() as connection:
            return [to_assignment(row) for row in connection.execute(query)]

    def load(self) -> dict[str, int]:
        """Reviewer → open assignments."""
        query = (
            sa.select(assignments.c.reviewer, sa.func.count())
            .where(assignments.c.state == AssignmentState.OPEN.value)
            .group_by(assignments.c.reviewer)
        )
        with self._database.reading() as connection:
            return {row[0]: row[1] for row in connection.execute(query)}

    def counts(self, *, since: datetime | None = None) -> list[tuple[str, AssignmentState, int]]:
        """(reviewer, state, n) of what was given out since a moment: completion and skips."""
        query = sa.select(assignments.c.reviewer, assignments.c.state, sa.func.count())
        if since is not None:
            query = query.where(assignments.c.assigned_at >= since)
        query = query.group_by(assignments.c.reviewer, assignments.c.state).order_by(
            assignments.c.reviewer, assignments.c.state
        )
        with self._database.reading() as connection:
            return [
                (name, AssignmentState(state), n) for name, state, n in connection.execute(query)
            ]

    def _row(self, person: Person, item: NewAssignment) -> dict[str, Any]:
        return {
            "call_id": item.call_id,
            "reviewer": item.reviewer,
            "purpose": item.purpose.value,
            "reasons": " ".join(reason.value for reason in item.reasons),
            "sample_id": item.sample_id,
            "state": AssignmentState.OPEN.value,
            "assigned_by": person.user_id,
            "assigned_at": self._database.now(),
            "due_at": item.due_at,
            "note": item.note.strip(),
        }

    @staticmethod
    def _refuse_same_reviewer(connection: sa.Connection, item: NewAssignment) -> None:
        if item.purpose not in (Purpose.SECOND, Purpose.DISPUTE, Purpose.AUDIT):
            return
        first = sa.select(reviews.c.id).where(
            reviews.c.call_id == item.call_id,
            reviews.c.reviewer == item.reviewer,
            reviews.c.purpose == Purpose.FIRST.value,
        )
        if connection.scalar(first) is not None:
            raise ReviewError(
                f"{item.reviewer} did the first review",
                f"call {item.call_id}",
                "choose another person for the second",
            )

    def _open(self, connection: sa.Connection, person: Person, assignment_id: int) -> Assignment:
        found = self._get(connection, assignment_id)
        if found.reviewer != person.user_id:
            require(person, Action.ASSIGN)
        else:
            require(person, Action.REVIEW)
        if found.state != AssignmentState.OPEN:
            raise ReviewError(
                "the assignment is closed already", f"assignment {found.id}", "reload the list"
            )
        return found

    def _close(
        self, connection: sa.Connection, assignment_id: int, state: AssignmentState, note: str
    ) -> None:
        values: dict[str, Any] = {"state": state.value, "closed_at": self._database.now()}
        if note:
            values["note"] = note
        connection.execute(
            sa.update(assignments).where(assignments.c.id == assignment_id).values(values)
        )

    @staticmethod
    def _get(connection: sa.Connection, assignment_id: int) -> Assignment:
        query = sa.select(assignments).where(assignments.c.id == assignment_id)
        row = connection.execute(query).first()
        if row is None:
            raise NotFoundError(f"no assignment {assignment_id}", "store", "reload the list")
        return to_assignment(row)


def to_assignment(row: Any) -> Assignment:
    """A row of `assignments` as a value."""
    fields = {name: getattr(row, name) for name in Assignment.__slots__}
    return Assignment(
        **fields
        | {
            "purpose": Purpose(row.purpose),
            "reasons": tuple(PickReason(code) for code in row.reasons.split()),
            "state": AssignmentState(row.state),
        }
    )
