"""Enrolling an agent's voice from calls whose roles a person has confirmed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from qa.audit import AuditAction
from qa.calls import Role
from qa.errors import QaError
from qa.intervals import Range, total, union
from qa.sources import open_file
from qa.store import CallFilter, Store
from qa.store.voiceprints import Voiceprint
from transcription.audio import decode
from transcription.channels import judge_channels
from transcription.listening import SIDES
from transcription.protocols import DecodedAudio, Samples
from transcription.voiceprints import Vector, VoiceReader

#: A voice is made from this much speech at least, and from so many calls at most.
LEAST_SPEECH_MS, MOST_CALLS = 20_000, 10
#: A call whose voice is further than this from the others' mean was confirmed by mistake.
_SAME_VOICE = 0.5
#: Shorter turns are mostly listening noises.
_LEAST_TURN_MS = 800


@dataclass(frozen=True, slots=True, kw_only=True)
class _Heard:
    call_id: str
    vector: Vector
    speech_ms: int


def enrol(
    store: Store, agent_id: str, *, consent: str, made_by: str, reader: VoiceReader | None = None
) -> Voiceprint:
    """Make and save the voiceprint of an agent.

    Args:
        store: Holds the calls; their recordings must still be where they were.
        agent_id: Whose voice.
        consent: What the agent agreed to, when, and where it is kept.
        made_by: Who enrols.
        reader: Computes the vectors.

    Raises:
        QaError: No call with confirmed roles, or too little speech in them.
        StoreError: Nothing is said about consent.
    """
    voice = reader or VoiceReader()
    heard = _consistent(list(_confirmed(store, agent_id, voice)))
    speech_ms = sum(item.speech_ms for item in heard)
    if speech_ms < LEAST_SPEECH_MS:
        raise QaError(
            f"{len(heard)} calls with confirmed roles, {speech_ms // 1000} s of the agent's speech",
            f"agent {agent_id}",
            f"confirm the roles of more calls until there are {LEAST_SPEECH_MS // 1000} s",
        )
    mean = np.sum([item.vector * item.speech_ms for item in heard], axis=0)
    made = Voiceprint(
        agent_id=agent_id,
        embedding=tuple((mean / np.linalg.norm(mean)).tolist()),
        model=voice.model,
        consent=consent,
        call_count=len(heard),
        speech_ms=speech_ms,
        made_by=made_by,
    )
    with store.transaction():
        store.voiceprints.save(made)
        store.audit.record(made_by, AuditAction.VOICEPRINT_ENROLLED, kind="agent", subject=agent_id)
    return made


def forget(store: Store, agent_id: str, *, made_by: str) -> None:
    """Delete a voiceprint.

    Raises:
        NotFoundError: The agent has none.
    """
    with store.transaction():
        store.voiceprints.delete(agent_id)
        store.audit.record(made_by, AuditAction.VOICEPRINT_DELETED, kind="agent", subject=agent_id)


def _confirmed(store: Store, agent_id: str, voice: VoiceReader) -> Iterator[_Heard]:
    """The agent's voice in each of the newest calls whose roles a person has confirmed."""
    used = 0
    for row in store.calls.find(CallFilter(agents=(agent_id,)), limit=1_000):
        if used == MOST_CALLS:
            return
        if store.transcripts.role_override(row.call_id) is None:
            continue
        transcript = store.transcripts.load(row.call_id)
        ranges: dict[str, list[Range]] = {}
        for turn in transcript.turns_of(Role.AGENT):
            if turn.duration_ms >= _LEAST_TURN_MS:
                ranges.setdefault(turn.speaker, []).append((turn.start_ms, turn.end_ms))
        if not ranges:
            continue
        speaker = max(ranges, key=lambda label: total(union(ranges[label])))
        with open_file(row.uri) as file:
            samples = _channel(decode(file, place=row.uri), speaker)
        vector = voice.read(samples, union(ranges[speaker]))
        if vector is not None:
            used += 1
            yield _Heard(
                call_id=row.call_id, vector=vector, speech_ms=total(union(ranges[speaker]))
            )


def _channel(audio: DecodedAudio, speaker: str) -> Samples:
    """The channel that carries a speaker label."""
    verdict = judge_channels(audio)
    side = SIDES.index(speaker) if speaker in SIDES and verdict.kind == "separated" else 0
    return audio.samples[verdict.live_channels[side]]


def _consistent(heard: list[_Heard]) -> list[_Heard]:
    """Without calls in which somebody else was taken for the agent."""
    if len(heard) < 3:
        return heard
    mean = np.mean([item.vector for item in heard], axis=0)
    mean /= np.linalg.norm(mean)
    return [item for item in heard if float(item.vector @ mean) >= _SAME_VOICE]
