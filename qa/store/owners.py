"""Names for workers, from which a later run can tell whether the worker still lives."""

from __future__ import annotations

import os
import platform
from pathlib import Path


def owner_id() -> str:
    """This process as `host:pid:start`; the start time tells a reused process id apart."""
    return owner_of(os.getpid())


def owner_of(pid: int) -> str:
    """The name of another process of this machine."""
    return f"{platform.node()}:{pid}:{_started(pid)}"


def owner_is_alive(owner: str) -> bool:
    """Whether an owner may still be working. Owners of other hosts count as alive (leases decide).

    A worker with a supervisor (`OWNER/SUPERVISOR`) ends with it. Any other suffix after `/` (a
    thread's name) is ignored: threads live as long as their process.
    """
    worker, _, boss = owner.partition("/")
    if boss.count(":") >= 2 and not owner_is_alive(boss):
        return False
    host, *process = worker.rsplit(":", 2)
    if host != platform.node() or len(process) != 2 or not process[0].isdigit():
        return True
    pid, started = int(process[0]), process[1]
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:  # it exists and belongs to somebody else
        pass
    return _started(pid) == started


def _started(pid: int) -> str:
    """Start of a process in clock ticks since boot (Linux), `0` where that cannot be known."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return "0"
    fields = stat.rpartition(")")[2].split()
    # A killed process that nobody waited for is dead, though it still has its number.
    return "gone" if fields[0] in "ZX" else fields[19]
