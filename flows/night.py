"""A night without an orchestrator: what came in, what is due, and how it ended. Plain functions."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from flows.alerting import send_due
from flows.insight import settle_insight
from flows.site import Site
from flows.stages import Stage, stage_digest
from qa import codec
from qa.access import SYSTEM
from qa.errors import QaError
from qa.ingest import NotIngested, ingest_many, with_known
from qa.runtime import collecting_seldom
from qa.sources import (
    ProblemKind,
    SourceItem,
    SourceOptions,
    SourceProblem,
    check_url,
    list_source,
    prefix_of,
)
from qa.store import Problem, RunState, owner_id, owner_is_alive
from qa.store.closing import close_night

Progress = Callable[[str, int, int], None]

#: Drawing a bar takes as long as listing a file.
_TOLD_EVERY = 100


@dataclass(slots=True, kw_only=True)
class Counts:
    """The numbers of a night; the documented keys of `qa run --json`.

    Attributes:
        listed: Files and manifest rows seen at the source.
        new: Recordings entered for the first time.
        transcribed: Recordings transcribed in this run.
        evaluated: Calls scored in this run.
        failed: Files, rows and recordings with an unresolved problem of this run.
        skipped: Recordings that were finished before, or are quarantined.
        waiting: Files still being written, and recordings that another run is working on: left for
            the next run.
        audio_seconds: Sound transcribed in this run.
        wall_seconds: Time the run took.
    """

    listed: int = 0
    new: int = 0
    transcribed: int = 0
    evaluated: int = 0
    failed: int = 0
    skipped: int = 0
    waiting: int = 0
    audio_seconds: float = 0.0
    wall_seconds: float = 0.0

    def plain(self) -> dict[str, float]:
        """As a dictionary in documented order."""
        return {name: round(getattr(self, name), 3) for name in self.__slots__}


@dataclass(slots=True, kw_only=True)
class Night:
    """A run in progress.

    Attributes:
        due: Recordings with work left: SHA-256 → call id, in the order in which they were listed.
        done_before: Which of them had which stage done when the run began.
        problems: What went wrong, for the report.
        finished: Calls that went as far as they can in this run.
        gave_up: Those of them that ended with a problem.
        pausable: Whether an operator's pause stops it; a run by hand goes on.
    """

    run_id: str
    source: str
    began: float
    counts: Counts = field(default_factory=Counts)
    due: dict[str, str] = field(default_factory=dict)
    done_before: dict[Stage, set[str]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    finished: int = 0
    gave_up: int = 0
    pausable: bool = False

    def standing(self, now: float) -> dict[str, float]:
        """How far the run is, for `runs.tell`; `now` on the monotonic clock."""
        return {
            "due": len(self.due),
            "finished": self.finished,
            "gave_up": self.gave_up,
            "elapsed_seconds": round(now - self.began, 1),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """Why a run happens.

    Attributes:
        kind: See `qa.store.Run`.
        scheduled_for: The moment of the schedule that it answers.
        since: Only calls from this moment on (their start, else the file's time).
        until: Only calls before this moment.
    """

    kind: str = "by_hand"
    scheduled_for: datetime | None = None
    since: datetime | None = None
    until: datetime | None = None

    def wants(self, item: SourceItem) -> bool:
        """Whether a file lies in the range; without any time it does."""
        when = item.details.started_at or item.modified_at
        if when is None:
            return True
        return (self.since is None or when >= self.since) and (
            self.until is None or when < self.until
        )


BY_HAND = Occasion()


def begin(
    site: Site,
    source: str,
    options: SourceOptions,
    progress: Progress,
    occasion: Occasion = BY_HAND,
) -> Night:
    """Open a run, take back the work of dead runs, list the source and enter what is new.

    Raises:
        SourceError: The source as a whole cannot be read; the run is closed as failed.
    """
    night, started_at = open_night(site, source, occasion)
    store = site.store
    try:
        with collecting_seldom():
            listed = _take_in(site, night, options, progress, occasion)
        if occasion.since is None and occasion.until is None:
            for stage in ("source", "ingest"):  # what this listing no longer shows is mended
                store.problems.resolve_unseen(
                    stage, before=started_at, prefix=prefix_of(source), run_id=night.run_id
                )
        plan(site, night, listed)
    except QaError as error:
        problem = _source_away(error, source, night.run_id)
        store.problems.report([problem])
        store.runs.finish(night.run_id, night.counts.plain(), state=RunState.FAILED)
        raise
    return night


def open_night(site: Site, source: str, occasion: Occasion = BY_HAND) -> tuple[Night, datetime]:
    """Open a run and take back the work of dead ones; also the moment by the store's clock."""
    check_url(source)  # before anything of it is written down: it must not carry a secret
    store = site.store
    store.runs.close_lost(owner_is_alive)
    store.stages.reclaim(owner_is_alive)
    night = Night(
        run_id=uuid.uuid4().hex[:12],
        source=source,
        began=time.monotonic(),
        pausable=occasion.kind in ("night", "catch_up"),
    )
    run = store.runs.start(
        night.run_id,
        host=owner_id(),
        source=source,
        kind=occasion.kind,
        scheduled_for=occasion.scheduled_for,
    )
    return night, run.started_at


def plan(site: Site, night: Night, listed: dict[str, str]) -> None:
    """Find what is due of the listed recordings (SHA-256 → call id)."""
    night.due = due_calls(site, listed)
    night.done_before = {stage: _done(site, night, stage) for stage in Stage}
    night.counts.skipped = len(listed) - len(night.due)


def _source_away(error: QaError, source: str, run_id: str) -> Problem:
    return Problem(
        uri=prefix_of(source),
        stage="source",
        code=error.code,
        message=error.message,
        remedy=error.remedy,
        run_id=run_id,
    )


def _take_in(
    site: Site, night: Night, options: SourceOptions, progress: Progress, occasion: Occasion
) -> dict[str, str]:
    """Enter the files of a source; returns recording SHA-256 → call id."""
    found: dict[str, str] = {}

    def unknown() -> Iterator[SourceItem]:
        for item, known in with_known(_ready(night, options, progress, occasion), site.store):
            if known is None:
                yield item
            else:
                found[known[0]] = known[1]

    for taken in ingest_many(unknown(), site.store):
        if isinstance(taken, NotIngested):
            night.counts.failed += 1
            night.problems.append(_not_ingested(taken, night.run_id))
            continue
        night.counts.new += taken.new
        found[taken.recording.sha256] = taken.call.id
    if night.problems:
        site.store.problems.report(night.problems)
    return found


def _ready(
    night: Night, options: SourceOptions, progress: Progress, occasion: Occasion
) -> Iterator[SourceItem]:
    """Files that are complete; problems and files still being written are noted on the way."""
    for listed in list_source(night.source, options):
        if night.counts.listed % _TOLD_EVERY == 0:
            progress("listing", night.counts.listed, 0)
        night.counts.listed += 1
        if isinstance(listed, SourceItem):
            if occasion.wants(listed):
                yield listed
        elif listed.kind is ProblemKind.WAITING:
            night.counts.waiting += 1
        else:
            night.counts.failed += 1
            night.problems.append(_not_listed(listed, night.run_id))
    progress("listing", night.counts.listed, night.counts.listed)


def _not_listed(found: SourceProblem, run_id: str) -> Problem:
    message = f"{found.field}: {found.message}" if found.field else found.message
    return Problem(
        uri=found.place,
        stage="source",
        code=found.kind.value,
        message=message,
        remedy=found.remedy,
        run_id=run_id,
    )


def _not_ingested(refused: NotIngested, run_id: str) -> Problem:
    return Problem(
        uri=refused.item.uri,
        stage="ingest",
        code=refused.error.code,
        message=refused.error.message,
        remedy=refused.error.remedy,
        run_id=run_id,
    )


def due_calls(site: Site, listed: dict[str, str]) -> dict[str, str]:
    """Those of the listed that have work left: a stage not done, and none before it given up.

    Args:
        site: The site, whose settings decide what counts as done.
        listed: Recording SHA-256 → call id.
    """
    stages, tries = site.store.stages, site.settings.run.max_attempts
    last = list(Stage)[-1]
    # what is scored has no work left: one look for a million instead of six
    reached = listed.keys() - stages.done(last.value, stage_digest(site, last), listed.keys())
    due: set[str] = set()
    for stage in Stage:
        digest = stage_digest(site, stage)
        due |= set(stages.pending(stage.value, digest, reached, max_attempts=tries))
        reached &= stages.done(stage.value, digest, reached)
    return {sha256: call_id for sha256, call_id in listed.items() if sha256 in due}


def rest_of(site: Site, night: Night) -> list[str]:
    """Call ids of the due recordings that still have work left now, in the night's order."""
    return list(due_calls(site, night.due).values())


def settle(site: Site, night: Night) -> Counts:
    """Count what this run achieved from what is stored, close it, and return its numbers."""
    counts = night.counts
    heard = _newly_done(site, night, Stage.TRANSCRIBE)
    counts.transcribed = len(heard)
    counts.evaluated = len(_newly_done(site, night, Stage.SCORE))
    if counts.transcribed or counts.evaluated:
        settle_insight(site)
    send_due(site.store, site.settings.alerts)
    site.store.people.refresh(SYSTEM, timezone=site.settings.timezone)
    unfinished = set(night.due) - _done(site, night, Stage.SCORE)
    elsewhere = _held_by_others(site, unfinished)
    counts.waiting += len(elsewhere)
    counts.failed += len(unfinished - elsewhere)
    counts.audio_seconds = site.store.recordings.total_ms(heard) / 1000
    counts.wall_seconds = time.monotonic() - night.began
    scored = [night.due[sha256] for sha256 in set(night.due) - unfinished]
    site.store.operations.no_longer_urgent(scored)
    summary = codec.to_json(close_night(site.store))
    site.store.runs.finish(night.run_id, counts.plain(), summary=summary)
    return counts


def _held_by_others(site: Site, sha256s: set[str]) -> set[str]:
    """Recordings that a live worker of another run has in hand."""
    held: set[str] = set()
    for stage in Stage:
        digest = stage_digest(site, stage)
        held |= site.store.stages.held(stage.value, digest, sha256s, alive=owner_is_alive)
    return held


def _done(site: Site, night: Night, stage: Stage) -> set[str]:
    return site.store.stages.done(stage.value, stage_digest(site, stage), night.due)


def _newly_done(site: Site, night: Night, stage: Stage) -> set[str]:
    return _done(site, night, stage) - night.done_before[stage]
