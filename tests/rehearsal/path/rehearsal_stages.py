"""Stages that rehearse: a recording's first bytes say how it behaves.

`POISON` kills the process as a crashing decoder does, `HANG` never ends, `AWAY` is out of reach on
its first two tries; anything else is heard as one sentence. QA_REHEARSAL_MS is the time a stage
sleeps, QA_REHEARSAL_MB what it hashes (work for a core). Every start of a stage is written to QA_REHEARSAL_LOG, so that tests can count them.
"""

import hashlib
import os
import signal
import time
from dataclasses import replace
from pathlib import Path

from flows.work import Work, persist
from qa.errors import AudioError, TransientError
from qa.sources import open_file
from tests import builders

AUDIO_MS = 240_000


def _began(work: Work) -> int:
    path = os.environ.get("QA_REHEARSAL_LOG", "")
    line = f"{work.key.stage} {work.key.sha256} {os.getpid()} {os.environ.get('OMP_NUM_THREADS')}\n"
    if not path:
        return 1
    with Path(path).open("a+", encoding="utf-8") as file:
        file.write(line)
        file.flush()
        file.seek(0)
        return sum(work.key.sha256 in old and old.startswith(work.key.stage) for old in file)


def _work(work: Work) -> None:
    time.sleep(int(os.environ.get("QA_REHEARSAL_MS", "0")) / 1000)
    hash_megabytes(int(os.environ.get("QA_REHEARSAL_MB", "0")))


def hash_megabytes(count: int) -> None:
    """Keep one core busy; the same amount of work however busy the machine is."""
    block = bytes(1_000_000)
    for _ in range(count):
        hashlib.sha256(block).digest()


def transcribe(work: Work) -> None:
    times = _began(work)
    with work.timed("decode"), open_file(work.recording.uri) as file:
        said = file.read(64)
    work.measured(AUDIO_MS if not said.startswith(b"HANG") else 100)
    if said.startswith(b"POISON"):
        os.kill(os.getpid(), signal.SIGSEGV)
    if said.startswith(b"HANG"):
        time.sleep(10_000)
    if said.startswith(b"AWAY") and times < 3:
        raise TransientError("the source does not answer", work.recording.uri, "try again later")
    if said.startswith(b"NOISE"):
        raise AudioError("no sound can be read", work.recording.uri, "listen to the file")
    if said.startswith(b"BUG"):
        raise ValueError(said.decode())
    with work.timed("asr"):
        _work(work)
    work.site.store.recordings.describe(replace(work.recording, duration_ms=AUDIO_MS))
    heard = builders.make_transcript(work.call.id, duration_ms=AUDIO_MS)
    done = work.done()
    persist(lambda: work.site.store.transcripts.save(heard, work.key.digest, done=done))


def analyse(work: Work) -> None:
    _began(work)
    with work.timed("analyse"):
        _work(work)
    work.measured(AUDIO_MS)
    transcript = work.site.store.transcripts.load(work.call.id)
    found = builders.make_analysis(work.call, transcript)
    done = work.done()
    persist(lambda: work.site.store.analyses.save(found, work.key.digest, done=done))


def score(work: Work) -> None:
    _began(work)
    with work.timed("score"):
        _work(work)
    work.measured(AUDIO_MS)
    evaluation = builders.make_evaluation(work.call.id)
    done = work.done()
    persist(lambda: work.site.store.evaluations.save(evaluation, done=done))
