"""Tables come from migrations alone, on both databases, and match what the code believes."""

from __future__ import annotations

import threading

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from qa.errors import StoreError
from qa.store import connect
from qa.store.migrate import _config, newest, present
from qa.store.tables import metadata
from tests import builders

REVISIONS = [each.revision for each in ScriptDirectory.from_config(_config()).walk_revisions()]


def test_upgrade_from_empty_gives_the_tables_of_the_code(store):
    with store.database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
        found = set(sa.inspect(connection).get_table_names())
    assert found == {*metadata.tables, "alembic_version"}


def test_upgrade_twice_changes_nothing(store):
    store.upgrade()
    store.require_current()
    assert present(store.database) == newest()


def test_a_store_without_tables_asks_for_the_upgrade(sqlite_url):
    with connect(sqlite_url) as store, pytest.raises(StoreError, match="qa db upgrade"):
        store.require_current()


def test_using_a_store_without_tables_asks_for_the_upgrade(sqlite_url):
    with connect(sqlite_url) as store, pytest.raises(StoreError, match="qa db upgrade"):
        store.calls.count()


def test_a_newer_store_is_refused(store):
    with store.database.writing() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    for action in (store.require_current, store.upgrade):
        with pytest.raises(StoreError, match="newer version"):
            action()


def test_two_upgrades_at_once_leave_one_good_store(sqlite_url):
    failures = []

    def run():
        try:
            connect(sqlite_url, upgrade=True).close()
        except Exception as error:  # noqa: BLE001 - any failure of a thread counts
            failures.append(error)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with connect(sqlite_url) as store:
        store.require_current()


def test_the_newest_revision_is_alembics_head():
    assert ScriptDirectory.from_config(_config()).get_heads() == [newest()] == REVISIONS[:1]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.database)])
def empty_url(request, sqlite_url):
    """URL of a database without tables."""
    if request.param == "sqlite":
        yield sqlite_url
        return
    import psycopg

    cluster = request.getfixturevalue("postgres_cluster")
    with psycopg.connect(cluster.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS upgraded WITH (FORCE)")
        connection.execute("CREATE DATABASE upgraded")
    yield f"{cluster.rpartition('/')[0]}/upgraded"


@pytest.mark.parametrize("revision", REVISIONS)
def test_a_store_of_any_version_is_upgraded_with_its_data(revision, empty_url):
    recording, call = builders.make_recording("a"), builders.make_call("a")
    with connect(empty_url) as old:
        with old.database.writing() as connection:
            command.upgrade(_config(connection), revision)
            insert_first_version(connection, recording, call)
        assert present(old.database) == revision
    with connect(empty_url, upgrade=True) as new:
        new.require_current()
        with new.database.reading() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            assert compare_metadata(context, metadata) == []
        assert new.calls.get(call.id) == call
        (work,) = new.stages.of_recording(recording.sha256)
        assert (work.state.value, work.interrupted) == ("done", 0)
        (run,) = new.runs.latest()
        assert (run.kind, run.progress) == ("by_hand", {})


def insert_first_version(connection, recording, call):
    moment = "2026-03-02 12:00:00.000000"
    rows = {
        "recordings": {
            **{name: getattr(recording, name) for name in ("id", "uri", "sha256", "size_bytes")},
            "codec": "",
            "channels": 0,
            "sample_rate_hz": 0,
            "duration_ms": 60_000,
            "received_at": moment,
        },
        "calls": {
            **{name: getattr(call, name) for name in ("id", "recording_id", "agent_id", "team")},
            "queue": call.queue,
            "direction": call.direction.value,
            "language": "",
            "layout": call.layout.value,
            "customer_ref": "",
            "tags": "{}",
            "started_at": moment,
            "happened_at": moment,
        },
        "stage_runs": {
            "sha256": recording.sha256,
            "stage": "score",
            "digest": "d",
            "state": "done",
            "attempts": 1,
            "owner": "",
            "error_code": "",
            "error_message": "",
            "error_remedy": "",
            "timings_ms": "{}",
            "audio_ms": 0,
            "engine": "",
        },
        "runs": {
            "id": "r1",
            "started_at": moment,
            "host": "h",
            "source": "s",
            "state": "finished",
            "counts": "{}",
            "summary": "",
        },
    }
    for table, row in rows.items():
        names, marks = ", ".join(row), ", ".join(f":{name}" for name in row)
        connection.execute(sa.text(f"INSERT INTO {table} ({names}) VALUES ({marks})"), row)
