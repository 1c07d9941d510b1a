"""How work stands: which is pending, which is done, and the row of each piece."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from qa.store.database import Database
from qa.store.recordings import chunks
from qa.store.tables import stage_runs
from qa.store.values import StageKey, StageRun, StageState

MAX_ATTEMPTS = 3

#: No worker asks for longer; workers renew short leases while they live.
LONGEST_LEASE = timedelta(hours=12)

#: Above this many recordings one scan of the stage's index beats looking each one up.
_SCAN_FROM = 20_000


class StageStates:
    """Reading the stage protocol."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def pending(
        self,
        stage: str,
        digest: str,
        sha256s: Iterable[str],
        *,
        max_attempts: int = MAX_ATTEMPTS,
    ) -> list[str]:
        """Which of these recordings `claim` would take now, in the given order, each once."""
        wanted = list(dict.fromkeys(sha256s))
        taken = self._matching(
            stage, digest, wanted, sa.not_(free(self._database.now(), max_attempts))
        )
        return [sha256 for sha256 in wanted if sha256 not in taken]

    def done(self, stage: str, digest: str, sha256s: Collection[str] | None = None) -> set[str]:
        """Recordings for which this stage is done, of the given ones or all. Fast for a million."""
        return self._matching(stage, digest, sha256s, stage_runs.c.state == StageState.DONE)

    def held(
        self,
        stage: str,
        digest: str,
        sha256s: Collection[str],
        *,
        alive: Callable[[str], bool],
    ) -> set[str]:
        """Which of these recordings a living worker has in hand."""
        rows = stage_runs.c
        now = self._database.now()
        query = sa.select(rows.sha256, rows.owner).where(
            rows.stage == stage,
            rows.digest == digest,
            rows.state == StageState.RUNNING,
            sa.not_(stale(now)),
        )
        with self._database.reading() as connection:
            return {
                sha256
                for sha256, owner in connection.execute(query)
                if sha256 in sha256s and alive(owner)
            }

    def get(self, key: StageKey) -> StageRun | None:
        """The row of this piece of work, or None when nobody asked for it yet."""
        with self._database.reading() as connection:
            row = connection.execute(sa.select(stage_runs).where(is_(key))).mappings().first()
        return to_stage_run(row) if row is not None else None

    def of_recording(self, sha256: str) -> list[StageRun]:
        """Every stage of a recording, in order of their start."""
        query = (
            sa.select(stage_runs)
            .where(stage_runs.c.sha256 == sha256)
            .order_by(stage_runs.c.started_at, stage_runs.c.stage)
        )
        with self._database.reading() as connection:
            return [to_stage_run(row) for row in connection.execute(query).mappings()]

    def counts(self, stage: str, digest: str) -> dict[StageState, int]:
        """How many recordings are in each state."""
        rows = stage_runs.c
        query = (
            sa.select(rows.state, sa.func.count())
            .where(rows.stage == stage, rows.digest == digest)
            .group_by(rows.state)
        )
        with self._database.reading() as connection:
            return {StageState(state): count for state, count in connection.execute(query)}

    def _matching(
        self,
        stage: str,
        digest: str,
        sha256s: Collection[str] | None,
        condition: sa.ColumnElement[bool],
    ) -> set[str]:
        rows = stage_runs.c
        query = sa.select(rows.sha256).where(rows.stage == stage, rows.digest == digest, condition)
        with self._database.reading() as connection:
            if sha256s is None or len(sha256s) >= _SCAN_FROM:
                found = set(connection.scalars(query).all())
                return found if sha256s is None else found.intersection(sha256s)
            return {
                sha256
                for chunk in chunks(sha256s)
                for sha256 in connection.scalars(query.where(rows.sha256.in_(chunk))).all()
            }


def is_(key: StageKey) -> sa.ColumnElement[bool]:
    """The row of this piece of work."""
    rows = stage_runs.c
    return sa.and_(rows.sha256 == key.sha256, rows.stage == key.stage, rows.digest == key.digest)


def held_by(owner: str) -> sa.ColumnElement[bool]:
    """Work in the hands of this owner."""
    return sa.and_(stage_runs.c.state == StageState.RUNNING, stage_runs.c.owner == owner)


def stale(now: datetime) -> sa.ColumnElement[bool]:
    """Work whose lease ran out, or lies further ahead than any lease: the clock jumped back."""
    rows = stage_runs.c
    absurd = rows.lease_until > now + LONGEST_LEASE
    return sa.and_(rows.state == StageState.RUNNING, sa.or_(rows.lease_until < now, absurd))


def free(now: datetime, max_attempts: int) -> sa.ColumnElement[bool]:
    """Work that may be claimed."""
    rows = stage_runs.c
    waiting = rows.state.in_((StageState.PENDING, StageState.FAILED))
    return sa.and_(rows.attempts < max_attempts, sa.or_(waiting, stale(now)))


def to_stage_run(row: Any) -> StageRun:
    """A stage's row (any mapping with the table's column names) as a value."""
    own = {name: row[name] for name in StageRun.__slots__ if name in row}
    key = StageKey(sha256=row["sha256"], stage=row["stage"], digest=row["digest"])
    changed = {"state": StageState(row["state"]), "timings_ms": json.loads(row["timings_ms"])}
    return StageRun(key=key, **(own | changed))
