"""The night as a Prefect flow: one task per stage and call, ids between tasks, never arrays.

Prefect gives retries, parallelism and a record of the night; what is done and what is due stands in
our store, so a flow that is killed, or run twice at once, repeats nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from prefect import flow, task
from prefect.artifacts import create_markdown_artifact, create_table_artifact
from prefect.client.schemas.objects import State, TaskRun
from prefect.futures import PrefectFuture

from flows.night import Counts, Night, Progress, begin, settle
from flows.report import night_markdown, problem_rows
from flows.runners import task_runner
from flows.site import SiteRef, open_site
from flows.stages import Stage, run_stage
from qa import runtime
from qa.errors import QaError, TransientError
from qa.sources import SourceOptions

_log = logging.getLogger(__name__)

#: Calls handed to the runner at once: bounds the futures of a night of 50,000 calls.
WINDOW = 200


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
        retries=2,
        retry_delay_seconds=[5, 30],
        retry_condition_fn=_is_transient,
        persist_result=False,
    )
    def run(ref: SiteRef, call_id: str, run_id: str) -> None:
        runtime.prepare()
        run_stage(open_site(ref), call_id, stage, run_id=run_id)

    return run


_TASKS = {stage: _stage_task(stage) for stage in Stage}


@flow(name="night-shift", validate_parameters=False, persist_result=False)
def night_shift(
    ref: SiteRef,
    source: str,
    options: SourceOptions,
    *,
    night: Night | None = None,
    progress: Progress | None = None,
) -> Counts:
    """Take in a source and bring every call of it to a score.

    Args:
        ref: The site.
        source: Folder or URL.
        options: How to read the source.
        night: A run already begun by the caller, so that the source is not listed twice.
        progress: Told about each finished call: what, how many, of how many.
    """
    site = open_site(ref)
    tell = progress or (lambda *_: None)
    night = night or begin(site, source, options, tell)
    _process(ref, night, tell)
    counts = settle(site, night)
    open_problems = site.store.problems.open(limit=200)
    create_markdown_artifact(
        key="night", markdown=night_markdown(night.source, counts, open_problems)
    )
    if open_problems:
        create_table_artifact(key="night-problems", table=problem_rows(open_problems))
    return counts


def _process(ref: SiteRef, night: Night, tell: Progress) -> None:
    calls = list(night.due.values())
    finished = 0
    for window in _windows(calls):
        chains = [_submit(ref, call_id, night.run_id) for call_id in window]
        for chain in chains:
            for future in chain:
                _await(future)
            finished += 1
            tell("scoring", finished, len(calls))


def _await(future: PrefectFuture[None]) -> None:
    """Wait for a task. Its failure is stored already, unless it is a defect of ours: say so."""
    future.wait()
    if future.state.is_failed():
        error = future.result(raise_on_failure=False)
        if not isinstance(error, QaError):
            _log.error("a stage ended in %s, which is not in the store", type(error).__name__)


def _windows(calls: Sequence[str]) -> Iterable[Sequence[str]]:
    return (calls[at : at + WINDOW] for at in range(0, len(calls), WINDOW))


def _submit(ref: SiteRef, call_id: str, run_id: str) -> list[PrefectFuture[None]]:
    """Chain the stages of a call; a failed stage leaves the later ones not run."""
    chain: list[PrefectFuture[None]] = []
    for stage in Stage:
        chain.append(_TASKS[stage].submit(ref, call_id, run_id, wait_for=chain[-1:]))
    return chain


def run_night_shift(
    ref: SiteRef, night: Night, *, progress: Callable[[str, int, int], None]
) -> Counts:
    """Run the flow here, with the runner and worker count of the site's settings."""
    settings = open_site(ref).settings.run
    shift = night_shift.with_options(task_runner=task_runner(settings))
    return shift(ref, night.source, SourceOptions(), night=night, progress=progress)
