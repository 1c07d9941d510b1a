"""How often one address may try to sign in: a sliding minute, for this process."""

from __future__ import annotations

import threading
import time
from collections import defaultdict, deque

_MOST_ADDRESSES = 10_000
_lock = threading.Lock()
_recent: defaultdict[str, deque[float]] = defaultdict(deque)


def allowed(address: str, *, per_minute: int, now: float | None = None) -> bool:
    """Whether one more attempt of this address is within bounds; counts it if so."""
    moment = time.monotonic() if now is None else now
    with _lock:
        if len(_recent) > _MOST_ADDRESSES:
            _recent.clear()
        times = _recent[address]
        while times and moment - times[0] >= 60:
            times.popleft()
        if len(times) >= per_minute:
            return False
        times.append(moment)
        return True
