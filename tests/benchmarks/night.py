"""A whole night simulated with recorded timings. `python tests/benchmarks/night.py STORE [--calls N]`

Every simulated call takes, stage by stage, what a call of the given store took for each second of
its sound. The store hands out one piece of work at a time (`--store-ms` for claim and result), a
worker dies in `--dies` of a thousand stages and comes back after half a minute, and what it had in
hand is done again. With GPUs, transcription runs there, `--gpu-speed` times as fast (an assumption
until one was measured), and the workers do the rest. Beside it stands what the planner says.
"""

from __future__ import annotations

import argparse
import heapq
import json
import random
import sys
from collections import deque
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import sqlalchemy as sa

from qa.operations import Speed, seconds_for
from qa.operations.capacity import GPU_SPEEDUP
from qa.store import connect
from qa.store.tables import stage_runs

STAGES = ("transcribe", "analyse", "score")
RESTART_S = 30.0


@dataclass(frozen=True, kw_only=True)
class Site:
    """What is simulated. `factors`: per recorded call, seconds of each stage per second of sound."""

    factors: list[tuple[float, ...]]
    calls: int
    seconds: float
    workers: int
    gpus: int = 0
    gpu_speed: float = GPU_SPEEDUP
    store_s: float = 0.005
    dies: float = 0.001


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How the night went: hours, the share of them in which workers and store were busy."""

    hours: float
    busy: float
    store_busy: float
    again: int


def recorded(url: str) -> list[tuple[float, ...]]:
    """Seconds of work per second of sound of every call of a store that went through."""
    rows = stage_runs.c
    query = sa.select(rows.sha256, rows.stage, rows.audio_ms, rows.timings_ms)
    found: dict[str, dict[str, float]] = {}
    with connect(url, read_only=True) as store, store.database.reading() as connection:
        for key, stage, audio_ms, timings in connection.execute(query.where(rows.audio_ms > 0)):
            found.setdefault(key, {})[stage] = sum(json.loads(timings).values()) / audio_ms
    return [
        tuple(call[stage] for stage in STAGES)
        for call in found.values()
        if call.keys() >= set(STAGES)
    ]


def simulate(site: Site, seed: int = 1) -> Outcome:
    """Run the night, event by event."""
    chance = random.Random(seed)
    heard = 0 if site.gpus else -1  # the stage that GPUs do
    idle = {False: site.workers, True: site.gpus}
    waiting: dict[bool, deque[tuple[int, int]]] = {False: deque(), True: deque()}
    drawn = [chance.choice(site.factors) for _ in range(site.calls)]
    waiting[heard == 0].extend((call, 0) for call in range(site.calls))
    ends: list[tuple[float, int, int, bool]] = []
    now = store_free = work = store_work = 0.0
    again = 0
    while True:
        for on_gpu in (False, True):
            while idle[on_gpu] and waiting[on_gpu]:
                call, stage = waiting[on_gpu].popleft()
                idle[on_gpu] -= 1
                begin = store_free = max(now, store_free) + site.store_s
                store_work += site.store_s
                took = drawn[call][stage] * site.seconds / (site.gpu_speed if on_gpu else 1)
                work += took
                dies = chance.random() < site.dies
                again += dies
                end = begin + (took * chance.random() + RESTART_S if dies else took)
                heapq.heappush(ends, (end, call, stage - dies, on_gpu))
        if not ends:
            break
        now, call, stage, on_gpu = heapq.heappop(ends)
        idle[on_gpu] += 1
        if (following := stage + 1) < len(STAGES):
            # a call in hand goes on before another one is begun
            waiting[following == heard].appendleft((call, following))
    busy = work / (now * (site.workers + site.gpus))
    return Outcome(hours=now / 3600, busy=busy, store_busy=store_work / now, again=again)


def main() -> None:
    """Print the table."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("store", help="a store whose calls went through the real models")
    arguments.add_argument("--calls", type=int, default=100_000)
    arguments.add_argument("--minutes", type=float, default=4.0)
    arguments.add_argument("--workers", type=int, nargs="*", default=[64, 256, 512, 1024])
    arguments.add_argument("--gpus", type=int, nargs="*", default=[0])
    arguments.add_argument("--gpu-speed", type=float, default=GPU_SPEEDUP)
    arguments.add_argument("--store-ms", type=float, default=5.0)
    arguments.add_argument("--dies", type=float, default=1.0, help="workers dead per 1,000 stages")
    given = arguments.parse_args()
    factors = recorded(given.store)
    count, seconds = given.calls, given.minutes * 60
    means = [sum(each) / len(factors) for each in zip(*factors, strict=True)]
    speed = Speed(listening=means[0], judging=sum(means[1:]), pieces=len(factors))
    print(
        f"{len(factors)} recorded calls, {speed.listening:.3f} + {speed.judging:.3f} s a second\n"
    )
    print("| workers | GPUs | hours | planner | workers busy | store busy | done again |")
    print("|--:|--:|--:|--:|--:|--:|--:|")
    for gpus in given.gpus:
        for workers in given.workers:
            site = Site(
                factors=factors, calls=count, seconds=seconds, workers=workers, gpus=gpus,
                gpu_speed=given.gpu_speed, store_s=given.store_ms / 1000, dies=given.dies / 1000,
            )  # fmt: skip
            night = simulate(site)
            planned = seconds_for(count, count * seconds, speed, workers=workers, gpus=gpus) / 3600
            print(f"| {workers} | {gpus} | {night.hours:.1f} | {planned:.1f} | {night.busy:.0%} "
                  f"| {night.store_busy:.0%} | {night.again:,} |", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
