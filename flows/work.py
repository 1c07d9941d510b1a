"""One claimed piece of work, as the functions behind a stage see it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from flows.site import Site
from qa.calls import Call, Recording
from qa.store import StageDone, StageKey


@dataclass(slots=True, kw_only=True)
class Work:
    """One claimed piece of work. `timings_ms` grows while it is done."""

    site: Site
    call: Call
    recording: Recording
    key: StageKey
    owner: str
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

    def done(self) -> StageDone:
        """What to save together with the result."""
        return StageDone(
            key=self.key,
            owner=self.owner,
            timings_ms=self.timings_ms,
            audio_ms=self.audio_ms,
            engine=self.engine,
        )
