"""How the night stands: what ran, what failed and why, what is next, and whether it is in time."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from statistics import fmean
from typing import Any

from qa.operations.capacity import Option, Speed, measured_speed, options, seconds_for
from qa.operations.capacity import workers_needed as needed
from qa.operations.schedule import Schedule, due_since, next_finish, next_start
from qa.settings import Settings
from qa.store import Run, RunState, Store
from qa.store.operations import UrgentCall

#: Key of the store's settings: who paused the night, when and why.
PAUSED = "night.paused"
_NIGHTS = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """Tonight, from what waits, what usually comes, and how fast this site is.

    Attributes:
        waiting: Calls in the store that were never scored and are not given up.
        expected: New calls of a usual night.
        seconds: How long all of them take.
        finish_at: When they are done.
        finish_by: When they have to be.
        late: They will not be done in time.
        left_over: Calls that would then wait for the next night.
        workers_needed: Workers of this kind that would be done in time.
    """

    waiting: int
    expected: int
    audio_seconds: float
    seconds: float
    starts_at: datetime
    finish_at: datetime
    finish_by: datetime
    late: bool
    left_over: int
    workers_needed: int
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """All that an operator asks in the morning.

    Attributes:
        running: Runs in progress, the latest first, each with `eta` in its progress if known.
        last: The last run that ended.
        eta: When the run in progress is done; None when none runs or nothing is known yet.
        missed: The latest scheduled night that did not happen.
        standing: Stage → state → count.
        reasons: Open problems by kind, most files first.
    """

    now: datetime
    running: tuple[Run, ...]
    last: Run | None
    eta: datetime | None
    schedule: Schedule
    next_at: datetime
    missed: datetime | None
    paused: dict[str, str] | None
    urgent: tuple[UrgentCall, ...]
    standing: dict[str, dict[str, int]]
    reasons: tuple[dict[str, Any], ...]
    speed: Speed | None
    forecast: Forecast | None

    @property
    def alerts(self) -> tuple[str, ...]:
        """Codes of what needs somebody now: `late`, `missed`, `paused`, `lost`, `failures`."""
        found = {
            "late": self.forecast is not None and self.forecast.late,
            "missed": self.missed is not None,
            "paused": self.paused is not None,
            "lost": self.last is not None and self.last.state is RunState.LOST,
            "failures": bool(self.reasons),
        }
        return tuple(code for code, holds in found.items() if holds)

    def plain(self) -> dict[str, Any]:
        """As documented JSON."""
        plain = asdict(self)
        for run in (*plain["running"], *([plain["last"]] if plain["last"] else [])):
            run["state"] = str(run["state"])
        return {**plain, "alerts": list(self.alerts)}


def read_status(store: Store, settings: Settings, now: datetime) -> Status:
    """Read how things stand; nothing is changed."""
    schedule = Schedule.of(settings)
    runs = store.runs.latest(50)
    eta = next((_eta(run, now) for run in runs if run.state is RunState.RUNNING), None)
    running = tuple(run for run in runs if run.state is RunState.RUNNING)
    speed = measured_speed(store.operations.speeds())
    nights = [run for run in runs if run.kind in ("night", "catch_up")]
    last_night = nights[0].scheduled_for or nights[0].started_at if nights else None
    return Status(
        now=now,
        running=running,
        last=next((run for run in runs if run.state is not RunState.RUNNING), None),
        eta=eta,
        schedule=schedule,
        next_at=next_start(schedule, now),
        missed=None if running else due_since(schedule, last_night, now),
        paused=store.settings.get(PAUSED),
        urgent=tuple(store.operations.urgent()),
        standing=store.operations.standing(),
        reasons=tuple(store.operations.reasons()),
        speed=speed,
        forecast=_forecast(store, settings, speed, runs, now=now, eta=eta) if speed else None,
    )


def _eta(run: Run, now: datetime) -> datetime | None:
    """From this run's own pace; unknown before a few calls are through."""
    due, finished = run.progress.get("due", 0), run.progress.get("finished", 0)
    if finished < 3:
        return None
    pace = run.progress["elapsed_seconds"] / finished
    return now + timedelta(seconds=pace * (due - finished))


def _left(run: Run | None) -> int:
    return int(run.progress.get("due", 0) - run.progress.get("finished", 0)) if run else 0


def _forecast(
    store: Store,
    settings: Settings,
    speed: Speed,
    runs: list[Run],
    *,
    now: datetime,
    eta: datetime | None,
) -> Forecast:
    schedule = Schedule.of(settings)
    waiting, known_ms = store.operations.backlog()
    active = next((run for run in runs if run.state is RunState.RUNNING), None)
    usual = [
        run.counts.get("new", 0)
        for run in runs
        if run.state is RunState.FINISHED and run.kind in ("night", "catch_up")
    ][:_NIGHTS]
    expected = 0 if active or not usual else round(fmean(usual))
    calls = waiting + expected
    mean_s = store.operations.mean_length_ms() / 1000
    audio_s = max(known_ms / 1000, waiting * mean_s) + expected * mean_s
    starts_at = now if active else next_start(schedule, now)
    finish_by = next_finish(schedule, active.started_at if active else starts_at)
    seconds = seconds_for(calls, audio_s, speed, workers=settings.run.workers)
    if eta is not None:  # a run's own pace knows more than any plan
        seconds = (eta - now).total_seconds()
        calls = max(calls, _left(active))
    window_s = max(0.0, (finish_by - starts_at).total_seconds())
    late = seconds > window_s and calls > 0
    left_over = round(calls * (1 - window_s / seconds)) if late else 0
    return Forecast(
        waiting=waiting,
        expected=expected,
        audio_seconds=round(audio_s, 1),
        seconds=round(seconds, 1),
        starts_at=starts_at,
        finish_at=starts_at + timedelta(seconds=seconds),
        finish_by=finish_by,
        late=late,
        left_over=left_over,
        workers_needed=needed(calls, audio_s, speed, window_s=window_s),
        options=options(calls, audio_s, speed, window_s=window_s),
    )
