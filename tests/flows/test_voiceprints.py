"""Enrolling a voice: only from calls a person confirmed, only with consent, every step recorded."""

from __future__ import annotations

import numpy as np
import pytest

from flows.voiceprints import enrol, forget
from qa.calls import Role
from qa.errors import QaError, StoreError
from tests.builders import make_call, make_recording, make_transcript, make_turn
from tests.sounds import save, silence, voice, wav

AGENT, CUSTOMER = (1.0, 0.0), (0.0, 1.0)


class Reader:
    """Tells a loud voice (the agent) from a soft one."""

    model = "made@1"

    def read(self, samples, ranges):
        level = max(float(np.abs(samples[start * 16 : end * 16]).max()) for start, end in ranges)
        return np.array(AGENT if level > 0.2 else CUSTOMER, np.float32)


@pytest.fixture
def call_of(store, tmp_path):
    """A stored call: the agent speaks loudly on the right, half a minute in all."""

    def add(name, *, confirmed=True, turns=6):
        loud, soft = voice(5, level=0.5, seed=1), voice(5, level=0.1, seed=2)
        left = np.concatenate([*(np.concatenate([soft, silence(5)]) for _ in range(turns))])
        right = np.concatenate([*(np.concatenate([silence(5), loud]) for _ in range(turns))])
        path = save(tmp_path, f"{name}.wav", wav(np.stack([left, right])))
        store.recordings.add(make_recording(name, uri=str(path)))
        call = make_call(name)
        store.calls.add(call)
        said = tuple(
            make_turn(
                index,
                Role.UNKNOWN,
                "好的",
                speaker=("left", "right")[index % 2],
                start_ms=index * 5_000,
                end_ms=index * 5_000 + 5_000,
            )
            for index in range(2 * turns)
        )
        store.transcripts.save(make_transcript(call.id, turns=said), "d1")
        if confirmed:
            roles = {"left": Role.CUSTOMER, "right": Role.AGENT}
            store.transcripts.override_roles(call.id, roles, made_by="li")
        return call

    return add


def test_the_agents_own_channel_is_enrolled(store, call_of):
    call_of("a")
    made = enrol(store, "1001", consent="form 7", made_by="li", reader=Reader())
    assert made.embedding == pytest.approx(AGENT)
    assert (made.call_count, made.speech_ms) == (1, 30_000)
    assert store.voiceprints.get("1001").consent == "form 7"


def test_calls_nobody_confirmed_teach_nothing(store, call_of):
    call_of("a", confirmed=False)
    with pytest.raises(QaError, match="0 calls with confirmed roles"):
        enrol(store, "1001", consent="form 7", made_by="li", reader=Reader())


def test_too_little_speech_is_refused(store, call_of):
    call_of("a", turns=3)
    with pytest.raises(QaError, match="15 s of the agent's speech"):
        enrol(store, "1001", consent="form 7", made_by="li", reader=Reader())
    assert store.voiceprints.all() == []


def test_without_consent_nothing_is_kept(store, call_of):
    call_of("a")
    with pytest.raises(StoreError, match="consent"):
        enrol(store, "1001", consent="", made_by="li", reader=Reader())
    assert [event.action for event in store.audit.find()] == []


def test_enrolling_and_forgetting_leave_a_trace(store, call_of):
    call_of("a")
    enrol(store, "1001", consent="form 7", made_by="li", reader=Reader())
    forget(store, "1001", made_by="wang")
    assert store.voiceprints.get("1001") is None
    found = {(event.user_id, event.action, event.subject_id) for event in store.audit.find()}
    assert found == {("li", "voiceprint_enrolled", "1001"), ("wang", "voiceprint_deleted", "1001")}
