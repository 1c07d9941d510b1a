"""Nights and their problems: what ran, what could not be scored, why, and what to do next."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from qa.errors import NotFoundError
from qa.store.database import Database
from qa.store.recordings import chunks
from qa.store.tables import problems, runs
from qa.store.values import Problem, Run, RunState

_LOGIN = re.compile(r"//[^/@]*@")
_QUERY = re.compile(r"\?[^:]*")


class Runs:
    """One row per night."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def start(
        self,
        run_id: str,
        *,
        host: str,
        source: str,
        kind: str = "by_hand",
        scheduled_for: datetime | None = None,
    ) -> Run:
        """Open a night. Log-in parts and queries of a source URL are not stored."""
        shown = _LOGIN.sub("//", source)
        shown = _QUERY.sub("", shown) if "://" in shown else shown
        run = Run(
            id=run_id,
            started_at=self._database.now(),
            host=host,
            source=shown,
            kind=kind,
            scheduled_for=scheduled_for,
        )
        with self._database.writing() as connection:
            connection.execute(sa.insert(runs), _run_row(run))
        return run

    def finish(
        self,
        run_id: str,
        counts: Mapping[str, float],
        *,
        summary: str = "",
        state: RunState = RunState.FINISHED,
    ) -> None:
        """Close a night with its numbers."""
        values = {
            "finished_at": self._database.now(),
            "counts": json.dumps(dict(counts)),
            "summary": summary,
            "state": state.value,
        }
        with self._database.writing() as connection:
            connection.execute(sa.update(runs).where(runs.c.id == run_id), values)

    def tell(self, run_id: str, progress: Mapping[str, float]) -> None:
        """Note how far a run is, for whoever asks while it runs."""
        values = {"progress": json.dumps(dict(progress))}
        with self._database.writing() as connection:
            connection.execute(sa.update(runs).where(runs.c.id == run_id), values)

    def close_lost(self, is_alive: Callable[[str], bool]) -> int:
        """Mark nights as lost whose process is gone (killed, power cut); returns how many.

        Args:
            is_alive: Whether the process of a run's `host` (an owner id) may still be working.
        """
        opened = runs.c.state == RunState.RUNNING
        with self._database.reading() as connection:
            hosts = list(connection.scalars(sa.select(runs.c.host).where(opened).distinct()))
        dead = [host for host in hosts if not is_alive(host)]
        if not dead:
            return 0
        values = {"state": RunState.LOST.value, "finished_at": self._database.now()}
        with self._database.writing() as connection:
            gone = sa.update(runs).where(opened, runs.c.host.in_(dead))
            return connection.execute(gone, values).rowcount

    def get(self, run_id: str) -> Run:
        """The night of this id.

        Raises:
            NotFoundError: There is none.
        """
        with self._database.reading() as connection:
            query = sa.select(runs).where(runs.c.id == run_id)
            row = connection.execute(query).mappings().first()
        if row is None:
            raise NotFoundError(
                f"no run {run_id!r}", self._database.place, "list them: `qa status`"
            )
        return _to_run(row)

    def latest(self, limit: int = 20) -> list[Run]:
        """The last nights, newest first."""
        query = sa.select(runs).order_by(runs.c.started_at.desc(), runs.c.id).limit(limit)
        with self._database.reading() as connection:
            return [_to_run(row) for row in connection.execute(query).mappings()]


class Problems:
    """Open problems, one per (uri, stage, code), until they are resolved."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def report(self, found: Iterable[Problem]) -> int:
        """Enter problems; one seen before counts up and is open again. Returns how many came."""
        now = self._database.now()
        rows = [_problem_row(problem, now) for problem in found]
        update = self._database.upsert(
            problems,
            keys=("uri", "stage", "code"),
            update={"attempts": problems.c.attempts + 1, "resolved_at": None}
            | self._database.incoming(
                problems, ("run_id", "sha256", "message", "remedy", "last_seen_at")
            ),
        )
        with self._database.writing() as connection:
            for chunk in chunks(rows):
                connection.execute(update, chunk)
        return len(rows)

    def resolve(self, uris: Iterable[str], *, stage: str = "", codes: Iterable[str] = ()) -> int:
        """Close the open problems of these files (of one stage, of some codes); how many."""
        wanted: list[sa.ColumnElement[bool]] = [problems.c.resolved_at.is_(None)]
        if stage:
            wanted.append(problems.c.stage == stage)
        if codes := tuple(codes):
            wanted.append(problems.c.code.in_(codes))
        solved = sa.update(problems).where(*wanted)
        values = {"resolved_at": self._database.now()}
        with self._database.writing() as connection:
            return sum(
                connection.execute(solved.where(problems.c.uri.in_(chunk)), values).rowcount
                for chunk in chunks(uris)
            )

    def resolve_unseen(
        self, stage: str, *, before: datetime, prefix: str = "", run_id: str = ""
    ) -> int:
        """Close problems of a stage that were not seen again since `before`: they went away.

        Args:
            stage: For instance `source`, after a listing that began at `before`.
            before: Problems last seen earlier than this are closed.
            prefix: Only those at or below this place (`qa.sources.prefix_of` gives a source's).
            run_id: Problems of this run were just seen, whatever a jumping clock says.
        """
        folder = prefix if prefix.endswith("/") or not prefix else f"{prefix}/"
        below = problems.c.uri.startswith(folder, autoescape=True)
        gone = sa.update(problems).where(
            problems.c.resolved_at.is_(None),
            problems.c.stage == stage,
            problems.c.last_seen_at < before,
            sa.or_(problems.c.run_id.is_(None), problems.c.run_id != run_id),
            sa.or_(problems.c.uri == prefix, below),
        )
        with self._database.writing() as connection:
            return connection.execute(gone, {"resolved_at": self._database.now()}).rowcount

    def open(self, *, stage: str = "", limit: int = 1_000) -> list[Problem]:
        """Unresolved problems, last seen first."""
        query = sa.select(problems).where(problems.c.resolved_at.is_(None))
        if stage:
            query = query.where(problems.c.stage == stage)
        query = query.order_by(problems.c.last_seen_at.desc(), problems.c.id).limit(limit)
        with self._database.reading() as connection:
            return [Problem(**row) for row in connection.execute(query).mappings()]

    def of_recording(self, sha256: str) -> list[Problem]:
        """All problems of a recording, resolved ones too, oldest first."""
        query = sa.select(problems).where(problems.c.sha256 == sha256).order_by(problems.c.id)
        with self._database.reading() as connection:
            return [Problem(**row) for row in connection.execute(query).mappings()]


def _problem_row(problem: Problem, now: Any) -> dict[str, Any]:
    row = asdict(problem)
    del row["id"], row["resolved_at"]
    return row | {"attempts": 1, "first_seen_at": now, "last_seen_at": now}


def _run_row(run: Run) -> dict[str, Any]:
    plain = {"counts": json.dumps(dict(run.counts)), "progress": json.dumps(dict(run.progress))}
    return asdict(run) | plain | {"state": run.state.value}


def _to_run(row: sa.RowMapping) -> Run:
    typed = {name: json.loads(row[name]) for name in ("counts", "progress")}
    typed["state"] = RunState(row["state"])
    return Run(**(dict(row) | typed))
