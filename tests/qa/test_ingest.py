"""Ingest: one file enters once, whatever it is called and however often it is sent."""

from __future__ import annotations

import hashlib
import os
import tracemalloc
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import fsspec
import pytest

from qa.errors import SourceError, StoreError
from qa.ingest import Ingested, NotIngested, ingest, ingest_many
from qa.sources import CallDetails, SourceItem, SourceOptions, list_source
from qa.store import connect


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "calls"
    path.mkdir()
    return path


def items_of(folder, **options):
    found = list_source(str(folder), SourceOptions(settle_seconds=0, **options))
    return [each for each in found if isinstance(each, SourceItem)]


def put(folder, name, content=b"RIFF one"):
    (folder / name).write_bytes(content)
    return folder / name


def run(folder, store, **options):
    return list(ingest_many(items_of(folder, **options), store))


def no_reading(monkeypatch):
    def refuse(*_args, **_options):
        raise AssertionError("a known file was read again")

    monkeypatch.setattr("qa.ingest.open_file", refuse)


def test_a_file_becomes_a_recording_and_a_call(store, folder):
    path = put(folder, "a.wav")
    (entered,) = run(folder, store)
    hashed = hashlib.sha256(b"RIFF one").hexdigest()
    recording = entered.recording
    assert (recording.sha256, recording.id, recording.size_bytes) == (hashed, hashed[:16], 8)
    assert (recording.uri, entered.new, entered.updated) == (str(path), True, False)
    assert entered.call.id == recording.id
    assert store.calls.get(recording.id) == entered.call


def test_a_second_night_reads_nothing(store, folder, monkeypatch):
    for name in "abc":
        put(folder, f"{name}.wav", name.encode())
    first = run(folder, store)
    no_reading(monkeypatch)
    second = run(folder, store)
    assert [each.call for each in second] == [each.call for each in first]
    assert not any(each.new or each.updated for each in second)
    assert ingest(items_of(folder)[0], store).new is False


def test_the_same_bytes_enter_once(store, folder):
    put(folder, "a.wav")
    put(folder, "again.wav")
    first, second = run(folder, store)
    assert (first.new, second.new) == (True, False)
    assert first.call == second.call
    assert store.recordings.aliases(first.recording.id) == (str(folder / "again.wav"),)
    assert store.calls.count() == 1


def test_a_renamed_file_is_played_from_its_new_place(store, folder):
    old = put(folder, "a.wav")
    (first,) = run(folder, store)
    old.rename(folder / "renamed.wav")
    (second,) = run(folder, store)
    assert (second.new, second.recording.id) == (False, first.recording.id)
    assert store.recordings.get(first.recording.id).uri == str(folder / "renamed.wav")
    assert store.recordings.aliases(first.recording.id) == (str(old),)


def test_a_file_that_was_replaced_is_another_recording(store, folder):
    path = put(folder, "a.wav")
    run(folder, store)
    put(folder, "a.wav", b"RIFF two")
    os.utime(path, (1, 1))
    (second,) = run(folder, store)
    assert second.new
    assert store.recordings.count() == 2


def test_a_manifest_names_the_call(store, folder):
    put(folder, "a.wav")
    put(folder, "manifest.csv", "file,call_id,agent_id,产品\na.wav,c-1,1001,宽带\n".encode())
    (entered,) = run(folder, store)
    assert (entered.call.id, entered.call.agent_id) == ("c-1", "1001")
    assert entered.call.tags == {"产品": "宽带"}


def test_a_corrected_manifest_corrects_the_call_without_reading_the_file(
    store, folder, monkeypatch
):
    put(folder, "a.wav")
    put(folder, "manifest.csv", b"file,call_id,agent_id,team,note\na.wav,c-1,1001,x,old\n")
    run(folder, store)
    no_reading(monkeypatch)
    put(folder, "manifest.csv", b"file,call_id,agent_id,note\na.wav,c-9,1002,new\n")
    (second,) = run(folder, store)
    assert (second.new, second.updated) == (False, True)
    call = store.calls.get("c-1")
    assert (call.agent_id, call.team, call.tags) == ("1002", "x", {"note": "new"})
    (third,) = run(folder, store)
    assert third.updated is False


