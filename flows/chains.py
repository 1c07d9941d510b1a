"""Handing calls to a task runner: a few at a time, urgent ones first, each stage after the last."""

from __future__ import annotations

import logging
import queue
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from flows.night import Night, Progress, rest_of
from flows.site import Site, SiteRef
from flows.stages import Stage, Standing
from qa.errors import QaError, StoreError

_log = logging.getLogger(__name__)

#: Calls in the runner's hands per worker: enough that none is idle, few enough that an urgent call
#: is next.
_PER_WORKER = 3
#: How often a run notes how far it is, and looks for urgent calls and a pause.
_NOTE_S = 5.0
#: A store that refuses this many stages in a row (a full disk) ends the run.
_REFUSALS = 5

PAUSED = "night.paused"


class NightPausedError(QaError):
    """An operator paused the night; what is in hand is finished, the rest stays due."""

    code = "paused"


@dataclass(slots=True, kw_only=True)
class _Chain:
    call_id: str
    stage: Stage
    future: Any = None


@dataclass(slots=True, kw_only=True)
class Chains:
    """The calls of a night on their way through the stages."""

    site: Site
    ref: SiteRef
    night: Night
    tasks: dict[Stage, Any]
    _ended: queue.SimpleQueue[_Chain] = field(default_factory=queue.SimpleQueue)
    _in_hand: dict[str, _Chain] = field(default_factory=dict)
    _noted: float = 0.0
    _refusals: int = 0
    _paused: bool = False

    def run(self, *, tell: Progress) -> list[str]:
        """Bring every waiting call as far as it goes; the calls whose worker was lost.

        Raises:
            StoreError: The store refuses to write (a full disk).
        """
        waiting = deque(rest_of(self.site, self.night))
        total = len(self.night.due)
        broken: list[str] = []
        most = max(4, _PER_WORKER * self.site.settings.run.workers)
        self._note(waiting, at_once=True)
        while waiting or self._in_hand:
            while waiting and not self._paused and len(self._in_hand) < most:
                self._submit(_Chain(call_id=waiting.popleft(), stage=_FIRST))
            if not self._in_hand:
                break
            chain = self._next_ended()
            if chain is not None and self._goes_on(chain, broken):
                self._submit(_Chain(call_id=chain.call_id, stage=_AFTER[chain.stage]))
            elif chain is not None:
                self.night.finished += 1
                tell("scoring", min(self.night.finished, total), total)
            self._note(waiting)
        self._note(waiting, at_once=True)
        return [] if self._paused else broken

    def _submit(self, chain: _Chain) -> None:
        task = self.tasks[chain.stage]
        self._in_hand[chain.call_id] = chain
        chain.future = task.submit(self.ref, chain.call_id, self.night.run_id)
        chain.future.add_done_callback(lambda _future: self._ended.put(chain))

    def _next_ended(self) -> _Chain | None:
        """The next stage that ended; None when none did for a while."""
        try:
            chain = self._ended.get(timeout=_NOTE_S)
        except queue.Empty:
            return None
        if self._in_hand.get(chain.call_id) is not chain:
            return None
        del self._in_hand[chain.call_id]
        return chain

    def _goes_on(self, chain: _Chain, broken: list[str]) -> bool:
        """Whether the call goes to its next stage; notes why it does not."""
        try:
            result = chain.future.result(raise_on_failure=False)
        except Exception as error:  # noqa: BLE001  (a runner whose worker died raises its own kind)
            result = error
        if isinstance(result, StoreError):
            self._refusals += 1
            if self._refusals >= _REFUSALS:
                raise result
            return False
        if isinstance(result, BaseException):
            self.night.gave_up += isinstance(result, QaError)
            if not isinstance(result, QaError):
                _log.warning("a task ended in %s", type(result).__name__, extra=_named(chain))
                broken.append(chain.call_id)
            return False
        self._refusals = 0
        self.night.gave_up += result == Standing.GIVEN_UP
        return result == Standing.DONE and chain.stage in _AFTER

    def _note(self, waiting: deque[str], *, at_once: bool = False) -> None:
        """Tell the store how far the run is; let urgent calls go first; see whether to pause."""
        now = time.monotonic()
        if not at_once and now - self._noted < _NOTE_S:
            return
        self._noted = now
        store, night = self.site.store, self.night
        try:
            store.runs.tell(night.run_id, night.standing(now))
            urgent = [call.call_id for call in store.operations.urgent()]
            paused = store.settings.get(PAUSED) if night.pausable else None
        except QaError as error:  # the store is away for a moment; the work itself will tell
            _log.warning("progress could not be noted: %s", error.code)
            return
        self._paused = bool(paused)
        here = set(waiting)
        for call_id in reversed([name for name in urgent if name in here]):
            waiting.remove(call_id)
            waiting.appendleft(call_id)


def _named(chain: _Chain) -> dict[str, str]:
    return {"call_id": chain.call_id, "stage": chain.stage.value}


_FIRST = next(iter(Stage))
_AFTER = dict(zip(list(Stage), list(Stage)[1:], strict=False))
