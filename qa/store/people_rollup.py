"""The roll-up of people's figures: sums by measure, month, agent and team."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from qa.access import SYSTEM
from qa.people.periods import days_of
from qa.store.database import Database
from qa.store.people_frames import PeopleFrames
from qa.store.tables import people_month_states, people_months

if TYPE_CHECKING:
    import pandas as pd

    from qa.people.measures import Indicator

#: Rows per statement.
_CHUNK = 5_000
_KEYS = ["agent_id", "team"]


def mark_stale(database: Database, months: Iterable[str]) -> None:
    """Note that these months must be summed again."""
    rows = [{"month": month, "is_stale": True} for month in sorted(set(months))]
    if not rows:
        return
    statement = database.upsert(people_month_states, keys=("month",), update=("is_stale",))
    with database.writing() as connection:
        connection.execute(statement, rows)


def stale_months(database: Database) -> list[str]:
    """Months that must be summed again, oldest first."""
    query = (
        sa.select(people_month_states.c.month)
        .where(people_month_states.c.is_stale)
        .order_by(people_month_states.c.month)
    )
    with database.reading() as connection:
        return list(connection.scalars(query))


def sum_month(database: Database, frames: PeopleFrames, month: str) -> int:
    """Make the sums of one month again, all or nothing; returns how many rows they are."""
    since, until = days_of(month)
    rows = [row for part in _parts(frames, since, until) for row in _rows(part, month)]
    with database.writing() as connection:
        connection.execute(sa.delete(people_months).where(people_months.c.month == month))
        for at in range(0, len(rows), _CHUNK):
            connection.execute(sa.insert(people_months), rows[at : at + _CHUNK])
        state = {"month": month, "is_stale": False, "computed_at": database.now()}
        connection.execute(
            database.upsert(
                people_month_states, keys=("month",), update=("is_stale", "computed_at")
            ),
            state,
        )
    return len(rows)


def _parts(frames: PeopleFrames, since: date, until: date) -> Iterator[tuple[str, pd.DataFrame]]:
    from qa.people.indicators import INDICATORS, MISS, miss_indicator  # noqa: PLC0415
    from qa.people.measures import Table  # noqa: PLC0415

    raters = frames.ratings(SYSTEM, since=since, until=until)
    tables: dict[Table, pd.DataFrame] = {
        Table.CALLS: frames.facts(SYSTEM, since=since, until=until),
        Table.DAYS: frames.days(SYSTEM, since=since, until=until),
        Table.TRAINING: frames.training(SYSTEM, since=since, until=until),
        Table.RATINGS: raters[raters["rater_role"] != "self"],
    }
    for item in INDICATORS.values():
        yield item.id, _moments(tables[item.table], item)
    outcomes = frames.outcomes(SYSTEM, since=since, until=until)
    for criterion, part in outcomes.groupby("criterion_id"):
        yield f"{MISS}{criterion}", _moments(part, miss_indicator(str(criterion)))


def _moments(frame: pd.DataFrame, item: Indicator) -> pd.DataFrame:
    from qa.people.measures import moments  # noqa: PLC0415

    return moments(frame, item, _KEYS)


def _rows(part: tuple[str, pd.DataFrame], month: str) -> list[dict[str, Any]]:
    measure, sums = part
    return [
        {"measure": measure, "month": month, **row}
        for row in sums[[*_KEYS, "n", "total", "square", "base"]].to_dict("records")
    ]
