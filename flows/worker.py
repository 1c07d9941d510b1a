"""A worker process: takes orders on stdin, one JSON line each, and answers on stdout.

It is apart from its supervisor (`flows.crew`), so that a recording that crashes or hangs a decoder
ends this process and not the night. Models are loaded once and kept. It ends with its supervisor:
the end of stdin stops it at once, also in the middle of work, whose result is then not wanted.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import threading
from collections.abc import Callable, Mapping
from queue import SimpleQueue
from typing import Any, TextIO

from qa import runtime
from qa.errors import QaError, TransientError

_log = logging.getLogger(__name__)
Answer = Callable[[Mapping[str, Any]], None]

#: A claim lives this long without its supervisor's renewal.
LEASE_S = 180.0


def main() -> None:
    """Serve until stdin ends. Whatever a library prints goes to stderr."""
    channel = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8", buffering=1)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    runtime.prepare()
    level = os.environ.get("QA_LOG_LEVEL", "WARNING")
    runtime.log_to_stderr(level=level, as_json=bool(os.environ.get("QA_LOG_JSON")))
    orders: SimpleQueue[dict[str, Any]] = SimpleQueue()
    threading.Thread(target=_listen, args=(orders,), daemon=True).start()
    while True:
        _carry_out(orders.get(), _writer(channel))


def _listen(orders: SimpleQueue[dict[str, Any]]) -> None:
    for line in sys.stdin:
        orders.put(json.loads(line))
    os._exit(0)  # the supervisor is gone; work in progress is taken back by its claim


def _writer(channel: TextIO) -> Answer:
    def write(news: Mapping[str, Any]) -> None:
        channel.write(json.dumps(news, ensure_ascii=False) + "\n")

    return write


def _carry_out(order: Mapping[str, Any], answer: Answer) -> None:
    from flows.site import SiteRef, open_site  # noqa: PLC0415  (loads scorecards' libraries)
    from flows.stages import Stage, run_stage  # noqa: PLC0415
    from qa.store import owner_id  # noqa: PLC0415

    try:
        standing = run_stage(
            open_site(SiteRef(**order["ref"])),
            order["call_id"],
            Stage(order["stage"]),
            run_id=order["run_id"],
            owner=f"{owner_id()}/{order['boss']}",
            lease_s=LEASE_S,
            tell=answer,
        )
    except QaError as error:
        kind = "transient" if isinstance(error, TransientError) else "failed"
        parts = {"message": error.message, "place": error.place, "remedy": error.remedy}
        answer({"end": kind, "code": error.code, **parts})
    except Exception as error:  # noqa: BLE001  (a defect of ours must not look like a dead worker)
        _log.error("unexpected %s", type(error).__name__, extra={"call_id": order["call_id"]})
        parts = {"message": f"unexpected {type(error).__name__}", "place": order["call_id"]}
        answer({"end": "failed", "code": "error", "remedy": "report this as a defect", **parts})
    else:
        answer({"end": standing.value})


if __name__ == "__main__":
    main()
