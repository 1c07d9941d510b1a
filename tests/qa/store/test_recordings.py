"""A file enters once, by its bytes; listings are remembered."""

from __future__ import annotations

import pytest

from qa.errors import NotFoundError, StoreError
from qa.store import SeenFile
from tests.builders import NOON, make_recording


def test_a_recording_comes_back_as_it_went_in(store):
    recording = make_recording("a", codec="pcm_mulaw", channels=2, sample_rate_hz=8000)
    assert store.recordings.add(recording)
    assert store.recordings.get(recording.id) == recording
    assert store.recordings.by_sha256(recording.sha256) == recording


def test_the_same_bytes_elsewhere_are_an_alias(store):
    store.recordings.add(make_recording("a"))
    assert not store.recordings.add(make_recording("a", uri="s3://bucket/renamed.wav"))
    assert not store.recordings.add(make_recording("a", uri="s3://bucket/renamed.wav"))
    assert not store.recordings.add(make_recording("a"))
    recording_id = make_recording("a").id
    assert store.recordings.get(recording_id).uri == "/calls/a.wav"
    assert store.recordings.aliases(recording_id) == ("s3://bucket/renamed.wav",)
    assert store.recordings.count() == 1


def test_two_files_never_share_an_id(store):
    first = make_recording("a")
    store.recordings.add(first)
    with pytest.raises(StoreError, match="other bytes"):
        store.recordings.add(make_recording("b", id=first.id))
    assert store.recordings.count() == 1


def test_an_unknown_recording_is_named(store):
    with pytest.raises(NotFoundError, match="beef"):
        store.recordings.get("beef")
    assert store.recordings.by_sha256("beef") is None


def test_decoding_adds_its_facts(store):
    recording = make_recording("a", duration_ms=0)
    store.recordings.add(recording)
    heard = make_recording("a", codec="mp3", channels=1, sample_rate_hz=8000, duration_ms=5000)
    store.recordings.describe(heard)
    assert store.recordings.get(recording.id) == heard


def test_a_moved_file_keeps_its_old_place_as_alias(store):
    recording = make_recording("a")
    store.recordings.add(recording)
    store.recordings.move(recording.id, "/new/a.wav")
    store.recordings.move(recording.id, "/new/a.wav")
    assert store.recordings.get(recording.id).uri == "/new/a.wav"
    assert store.recordings.aliases(recording.id) == ("/calls/a.wav",)


def test_listings_are_remembered_and_forgotten(store):
    store.recordings.add(make_recording("a"))
    uris = [f"/calls/{number}.wav" for number in range(12_000)]
    known = make_recording("a").id
    files = [
        SeenFile(uri=uri, size_bytes=9, version="1", details_digest="d", recording_id=known)
        for uri in uris
    ]
    store.source_files.remember(files)
    seen = store.source_files.seen([*uris, "/calls/unknown.wav"])
    assert sorted(seen) == sorted(uris)
    assert seen[uris[0]].recording_id == known
    store.source_files.remember([SeenFile(uri=uris[0], size_bytes=10, version="2", seen_at=NOON)])
    again = store.source_files.seen(uris[:1])[uris[0]]
    assert (again.size_bytes, again.version, again.recording_id, again.seen_at) == (
        10,
        "2",
        None,
        NOON,
    )
    store.source_files.forget(uris[:2])
    assert len(store.source_files.seen(uris)) == len(uris) - 2
