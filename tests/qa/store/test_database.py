"""Opening a store, transactions, and errors in words: full, locked, read-only, away, wrong."""

from __future__ import annotations

import logging
import pickle
import sqlite3
import threading
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
import sqlalchemy as sa

from qa.errors import StoreError, TransientError
from qa.store import connect
from qa.store.database import Database, parse_url
from qa.store.failures import explain
from tests.builders import NOON, add_call, make_recording

SECRET = "hunter2"


def test_the_default_store_is_in_the_data_home(monkeypatch, tmp_path):
    monkeypatch.setenv("QA_HOME", str(tmp_path / "deep" / "home"))
    with connect(upgrade=True) as store:
        assert store.calls.count() == 0
    assert (tmp_path / "deep" / "home" / "store.db").is_file()


def test_sqlite_is_set_up_for_many_readers_and_one_writer(sqlite_url):
    with connect(sqlite_url, upgrade=True) as store, store.database.reading() as connection:
        values = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "foreign_keys", "synchronous", "busy_timeout")
        }
    assert values.pop("busy_timeout") >= 5000
    assert values == {"journal_mode": "wal", "foreign_keys": 1, "synchronous": 1}


def test_a_store_in_memory_is_one_store():
    with connect("sqlite://", upgrade=True) as store:
        add_call(store)
        assert store.calls.count() == 1


@pytest.mark.parametrize(
    "url",
    [
        f"mysql://qa:{SECRET}@host/db",
        f"postgresql+asyncpg://qa:{SECRET}@host/db",
        f"postgresql://qa:{SECRET}@host:notaport/db",
        "store.db",
        "://",
    ],
)
def test_urls_that_are_no_store(url):
    with pytest.raises(StoreError) as raised:
        connect(url)
    assert raised.value.remedy
    assert SECRET not in str(raised.value)


def test_plain_postgresql_means_psycopg():
    assert parse_url("postgresql://qa@host/db").drivername == "postgresql+psycopg"


def test_a_server_that_is_away_is_transient_and_shows_no_password(caplog):
    caplog.set_level(logging.DEBUG)
    store = connect(f"postgresql://qa:{SECRET}@127.0.0.1:1/db")
    with pytest.raises(TransientError) as raised:
        store.calls.count()
    assert "does not answer" in str(raised.value)
    for text in (str(raised.value), repr(raised.value), store.url, caplog.text):
        assert SECRET not in text


@pytest.mark.database
def test_a_database_that_does_not_exist(postgres_cluster):
    url = f"{postgres_cluster.rpartition('/')[0]}/nowhere"
    with connect(url) as store, pytest.raises(StoreError, match="does not exist"):
        store.calls.count()


@pytest.mark.database
def test_a_database_that_was_restarted_is_used_again(postgres_url):
    with connect(postgres_url) as store, connect(postgres_url) as other:
        assert store.calls.count() == 0
        with other.database.writing() as connection:
            others = "pid <> pg_backend_pid() AND datname = current_database()"
            kill = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}"
            connection.exec_driver_sql(kill)
        add_call(store)
        assert store.calls.count() == 1


@pytest.mark.parametrize("place", ["/proc/qa/store.db", "/dev/null/store.db"])
def test_a_folder_that_cannot_be_made(place):
    with pytest.raises(StoreError) as raised:
        connect(f"sqlite:///{place}")
    assert "name another place" in raised.value.remedy


def test_a_place_where_no_file_can_be_made():
    with connect("sqlite:////proc/store.db") as store, pytest.raises(StoreError) as raised:
        store.calls.count()
    assert "folder exists" in raised.value.remedy


def test_a_file_that_is_no_database(tmp_path):
    path = tmp_path / "store.db"
    path.write_text("this is a letter, not a store. " * 100)
    with connect(f"sqlite:///{path}") as store, pytest.raises(StoreError, match="not a store"):
        store.calls.count()


def test_a_full_disk_is_named_and_nothing_is_half_written(sqlite_url):
    with connect(sqlite_url, upgrade=True) as store:
        pages = _pragma(store, "page_count")
        _pragma(store, f"max_page_count={pages + 4}")
        with pytest.raises(StoreError) as raised:
            _add_many(store, 2_000)
        assert (raised.value.message, "free some space" in raised.value.remedy) == (
            "the disk is full",
            True,
        )
        assert store.recordings.count() == 0
        _pragma(store, "max_page_count=100000")
        add_call(store)
        assert store.recordings.count() == 1


