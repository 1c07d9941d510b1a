"""Levels of trust per criterion: appended, the newest counts."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from qa.access import SYSTEM, Action, Person, require
from qa.errors import ReviewError
from qa.review.autonomy import LADDER, START, Evidence, Level, LevelChange, may_promote, next_move
from qa.store.database import Database
from qa.store.review_rows import Recorder, no_record
from qa.store.tables import autonomy_levels


def turned_off(connection: sa.Connection, scorecard_id: str) -> frozenset[str]:
    """Criteria of a scorecard on which the machine is not heard."""
    query = (
        sa.select(autonomy_levels.c.criterion_id, autonomy_levels.c.level)
        .where(autonomy_levels.c.scorecard_id == scorecard_id)
        .order_by(autonomy_levels.c.id)
    )
    levels = dict(tuple(row) for row in connection.execute(query))
    return frozenset(name for name, level in levels.items() if level == Level.OFF)


class Autonomy:
    """Reading and changing levels. Steps up must be earned; steps down are taken at once."""

    def __init__(self, database: Database, *, record: Recorder = no_record) -> None:
        self._database = database
        self._record = record

    def levels(self, scorecard_id: str) -> dict[str, LevelChange]:
        """Criterion → its newest change; a criterion without one stands at `START`."""
        query = (
            sa.select(autonomy_levels)
            .where(autonomy_levels.c.scorecard_id == scorecard_id)
            .order_by(autonomy_levels.c.id)
        )
        with self._database.reading() as connection:
            return {row.criterion_id: _to_change(row) for row in connection.execute(query)}

    def known(self, scorecard_id: str = "") -> dict[str, Level]:
        """Criterion → its level; without a scorecard the lowest of all that have ever moved it.

        A criterion that is not named stands at `START`.
        """
        names = [scorecard_id] if scorecard_id else self.scorecards()
        found: dict[str, Level] = {}
        for name in names:
            for criterion, change in self.levels(name).items():
                found[criterion] = min(
                    found.get(criterion, Level.AUTO), change.level, key=LADDER.index
                )
        return found

    def off(self, scorecard_id: str) -> frozenset[str]:
        """Criteria on which the machine is not heard."""
        with self._database.reading() as connection:
            return turned_off(connection, scorecard_id)

    def scorecards(self) -> list[str]:
        """Scorecards with a criterion that was ever moved."""
        query = sa.select(autonomy_levels.c.scorecard_id).distinct()
        with self._database.reading() as connection:
            return sorted(connection.scalars(query))

    def level(self, scorecard_id: str, criterion_id: str) -> Level:
        """The level of one criterion."""
        return self.known(scorecard_id).get(criterion_id, START)

    def set(
        self,
        person: Person,
        scorecard_id: str,
        criterion_id: str,
        to: Level,
        *,
        evidence: Evidence,
        reason: str,
    ) -> LevelChange:
        """Change a level.

        Raises:
            ReviewError: A step up that the evidence does not carry, or no reason.
        """
        require(person, Action.ACTIVATE_SCORECARD)
        place = f"{scorecard_id} {criterion_id}"
        if not reason.strip():
            raise ReviewError("no reason is given", place, "write it down")
        with self._database.writing():
            level = self.level(scorecard_id, criterion_id)
            if not may_promote(level, to, evidence):
                why = next_move(level, evidence).reason.en
                raise ReviewError(f"{to.value} is not earned: {why}", place, "review more calls")
            return self._append(person, scorecard_id, criterion_id, to, reason.strip())

    def demote_fallen(self, scorecard_id: str, known: dict[str, Evidence]) -> list[LevelChange]:
        """Take every step down that the figures call for; every night does.

        Args:
            scorecard_id: The scorecard.
            known: Criterion → evidence since its last change of level.
        """
        made = []
        with self._database.writing():
            for criterion_id, evidence in known.items():
                move = next_move(self.level(scorecard_id, criterion_id), evidence)
                if move.is_automatic:
                    reason = f"{move.reason.zh} / {move.reason.en}"
                    made.append(self._append(SYSTEM, scorecard_id, criterion_id, move.to, reason))
        return made

    def history(self, scorecard_id: str, criterion_id: str = "") -> list[LevelChange]:
        """Changes, newest first."""
        query = sa.select(autonomy_levels).where(autonomy_levels.c.scorecard_id == scorecard_id)
        if criterion_id:
            query = query.where(autonomy_levels.c.criterion_id == criterion_id)
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(autonomy_levels.c.id.desc()))
            return [_to_change(row) for row in rows]

    def _append(
        self, person: Person, scorecard_id: str, criterion_id: str, level: Level, reason: str
    ) -> LevelChange:
        row = {
            "scorecard_id": scorecard_id,
            "criterion_id": criterion_id,
            "level": level.value,
            "reason": reason,
            "made_by": person.user_id,
            "made_at": self._database.now(),
        }
        with self._database.writing() as connection:
            insert = sa.insert(autonomy_levels).returning(autonomy_levels)
            made = _to_change(connection.execute(insert, row).one())
            self._record(
                person,
                "autonomy_changed",
                scorecard=scorecard_id,
                criterion=criterion_id,
                level=level.value,
            )
        return made


def _to_change(row: Any) -> LevelChange:
    fields = {name: getattr(row, name) for name in LevelChange.__slots__}
    return LevelChange(**fields | {"level": Level(row.level)})
