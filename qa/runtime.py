"""The process around the system: offline switches, thread counts, the torchaudio guard, logging.

`prepare()` is the first thing every entry point calls, before heavy libraries are imported.
"""

from __future__ import annotations

import gc
import importlib
import json
import logging
import os
import sys
import threading
import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path

from qa.errors import SettingsError

#: Telemetry off, hubs off. Set only where the operator has not set them.
OFFLINE_SWITCHES = {
    "DO_NOT_TRACK": "1",
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "PYANNOTE_METRICS_ENABLED": "0",
    "OTEL_SDK_DISABLED": "true",
    "RAY_USAGE_STATS_ENABLED": "0",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_EPHEMERAL_ENABLED": "true",
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
    "PREFECT_TASKS_DEFAULT_NO_CACHE": "true",
    "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "false",
    "TOKENIZERS_PARALLELISM": "false",
}

#: New objects between two looks of the cycle collector.
_SELDOM = 100_000
_OFTEN = gc.get_threshold()
_seldom: list[bool] = []
_seldom_lock = threading.Lock()

_LOG_FIELDS = ("call_id", "stage", "run_id", "code")


def prepare(*, threads: int | None = None) -> None:
    """Switch telemetry off and bound the threads of numeric libraries. Safe to call twice.

    Args:
        threads: Threads per process for BLAS, OpenMP and torch; `QA_THREADS` else all cores.
    """
    for name, value in OFFLINE_SWITCHES.items():
        os.environ.setdefault(name, value)
    count = str(threads or thread_count())
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"):
        os.environ.setdefault(name, count)
    # Threads that wait by spinning eat the cores of whoever they wait for: on a busy machine half a
    # minute of sound took ten times as long.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


def thread_count() -> int:
    """Threads one process may use: `QA_THREADS`, else the cores this process may run on."""
    given = os.environ.get("QA_THREADS", "")
    if given:
        if not given.isdigit() or int(given) < 1:
            raise SettingsError(
                f"QA_THREADS={given!r} is not a count", "environment", "set 1 or more"
            )
        return int(given)
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def collecting_seldom() -> Iterator[None]:
    """Let the cycle collector look every 100,000 objects, not every 700.

    For work in which many plain values live for a while together: a listing of a million files and
    scoring stored calls spend a quarter of their time on looking for cycles that they do not have.
    The setting is the process's: it returns to what it was when the last thread leaves.
    """
    with _seldom_lock:
        if not _seldom:
            gc.set_threshold(_SELDOM, *_OFTEN[1:])
        _seldom.append(True)
    try:
        yield
    finally:
        with _seldom_lock:
            _seldom.pop()
            if not _seldom:
                gc.set_threshold(*_OFTEN)


def guard_torchaudio() -> None:
    """Make `import torchaudio` work where its compiled part does not fit the installed torch.

    pyannote.audio and transformers import torchaudio, but use only its pure-torch functions
    (resample, kaldi fbank). Its C++ extension fails to load beside a CPU or newer torch; a stub
    in its place leaves the pure functions working. Does nothing where torchaudio is absent.
    """
    if "torchaudio" in sys.modules:
        return
    try:
        importlib.import_module("torchaudio")
    except ModuleNotFoundError:
        return
    except (OSError, RuntimeError):
        for name in [n for n in sys.modules if n.split(".")[0] == "torchaudio"]:
            del sys.modules[name]
        stub = types.ModuleType("torchaudio._extension")
        vars(stub)["_IS_TORCHAUDIO_EXT_AVAILABLE"] = False
        vars(stub)["_IS_ALIGN_AVAILABLE"] = False
        vars(stub)["_check_cuda_version"] = lambda: None
        vars(stub)["fail_if_no_align"] = _no_align
        sys.modules["torchaudio._extension"] = stub
        importlib.import_module("torchaudio")


def _no_align(function: Callable[..., object]) -> Callable[..., object]:
    """Stands in for torchaudio's decorator: alignment imports, and fails only when called."""

    @wraps(function)
    def refuse(*_args: object, **_kwargs: object) -> object:
        raise RuntimeError(f"torchaudio's {function.__name__} needs its compiled extension")

    return refuse


def data_home() -> Path:
    """Where this site keeps its store, caches and Prefect state: `QA_HOME`, else `./.qa`."""
    return Path(os.environ.get("QA_HOME", ".qa")).expanduser()


class JsonLines(logging.Formatter):
    """One JSON object a line. Never carries transcript text: only the message and known fields."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as one JSON line."""
        when = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {"time": when, "level": record.levelname.lower(), "message": record.getMessage()}
        for name in _LOG_FIELDS:
            if (value := getattr(record, name, None)) is not None:
                line[name] = value
        if record.exc_info and record.exc_info[0]:
            line["error"] = record.exc_info[0].__name__
        return json.dumps(line, ensure_ascii=False)


def log_to_stderr(*, level: str = "WARNING", as_json: bool = False) -> None:
    """Send the system's log to stderr, as text or as JSON lines."""
    handler = logging.StreamHandler()
    plain = logging.Formatter("%(levelname)s %(name)s: %(message)s")
    handler.setFormatter(JsonLines() if as_json else plain)
    logging.basicConfig(level=level, handlers=[handler], force=True)
