"""Calibration sessions: forms go in once and blind, and come out only as the rules allow."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from qa import codec
from qa.access import Action, Person, may, require
from qa.errors import NotFoundError, ReviewError
from qa.review.calibration import (
    MACHINE,
    Calibration,
    CalibrationState,
    Form,
    Mark,
    machine_form,
    visible_forms,
)
from qa.store.database import Database
from qa.store.evaluations import Evaluations
from qa.store.review_rows import Recorder, no_record
from qa.store.tables import (
    calibration_calls,
    calibration_forms,
    calibration_raters,
    calibrations,
)


class Calibrations:
    """Creating sessions, handing in forms, looking at results."""

    def __init__(
        self, database: Database, evaluations: Evaluations, *, record: Recorder = no_record
    ) -> None:
        self._database = database
        self._evaluations = evaluations
        self._record = record

    def create(
        self,
        person: Person,
        name: str,
        *,
        call_ids: Sequence[str],
        raters: Sequence[str],
        expert: str = "",
        with_machine: bool = True,
        due_at: datetime | None = None,
        note: str = "",
    ) -> Calibration:
        """Open a session.

        Raises:
            ReviewError: No name or call, fewer than two raters, or an expert who does not rate.
            NotFoundError: A call has not been scored.
        """
        require(person, Action.RUN_CALIBRATION)
        people = tuple(dict.fromkeys(raters))
        _check(name, call_ids, people, expert)
        with self._database.writing() as connection:
            row = {
                "name": name.strip(),
                "expert": expert,
                "with_machine": with_machine,
                "note": note.strip(),
                "state": CalibrationState.OPEN.value,
                "made_by": person.user_id,
                "made_at": self._database.now(),
                "due_at": due_at,
            }
            insert = sa.insert(calibrations).returning(calibrations.c.id)
            key = connection.scalars(insert, row).one()
            connection.execute(
                sa.insert(calibration_calls),
                [self._call_row(key, call_id) for call_id in dict.fromkeys(call_ids)],
            )
            connection.execute(
                sa.insert(calibration_raters),
                [{"calibration_id": key, "rater": rater} for rater in people],
            )
            self._record(person, "calibration_created", calibration=key)
        return self.get(key)

    def submit(
        self,
        person: Person,
        calibration_id: int,
        call_id: str,
        marks: Mapping[str, Mark],
        *,
        comment: str = "",
    ) -> Form:
        """Hand in a blind form. Once: who has seen the others can no longer change it.

        Raises:
            ReviewError: The session is closed, the call or rater is not part of it, the form is
                incomplete or was handed in before.
        """
        require(person, Action.CALIBRATE)
        session = self.get(calibration_id)
        place = f"calibration {calibration_id}, call {call_id}"
        if session.state == CalibrationState.CLOSED:
            raise ReviewError("the session is closed", place, "see the results")
        if person.user_id not in session.raters or call_id not in session.evaluations:
            raise ReviewError(
                f"{person.user_id} does not rate this call here", place, "ask its host"
            )
        known = {
            r.criterion_id for r in self._evaluations.get(session.evaluations[call_id]).results
        }
        if wrong := (set(marks) ^ known):
            raise ReviewError(
                f"not marked, or unknown: {', '.join(sorted(wrong))}", place, "mark all"
            )
        row = {
            "calibration_id": calibration_id,
            "call_id": call_id,
            "rater": person.user_id,
            "scores": _marks_to_json(marks),
            "comment": comment.strip(),
            "submitted_at": self._database.now(),
        }
        with self._database.writing() as connection:
            insert = self._database.insert_ignoring(calibration_forms)
            stored = connection.scalar(insert.returning(calibration_forms.c.rater), row)
            if stored is None:
                raise ReviewError("handed in before", place, "it cannot be changed any more")
            self._record(
                person, "calibration_submitted", call_id=call_id, calibration=calibration_id
            )
        return Form(
            call_id=call_id,
            rater=person.user_id,
            marks=dict(marks),
            comment=comment.strip(),
            submitted_at=row["submitted_at"],  # type: ignore[arg-type]
        )

    def close(self, person: Person, calibration_id: int) -> Calibration:
        """End a session: its results become visible to all of its raters."""
        require(person, Action.RUN_CALIBRATION)
        with self._database.writing() as connection:
            mine = calibrations.c.id == calibration_id
            values = {"state": CalibrationState.CLOSED.value, "closed_at": self._database.now()}
            connection.execute(sa.update(calibrations).where(mine).values(values))
            self._record(person, "calibration_closed", calibration=calibration_id)
        return self.get(calibration_id)

    def forms(self, person: Person, calibration_id: int) -> list[Form]:
        """The forms this person may see now, the machine's among them.

        Raises:
            AccessDeniedError: Neither a rater nor somebody who runs sessions.
        """
        session = self.get(calibration_id)
        runs = may(person, Action.RUN_CALIBRATION)
        if not runs:
            require(person, Action.CALIBRATE)
            if person.user_id not in session.raters:
                return []
        stored = self._stored(calibration_id)
        if session.with_machine:
            stored += [
                machine_form(self._evaluations.get(key)) for key in session.evaluations.values()
            ]
        return visible_forms(session, stored, person.user_id, may_run=runs)

    def progress(self, calibration_id: int) -> dict[str, int]:
        """Rater → forms handed in; tells who is missing without telling what anybody said."""
        session = self.get(calibration_id)
        counts = dict.fromkeys(session.raters, 0)
        for form in self._stored(calibration_id):
            counts[form.rater] += 1
        return counts

    def get(self, calibration_id: int) -> Calibration:
        """A session by id.

        Raises:
            NotFoundError: There is none.
        """
        found = self._read(calibrations.c.id == calibration_id)
        if not found:
            raise NotFoundError(f"no calibration {calibration_id}", "store", "reload the list")
        return found[0]

    def of_person(self, person: Person) -> list[Calibration]:
        """Sessions this person rates in or may run, newest first."""
        if may(person, Action.RUN_CALIBRATION):
            return self._read(sa.true())
        mine = sa.select(calibration_raters.c.calibration_id).where(
            calibration_raters.c.rater == person.user_id
        )
        return self._read(calibrations.c.id.in_(mine))

    def _read(self, where: sa.ColumnElement[bool]) -> list[Calibration]:
        query = sa.select(calibrations).where(where).order_by(calibrations.c.id.desc())
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
            keys = [row.id for row in rows]
            parts = _parts(connection, keys)
        return [_to_calibration(row, *parts[row.id]) for row in rows]

    def _stored(self, calibration_id: int) -> list[Form]:
        mine = calibration_forms.c.calibration_id == calibration_id
        query = sa.select(calibration_forms).where(mine).order_by(calibration_forms.c.rater)
        with self._database.reading() as connection:
            return [_to_form(row) for row in connection.execute(query)]

    def _call_row(self, key: int, call_id: str) -> dict[str, Any]:
        evaluation_id = self._evaluations.current_id(call_id)
        if evaluation_id is None:
            raise NotFoundError(
                f"call {call_id!r} has not been scored", "calibration", "leave it out"
            )
        return {"calibration_id": key, "call_id": call_id, "evaluation_id": evaluation_id}


def _check(name: str, call_ids: Sequence[str], raters: Sequence[str], expert: str) -> None:
    if not name.strip() or not call_ids:
        raise ReviewError("a session needs a name and calls", "calibration", "add them")
    if len(raters) < 2 or MACHINE in raters:
        raise ReviewError("a session needs two people", "calibration", "add raters")
    if expert and expert not in raters:
        raise ReviewError("the expert does not rate", "calibration", "add her to the raters")


def _parts(
    connection: sa.Connection, keys: Sequence[int]
) -> dict[int, tuple[dict[str, int], list[str]]]:
    found: dict[int, tuple[dict[str, int], list[str]]] = {key: ({}, []) for key in keys}
    chosen = calibration_calls.c.calibration_id.in_(keys)
    for row in connection.execute(
        sa.select(calibration_calls).where(chosen).order_by(calibration_calls.c.call_id)
    ):
        found[row.calibration_id][0][row.call_id] = row.evaluation_id
    chosen = calibration_raters.c.calibration_id.in_(keys)
    for row in connection.execute(
        sa.select(calibration_raters).where(chosen).order_by(calibration_raters.c.rater)
    ):
        found[row.calibration_id][1].append(row.rater)
    return found


def _to_calibration(row: Any, evaluations: dict[str, int], raters: Sequence[str]) -> Calibration:
    given = ("evaluations", "raters", "state")
    fields = {name: getattr(row, name) for name in Calibration.__slots__ if name not in given}
    return Calibration(
        **fields,
        state=CalibrationState(row.state),
        evaluations=evaluations,
        raters=tuple(raters),
    )


def _marks_to_json(marks: Mapping[str, Mark]) -> str:
    return json.dumps(
        {name: [mark.outcome.value, mark.share] for name, mark in marks.items()},
        separators=(",", ":"),
    )


def _to_form(row: Any) -> Form:
    marks = {
        name: codec.from_plain(Mark, {"outcome": outcome, "share": share})
        for name, (outcome, share) in json.loads(row.scores).items()
    }
    return Form(
        call_id=row.call_id,
        rater=row.rater,
        marks=marks,
        comment=row.comment,
        submitted_at=row.submitted_at,
    )
