"""Worker processes of this process, and the watch over them: limits, deaths, renewed claims.

Every runner (threads, processes, Dask, Ray) does its work through a crew, so that one recording can
neither crash nor hang the night. A thread that has work borrows a worker, or starts one; models
stay loaded in it. Worker × threads never exceed the cores.
"""

from __future__ import annotations

import atexit
import json
import logging
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from flows.gpu import gpu_slot
from flows.site import Site, SiteRef, open_site
from flows.stages import Stage, StageFailedError, Standing, give_up, stage_key
from flows.worker import LEASE_S
from qa import runtime
from qa.errors import QaError, TransientError
from qa.settings import RunSettings
from qa.store import StageKey, StageState, owner_id
from qa.store.owners import owner_of

_log = logging.getLogger(__name__)

#: Reading an unknown recording may take this long for each of its megabytes.
_SECONDS_PER_MB = 10.0
_THREAD_SETTINGS = (
    *("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"),
    "QA_THREADS",
)


class WorkerDiedError(TransientError):
    """The worker process ended over a recording; another try is allowed."""

    code = "worker_died"


class StageCrashedError(QaError):
    """What is stored of it: unlike other passing errors, it counts as a try."""

    code = "worker_died"


class StageTimeoutError(QaError):
    """A stage took longer than its limit, and its process was ended."""

    code = "timeout"


@dataclass(slots=True, kw_only=True)
class _Order:
    """One stage of one call in the hands of a worker."""

    site: Site
    ref: SiteRef
    call_id: str
    stage: Stage
    run_id: str
    begun: float = field(default_factory=time.monotonic)
    grace_s: float
    limit_s: float
    key: StageKey | None = None