def test_a_call_id_for_two_recordings_stops_only_the_second(store, folder):
    put(folder, "a.wav", b"one")
    put(folder, "b.wav", b"two")
    put(folder, "manifest.csv", b"file,call_id\na.wav,c-1\n")
    run(folder, store)
    put(folder, "manifest.csv", b"file,call_id\nb.wav,c-1\na.wav,c-1x\n")
    refused, known = run(folder, store)
    assert isinstance(refused, NotIngested)
    assert isinstance(refused.error, StoreError)
    assert "own call_id" in refused.error.remedy
    assert known.call.id == "c-1"
    assert store.recordings.count() == 1


def test_an_id_guessed_from_a_name_gives_way(store, folder):
    put(folder, "X_GUID_0_AGENT_Ann_DT_2023-02-19T06-01-22.wav", b"one")
    put(folder, "X_GUID_0_AGENT_Bob_DT_2023-02-19T07-01-22.wav", b"two")
    first, second = run(folder, store)
    assert first.call.id == "X_GUID_0"
    assert second.call.id == f"X_GUID_0-{second.recording.id[:8]}"
    assert [each.call.id for each in run(folder, store)] == [first.call.id, second.call.id]


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda path: path.write_bytes(b""), "changed while"),
        (lambda path: path.write_bytes(b"RIFF one and more"), "changed while"),
        (lambda path: path.unlink(), "not there"),
    ],
    ids=["cut", "grown", "gone"],
)
def test_a_file_that_changes_while_it_is_read_is_not_entered(store, folder, change, complaint):
    path = put(folder, "a.wav")
    (item,) = items_of(folder)
    change(path)
    with pytest.raises(SourceError, match=complaint):
        ingest(item, store)
    assert store.recordings.count() == 0


def test_an_empty_file_is_refused_with_its_reason_and_the_batch_goes_on(store, folder):
    put(folder, "a.wav", b"")
    put(folder, "b.wav")
    refused, entered = run(folder, store)
    assert refused.error.message == "the file is empty"
    assert refused.item.uri == str(folder / "a.wav")
    assert isinstance(entered, Ingested)


def test_an_unreadable_file_is_refused(store, folder, monkeypatch):
    put(folder, "a.wav")
    (item,) = items_of(folder)

    def shut(*_args, **_options):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", shut)
    with pytest.raises(SourceError, match="no right"):
        ingest(item, store)


def test_a_large_file_is_never_in_memory_as_a_whole(store, folder):
    path = folder / "large.wav"
    with path.open("wb") as file:
        file.truncate(64 << 20)
    (item,) = items_of(folder)
    tracemalloc.start()
    ingest(item, store)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8 << 20


def test_remote_files_enter_too(store):
    files = fsspec.filesystem("memory")
    files.pipe_file("/in/a.wav", b"RIFF one")
    try:
        items = list_source("memory://in", SourceOptions(settle_seconds=0))
        (entered,) = ingest_many(items, store)
    finally:
        files.rm("/in", recursive=True)
    assert entered.recording.uri == "memory://in/a.wav"
    assert entered.recording.sha256 == hashlib.sha256(b"RIFF one").hexdigest()


def test_a_store_that_is_full_loses_nothing(sqlite_url, folder):
    put(folder, "a.wav")
    (item,) = items_of(folder)
    details = CallDetails(tags={"note": "x" * 100_000})
    with connect(sqlite_url, upgrade=True) as store:
        with store.database.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA max_page_count=1")  # means: no page more than now
        (refused,) = ingest_many([replace(item, details=details)], store)
        assert (refused.error.message, bool(refused.error.remedy)) == ("the disk is full", True)
        with store.database.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA max_page_count=100000")
        assert ingest(item, store).new


def test_more_files_than_one_batch(store, folder):
    for number in range(1_100):
        put(folder, f"{number:05}.wav", str(number).encode())
    first = run(folder, store)
    assert [each.recording.uri for each in first] == [
        str(path) for path in sorted(folder.iterdir())
    ]
    assert store.calls.count() == 1_100
    assert not any(each.new for each in run(folder, store))


def test_times_from_the_listing_reach_the_call(store, folder):
    put(folder, "1023_20240319_143055.wav")
    (entered,) = run(folder, store)
    assert store.calls.get(entered.call.id).started_at == datetime(
        2024, 3, 19, 6, 30, 55, tzinfo=UTC
    )
