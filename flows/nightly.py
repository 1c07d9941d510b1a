"""The night as a Prefect flow: one task per stage and call, ids between tasks, never arrays.

Prefect gives retries, parallelism and a record of the night; what is done and what is due stands in
our store, so a flow that is killed, or run twice at once, repeats nothing. The work itself happens
in the worker processes of `flows.crew`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from prefect import flow, task
from prefect.artifacts import create_markdown_artifact, create_table_artifact
from prefect.client.schemas.objects import State, TaskRun

from flows.chains import Chains
from flows.crew import crew_for
from flows.night import Counts, Night, Progress, settle
from flows.report import night_markdown, problem_rows
from flows.runners import task_runner
from flows.site import SiteRef, open_site
from flows.stages import Stage
from qa import runtime
from qa.errors import TransientError
from qa.settings import RunSettings
from qa.store import owner_is_alive
from qa.store.closing import closing_of

_log = logging.getLogger(__name__)


async def _is_transient(_task: Any, _run: TaskRun, state: State) -> bool:
    try:
        await state.result(raise_on_failure=True)
    except TransientError:
        return True
    except Exception:  # noqa: BLE001  (every other error is final, and already stored)
        return False
    return False


def _stage_task(stage: Stage) -> Any:
    @task(
        name=stage.value,
        task_run_name=f"{stage.value} {{call_id}}",
        retry_condition_fn=_is_transient,
        persist_result=False,
    )
    def run(ref: SiteRef, call_id: str, run_id: str) -> str:
        runtime.prepare()
        crew = crew_for(open_site(ref).settings.run)
        return crew.carry_out(ref, call_id, stage, run_id=run_id).value

    return run


_TASKS = {stage: _stage_task(stage) for stage in Stage}


def stage_tasks(settings: RunSettings) -> dict[Stage, Any]:
    """The tasks with the site's retries: what passes by itself is tried again, ever later."""
    delays = [settings.retry_seconds * 2**number for number in range(settings.retries)]
    options = {"retries": settings.retries, "retry_delay_seconds": delays or 0}
    return {stage: made.with_options(**options) for stage, made in _TASKS.items()}


#: Runs begun in this process, by id. Prefect stores a flow's parameters and sends them to every
#: worker: 50,000 due calls and a progress bar must not be among them.
_BEGUN: dict[str, tuple[Night, Progress]] = {}


@flow(name="night-shift", validate_parameters=False, persist_result=False)
def night_shift(ref: SiteRef, run_id: str) -> Counts:
    """Bring every call that is due to a score.

    Args:
        ref: The site.
        run_id: A run begun in this process (`run_night_shift`).
    """
    return _bring_to_scores(ref, run_id)


def _bring_to_scores(ref: SiteRef, run_id: str) -> Counts:
    # apart from the flow: Dask pickles that by value, with every global that it names
    night, tell = _BEGUN[run_id]
    site = open_site(ref)
    settings = site.settings.run
    chains = Chains(site=site, ref=ref, night=night, tasks=stage_tasks(settings))
    for _ in range(settings.max_attempts):
        broken = chains.run(tell=tell)
        if not broken:
            break
        _log.warning("%d calls lost their worker; once more", len(broken))
        site.store.stages.reclaim(owner_is_alive)
    counts = settle(site, night)
    open_problems = site.store.problems.open(limit=200)
    closing = closing_of(site.store.runs.get(night.run_id).summary)
    create_markdown_artifact(
        key="night", markdown=night_markdown(night.source, counts, open_problems, closing)
    )
    if open_problems:
        create_table_artifact(key="night-problems", table=problem_rows(open_problems))
    return counts


def run_night_shift(
    ref: SiteRef, night: Night, *, progress: Callable[[str, int, int], None]
) -> Counts:
    """Run the flow here, with the runner and worker count of the site's settings."""
    settings = open_site(ref).settings.run
    shift = night_shift.with_options(task_runner=task_runner(settings))
    _BEGUN[night.run_id] = (night, progress)
    try:
        return shift(ref, night.run_id)
    finally:
        del _BEGUN[night.run_id]
