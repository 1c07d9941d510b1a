"""One call through one stage: claimed, worked on, saved with its result, or failed with a reason.

Stages are plain functions; Prefect adds retries and parallelism around them. The key of a stage is
(recording SHA-256, stage, stamp digest): what is done under the same digest is never done again,
and a stage's digest contains the digest of the stage before it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from enum import StrEnum

from flows.site import Site
from flows.work import Tell, Work, persist, untold
from qa import codec
from qa.calls import Call
from qa.errors import AudioError, ModelError, QaError, TransientError
from qa.store import (
    LeaseLostError,
    Problem,
    StageKey,
    StageState,
    owner_id,
    owner_is_alive,
)
from qa.store.stages import LEASE_S
from scoring.sentiment_identity import sentiment_identity

_log = logging.getLogger(__name__)

#: Raise when a stage's code changes so that stored results are out of date.
STAGE_VERSIONS = {"transcribe": "1", "analyse": "2", "score": "1"}


class Stage(StrEnum):
    """The stages of a call, in order. `transcribe` is the only one that opens the recording."""

    TRANSCRIBE = "transcribe"
    ANALYSE = "analyse"
    SCORE = "score"


class Standing(StrEnum):
    """Where a stage of a call stands after `run_stage`.

    Attributes:
        DONE: Its result is in the store, from now or from before.
        HELD: Another worker has it, or the stage before it.
        GIVEN_UP: It is quarantined until a person says try again.
    """

    DONE = "done"
    HELD = "held"
    GIVEN_UP = "given_up"


class StageFailedError(QaError):
    """A stage ended with a reason, which is in the store; the night goes on."""

    code = "stage_failed"


def stage_digest(site: Site, stage: Stage) -> str:
    """Identity of what a stage would produce with this site's settings, models and scorecards."""
    settings = site.settings
    if stage is Stage.TRANSCRIBE:
        groups = [settings.asr.digest(), settings.diarization.digest(), settings.roles.digest()]
        return codec.digest([STAGE_VERSIONS[stage], *groups])
    if stage is Stage.ANALYSE:
        before = stage_digest(site, Stage.TRANSCRIBE)
        return codec.digest([STAGE_VERSIONS[stage], before, *_analysing(site)])
    before = stage_digest(site, Stage.ANALYSE)
    return codec.digest([STAGE_VERSIONS[stage], before, site.scoring_digest])


def _analysing(site: Site) -> list[str]:
    """Identities of what analyses: `auto` sentiment comes to a model only on this machine."""
    settings = site.settings
    return [
        settings.sentiment.digest(),
        sentiment_identity(settings.sentiment),
        site.encoder.digest if site.encoder else "",
        settings.insight.digest(),
        site.reasons_digest,
    ]


def run_stage(
    site: Site,
    call_id: str,
    stage: Stage,
    *,
    run_id: str = "",
    owner: str = "",
    lease_s: float = LEASE_S,
    tell: Tell = untold,
) -> Standing:
    """Take a call through a stage, unless that is done or in other hands.

    Args:
        site: The site.
        call_id: The call.
        stage: The stage; nothing happens while the stage before it is not done.
        run_id: The run that problems are noted for.
        owner: Name of the worker; this process when empty.
        lease_s: How long the work is held without being renewed.
        tell: Told what is claimed, and how long the sound is.

    Raises:
        TransientError: Trying again may help; no try was counted.
        StageFailedError: It will not; the reason is stored as a problem of the recording.
    """
    call = site.store.calls.get(call_id)
    recording = site.store.recordings.get(call.recording_id)
    key = stage_key(site, recording.sha256, stage)
    owner = owner or owner_id()
    standing = _claim(site, key, stage, owner=owner, lease_s=lease_s)
    if standing is not None:
        return standing
    tell({"claimed": [key.sha256, key.stage, key.digest], "audio_ms": recording.duration_ms})
    work = Work(site=site, call=call, recording=recording, key=key, owner=owner, tell=tell)
    try:
        _action(stage)(work)
    except LeaseLostError:
        found = site.store.stages.get(key)
        return Standing.DONE if found and found.state is StageState.DONE else Standing.HELD
    except Exception as error:
        known = error if isinstance(error, QaError) else _unexpected(error, call)
        persist(lambda: give_up(site, key, owner, known, uri=recording.uri, run_id=run_id))
        if isinstance(known, TransientError):
            raise
        raise StageFailedError(known.message, known.place or call_id, known.remedy) from error
    spent = sum(work.timings_ms.values())
    told = {"call_id": call_id, "stage": stage.value, "run_id": run_id}
    _log.info("%s done in %d ms for %d ms of sound", stage, spent, work.audio_ms, extra=told)
    return Standing.DONE


