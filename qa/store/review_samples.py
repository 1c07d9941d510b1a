"""Draws of calls for review: population, plan and probabilities kept, skips counted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from qa import codec
from qa.access import Action, Person, require
from qa.errors import NotFoundError, ReviewError
from qa.review.estimate import Observation
from qa.review.sampling import Candidate, Draw, Pick, Plan, draw, replacement
from qa.review.values import PickReason
from qa.review.work import SkipReason
from qa.store.database import Database
from qa.store.filters import CallFilter
from qa.store.review_candidates import read_candidates
from qa.store.review_rows import Recorder, no_record
from qa.store.tables import calls, reviews, sample_picks, sample_skips, samples


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A stored draw."""

    id: int
    name: str
    plan: Plan
    filter: CallFilter
    population: int
    picks: tuple[Pick, ...]
    made_by: str
    made_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Skip:
    """A call put aside, and what took its place."""

    sample_id: int
    call_id: str
    reason: SkipReason
    note: str
    replaced_by: str | None
    made_by: str
    made_at: datetime


class Samples:
    """Planning, drawing, replacing, and what estimates need."""

    def __init__(self, database: Database, *, record: Recorder = no_record) -> None:
        self._database = database
        self._record = record

    def candidates(self, wanted: CallFilter, *, unreviewed: bool = True) -> list[Candidate]:
        """Scored calls that pass the filter, with risk and uncertainty from what is stored.

        Args:
            wanted: Which calls.
            unreviewed: Leave out what has a submitted review.
        """
        with self._database.reading() as connection:
            return read_candidates(connection, self._database, wanted, unreviewed=unreviewed)

    def preview(self, person: Person, plan: Plan, wanted: CallFilter) -> Draw:
        """What a draw would give; nothing is stored. The same as `draw` gives, call for call."""
        require(person, Action.SAMPLE)
        return draw(self.candidates(wanted), plan)

    def draw(self, person: Person, name: str, plan: Plan, wanted: CallFilter) -> Sample:
        """Pick calls and keep the draw.

        Raises:
            ReviewError: No name, or the plan cannot be followed.
        """
        require(person, Action.SAMPLE)
        if not name.strip():
            raise ReviewError("the sample has no name", "sample", "name it")
        drawn = draw(self.candidates(wanted), plan)
        row = {
            "name": name.strip(),
            "kind": plan.kind.value,
            "seed": plan.seed,
            "plan": codec.to_json(plan),
            "filter": codec.to_json(wanted),
            "population": drawn.population,
            "made_by": person.user_id,
            "made_at": self._database.now(),
        }
        with self._database.writing() as connection:
            key = connection.scalars(sa.insert(samples).returning(samples.c.id), row).one()
            rows = [_pick_row(key, at, pick) for at, pick in enumerate(drawn.picks)]
            if rows:
                connection.execute(sa.insert(sample_picks), rows)
            self._record(person, "sample_drawn", sample=key, picked=len(rows))
        return self.get(key)

    def replace(self, person: Person, sample_id: int, call_id: str) -> Pick | None:
        """Put the next call of the same stratum in a skipped call's place; None if there is none.

        Raises:
            ReviewError: The call was not skipped, or is replaced already.
        """
        sample = self.get(sample_id)
        require(person, Action.REVIEW)
        with self._database.writing() as connection:
            skip = _open_skip(connection, sample_id, call_id)
            drawn = Draw(plan=sample.plan, picks=sample.picks, population=0, sizes={})
            pool = read_candidates(connection, self._database, sample.filter, unreviewed=True)
            gone = frozenset(item.call_id for item in self.skips(sample_id))
            pick = replacement(pool, drawn, call_id, gone=gone)
            if pick is None:
                return None
            row = _pick_row(sample_id, len(sample.picks), pick)
            connection.execute(sa.insert(sample_picks), row)
            mine = sample_skips.c.id == skip
            connection.execute(sa.update(sample_skips).where(mine).values(replaced_by=pick.call_id))
            self._record(person, "replaced", call_id=call_id, by=pick.call_id)
            return pick

    def get(self, sample_id: int) -> Sample:
        """A stored draw with its picks in order.

        Raises:
            NotFoundError: There is none.
        """
        with self._database.reading() as connection:
            row = connection.execute(sa.select(samples).where(samples.c.id == sample_id)).first()
            if row is None:
                raise NotFoundError(f"no sample {sample_id}", "store", "reload the list")
            query = (
                sa.select(sample_picks)
                .where(sample_picks.c.sample_id == sample_id)
                .order_by(sample_picks.c.position)
            )
            picks = tuple(_to_pick(found) for found in connection.execute(query))
        return _to_sample(row, picks)

    def all(self, limit: int = 200) -> list[Sample]:
        """Draws, newest first, without their picks."""
        query = sa.select(samples).order_by(samples.c.id.desc()).limit(limit)
        with self._database.reading() as connection:
            return [_to_sample(row, ()) for row in connection.execute(query)]

    def drawn(self, since: datetime, until: datetime) -> frozenset[str]:
        """Calls of a half-open stretch of time that any sample picked."""
        query = (
            sa.select(sample_picks.c.call_id)
            .join(calls, calls.c.id == sample_picks.c.call_id)
            .where(calls.c.happened_at >= since, calls.c.happened_at < until)
        )
        with self._database.reading() as connection:
            return frozenset(connection.scalars(query))

    def skips(self, sample_id: int | None = None) -> list[Skip]:
        """Skipped calls, of one sample or of all."""
        query = sa.select(sample_skips).order_by(sample_skips.c.id)
        if sample_id is not None:
            query = query.where(sample_skips.c.sample_id == sample_id)
        with self._database.reading() as connection:
            return [_to_skip(row) for row in connection.execute(query)]

    def observations(self, sample_id: int) -> list[Observation]:
        """What reviewers found on the picked calls: newest submitted review, value = final score.

        Picks without one are left out: give their number to `estimate` as missing.
        """
        newest = (
            sa.select(reviews.c.call_id, sa.func.max(reviews.c.id).label("id"))
            .where(reviews.c.submitted_at.is_not(None))
            .group_by(reviews.c.call_id)
            .subquery()
        )
        query = (
            sa.select(sample_picks.c.stratum, sample_picks.c.inclusion, reviews.c.final_percent)
            .join(newest, newest.c.call_id == sample_picks.c.call_id)
            .join(reviews, reviews.c.id == newest.c.id)
            .where(sample_picks.c.sample_id == sample_id, reviews.c.final_percent.is_not(None))
        )
        with self._database.reading() as connection:
            return [
                Observation(value=row.final_percent, inclusion=row.inclusion, stratum=row.stratum)
                for row in connection.execute(query)
            ]


