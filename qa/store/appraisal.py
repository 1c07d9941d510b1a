"""Appraisal periods: opened, previewed, frozen with a hash, exported; adjusted only forwards."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from qa.access import Action, Person, require
from qa.errors import NotFoundError, StoreError
from qa.people.appraisal.scheme import SERVICE_MANUAL
from qa.privacy.redaction import redact_note
from qa.store.appraisal_inputs import inputs_of, later_facts, upheld
from qa.store.appraisal_schemes import Schemes
from qa.store.appraisal_values import Adjustment, GradeDecision, Period
from qa.store.audit import AuditTrail
from qa.store.coaching import Coaching
from qa.store.database import Database
from qa.store.people_facts import due
from qa.store.people_frames import PeopleFrames
from qa.store.tables import (
    appraisal_adjustments,
    appraisal_decisions,
    appraisal_periods,
)

if TYPE_CHECKING:
    from qa.people.appraisal.scoring import AgentResult
    from qa.people.appraisal.snapshot import LateChange, Proposal


class Appraisals:
    """Periods, adjustments and decisions. Every write takes who acts.

    Attributes:
        schemes: `save`, `get`, `newest`.
    """

    def __init__(
        self, database: Database, frames: PeopleFrames, coaching: Coaching, audit: AuditTrail
    ) -> None:
        self.schemes = Schemes(database)
        self._database = database
        self._frames = frames
        self._coaching = coaching
        self._audit = audit

    # periods

    def open(
        self, person: Person, name: str, first_day: date, until_day: date, *, scheme_id: int = 0
    ) -> Period:
        """Open a period; without a scheme the newest one, else the service manual's.

        Raises:
            AccessDeniedError: The person may not.
            StoreError: Days in the wrong order, a name used before, or another period's days.
        """
        require(person, Action.APPRAISE)
        if first_day >= until_day:
            raise StoreError("the period ends before it begins", "appraisal", "correct the days")
        chosen = scheme_id or self.schemes.newest()[0]
        chosen = chosen or self.schemes.save(person, SERVICE_MANUAL)
        self.schemes.get(chosen)
        for other in self.periods(person):
            if other.name == name.strip():
                raise StoreError(f"period {name!r} exists", "appraisal", "choose another name")
            if other.first_day < until_day and first_day < other.until_day:
                raise StoreError(
                    f"days of period {other.name!r} are in it", "appraisal",
                    "let a period begin when the last one ends",
                )  # fmt: skip
        row = {
            "name": name.strip(), "first_day": first_day, "until_day": until_day,
            "scheme_id": chosen, "state": "open", "opened_by": person.user_id,
            "opened_at": self._database.now(),
        }  # fmt: skip
        with self._database.writing() as connection:
            insert = sa.insert(appraisal_periods).returning(appraisal_periods.c.id)
            key = connection.scalars(insert, row).one()
            self._note(person, "open_appraisal", key, {"name": name})
        return self.period(person, key)

    def periods(self, person: Person) -> list[Period]:
        """All periods, newest first."""
        require(person, Action.READ_KPIS)
        return self._periods()

    def _periods(self) -> list[Period]:
        query = sa.select(*_PERIOD).order_by(appraisal_periods.c.first_day.desc())
        with self._database.reading() as connection:
            return [Period(**row) for row in connection.execute(query).mappings()]

    def period(self, person: Person, period_id: int) -> Period:
        """One period.

        Raises:
            NotFoundError: There is none.
        """
        found = [item for item in self.periods(person) if item.id == period_id]
        if not found:
            raise NotFoundError(f"no period {period_id}", "appraisal", "open one first")
        return found[0]

    def preview(self, person: Person, period_id: int) -> Proposal:
        """Work a period out from what is stored now; a frozen one is read from its snapshot.

        Args:
            person: Who asks; needs the right to appraise.
            period_id: The period.
        """
        require(person, Action.APPRAISE)
        period = self.period(person, period_id)
        if period.state != "open":
            return self.snapshot(person, period_id)[0]
        return self._work_out(person, period)

    def _work_out(self, person: Person, period: Period) -> Proposal:
        from qa.people.appraisal.fairness import fairness  # noqa: PLC0415
        from qa.people.appraisal.measuring import counted, measure_table  # noqa: PLC0415
        from qa.people.appraisal.scoring import appraise  # noqa: PLC0415
        from qa.people.appraisal.snapshot import Proposal  # noqa: PLC0415

        scheme = self.schemes.get(period.scheme_id)
        given = inputs_of(
            self._database,
            self._frames,
            self._coaching,
            person,
            (period.first_day, period.until_day),
        )
        facts = counted(given.facts, given.roster, scheme)
        owed: dict[str, float] = {}
        for item in self.adjustments(person, to_period=period.id):
            owed[item.agent_id] = owed.get(item.agent_id, 0.0) + item.points
        results = appraise(
            measure_table(given, scheme), facts, given.roster, scheme, adjustments=owed
        )
        disputes = upheld(self._database, period.first_day, period.until_day)
        return Proposal(
            results=tuple(results), fairness=fairness(facts, given.roster, disputes),
            ledger=facts, scheme=scheme,
        )  # fmt: skip

    def freeze(self, person: Person, period_id: int, *, note: str = "") -> Period:
        """Freeze a period: its snapshot and SHA-256 are written once and never changed.

        Raises:
            AccessDeniedError: The person may not.
            StoreError: It is frozen already, not over yet, figures are behind, or scores follow
                the recogniser's confidence and no reason was given.
        """
        from qa.people.appraisal.snapshot import freeze  # noqa: PLC0415

        require(person, Action.FREEZE_APPRAISAL)
        period = self.period(person, period_id)
        self._require_ready(period)
        proposal = self._work_out(person, period)
        if proposal.fairness.alarming and not note.strip():
            raise StoreError(
                f"scores go with {', '.join(proposal.fairness.alarming)} (|r| over 0.3)",
                "appraisal",
                "look at the fairness report; freeze with a written reason, or do not use it",
            )
        now, note = self._database.now(), redact_note(note.strip())
        about = {
            "name": period.name, "first_day": str(period.first_day),
            "until_day": str(period.until_day), "frozen_by": person.user_id,
            "frozen_at": now.isoformat(), "note": note,
        }  # fmt: skip
        text, sha256 = freeze(proposal, about)
        changes = {
            "state": "frozen", "snapshot": text, "sha256": sha256, "frozen_by": person.user_id,
            "frozen_at": now, "freeze_note": note,
        }  # fmt: skip
        with self._database.writing() as connection:
            still_open = sa.and_(
                appraisal_periods.c.id == period_id, appraisal_periods.c.state == "open"
            )
            done = connection.execute(sa.update(appraisal_periods).where(still_open), changes)
            if done.rowcount != 1:
                raise StoreError("somebody froze it meanwhile", "appraisal", "open it again")
            self._note(person, "freeze_appraisal", period_id, {"sha256": sha256})
        return self.period(person, period_id)

    def _require_ready(self, period: Period) -> None:
        if period.state != "open":
            raise StoreError(f"period {period.name!r} is frozen", "appraisal", "open a new one")
        if period.until_day > self._database.now().date():
            raise StoreError(
                f"period {period.name!r} runs until {period.until_day - timedelta(days=1)}",
                "appraisal", "freeze it when it is over",
            )  # fmt: skip
        with self._database.reading() as connection:
            waiting = len(due(connection))
        if waiting:
            raise StoreError(
                f"the figures are {waiting} calls behind", "appraisal", "run `qa people refresh`"
            )

    def snapshot(self, person: Person, period_id: int) -> tuple[Proposal, dict[str, Any]]:
        """A frozen period and what it says about itself, checked against its hash.

        Raises:
            AccessDeniedError: The person may not.
            StoreError: It is not frozen, or its text is not what was frozen.
        """
        require(person, Action.APPRAISE)
        return self._thawed(period_id)

    def _thawed(self, period_id: int) -> tuple[Proposal, dict[str, Any]]:
        from qa.people.appraisal.snapshot import digest, thaw  # noqa: PLC0415

        table = appraisal_periods.c
        query = sa.select(table.snapshot, table.sha256).where(table.id == period_id)
        with self._database.reading() as connection:
            row = connection.execute(query).first()
        if row is None or row.snapshot is None:
            raise StoreError(f"period {period_id} is not frozen", "appraisal", "freeze it first")
        if digest(row.snapshot) != row.sha256:
            raise StoreError(
                f"the snapshot of period {period_id} was changed after freezing", "appraisal",
                "restore it from a backup, and ask who changed it",
            )  # fmt: skip
        proposal, about = thaw(row.snapshot)
        return proposal, {**about, "sha256": row.sha256}

    def own(self, person: Person) -> list[tuple[Period, AgentResult, GradeDecision | None]]:
        """An agent's own results in periods that are frozen, newest first, with what was decided.

        Raises:
            AccessDeniedError: The person is no agent.
        """
        require(person, Action.ACKNOWLEDGE)
        found = []
        for period in self._periods():
            if period.state == "open" or not person.agent_id:
                continue
            results = self._thawed(period.id)[0].results
            mine = next((item for item in results if item.agent_id == person.agent_id), None)
            if mine is not None:
                made = {one.agent_id: one for one in self._decisions(period.id)}
                found.append((period, mine, made.get(person.agent_id)))
        return found

    def export(self, person: Person, period_id: int, *, language: str) -> bytes:
        """A frozen period as XLSX, from its snapshot.

        Raises:
            AccessDeniedError: The person may not export.
        """
        from qa.people.appraisal.export import workbook  # noqa: PLC0415

        require(person, Action.EXPORT)
        proposal, about = self.snapshot(person, period_id)
        decided = {
            item.agent_id: (item.grade, item.note) for item in self.decisions(person, period_id)
        }
        made = workbook(proposal, about, decided, language=language)
        changes = {"state": "exported", "exported_by": person.user_id,
                   "exported_at": self._database.now()}  # fmt: skip
        with self._database.writing() as connection:
            mine = appraisal_periods.c.id == period_id
            connection.execute(sa.update(appraisal_periods).where(mine), changes)
            self._note(person, "export", period_id, {"what": "appraisal"})
        return made

    # what came later

    def late_changes(self, person: Person, period_id: int) -> list[LateChange]:
        """What verdicts overturned after freezing are worth, agent by agent."""
        from qa.people.appraisal.snapshot import late_changes  # noqa: PLC0415

        proposal, _ = self.snapshot(person, period_id)
        period = self.period(person, period_id)
        assert period.frozen_at is not None
        return late_changes(proposal, later_facts(self._database, period))

    def carry_over(self, person: Person, from_period: int, to_period: int) -> list[Adjustment]:
        """Book late changes of a frozen period as adjustments of an open one; again corrects.

        Raises:
            StoreError: The receiving period is not open, or not later.
        """
        require(person, Action.APPRAISE)
        source, target = (self.period(person, key) for key in (from_period, to_period))
        if target.state != "open" or target.first_day < source.until_day:
            raise StoreError(
                f"period {target.name!r} cannot take adjustments", "appraisal",
                "choose a later period that is still open",
            )  # fmt: skip
        table = appraisal_adjustments
        elsewhere = [
            item for item in self.adjustments(person, from_period=from_period)
            if item.to_period != to_period
        ]  # fmt: skip
        paid: dict[str, float] = {}
        for item in elsewhere:
            paid[item.agent_id] = paid.get(item.agent_id, 0.0) + item.points
        rows = [
            {
                "from_period": from_period, "to_period": to_period, "agent_id": change.agent_id,
                "points": round(change.points - paid.get(change.agent_id, 0.0), 4),
                "body": json.dumps({"calls": change.calls}), "made_by": person.user_id,
                "made_at": self._database.now(),
            }
            for change in self.late_changes(person, from_period)
        ]  # fmt: skip
        with self._database.writing() as connection:
            same = sa.and_(table.c.from_period == from_period, table.c.to_period == to_period)
            connection.execute(sa.delete(table).where(same))
            if due_rows := [row for row in rows if row["points"]]:
                connection.execute(sa.insert(table), due_rows)
            self._note(person, "adjust_appraisal", to_period, {"agents": len(rows)})
        return self.adjustments(person, to_period=to_period)

    def adjustments(
        self, person: Person, *, from_period: int = 0, to_period: int = 0
    ) -> list[Adjustment]:
        """Booked adjustments of a period, given or received."""
        require(person, Action.READ_KPIS)
        table = appraisal_adjustments.c
        query = sa.select(appraisal_adjustments).order_by(table.agent_id)
        if from_period:
            query = query.where(table.from_period == from_period)
        if to_period:
            query = query.where(table.to_period == to_period)
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
        return [
            Adjustment(
                from_period=row.from_period, to_period=row.to_period, agent_id=row.agent_id,
                points=row.points, calls=tuple(json.loads(row.body)["calls"]),
            )
            for row in rows
        ]  # fmt: skip

    # what people decide

    def decide(self, person: Person, period_id: int, agent_id: str, grade: str, note: str) -> None:
        """Note a person's decision on a frozen proposal. Another grade needs a reason.

        Raises:
            StoreError: Not frozen, nobody of that id in it, no such grade, or no reason.
        """
        require(person, Action.APPRAISE)
        proposal, _ = self.snapshot(person, period_id)
        result = next((item for item in proposal.results if item.agent_id == agent_id), None)
        grades = [name for name, _ in proposal.scheme.bands]
        if result is None or grade not in grades:
            raise StoreError(
                f"no grade {grade!r} for {agent_id!r}", "appraisal", f"one of {', '.join(grades)}"
            )
        if grade != result.grade and not note.strip():
            raise StoreError(
                "another grade than the proposed one needs a reason", "appraisal", "write it down"
            )
        row = {
            "period_id": period_id, "agent_id": agent_id, "proposed": result.grade,
            "grade": grade, "note": note.strip(), "made_by": person.user_id,
            "made_at": self._database.now(),
        }  # fmt: skip
        with self._database.writing() as connection:
            connection.execute(sa.insert(appraisal_decisions), row)
            self._note(person, "decide_appraisal", period_id, {"agent": agent_id, "grade": grade})

    def decisions(self, person: Person, period_id: int) -> list[GradeDecision]:
        """The newest decision of every agent in a period."""
        require(person, Action.APPRAISE)
        return self._decisions(period_id)

    def _decisions(self, period_id: int) -> list[GradeDecision]:
        table = appraisal_decisions.c
        query = sa.select(appraisal_decisions).where(table.period_id == period_id)
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(table.id)).mappings()
            newest = {row["agent_id"]: row for row in rows}
        names = GradeDecision.__slots__
        return [GradeDecision(**{n: row[n] for n in names}) for row in newest.values()]

    def _note(self, person: Person, action: str, period_id: int, detail: dict[str, Any]) -> None:
        self._audit.record(
            person.user_id, action, kind="appraisal", subject=str(period_id), detail=detail
        )


_PERIOD = tuple(appraisal_periods.c[name] for name in Period.__slots__)
