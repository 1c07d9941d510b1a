"""What is left of a night after everything that can happen to it. `python tests/benchmarks/chaos.py`

Stages are rehearsed (no models), everything else is real: command line, processes, claims, store.
`--kills N` SIGKILLs the whole process group of a 60-call batch at N random moments, for at most
`--minutes`. After each calamity the batch is run to its end, and counted: every recording in exactly
one final state, nothing twice, nothing lost. Prints a table and exits with 1 when a row is wrong.
`tests/flows/test_chaos.py` does the same with fewer calls.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from tests import postgres  # noqa: E402
from tests.qa.sources.faulty_proxy import faulty_store, reached_by  # noqa: E402
from tests.rehearsal.site import RehearsalSite  # noqa: E402

CALLS = 60
NIGHTS = 6


@dataclass
class Row:
    """One calamity, and what the store held after the batch had been run to its end."""

    what: str
    happened: int
    calls: int
    states: Counter
    twice: int
    begun: int

    @property
    def whole(self) -> bool:
        """Nothing lost, nothing twice, every call in a final state."""
        final = all(name == "scored" or "quarantined" in name for name in self.states)
        return final and not self.twice and sum(self.states.values()) == self.calls


def settled(site: RehearsalSite, what: str, happened: int) -> Row:
    """Run the batch until nothing is left to do, and count."""
    for _ in range(NIGHTS):
        summary = site.run()
        if not summary["failed"] + summary["waiting"]:
            break
    begun = len(site.started())
    states = site.counts()
    return Row(what, happened, site.recorded, states, len(site.duplicates()), begun)


def kills(folder: Path, count: int, *, minutes: float = 60, calls: int = CALLS) -> Row:
    """SIGKILL the scheduler with all its workers at random moments, again and again."""
    site = RehearsalSite(folder, QA_RUN__WORKERS="2", QA_REHEARSAL_MS="400")
    site.record(calls)
    chance, done = random.Random(1), 0
    end = time.monotonic() + 60 * minutes
    while done < count and time.monotonic() < end:
        victim = site.start("run", site.source)
        begun = len(site.started())
        until = time.monotonic() + 120
        while time.monotonic() < until and victim.poll() is None:  # past the start, into the work
            if len(site.started()) > begun:
                break
            time.sleep(0.02)
        time.sleep(chance.random() * 1.5)
        if victim.poll() is not None:
            site.record(calls, name=f"more{done}")  # it was done before it could be killed
            continue
        os.killpg(victim.pid, signal.SIGKILL)
        victim.wait()
        done += 1
    return settled(site, "scheduler and workers killed (SIGKILL)", done)


def workers_killed(folder: Path, calls: int = 30) -> Row:
    """Only workers are killed, under a scheduler that goes on."""
    site = RehearsalSite(folder, QA_RUN__WORKERS="2", QA_REHEARSAL_MS="150")
    site.record(calls)
    run, done = site.start("run", site.source), 0
    while run.poll() is None and done < calls // 5:
        if len(site.started()) > 8 * (done + 1):
            try:
                os.kill(int(site.started()[-1][2]), signal.SIGKILL)
                done += 1
            except ProcessLookupError:
                pass
        time.sleep(0.05)
    run.wait()
    return settled(site, "worker killed under a living scheduler", done)


def two_schedulers(folder: Path, calls: int = CALLS) -> Row:
    """The same batch started twice at the same moment."""
    site = RehearsalSite(folder, QA_RUN__WORKERS="2", QA_REHEARSAL_MS="50")
    site.record(calls)
    both = [site.start("run", site.source) for _ in range(2)]
    for each in both:
        each.wait()
    return settled(site, "two schedulers at once", 2)


def clock_jumps(folder: Path, calls: int = 20) -> Row:
    """Claims of a killed run, moved ten years ahead and ten years back, as a jumping clock does."""
    site = RehearsalSite(folder, QA_RUN__WORKERS="2", QA_REHEARSAL_MS="300")
    site.record(calls)
    for jump in ("+3650 days", "-3650 days"):
        victim = site.start("run", site.source)
        before = len(site.started())
        while victim.poll() is None:
            if len(site.started()) > before + 4:
                break
            time.sleep(0.05)
        os.killpg(victim.pid, signal.SIGKILL)
        victim.wait()
        with sqlite3.connect(site.home / "store.db") as connection:
            connection.execute(
                "UPDATE stage_runs SET lease_until = datetime(lease_until, ?), owner = 'gone:1:1'"
                " WHERE state = 'running'",
                (jump,),
            )
    return settled(site, "clock jumped ±10 years", 2)


def disk_full(folder: Path, calls: int = 30) -> Row:
    """The store may not grow any more in the middle of the batch, then it may again."""
    site = RehearsalSite(folder, QA_RUN__WORKERS="2")
    site.record(calls)
    limit = "ulimit -f 900"  # KiB a file may have: the database stops growing
    command = [sys.executable, "-m", "flows.cli", "run", str(site.source)]
    line = f"{limit}; exec {' '.join(command)}"
    quiet = subprocess.DEVNULL
    subprocess.run(
        ["bash", "-c", line], env=site.environment(), cwd=ROOT, check=False,
        stdout=quiet, stderr=quiet,
    )  # fmt: skip
    return settled(site, "disk full, then space again", 1)


def poison_and_hang(folder: Path) -> Row:
    """Files that crash or hang the decoder among good ones; nights go on until they are given up."""
    site = RehearsalSite(folder, QA_RUN__WORKERS="2", QA_RUN__START_SECONDS="30")
    site.record(20)
    site.record(2, "POISON", "poison")
    site.record(2, "HANG", "hang")
    return settled(site, "2 crash the decoder, 2 hang", 4)


def database_restarted(folder: Path, calls: int = 40, times: int = 3) -> Row:
    """PostgreSQL is stopped at once and started again, several times, under the running batch."""
    with postgres.cluster() as server:
        if server is None:
            raise SystemExit("PostgreSQL is not installed: leave `database` out with --only")
        site = RehearsalSite(folder, server.url, QA_RUN__WORKERS="2", QA_REHEARSAL_MS="300")
        site.record(calls)
        done = 0
        while done < times:
            run, begun = site.start("run", site.source), len(site.started())
            while run.poll() is None and done < times:
                if len(site.started()) > begun + 6:
                    server.restart()
                    done, begun = done + 1, len(site.started())
                time.sleep(0.05)
            run.wait()
        return settled(site, "PostgreSQL stopped and started", done)


def store_failing(folder: Path, calls: int = 20, faults: int = 40) -> Row:
    """The object store answers with 500, says nothing, or breaks off in the middle of a body."""
    chance = random.Random(1)
    wanted = [chance.choice(("500", "silence", "half")) for _ in range(faults)]
    with faulty_store("rec") as (proxy, client):
        settings = reached_by(proxy) | {"QA_RUN__WORKERS": "2"}
        site = RehearsalSite(folder, **settings)
        site.record(calls)
        for path in site.folder.iterdir():
            client.put_object(Bucket="rec", Key=f"night/{path.name}", Body=path.read_bytes())
        site.source = "s3://rec/night"
        proxy.fail(*(fault for each in wanted for fault in (each, "", "")))
        row = settled(site, "object store: 500, silence, half a body", faults)
        row.happened -= sum(map(bool, proxy.faults))
        return row


CALAMITIES: dict[str, Callable[[Path], Row]] = {
    "workers": workers_killed,
    "two": two_schedulers,
    "clock": clock_jumps,
    "disk": disk_full,
    "poison": poison_and_hang,
    "database": database_restarted,
    "store": store_failing,
}


def table(rows: list[Row]) -> str:
    """The rows as Markdown."""
    lines = [
        "| calamity | times | recordings | final states | twice | lost | stages begun | whole |",
        "|---|--:|--:|---|--:|--:|--:|---|",
    ]
    for row in rows:
        states = ", ".join(f"{count} {name}" for name, count in sorted(row.states.items()))
        lost = row.calls - sum(row.states.values())
        lines.append(
            f"| {row.what} | {row.happened} | {row.calls} | {states} | {row.twice} | {lost} "
            f"| {row.begun} | {'yes' if row.whole else 'NO'} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Print the table."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--kills", type=int, default=200)
    arguments.add_argument("--minutes", type=float, default=60)
    arguments.add_argument("--only", nargs="*", choices=[*CALAMITIES, "kills"])
    given = arguments.parse_args()
    wanted = given.only or [*CALAMITIES, "kills"]
    rows = []
    for name in wanted:
        folder = Path(tempfile.mkdtemp(prefix=f"qa-chaos-{name}-"))
        try:
            if name == "kills":
                rows.append(kills(folder, given.kills, minutes=given.minutes))
            else:
                rows.append(CALAMITIES[name](folder))
            print(table(rows[-1:]).splitlines()[-1], flush=True)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    print(f"\nload {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores\n")
    print(table(rows))
    sys.exit(not all(row.whole for row in rows))


if __name__ == "__main__":
    main()
