"""One night on each engine: threads, processes, Dask, Ray; with a worker killed half-way."""

from __future__ import annotations

import importlib.util
import os
import signal
import time
from pathlib import Path

import pytest

from tests.rehearsal.site import RehearsalSite

pytestmark = pytest.mark.flow

ENGINES = {"thread": "prefect", "process": "prefect", "dask": "prefect_dask", "ray": "prefect_ray"}


@pytest.mark.parametrize("engine", ENGINES)
def test_a_killed_worker_costs_nothing_on_any_engine(engine, tmp_path):
    if importlib.util.find_spec(ENGINES[engine]) is None:
        pytest.skip(f"{ENGINES[engine]} is not installed: the runner {engine!r} is NOT TESTED")
    site = RehearsalSite(
        tmp_path,
        QA_RUN__RUNNER=engine,
        QA_RUN__WORKERS="2",
        QA_THREADS="2",
        QA_REHEARSAL_MS="200",
        PREFECT_HOME=str(tmp_path / "prefect"),
    )
    site.record(6)
    run = site.start("run", site.source)
    victim = process_of(site, run, at_least=4)
    os.kill(victim, signal.SIGKILL)
    assert run.wait(timeout=600) == 0
    assert site.counts() == {"scored": 6}
    assert site.duplicates() == []
    assert {threads for *_, threads in site.started()} == {"1"}
    assert len({process for *_, process, _ in site.started()}) <= 4  # two, and one after the kill


def test_the_runner_itself_may_lose_a_process(tmp_path):
    """Dask's own worker process dies, with the worker below it: its task begins again elsewhere."""
    pytest.importorskip("prefect_dask", reason="prefect-dask is not installed: NOT TESTED")
    site = RehearsalSite(
        tmp_path, QA_RUN__RUNNER="dask", QA_RUN__WORKERS="2", QA_REHEARSAL_MS="300"
    )
    site.record(5)
    run = site.start("run", site.source)
    os.kill(parent_of(process_of(site, run, at_least=3)), signal.SIGKILL)
    assert run.wait(timeout=600) == 0
    again = site.run(QA_RUN__RUNNER="plain")
    assert again["failed"] == 0
    assert site.counts() == {"scored": 5}
    assert site.duplicates() == []


def process_of(site, run, *, at_least):
    """The process of a stage that has just begun."""
    while run.poll() is None:
        if site.log.exists() and len(site.started()) >= at_least:
            process = int(site.started()[-1][2])
            try:
                os.kill(process, 0)
            except ProcessLookupError:
                continue
            return process
        time.sleep(0.05)
    pytest.fail("the run ended before so many stages began")


def parent_of(process):
    stat = Path(f"/proc/{process}/stat").read_text(encoding="ascii")
    return int(stat.rpartition(")")[2].split()[1])
