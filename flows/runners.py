"""Where tasks run: threads, processes, Dask or Ray, by one setting, never more than the cores.

A task of any runner hands its work to a worker process of `flows.crew` and waits; so the runner
decides on which machine, and the crew with how many threads.
"""

from __future__ import annotations

import logging
from typing import Any

from prefect.task_runners import ProcessPoolTaskRunner, ThreadPoolTaskRunner

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
    return _dask(settings) if settings.runner == "dask" else _ray(settings)


def _dask(settings: RunSettings) -> Any:
    try:
        from prefect_dask.task_runners import DaskTaskRunner  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise _missing("dask") from error
    logging.getLogger("distributed").setLevel(logging.WARNING)  # forty lines a run otherwise
    if settings.cluster:
        return DaskTaskRunner(address=settings.cluster)
    return DaskTaskRunner(
        cluster_kwargs={
            "n_workers": settings.workers,
            "threads_per_worker": 1,
            "processes": True,
            "dashboard_address": None,
            "memory_limit": 0,  # the memory is in the crew's processes, which Dask cannot see
        }
    )


def _ray(settings: RunSettings) -> Any:
    try:
        from prefect_ray import RayTaskRunner  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise _missing("ray") from error
    if settings.cluster:
        return RayTaskRunner(address=settings.cluster)
    return RayTaskRunner(
        init_kwargs={
            "num_cpus": settings.workers,
            "include_dashboard": False,
            "log_to_driver": False,
            "object_store_memory": 80_000_000,  # only ids and states pass between tasks
        }
    )


def _missing(name: str) -> SettingsError:
    return SettingsError(
        f"the runner {name!r} is not installed",
        "run.runner",
        f"pip install 'call-quality[{name}]', or choose thread or process",
    )