def stage_key(site: Site, sha256: str, stage: Stage) -> StageKey:
    """The identity of a piece of work under this site's settings."""
    return StageKey(sha256=sha256, stage=stage.value, digest=stage_digest(site, stage))


def _claim(
    site: Site, key: StageKey, stage: Stage, *, owner: str, lease_s: float
) -> Standing | None:
    """None when the work is ours now, else how it stands."""
    stages, tries = site.store.stages, site.settings.run.max_attempts
    if stage is not Stage.TRANSCRIBE:
        before = list(Stage)[list(Stage).index(stage) - 1]
        reached = stages.get(stage_key(site, key.sha256, before))
        if reached is None or reached.state is not StageState.DONE:
            return Standing.HELD
    if stages.claim(key, owner, lease_s=lease_s, max_attempts=tries):
        return None
    found = stages.get(key)
    if found and found.state is StageState.RUNNING and not owner_is_alive(found.owner):
        stages.reclaim(owner_is_alive)
        if stages.claim(key, owner, lease_s=lease_s, max_attempts=tries):
            return None
        found = stages.get(key)
    if found and found.state is StageState.RUNNING:
        return Standing.HELD
    return Standing.DONE if found and found.state is StageState.DONE else Standing.GIVEN_UP


def _action(stage: Stage) -> Callable[[Work], None]:
    # the modules behind a stage load models; a worker that only scores must not pay for them
    if stage is Stage.TRANSCRIBE:
        from flows.listening import transcribe  # noqa: PLC0415

        return transcribe
    from flows.judging import analyse, score  # noqa: PLC0415

    return analyse if stage is Stage.ANALYSE else score


def give_up(
    site: Site, key: StageKey, owner: str, error: QaError, *, uri: str, run_id: str = ""
) -> StageState:
    """Write down why a stage did not end well: as its state, and as a problem for people.

    A missing model, a network that is away or a full disk say nothing about the recording: it stays
    due, with its tries unspent. What cannot be decoded is quarantined at once.
    """
    stages, state = site.store.stages, StageState.PENDING
    if isinstance(error, ModelError | TransientError):
        stages.release(key, owner)
    else:
        attempts, final = site.settings.run.max_attempts, isinstance(error, AudioError)
        state = stages.fail(key, owner, error, max_attempts=attempts, permanent=final)
    found = Problem(
        uri=uri,
        stage=key.stage,
        code=error.code,
        message=error.message,
        remedy=error.remedy,
        sha256=key.sha256,
        run_id=run_id or None,
    )
    site.store.problems.report([found])
    return state


def _unexpected(error: Exception, call: Call) -> QaError:
    # The text of a stranger's exception may quote a transcript: only its kind is kept.
    where = ""
    trace = error.__traceback__
    while trace is not None:
        where = f"{trace.tb_frame.f_code.co_name}:{trace.tb_lineno}"
        trace = trace.tb_next
    return QaError(
        f"unexpected {type(error).__name__} in {where}",
        call.id,
        "report this as a defect with the recording's id",
    )
