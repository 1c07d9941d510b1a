"""How many of a machine's processes may transcribe on its GPU at once."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from itertools import cycle
from pathlib import Path

from filelock import FileLock, Timeout

from flows.stages import Stage
from qa.settings import Settings


@contextmanager
def gpu_slot(settings: Settings, stage: Stage) -> Iterator[None]:
    """Hold one of the machine's `run.gpu_workers` slots while a stage uses its GPU.

    Slots are locked files: they hold across runners, schedulers and sites of a machine, and a
    process that dies gives its slot back. Stages without a GPU pass through.
    """
    if stage is not Stage.TRANSCRIBE or not uses_gpu(settings.asr.device):
        yield
        return
    lock = _first_free(settings.run.gpu_workers)
    try:
        yield
    finally:
        lock.release()


@cache
def uses_gpu(device: str) -> bool:
    """Whether recognition runs on a GPU with this setting."""
    if device != "auto":
        return device == "cuda"
    if not Path("/dev/nvidiactl").exists():  # spares the import where there is no driver
        return False
    try:
        import ctranslate2  # noqa: PLC0415  (only where recognition is installed)
    except ImportError:
        return False
    return bool(ctranslate2.get_cuda_device_count())


def _first_free(slots: int) -> FileLock:
    folder = Path(tempfile.gettempdir())
    locks = [
        FileLock(folder / f"qa-gpu-{number}.lock", mode=0o666, thread_local=False)
        for number in range(slots)
    ]
    for lock in cycle(locks):
        try:
            lock.acquire(blocking=False)
        except Timeout:
            if lock is locks[-1]:
                time.sleep(0.2)
        else:
            return lock
    raise AssertionError("there is at least one slot")
