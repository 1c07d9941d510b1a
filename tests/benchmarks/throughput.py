"""Audio hours per hour: threads, processes, Dask; one worker and two. `throughput.py [--calls N]`

Calls of four minutes whose stages are rehearsed: each hashes `--megabytes`, which keeps one core
busy and needs no models; command line, processes, claims and store are the real ones. `--real
FOLDER` runs the real models over a folder instead. The first rows are the machine alone: the same
hashing in one and in two bare processes. Efficiency is the speed of two workers ÷ 2 × that of one
with the same runner; beside it stands the machine's own. The clock runs from the first stage that
begins to the last that ends; what a command takes to start is its own column.

Overhead of a call is the workers' time that no stage accounts for: claims, hand-over, Prefect. On a
busy machine that is mostly waiting for a core; `--processor` prints the processor time of a call
without any work instead: what many calls take more than one, command and workers together.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import resource
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "rehearsal" / "path")]

from rehearsal_stages import hash_megabytes  # noqa: E402

from qa.store.tables import stage_runs  # noqa: E402
from tests.rehearsal.site import RehearsalSite  # noqa: E402

RUNS = (("plain", 1), ("plain", 2), ("thread", 1), ("thread", 2), ("process", 2), ("dask", 2))
STAGES = 3


@dataclass(frozen=True, kw_only=True)
class Row:
    """One run.

    Attributes:
        window_s: From the first stage that began to the last that ended.
        work_s: What the stages say they took, together.
        start_s: The rest of the command's time.
    """

    runner: str
    workers: int
    calls: int
    audio_s: float
    window_s: float
    work_s: float
    start_s: float

    @property
    def speed(self) -> float:
        """Audio hours per hour."""
        return self.audio_s / self.window_s

    @property
    def overhead_ms(self) -> float:
        """Worker time of a call beside its stages."""
        return 1000 * (self.window_s * self.workers - self.work_s) / self.calls


def machine(workers: int, calls: int, megabytes: int) -> Row:
    """The work alone, in bare processes."""
    with multiprocessing.Pool(workers) as pool:
        pool.map(hash_megabytes, [1] * workers)
        begun = time.perf_counter()
        pool.map(hash_megabytes, [megabytes] * (calls * STAGES), chunksize=1)
        took = time.perf_counter() - begun
    return Row(
        runner="bare processes", workers=workers, calls=calls, audio_s=calls * 240.0,
        window_s=took, work_s=took * workers, start_s=0.0,
    )  # fmt: skip


def run(runner: str, workers: int, given: argparse.Namespace) -> Row:
    """One `qa run` over new recordings."""
    with tempfile.TemporaryDirectory(prefix="qa-throughput-") as folder:
        site = RehearsalSite(
            Path(folder),
            QA_RUN__RUNNER=runner,
            QA_RUN__WORKERS=str(workers),
            QA_RUN__STAGE_TIMEOUT_SECONDS="600",
            QA_REHEARSAL_MB=str(given.megabytes),
            PREFECT_HOME=f"{folder}/prefect",
            **({"PYTHONPATH": str(ROOT)} if given.real else {}),
        )
        if given.real:
            site.source = given.real
        else:
            site.record(given.calls)
        begun = time.perf_counter()
        counts = site.run()
        took = time.perf_counter() - begun
        assert not counts["failed"] + counts["waiting"], counts
        with site.open() as store, store.database.reading() as connection:
            first, last = connection.execute(
                sa.select(
                    sa.func.min(stage_runs.c.started_at), sa.func.max(stage_runs.c.finished_at)
                )
            ).one()
            stages = store.operations.speeds().values()
        window = (last - first).total_seconds()
        return Row(
            runner=runner, workers=workers, calls=counts["evaluated"],
            audio_s=counts["audio_seconds"], window_s=window,
            work_s=sum(stage.work_ms for stage in stages) / 1000, start_s=took - window,
        )  # fmt: skip


def processor_ms(runner: str, given: argparse.Namespace) -> float:
    """Processor time of one more call that has nothing to do, in milliseconds."""
    spent = []
    for calls in (1, given.calls + 1):
        before = _children_s()
        run(runner, 1, argparse.Namespace(calls=calls, megabytes=0, real=""))
        spent.append(_children_s() - before)
    return 1000 * (spent[1] - spent[0]) / given.calls


def _children_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def table(rows: list[Row], factor: float) -> str:
    """The rows as Markdown."""
    head = "| runner | workers | audio hours per hour | efficiency | overhead a call | "
    head += f"of a 4-minute call (factor {factor}) | start of the command |"
    lines = [head, "|---|--:|--:|--:|--:|--:|--:|"]
    alone = {row.runner: row.speed for row in rows if row.workers == 1}
    for row in rows:
        one = alone.get(row.runner, alone.get("thread", 0.0))
        share = row.speed / (row.workers * one) if one else 0.0
        percent = row.overhead_ms / (240 * factor * 10)
        lines.append(
            f"| {row.runner} | {row.workers} | {row.speed:.0f} | {share:.2f} "
            f"| {row.overhead_ms:.0f} ms | {percent:.1f} % | {row.start_s:.1f} s |"
        )
    return "\n".join(lines)


def main() -> None:
    """Print the table."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--calls", type=int, default=24)
    arguments.add_argument("--megabytes", type=int, default=300, help="hashed by each stage")
    arguments.add_argument("--runners", nargs="*", default=[], help="plain, thread, process, dask")
    arguments.add_argument("--real", default="", help="a folder, with the real models")
    arguments.add_argument("--factor", type=float, default=0.15, help="real-time factor of a call")
    arguments.add_argument("--processor", action="store_true", help="processor time of a call")
    given = arguments.parse_args()
    if given.processor:
        for runner in given.runners or ("plain", "thread"):
            print(f"| {runner} | {processor_ms(runner, given):.0f} ms |", flush=True)
        return
    bare = [] if given.real else [machine(count, given.calls, given.megabytes) for count in (1, 2)]
    wanted = [each for each in RUNS if not given.runners or each[0] in given.runners]
    rows = bare + [run(runner, workers, given) for runner, workers in wanted]
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores\n")
    print(table(rows, given.factor))


if __name__ == "__main__":
    main()