class _Worker:
    """One child process and the thread that reads what it says."""

    def __init__(self, threads: int) -> None:
        environment = os.environ | dict.fromkeys(_THREAD_SETTINGS, str(threads))
        self._process = subprocess.Popen(
            [sys.executable, "-m", "flows.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            text=True,
            encoding="utf-8",
            bufsize=1,
        )
        self._news: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        #: A worker opens the site and loads models with its first orders.
        self.is_fresh = True
        self.owner = f"{owner_of(self._process.pid)}/{owner_id()}"
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._news.put(json.loads(line))
        self._news.put(None)

    def order(self, order: Mapping[str, Any]) -> None:
        """Hand over work; a worker that is gone shows in `wait`."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(order) + "\n")
        except (BrokenPipeError, OSError):
            _log.debug("the worker is gone before it had work")

    def wait(self, seconds: float) -> dict[str, Any] | None:
        """What the worker says next; None when it died.

        Raises:
            queue.Empty: It said nothing in this time.
        """
        return self._news.get(timeout=max(0.0, seconds))

    def end(self) -> str:
        """Stop it now; how it ended, in words."""
        self._process.kill() if self._process.poll() is None else None
        code = self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except OSError:
                    _log.debug("a pipe to a dead worker was broken")
        return signal.Signals(-code).name if code < 0 else f"exit code {code}"


class Crew:
    """Workers with so many threads each, lent to one caller at a time."""

    def __init__(self, threads: int) -> None:
        self._threads = threads
        self._idle: queue.LifoQueue[_Worker] = queue.LifoQueue()

    def carry_out(self, ref: SiteRef, call_id: str, stage: Stage, *, run_id: str = "") -> Standing:
        """Take a call through a stage in a worker process.

        Raises:
            TransientError: Trying again may help; `WorkerDiedError` when the process died.
            StageFailedError: It will not; the reason is stored.
        """
        site = open_site(ref)
        with gpu_slot(site.settings, stage):
            worker = self._borrow()
            order = _Order(
                site=site,
                ref=ref,
                call_id=call_id,
                stage=stage,
                run_id=run_id,
                grace_s=site.settings.run.start_seconds if worker.is_fresh else 0.0,
                limit_s=unknown_limit_s(_size_of(site, call_id), site.settings.run),
            )
            try:
                answer = _watch(worker, order)
            except BaseException:
                worker.end()
                raise
        worker.is_fresh = worker.is_fresh and stage is not Stage.SCORE
        self._idle.put(worker)
        return _concluded(answer)

    def _borrow(self) -> _Worker:
        try:
            return self._idle.get_nowait()
        except queue.Empty:
            return _Worker(self._threads)

    def dismiss(self) -> None:
        """End every idle worker."""
        while True:
            try:
                self._idle.get_nowait().end()
            except queue.Empty:
                return


def limit_s(audio_ms: int, settings: RunSettings) -> float:
    """How long a stage may take for sound of this length."""
    return settings.stage_timeout_seconds + settings.stage_timeout_factor * audio_ms / 1000


def unknown_limit_s(size_bytes: int, settings: RunSettings) -> float:
    """How long it may take until the length of the sound is known."""
    return settings.stage_timeout_seconds + _SECONDS_PER_MB * size_bytes / 1_000_000


def _size_of(site: Site, call_id: str) -> int:
    return site.store.recordings.get(site.store.calls.get(call_id).recording_id).size_bytes


def _watch(worker: _Worker, order: _Order) -> dict[str, Any]:
    """Wait for the answer; renew the claim on the way; end what hangs."""
    plain = {"call_id": order.call_id, "stage": order.stage.value, "run_id": order.run_id}
    worker.order({"ref": asdict(order.ref), "boss": owner_id(), **plain})
    renewed = order.begun
    while True:
        left = order.begun + order.grace_s + order.limit_s - time.monotonic()
        if left <= 0:
            raise _overdue(worker, order)
        try:
            news = worker.wait(min(left, LEASE_S / 3))
        except queue.Empty:
            news = {}
        if news is None:
            raise _dead(worker, order)
        if "end" in news:
            return news
        _note(order, news)
        if order.key and time.monotonic() - renewed > LEASE_S / 4:
            renewed = time.monotonic()
            _renew(worker, order)


def _note(order: _Order, news: Mapping[str, Any]) -> None:
    if "claimed" in news:
        sha256, stage, digest = news["claimed"]
        order.key = StageKey(sha256=sha256, stage=stage, digest=digest)
        order.begun = time.monotonic()
    if news.get("audio_ms"):
        order.limit_s = limit_s(news["audio_ms"], order.site.settings.run)


def _renew(worker: _Worker, order: _Order) -> None:
    assert order.key is not None
    try:
        order.site.store.stages.renew(order.key, worker.owner, lease_s=LEASE_S)
    except QaError as error:  # the next renewal, or the worker's own writing, will tell
        _log.warning("a claim could not be renewed: %s", error.code)


def _overdue(worker: _Worker, order: _Order) -> QaError:
    worker.end()
    error = StageTimeoutError(
        f"no end after {order.grace_s + order.limit_s:.0f} s; the process was stopped",
        order.call_id,
        "listen to the file; raise run.stage_timeout_factor if this machine is slow",
    )
    return _write_down(worker, order, error)


def _dead(worker: _Worker, order: _Order) -> QaError:
    how = worker.end()
    error = StageCrashedError(
        f"the worker process ended over this recording ({how})",
        order.call_id,
        "listen to the file; if many files show this, look for lack of memory",
    )
    return _write_down(worker, order, error)


def _write_down(worker: _Worker, order: _Order, error: QaError) -> QaError:
    """Count the try; what remains to be raised."""
    fields = {"call_id": order.call_id, "stage": order.stage.value, "code": error.code}
    _log.warning("%s", error.message, extra=fields)
    store = order.site.store
    recording = store.recordings.get(store.calls.get(order.call_id).recording_id)
    key = order.key or stage_key(order.site, recording.sha256, order.stage)
    # a worker that died before it had claimed anything holds nothing: no try is counted
    state = give_up(order.site, key, worker.owner, error, uri=recording.uri, run_id=order.run_id)
    if order.key is None:
        return WorkerDiedError(error.message, error.place, error.remedy)
    if state is StageState.FAILED and isinstance(error, StageCrashedError):
        return WorkerDiedError(error.message, error.place, error.remedy)
    return StageFailedError(error.message, error.place, error.remedy)


def _concluded(answer: Mapping[str, Any]) -> Standing:
    if answer["end"] == "transient":
        raise TransientError(answer["message"], answer["place"], answer["remedy"])
    if answer["end"] == "failed":
        raise StageFailedError(answer["message"], answer["place"], answer["remedy"])
    return Standing(answer["end"])


def threads_per_worker(settings: RunSettings) -> int:
    """Threads of each worker, so that workers × threads never exceed the cores."""
    return settings.threads or max(1, runtime.thread_count() // max(1, settings.workers))


_crews: dict[int, Crew] = {}
_making = threading.Lock()


def crew_for(settings: RunSettings) -> Crew:
    """This process's crew; its workers end with it."""
    threads = threads_per_worker(settings)
    with _making:
        if threads not in _crews:
            _crews[threads] = Crew(threads)
            atexit.register(_crews[threads].dismiss)
        return _crews[threads]
