"""Where tasks run: threads, processes, Dask or Ray, by one setting, never more than the cores."""

from __future__ import annotations

from typing import Any

from prefect.task_runners import ProcessPoolTaskRunner, ThreadPoolTaskRunner

from qa import runtime
from qa.errors import SettingsError
from qa.settings import RunSettings


def task_runner(settings: RunSettings) -> Any:
    """The Prefect task runner of the settings.

    Raises:
        SettingsError: The runner's package is not installed.
    """
    if settings.runner == "thread":
        return ThreadPoolTaskRunner(max_workers=settings.workers)
    if settings.runner == "process":
        return ProcessPoolTaskRunner(max_workers=settings.workers)
    if settings.runner == "dask":
        return _dask(settings.workers)
    return _ray(settings.workers)


def threads_per_worker(workers: int) -> int:
    """Threads each worker process may use, so that processes × threads never exceed the cores."""
    return max(1, runtime.thread_count() // max(1, workers))


def _dask(workers: int) -> Any:
    try:
        from prefect_dask.task_runners import DaskTaskRunner  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise _missing("dask") from error
    kwargs = {"n_workers": workers, "threads_per_worker": 1, "dashboard_address": None}
    return DaskTaskRunner(cluster_kwargs=kwargs)


def _ray(workers: int) -> Any:
    try:
        from prefect_ray import RayTaskRunner  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise _missing("ray") from error
    return RayTaskRunner(init_kwargs={"num_cpus": workers, "include_dashboard": False})


def _missing(name: str) -> SettingsError:
    return SettingsError(
        f"the runner {name!r} is not installed",
        "run.runner",
        f"pip install 'call-quality[{name}]', or choose thread or process",
    )
