"""What operators ask of the store: urgent calls, measured speeds, how work stands."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from qa.store.database import Database
from qa.store.recordings import chunks
from qa.store.tables import calls, problems, recordings, stage_runs, urgent_calls
from qa.store.values import StageState

#: Speeds come from the latest pieces of finished work; older ones were another machine or model.
_MEASURED = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class UrgentCall:
    """A call that goes before all others."""

    call_id: str
    asked_by: str
    asked_at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StageSpeed:
    """What one worker needed for a stage, from finished work.

    Attributes:
        pieces: How many were measured.
        audio_ms: The sound they held.
        work_ms: The time they took.
        slowest_factor: The ninety-fifth percentile of time per length.
    """

    stage: str
    pieces: int
    audio_ms: int
    work_ms: int
    slowest_factor: float

    @property
    def factor(self) -> float:
        """Seconds of work per second of sound (real-time factor)."""
        return self.work_ms / self.audio_ms if self.audio_ms else 0.0


class Operations:
    """Reads and small writes for `qa status`, the night page and the queue."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def urge(self, call_ids: Iterable[str], *, asked_by: str, reason: str = "") -> int:
        """Put calls before all others; how many. Calls must be known."""
        now = self._database.now()
        facts = {"asked_by": asked_by, "asked_at": now, "reason": reason}
        rows = [{"call_id": call_id} | facts for call_id in call_ids]
        statement = self._database.upsert(
            urgent_calls, keys=("call_id",), update=("asked_by", "asked_at", "reason")
        )
        with self._database.writing() as connection:
            for chunk in chunks(rows):
                connection.execute(statement, chunk)
        return len(rows)

    def urgent(self) -> list[UrgentCall]:
        """The urgent calls, first asked first."""
        query = sa.select(urgent_calls).order_by(urgent_calls.c.asked_at, urgent_calls.c.call_id)
        with self._database.reading() as connection:
            return [UrgentCall(**row) for row in connection.execute(query).mappings()]

    def no_longer_urgent(self, call_ids: Iterable[str]) -> None:
        """Take calls from the list."""
        with self._database.writing() as connection:
            for chunk in chunks(call_ids):
                connection.execute(sa.delete(urgent_calls).where(urgent_calls.c.call_id.in_(chunk)))

    def speeds(self) -> dict[str, StageSpeed]:
        """Measured speed of each stage, from its latest finished work."""
        return {stage: found for stage in self._stages() if (found := self._speed(stage))}

    def standing(self) -> dict[str, dict[str, int]]:
        """How many pieces of work of each stage are in each state, under any settings."""
        rows = stage_runs.c
        query = sa.select(rows.stage, rows.state, sa.func.count()).group_by(rows.stage, rows.state)
        found: dict[str, dict[str, int]] = {}
        with self._database.reading() as connection:
            for stage, state, count in connection.execute(query):
                found.setdefault(stage, {})[state] = count
        return found

    def reasons(self, limit: int = 50) -> list[dict[str, object]]:
        """Open problems by kind: stage, code, message, remedy, how many files, one of them."""
        rows = problems.c
        query = (
            sa.select(
                rows.stage,
                rows.code,
                sa.func.min(rows.message).label("message"),
                sa.func.min(rows.remedy).label("remedy"),
                sa.func.count().label("files"),
                sa.func.min(rows.uri).label("example"),
                sa.func.max(rows.last_seen_at).label("last_seen_at"),
            )
            .where(rows.resolved_at.is_(None))
            .group_by(rows.stage, rows.code)
            .order_by(sa.func.count().desc(), rows.stage, rows.code)
            .limit(limit)
        )
        with self._database.reading() as connection:
            return [dict(row) for row in connection.execute(query).mappings()]

    def backlog(self) -> tuple[int, int]:
        """Calls that were never scored and are not given up: how many, and their known length."""
        finished = sa.exists().where(
            stage_runs.c.sha256 == recordings.c.sha256,
            sa.or_(
                sa.and_(stage_runs.c.stage == "score", stage_runs.c.state == StageState.DONE),
                stage_runs.c.state == StageState.QUARANTINED,
            ),
        )
        query = (
            sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(recordings.c.duration_ms), 0))
            .select_from(calls.join(recordings, recordings.c.id == calls.c.recording_id))
            .where(sa.not_(finished))
        )
        with self._database.reading() as connection:
            count, known_ms = connection.execute(query).one()
        return int(count), int(known_ms)

    def mean_length_ms(self) -> int:
        """Mean length of the recordings whose length is known; 0 when none is."""
        query = sa.select(sa.func.avg(recordings.c.duration_ms)).where(recordings.c.duration_ms > 0)
        with self._database.reading() as connection:
            return int(connection.scalar(query) or 0)

    def _stages(self) -> list[str]:
        with self._database.reading() as connection:
            return sorted(connection.scalars(sa.select(stage_runs.c.stage).distinct()))

    def _speed(self, stage: str) -> StageSpeed | None:
        rows = stage_runs.c
        query = (
            sa.select(rows.audio_ms, rows.timings_ms)
            .where(rows.stage == stage, rows.state == StageState.DONE, rows.audio_ms > 0)
            .order_by(rows.finished_at.desc())
            .limit(_MEASURED)
        )
        with self._database.reading() as connection:
            found = [
                (audio_ms, sum(json.loads(timings).values()))
                for audio_ms, timings in connection.execute(query)
            ]
        if not found:
            return None
        factors = sorted(work / audio for audio, work in found)
        return StageSpeed(
            stage=stage,
            pieces=len(found),
            audio_ms=sum(audio for audio, _ in found),
            work_ms=sum(work for _, work in found),
            slowest_factor=factors[min(len(factors) - 1, int(0.95 * len(factors)))],
        )
