"""The nightly run as a Prefect deployment: served here, or run by the workers of a pool."""

from __future__ import annotations

import logging
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from flows.batch import quiet_prefect
from flows.output import note
from flows.site import open_site, site_ref
from qa.errors import QaError, SettingsError
from qa.operations import Schedule, due_since, next_start
from qa.operations.status import PAUSED
from qa.settings import load_settings
from qa.store import Run

_log = logging.getLogger(__name__)
_NAME = "nightly"
_START_S = 120.0


def nights(
    sources: Sequence[str], *, kind: str = "night", scheduled_for: datetime | None = None
) -> list[dict[str, Any]]:
    """Every source of a night, one after the other, then the reports that are due.

    A source that is down does not stop the others.

    Returns:
        The numbers of each source; `error` where it could not be read.
    """
    from flows.batch import run_batch  # noqa: PLC0415
    from flows.metrics import write_metrics  # noqa: PLC0415
    from flows.night import Occasion  # noqa: PLC0415
    from flows.reporting import write_due  # noqa: PLC0415

    site = open_site(site_ref())
    if site.store.settings.get(PAUSED):
        _log.warning("the night is paused; `qa resume` lets it run")
        return []
    found: list[dict[str, Any]] = []
    for source in sources or site.settings.night.sources:
        occasion = Occasion(kind=kind, scheduled_for=scheduled_for)
        try:
            counts = run_batch(source, occasion=occasion).counts.plain()
        except QaError as error:
            _log.error("%s", error.message, extra={"code": error.code})
            found.append({"source": source, "error": error.message, "remedy": error.remedy})
        else:
            found.append({"source": source, **counts})
        write_metrics(site)
    write_due(site)
    return found


def serve_nights(sources: Sequence[str], *, store: str, pool: str, catch_up: bool) -> None:
    """Register the deployment and serve it (or leave it to a pool's workers).

    Raises:
        SettingsError: No source is named, or the schedule cannot be read.
    """
    if store:
        os.environ["QA_STORE"] = store
    settings = load_settings()
    schedule = Schedule.of(settings)
    wanted = [*sources] or [*settings.night.sources]
    if not wanted:
        raise SettingsError(
            "no source is named", "night.sources", "name one: qa serve FOLDER, or in qa.toml"
        )
    wanted = [str(Path(each).absolute()) if "://" not in each else each for each in wanted]
    quiet_prefect()
    with server():
        if pool:
            _to_pool(wanted, schedule, pool)
            note(f"registered {_NAME} with the work pool {pool!r}: {schedule.cron}")
            return
        if catch_up:
            _catch_up(wanted, schedule)
        store_now = open_site(site_ref()).store.database.now()
        note(f"serving; the next night begins {next_start(schedule, store_now):%Y-%m-%d %H:%M %Z}")
        _flow().serve(
            name=_NAME,
            schedules=[_cron(schedule)],
            parameters={"sources": wanted},
            limit=1,
            pause_on_shutdown=False,
            print_starting_message=False,
        )


def _catch_up(sources: Sequence[str], schedule: Schedule) -> None:
    """Run the night that was missed, if one was; it takes in all that waits."""
    store = open_site(site_ref()).store
    missed = due_since(schedule, last_night(store.runs.latest(200)), store.database.now())
    if missed:
        note(f"catching up the night of {missed:%Y-%m-%d %H:%M}")
        nights(sources, kind="catch_up", scheduled_for=missed)


def last_night(runs: Sequence[Run]) -> datetime | None:
    """The moment that the last scheduled night answered; None when there was none."""
    moments = [
        run.scheduled_for or run.started_at for run in runs if run.kind in ("night", "catch_up")
    ]
    return max(moments, default=None)


def _flow() -> Any:
    from flows.scheduled import night_of  # noqa: PLC0415  (imports Prefect)

    return night_of


def _cron(schedule: Schedule) -> Any:
    from prefect.schedules import Cron  # noqa: PLC0415

    return Cron(schedule.cron, timezone=schedule.timezone)


def _to_pool(sources: Sequence[str], schedule: Schedule, pool: str) -> None:
    """Register for the workers of a work pool; they find the code installed on their machine."""
    from prefect.client.orchestration import get_client  # noqa: PLC0415
    from prefect.client.schemas.actions import WorkPoolCreate  # noqa: PLC0415
    from prefect.exceptions import ObjectNotFound  # noqa: PLC0415
    from prefect.types.entrypoint import EntrypointType  # noqa: PLC0415

    with get_client(sync_client=True) as client:
        try:
            client.read_work_pool(pool)
        except ObjectNotFound:
            client.create_work_pool(WorkPoolCreate(name=pool, type="process"))
    made = _flow().to_deployment(
        name=_NAME,
        schedules=[_cron(schedule)],
        parameters={"sources": list(sources)},
        concurrency_limit=1,
        work_pool_name=pool,
        entrypoint_type=EntrypointType.MODULE_PATH,
    )
    made.apply()


@contextmanager
def server() -> Iterator[str]:
    """The Prefect server of `PREFECT_API_URL`, or one of our own on loopback while this lasts."""
    url = os.environ.get("PREFECT_API_URL", "")
    if url:
        yield url
        return
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "prefect", "server", "start", "--no-ui"]
    command += ["--host", "127.0.0.1", "--port", str(port)]
    quiet = subprocess.DEVNULL
    started = subprocess.Popen(command, stdout=quiet, stderr=quiet)  # noqa: S603
    try:
        url = f"http://127.0.0.1:{port}/api"
        _wait_for(url, started)
        os.environ["PREFECT_API_URL"] = url
        yield url
    finally:
        os.environ.pop("PREFECT_API_URL", None)
        started.terminate()
        started.wait(timeout=30)


def _wait_for(url: str, started: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + _START_S
    while time.monotonic() < until and started.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/health", timeout=2):  # noqa: S310
                return
        except OSError:
            time.sleep(0.5)
    raise SettingsError(
        "Prefect's server does not start",
        url,
        "look at `prefect server start`, or name one by PREFECT_API_URL",
    )
