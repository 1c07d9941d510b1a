"""One claimed piece of work, as the functions behind a stage see it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from flows.site import Site
from qa.calls import Call, Recording
from qa.errors import TransientError
from qa.store import StageDone, StageKey

#: Told while a stage runs: `claimed` (the key), `audio_ms` (the length of the sound).
Tell = Callable[[Mapping[str, Any]], None]

#: Waits between tries to write down an outcome while the database restarts: a minute in all.
_PATIENCE_S = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0)


def untold(_news: Mapping[str, Any]) -> None:
    """Nobody listens."""


@dataclass(slots=True, kw_only=True)
class Work:
    """One claimed piece of work. `timings_ms` grows while it is done."""

    site: Site
    call: Call
    recording: Recording
    key: StageKey
    owner: str
    tell: Tell = untold
    timings_ms: dict[str, int] = field(default_factory=dict)
    audio_ms: int = 0
    engine: str = ""

    @contextmanager
    def timed(self, part: str) -> Iterator[None]:
        """Add the wall time of a block to `timings_ms`."""
        begin = time.perf_counter()
        try:
            yield
        finally:
            spent = round((time.perf_counter() - begin) * 1000)
            self.timings_ms[part] = self.timings_ms.get(part, 0) + spent

    def measured(self, audio_ms: int) -> None:
        """Note the length of the sound; the time limit of the stage follows from it."""
        self.audio_ms = audio_ms
        self.tell({"audio_ms": audio_ms})

    def done(self) -> StageDone:
        """What to save together with the result."""
        return StageDone(
            key=self.key,
            owner=self.owner,
            timings_ms=self.timings_ms,
            audio_ms=self.audio_ms,
            engine=self.engine,
        )


def persist(write: Callable[[], Any], *, sleep: Callable[[float], None] = time.sleep) -> None:
    """Write an outcome down, patiently: a restarting database must not cost a transcription.

    Raises:
        TransientError: It is away for longer than a minute.
        StoreError: It refuses; for a lost lease that is right.
    """
    for wait in _PATIENCE_S:
        try:
            write()
        except TransientError:
            sleep(wait)
        else:
            return
    write()
