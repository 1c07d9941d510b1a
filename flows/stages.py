"""One call through one stage: claimed, worked on, saved with its result, or failed with a reason.

Stages are plain functions; Prefect adds retries and parallelism around them. The key of a stage is
(recording SHA-256, stage, stamp digest): what is done under the same digest is never done again,
and a stage's digest contains the digest of the stage before it.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from flows.site import Site
from flows.work import Work
from qa import codec
from qa.calls import Call
from qa.errors import AudioError, ModelError, QaError, TransientError
from qa.store import LeaseLostError, Problem, StageKey, owner_id
from scoring.sentiment_identity import sentiment_identity

#: Raise when a stage's code changes so that stored results are out of date.
STAGE_VERSIONS = {"transcribe": "1", "analyse": "2", "score": "1"}


class Stage(StrEnum):
    """The stages of a call, in order. `transcribe` is the only one that opens the recording."""

    TRANSCRIBE = "transcribe"
    ANALYSE = "analyse"
    SCORE = "score"


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


def run_stage(site: Site, call_id: str, stage: Stage, *, run_id: str = "") -> bool:
    """Take a call through a stage; False when it was done already or somebody else has it.

    Raises:
        TransientError: Trying again may help.
        StageFailedError: It will not; the reason is stored as a problem of the recording.
    """
    call = site.store.calls.get(call_id)
    recording = site.store.recordings.get(call.recording_id)
    key = StageKey(sha256=recording.sha256, stage=stage.value, digest=stage_digest(site, stage))
    owner = owner_id()
    if not site.store.stages.claim(key, owner, max_attempts=site.settings.run.max_attempts):
        return False
    work = Work(site=site, call=call, recording=recording, key=key, owner=owner)
    try:
        _action(stage)(work)
    except LeaseLostError:
        return False
    except TransientError as error:
        _give_up(work, error, run_id, final=False)
        raise
    except Exception as error:
        known = error if isinstance(error, QaError) else _unexpected(error, call)
        _give_up(work, known, run_id, final=isinstance(known, AudioError))
        raise StageFailedError(known.message, known.place or call_id, known.remedy) from error
    return True


def _action(stage: Stage) -> Callable[[Work], None]:
    # the modules behind a stage load models; a worker that only scores must not pay for them
    if stage is Stage.TRANSCRIBE:
        from flows.listening import transcribe  # noqa: PLC0415

        return transcribe
    from flows.judging import analyse, score  # noqa: PLC0415

    return analyse if stage is Stage.ANALYSE else score


def _give_up(work: Work, error: QaError, run_id: str, *, final: bool) -> None:
    store = work.site.store
    if isinstance(error, ModelError):
        # a missing model says nothing about this recording: it stays due, with its tries unspent
        store.stages.release(work.key, work.owner)
    else:
        attempts = work.site.settings.run.max_attempts
        store.stages.fail(work.key, work.owner, error, max_attempts=attempts, permanent=final)
    found = Problem(
        uri=work.recording.uri,
        stage=work.key.stage,
        code=error.code,
        message=error.message,
        remedy=error.remedy,
        sha256=work.recording.sha256,
        run_id=run_id or None,
    )
    store.problems.report([found])


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
