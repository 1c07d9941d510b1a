"""The stage protocol: who works on what, what is done, and what was tried too often.

A worker claims a piece of work with a lease, does it outside any transaction, and finishes it in
the same transaction that saves the result. A worker that dies leaves a lease that runs out, or that
`reclaim` takes back at once where the process is known to be gone. So every piece of work is done,
and saved once.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from qa.errors import QaError
from qa.store.recordings import chunks
from qa.store.stage_states import MAX_ATTEMPTS, StageStates, free, held_by, is_, stale
from qa.store.tables import problems, stage_runs
from qa.store.values import LeaseLostError, StageDone, StageKey, StageState

LEASE_S = 3_600.0

#: So often may the machine or scheduler die over a piece of work before that counts as a try.
MAX_INTERRUPTED = 25


class Stages(StageStates):
    """Claims and states of stages. All methods are atomic and may be called by many processes."""

    def claim(
        self,
        key: StageKey,
        owner: str,
        *,
        lease_s: float = LEASE_S,
        max_attempts: int = MAX_ATTEMPTS,
    ) -> bool:
        """Take this piece of work; True for exactly one of all that ask.

        False when it is done, quarantined, tried `max_attempts` times, or held by a live lease.
        Work whose last allowed try ended with a dead worker is quarantined here.
        """
        with self._database.writing() as connection:
            self._enter(connection, key.stage, key.digest, [key.sha256])
            taken = connection.execute(
                self._taking(owner, lease_s).where(
                    is_(key), free(self._database.now(), max_attempts)
                )
            ).first()
            if taken is None:
                self._bury(connection, max_attempts, is_(key))
            return taken is not None

    def enqueue(self, stage: str, digest: str, sha256s: Iterable[str]) -> None:
        """Enter pending work for `claim_next`; what is already known stays as it is."""
        with self._database.writing() as connection:
            for chunk in chunks(sha256s):
                self._enter(connection, stage, digest, chunk)

    def claim_next(
        self,
        stage: str,
        digest: str,
        owner: str,
        *,
        limit: int = 1,
        lease_s: float = LEASE_S,
        max_attempts: int = MAX_ATTEMPTS,
    ) -> list[str]:
        """Take up to `limit` enqueued recordings of a stage; workers never wait for each other."""
        rows = stage_runs.c
        kind = sa.and_(rows.stage == stage, rows.digest == digest)
        chosen = (
            sa.select(rows.sha256)
            .where(kind, free(self._database.now(), max_attempts))
            .order_by(rows.sha256)
            .limit(limit)
            .with_for_update(skip_locked=True)
            .cte("chosen")  # read once: as a plain subquery PostgreSQL may lock more than `limit`
        )
        with self._database.writing() as connection:
            self._bury(connection, max_attempts, kind)
            taking = self._taking(owner, lease_s).where(
                kind, rows.sha256.in_(sa.select(chosen.c.sha256))
            )
            return sorted(row.sha256 for row in connection.execute(taking))

    def renew(self, key: StageKey, owner: str, *, lease_s: float = LEASE_S) -> bool:
        """Prolong the lease; False when it was lost."""
        until = self._database.now() + timedelta(seconds=lease_s)
        with self._database.writing() as connection:
            held = sa.update(stage_runs).where(is_(key), held_by(owner))
            return connection.execute(held, {"lease_until": until}).rowcount == 1

    def finish(self, done: StageDone) -> None:
        """Mark done, and resolve the recording's open problems of this stage.

        Call it inside `store.transaction()` with the saving of the result, or let `save` do so.

        Raises:
            LeaseLostError: Somebody took the work over; the surrounding transaction rolls back.
        """
        values = {
            "state": StageState.DONE,
            "finished_at": self._database.now(),
            "lease_until": None,
            "error_code": "",
            "error_message": "",
            "error_remedy": "",
            "timings_ms": json.dumps(dict(done.timings_ms)),
            "audio_ms": done.audio_ms,
            "engine": done.engine[:200],
        }
        with self._database.writing() as connection:
            held = sa.update(stage_runs).where(is_(done.key), held_by(done.owner))
            if connection.execute(held, values).rowcount != 1:
                raise LeaseLostError(
                    "another worker took this work over", str(done.key), "nothing: it is being done"
                )
            solved = sa.update(problems).where(
                problems.c.sha256 == done.key.sha256,
                problems.c.stage == done.key.stage,
                problems.c.resolved_at.is_(None),
            )
            connection.execute(solved, {"resolved_at": self._database.now()})

    def fail(
        self,
        key: StageKey,
        owner: str,
        error: QaError,
        *,
        max_attempts: int = MAX_ATTEMPTS,
        permanent: bool = False,
    ) -> StageState:
        """Record a failed try: `FAILED` (tried again) or, if permanent or too many, `QUARANTINED`.

        A lost lease changes nothing; the present state is returned.
        """
        rows = stage_runs.c
        spent = sa.true() if permanent else rows.attempts >= max_attempts
        values = {
            "state": sa.case((spent, StageState.QUARANTINED.value), else_=StageState.FAILED.value),
            "finished_at": self._database.now(),
            "lease_until": None,
            "error_code": error.code,
            "error_message": error.message,
            "error_remedy": error.remedy,
        }
        with self._database.writing() as connection:
            connection.execute(sa.update(stage_runs).where(is_(key), held_by(owner)).values(values))
            state = connection.scalar(sa.select(rows.state).where(is_(key)))
        return StageState(state or StageState.PENDING)

    def release(self, key: StageKey, owner: str) -> None:
        """Give work back untried (an orderly stop); the attempt is not counted."""
        values = {
            "state": StageState.PENDING.value,
            "lease_until": None,
            "owner": "",
            "attempts": stage_runs.c.attempts - 1,
        }
        with self._database.writing() as connection:
            connection.execute(sa.update(stage_runs).where(is_(key), held_by(owner)).values(values))

    def reclaim(self, is_alive: Callable[[str], bool]) -> int:
        """Take back the work of dead owners, before their leases run out.

        The try stays counted, unless the worker died together with its supervisor (`OWNER/BOSS`):
        then the machine or the scheduler went down, which says nothing about the recording.

        Args:
            is_alive: Whether an owner may still be working (`qa.store.owner_is_alive`).

        Returns:
            How many pieces of work are free again.
        """
        rows = stage_runs.c
        running = rows.state == StageState.RUNNING
        with self._database.reading() as connection:
            owners = list(connection.scalars(sa.select(rows.owner).where(running).distinct()))
        dead = [owner for owner in owners if not is_alive(owner)]
        if not dead:
            return 0
        blameless = sa.and_(rows.owner.like("%:%:%/%:%:%"), rows.interrupted < MAX_INTERRUPTED)
        past = self._database.now() - timedelta(seconds=1)
        freed = (
            sa.update(stage_runs)
            .where(running, rows.owner.in_(dead), rows.lease_until > past)
            .values(
                lease_until=past,
                attempts=rows.attempts - sa.case((blameless, 1), else_=0),
                interrupted=rows.interrupted + 1,
            )
        )
        with self._database.writing() as connection:
            return connection.execute(freed).rowcount

    def retry(
        self, stage: str = "", sha256s: Iterable[str] | None = None, *, done: bool = False
    ) -> int:
        """Let failed and quarantined work (and finished work, with `done`) be tried anew.

        Args:
            stage: Only this stage; all when empty.
            sha256s: Only these recordings; all when None.
            done: Finished work too.
        """
        states = [StageState.FAILED, StageState.QUARANTINED, *([StageState.DONE] if done else [])]
        chosen = sa.update(stage_runs).where(stage_runs.c.state.in_(states))
        if stage:
            chosen = chosen.where(stage_runs.c.stage == stage)
        values = {"state": StageState.PENDING.value, "attempts": 0, "owner": ""}
        with self._database.writing() as connection:
            if sha256s is None:
                return connection.execute(chosen, values).rowcount
            return sum(
                connection.execute(chosen.where(stage_runs.c.sha256.in_(chunk)), values).rowcount
                for chunk in chunks(sha256s)
            )

    def _enter(
        self, connection: sa.Connection, stage: str, digest: str, sha256s: list[str]
    ) -> None:
        rows: list[Mapping[str, Any]] = [
            {"sha256": sha256, "stage": stage, "digest": digest, "state": StageState.PENDING}
            for sha256 in sha256s
        ]
        connection.execute(self._database.insert_ignoring(stage_runs), rows)

    def _taking(self, owner: str, lease_s: float) -> Any:
        now = self._database.now()
        return (
            sa.update(stage_runs)
            .values(
                state=StageState.RUNNING.value,
                owner=owner,
                attempts=stage_runs.c.attempts + 1,
                lease_until=now + timedelta(seconds=lease_s),
                started_at=now,
                finished_at=None,
            )
            .returning(stage_runs.c.sha256)
        )

    def _bury(
        self, connection: sa.Connection, max_attempts: int, which: sa.ColumnElement[bool]
    ) -> None:
        spent = sa.and_(which, stale(self._database.now()), stage_runs.c.attempts >= max_attempts)
        values = {
            "state": StageState.QUARANTINED,
            "finished_at": self._database.now(),
            "error_code": "worker_died",
            "error_message": f"the worker died {max_attempts} times on this recording",
            "error_remedy": "listen to the file; `qa retry` tries it again",
        }
        connection.execute(sa.update(stage_runs).where(spent), values)
