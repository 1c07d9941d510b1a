"""Stages without an orchestrator: a few threads, for one call or a small site."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from flows.chains import Chains
from flows.crew import crew_for
from flows.night import Counts, Night, Progress, settle
from flows.site import SiteRef, open_site
from flows.stages import Stage
from qa.errors import TransientError
from qa.settings import RunSettings


class _Handle:
    """A thread's result, asked for as Prefect's futures are."""

    def __init__(self, future: Future[str]) -> None:
        self._future = future

    def add_done_callback(self, told: Callable[[Any], None]) -> None:
        self._future.add_done_callback(told)

    def result(self, *, raise_on_failure: bool) -> Any:
        del raise_on_failure
        return self._future.exception() or self._future.result()


class _StageTask:
    """One stage, with the site's retries."""

    def __init__(self, pool: ThreadPoolExecutor, stage: Stage, settings: RunSettings) -> None:
        self._pool, self._stage, self._settings = pool, stage, settings

    def submit(self, ref: SiteRef, call_id: str, run_id: str) -> _Handle:
        return _Handle(self._pool.submit(self._run, ref, call_id, run_id))

    def _run(self, ref: SiteRef, call_id: str, run_id: str) -> str:
        crew = crew_for(self._settings)
        for number in range(self._settings.retries):
            try:
                return crew.carry_out(ref, call_id, self._stage, run_id=run_id).value
            except TransientError:
                time.sleep(self._settings.retry_seconds * 2**number)
        return crew.carry_out(ref, call_id, self._stage, run_id=run_id).value


def run_direct(ref: SiteRef, night: Night, *, progress: Progress) -> Counts:
    """Bring every call that is due to a score, here and now, and close the run."""
    site = open_site(ref)
    settings = site.settings.run
    with ThreadPoolExecutor(settings.workers) as pool:
        tasks = {stage: _StageTask(pool, stage, settings) for stage in Stage}
        Chains(site=site, ref=ref, night=night, tasks=tasks).run(tell=progress)
    return settle(site, night)