def _open_skip(connection: sa.Connection, sample_id: int, call_id: str) -> int:
    query = sa.select(sample_skips).where(
        sample_skips.c.sample_id == sample_id, sample_skips.c.call_id == call_id
    )
    row = connection.execute(query.order_by(sample_skips.c.id.desc())).first()
    if row is None or row.replaced_by is not None:
        what = "was not skipped" if row is None else "is replaced already"
        raise ReviewError(
            f"{call_id} {what}", f"sample {sample_id}", "skip it first, with a reason"
        )
    return int(row.id)


def _pick_row(sample_id: int, position: int, pick: Pick) -> dict[str, Any]:
    return {
        "sample_id": sample_id,
        "call_id": pick.call_id,
        "stratum": pick.stratum,
        "reason": pick.reason.value,
        "inclusion": pick.inclusion,
        "position": position,
    }


def _to_pick(row: Any) -> Pick:
    return Pick(
        call_id=row.call_id,
        reason=PickReason(row.reason),
        inclusion=row.inclusion,
        stratum=row.stratum,
    )


def _to_sample(row: Any, picks: tuple[Pick, ...]) -> Sample:
    place = f"sample {row.id}"
    return Sample(
        id=row.id,
        name=row.name,
        plan=codec.from_json(Plan, row.plan, place=place),
        filter=codec.from_json(CallFilter, row.filter, place=place),
        population=row.population,
        picks=picks,
        made_by=row.made_by,
        made_at=row.made_at,
    )


def _to_skip(row: Any) -> Skip:
    fields = {name: getattr(row, name) for name in Skip.__slots__}
    return Skip(**fields | {"reason": SkipReason(row.reason)})