def _add_many(store, number):
    with store.transaction():
        for each in range(number):
            add_call(store, str(each), tags={"x": "y" * 200})


def _pragma(store, text):
    # The pool hands out this thread's one connection again, so the setting stays in force.
    with store.database.engine.connect() as connection:
        return connection.exec_driver_sql(f"PRAGMA {text}").scalar()


def test_a_read_only_store_refuses_writes(store, open_store):
    add_call(store)
    reader = open_store(read_only=True)
    assert reader.calls.count() == 1
    with pytest.raises(StoreError) as raised:
        add_call(reader, "b")
    assert raised.value.remedy
    assert store.calls.count() == 1


def test_reading_a_store_that_is_not_there(sqlite_url):
    with pytest.raises(StoreError, match="no store yet"):
        connect(sqlite_url, read_only=True)
    assert not Path(sqlite_url.removeprefix("sqlite:///")).exists()


def test_a_transaction_is_all_or_nothing(store):
    def twice():
        with store.transaction():
            add_call(store, "a", "same")
            add_call(store, "b", "same")

    with pytest.raises(StoreError):
        twice()
    assert (store.calls.count(), store.recordings.count()) == (0, 0)


def test_a_reader_inside_a_transaction_sees_it_and_others_do_not(store, open_store):
    other = open_store()
    with store.transaction():
        add_call(store)
        assert store.calls.count() == 1
        assert other.calls.count() == 0
    assert other.calls.count() == 1


def test_threads_have_their_own_transactions(store):
    seen = []
    with store.transaction():
        add_call(store)
        thread = threading.Thread(target=lambda: seen.append(store.calls.count()))
        thread.start()
        thread.join()
    assert seen == [0]


def test_many_writers_wait_for_each_other(store):
    failures = []

    def write(worker):
        try:
            for number in range(15):
                add_call(store, f"{worker}-{number}")
        except Exception as error:  # noqa: BLE001 - any failure of a thread counts
            failures.append(error)

    threads = [threading.Thread(target=write, args=(worker,)) for worker in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert store.calls.count() == 60


def test_a_locked_store_is_transient(sqlite_url, monkeypatch):
    monkeypatch.setattr("qa.store.database.BUSY_TIMEOUT_MS", 50)
    with connect(sqlite_url, upgrade=True) as store:
        other = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(TransientError, match="another process"):
            add_call(store)
        other.execute("ROLLBACK")
        other.close()
        add_call(store)


def test_times_keep_their_moment_in_any_zone(store):
    shanghai = NOON.astimezone(timezone(timedelta(hours=8)))
    add_call(store, started_at=shanghai)
    assert store.calls.get("call-a").started_at == NOON


def test_a_time_without_zone_is_refused(store):
    recording = make_recording(received_at=datetime(2026, 1, 1))  # noqa: DTZ001
    with pytest.raises(StoreError):
        store.recordings.add(recording)


def test_errors_of_the_store_pickle():
    error = StoreError("the disk is full", "sqlite:///x", "free some space")
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


@pytest.mark.parametrize(
    ("text", "kind", "meaning"),
    [
        ("could not extend file: No space left on device", StoreError, "disk is full"),
        ("terminating connection due to administrator command", TransientError, "closed"),
        ("the database system is starting up", TransientError, "starting"),
        ("deadlock detected", TransientError, "blocked"),
        ('password authentication failed for user "qa"', StoreError, "refused the user"),
        ("database disk image is malformed", StoreError, "damaged"),
        ("permission denied for table calls", StoreError, "refused access"),
        ("something new", StoreError, "something new"),
    ],
)
def test_drivers_errors_in_words(text, kind, meaning):
    error = explain(sa.exc.OperationalError("SELECT 1", {}, Exception(text)), "place")
    assert type(error) is kind
    assert meaning in error.message
    assert error.remedy


def test_parameters_never_reach_an_error(sqlite_url):
    database = Database(sqlite_url)
    with pytest.raises(StoreError) as raised, database.writing() as connection:
        connection.execute(sa.text("INSERT INTO nowhere VALUES (:words)"), {"words": SECRET})
    chain, error = "", raised.value
    while error is not None:
        chain += f"{error!r} {error}"
        error = error.__cause__
    assert SECRET not in chain
    database.close()
