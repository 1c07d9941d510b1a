"""Recordings made ready for playing, kept for a while: as many as fit, never copied."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transcription.playback import Playable

_MOST_BYTES = 512 * 1024 * 1024
_LIFE_SECONDS = 3600.0
_lock = threading.Lock()
_kept: OrderedDict[Hashable, tuple[Playable, float]] = OrderedDict()


def kept(
    key: Hashable, make: Callable[[], Playable | None], *, now: float | None = None
) -> Playable | None:
    """What was made under this key within the hour, else what `make` gives; None is not kept."""
    moment = time.monotonic() if now is None else now
    with _lock:
        for old in [name for name, (_, until) in _kept.items() if until <= moment]:
            del _kept[old]
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key][0]
    made = make()
    if made is None:
        return None
    with _lock:
        _kept[key] = made, moment + _LIFE_SECONDS
        while len(_kept) > 1 and sum(len(one.wav) for one, _ in _kept.values()) > _MOST_BYTES:
            _kept.popitem(last=False)
    return made


def forget() -> None:
    """Drop everything."""
    with _lock:
        _kept.clear()
