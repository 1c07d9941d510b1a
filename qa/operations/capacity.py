"""The capacity planner: what so many calls cost, from measured real-time factors."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from qa.store.operations import StageSpeed

#: Share of its speed that a worker keeps beside others: what `tests/benchmarks/throughput.py` asks
#: of two workers on two cores; memory bandwidth and the store cost the rest.
EFFICIENCY = 0.85

#: Recognition on one data-centre GPU against one CPU worker. An assumption until a GPU was measured
#: here: published figures of CTranslate2's float16 Whisper lie between 15 and 40 times.
GPU_SPEEDUP = 20.0

#: What Prefect, the claims and the store cost a call beside its processing.
OVERHEAD_S = 0.3

WORKERS = (1, 2, 4, 8, 16, 32, 64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Speed:
    """Seconds of one worker's work per second of sound.

    Attributes:
        listening: Decoding, separating speakers and recognition; what a GPU makes faster.
        judging: Analysis and scoring.
        pieces: How many transcriptions this was measured on.
    """

    listening: float
    judging: float
    pieces: int

    @property
    def factor(self) -> float:
        """The real-time factor of the whole chain on one worker."""
        return self.listening + self.judging


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """What a night would take with so many workers."""

    workers: int
    gpus: int
    seconds: float
    fits: bool


def measured_speed(speeds: Mapping[str, StageSpeed]) -> Speed | None:
    """The speed of this site from its own finished work; None when nothing was transcribed yet."""
    heard = speeds.get("transcribe")
    if heard is None or not heard.audio_ms:
        return None
    judging = sum(found.factor for stage, found in speeds.items() if stage != "transcribe")
    return Speed(listening=heard.factor, judging=judging, pieces=heard.pieces)


def seconds_for(calls: int, audio_s: float, speed: Speed, *, workers: int, gpus: int = 0) -> float:
    """Wall seconds for `calls` calls that hold `audio_s` seconds of sound together.

    With GPUs, they transcribe while the workers do the rest; the slower of the two sets the pace.
    """
    kept = 1.0 if workers == 1 else EFFICIENCY
    if not gpus:
        return (audio_s * speed.factor + calls * OVERHEAD_S) / (workers * kept)
    heard = audio_s * speed.listening / (GPU_SPEEDUP * gpus)
    return max(heard, (audio_s * speed.judging + calls * OVERHEAD_S) / (workers * kept))


def options(
    calls: int,
    audio_s: float,
    speed: Speed,
    *,
    window_s: float,
    workers: Sequence[int] = WORKERS,
    gpus: Sequence[int] = (1, 2),
) -> tuple[Option, ...]:
    """What N workers or a GPU would do, cheapest first, without those that help no further."""
    plain = [_option(calls, audio_s, speed, window_s, workers=n, gpus=0) for n in workers]
    enough = next((at for at, option in enumerate(plain) if option.fits), len(plain) - 1)
    with_gpu = [_option(calls, audio_s, speed, window_s, workers=2, gpus=n) for n in gpus]
    return (*plain[: enough + 2], *with_gpu)


def _option(
    calls: int, audio_s: float, speed: Speed, window_s: float, *, workers: int, gpus: int
) -> Option:
    seconds = seconds_for(calls, audio_s, speed, workers=workers, gpus=gpus)
    return Option(workers=workers, gpus=gpus, seconds=seconds, fits=seconds <= window_s)


def workers_needed(calls: int, audio_s: float, speed: Speed, *, window_s: float) -> int:
    """The smallest number of CPU workers that is done in the window."""
    work = audio_s * speed.factor + calls * OVERHEAD_S
    if work <= window_s:
        return 1
    return max(2, math.ceil(work / (EFFICIENCY * max(1.0, window_s))))
