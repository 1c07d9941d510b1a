"""Enrolled voices: consent is a condition, one voice per agent, deletable."""

from __future__ import annotations

import pytest

from qa.errors import NotFoundError, StoreError
from qa.store.voiceprints import Voiceprint


def voiceprint(**changes):
    given = {
        "agent_id": "A1",
        "embedding": (0.6, 0.8),
        "model": "campplus@1",
        "consent": "signed form of 2026-01-02, kept by HR",
        "call_count": 3,
        "speech_ms": 60_000,
        "made_by": "li",
    }
    return Voiceprint(**{**given, **changes})


def test_a_voice_is_kept_with_its_consent_and_time(open_store):
    store = open_store()
    store.voiceprints.save(voiceprint())
    kept = store.voiceprints.get("A1")
    assert kept.embedding == (0.6, 0.8)
    assert kept.consent == "signed form of 2026-01-02, kept by HR"
    assert kept.made_at is not None
    assert store.voiceprints.get("A2") is None


def test_enrolling_again_replaces(open_store):
    store = open_store()
    store.voiceprints.save(voiceprint())
    store.voiceprints.save(voiceprint(embedding=(1.0, 0.0), call_count=5))
    assert [(v.agent_id, v.call_count) for v in store.voiceprints.all()] == [("A1", 5)]


def test_no_voice_without_consent(open_store):
    store = open_store()
    with pytest.raises(StoreError, match="consent"):
        store.voiceprints.save(voiceprint(consent=" "))
    assert store.voiceprints.all() == []


def test_a_voice_is_forgotten_on_request(open_store):
    store = open_store()
    store.voiceprints.save(voiceprint())
    store.voiceprints.delete("A1")
    assert store.voiceprints.get("A1") is None
    with pytest.raises(NotFoundError):
        store.voiceprints.delete("A1")
