"""People's figures: kept up to date by the night, read in a blink by pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from qa.access import Action, Person, require
from qa.evaluation import Bilingual
from qa.form import STANDARD, FormRules
from qa.store import decided_scores, people_facts, people_rollup
from qa.store.database import Database
from qa.store.evaluations import Evaluations
from qa.store.people_frames import PeopleFrames
from qa.store.tables import call_facts, people_month_states, people_months, scorecard_criteria

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refreshed:
    """What a refresh did: calls whose facts were made, months summed again."""

    calls: int
    months: tuple[str, ...]


class People:
    """Facts per call, sums per month, and frames of both.

    Attributes:
        frames: What pages read; see `PeopleFrames`.
    """

    def __init__(self, database: Database, evaluations: Evaluations) -> None:
        self._database = database
        self._evaluations = evaluations
        self.frames = PeopleFrames(database)

    def refresh(
        self,
        person: Person,
        *,
        timezone: str,
        forms: Mapping[str, FormRules] | None = None,
        progress: Progress | None = None,
    ) -> Refreshed:
        """Bring facts and sums up to date: new evaluations, new decisions, new imports.

        Doing it again changes nothing; killed in the middle, the next one goes on.

        Args:
            person: Who asks; needs the right to operate.
            timezone: The site's.
            forms: Scorecard digest → its arithmetic, for scores after decisions.
            progress: Told what is done, how many, of how many.

        Raises:
            AccessDeniedError: The person may not.
        """
        require(person, Action.OPERATE)
        tell = progress or (lambda *_: None)
        source = people_facts.Source(timezone=timezone, forms=forms or {})
        self._settle_scores(forms or {})
        with self._database.reading() as connection:
            waiting = people_facts.due(connection)
        for at in range(0, len(waiting), people_facts.BATCH):
            batch = waiting[at : at + people_facts.BATCH]
            touched = people_facts.write(self._database, batch, source)
            people_rollup.mark_stale(self._database, touched)
            tell("facts", at + len(batch), len(waiting))
        stale = people_rollup.stale_months(self._database)
        for done, month in enumerate(stale, start=1):
            people_rollup.sum_month(self._database, self.frames, month)
            tell("months", done, len(stale))
        return Refreshed(calls=len(waiting), months=tuple(stale))

    def _settle_scores(self, forms: Mapping[str, FormRules]) -> None:
        """Scores after decisions that an older version, or two writers at once, did not keep."""
        with self._database.reading() as connection:
            waiting = decided_scores.due(connection)
        for at in range(0, len(waiting), people_facts.BATCH):
            with self._database.writing() as connection:
                for key in waiting[at : at + people_facts.BATCH]:
                    found = self._evaluations.get(key)
                    form = forms.get(found.digest, STANDARD)
                    decided_scores.keep(self._database, connection, key, found, form)

    def mark_all_stale(self, person: Person) -> None:
        """Sum every month again next time, and make all facts anew: after the roster changed."""
        require(person, Action.IMPORT_PEOPLE)
        months = self.months()
        with self._database.writing() as connection:
            connection.execute(sa.update(call_facts).values(evaluation_id=0))
        people_rollup.mark_stale(self._database, months)

    def months(self) -> list[str]:
        """Months that hold anything, oldest first."""
        state = people_month_states.c
        with self._database.reading() as connection:
            return list(connection.scalars(sa.select(state.month).order_by(state.month)))

    def computed_at(self) -> datetime | None:
        """When the newest sums were made; None when there are none."""
        state = people_month_states.c
        newest = sa.func.max(state.computed_at, type_=state.computed_at.type)
        with self._database.reading() as connection:
            return connection.scalar(sa.select(newest))

    def measures(self) -> list[str]:
        """Ids of the indicators that have sums, in the registry's order, criteria last."""
        from qa.people.indicators import INDICATORS, MISS  # noqa: PLC0415

        known = [*INDICATORS, *(f"{MISS}{key}" for key in sorted(self.criterion_names()))]
        measure = people_months.c.measure
        with self._database.reading() as connection:
            # sixty looks into the index, where DISTINCT would read a million rows
            return [
                name
                for name in known
                if connection.scalar(sa.select(measure).where(measure == name).limit(1))
            ]

    def criterion_names(self) -> dict[str, Bilingual]:
        """Criterion id → its newest wording."""
        rows = scorecard_criteria.c
        query = sa.select(rows.criterion_id, rows.name_zh, rows.name_en)
        with self._database.reading() as connection:
            found = connection.execute(query).all()
        return {row.criterion_id: Bilingual(zh=row.name_zh, en=row.name_en) for row in found}

    def section_names(self) -> dict[str, Bilingual]:
        """Section id → its wording."""
        rows = scorecard_criteria.c
        query = sa.select(rows.section_id, rows.section_zh, rows.section_en).distinct()
        with self._database.reading() as connection:
            found = connection.execute(query).all()
        return {row.section_id: Bilingual(zh=row.section_zh, en=row.section_en) for row in found}
