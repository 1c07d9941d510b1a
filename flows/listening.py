"""The one stage that opens a recording: decode, separate speakers, transcribe, assign roles."""

from __future__ import annotations

from dataclasses import replace
from threading import Lock

from flows.work import Work, persist
from qa import runtime
from qa.retention import require_consent
from qa.sources import open_file
from transcription.audio import decode
from transcription.engines.bundle import Engines, load_engines
from transcription.pipeline import transcribe_call

#: Models are not shared between threads; a thread pool overlaps everything around them.
_LISTENING = Lock()


def transcribe(work: Work) -> None:
    """Hear the recording and save its transcript together with what was measured on the sound.

    Raises:
        AudioError: The recording holds nothing that can be heard, or must not be (no consent).
        ModelError: A model is missing or damaged.
        TransientError: The file is out of reach for the moment.
    """
    require_consent(work.call.id, work.call.tags)
    runtime.guard_torchaudio()
    store = work.site.store
    engines = load_engines(work.site.settings)
    with work.timed("decode"), open_file(work.recording.uri) as file:
        audio = decode(file, place=work.recording.uri)
    work.measured(audio.duration_ms)
    store.recordings.describe(
        replace(
            work.recording,
            codec=audio.codec,
            channels=audio.channels,
            sample_rate_hz=audio.source_rate_hz,
            duration_ms=audio.duration_ms,
        )
    )
    with _LISTENING:
        heard = transcribe_call(audio, work.call, engines, voiceprint=_enrolled(work, engines))
    work.timings_ms.update(heard.timings_ms)
    work.engine = " + ".join(f"{stamp.name} {stamp.model}" for stamp in heard.transcript.stamps)
    done = work.done()
    persist(lambda: store.transcripts.save(heard.transcript, work.key.digest, done=done))


def _enrolled(work: Work, engines: Engines) -> tuple[float, ...]:
    """The voice that the call's agent has enrolled, by the model in use; else nothing."""
    if engines.voices is None or not work.call.agent_id:
        return ()
    found = work.site.store.voiceprints.get(work.call.agent_id)
    return found.embedding if found is not None and found.model == engines.voices.model else ()
