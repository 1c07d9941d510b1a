"""Tables come from migrations alone, on both databases, and match what the code believes."""

from __future__ import annotations

import threading

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from qa.errors import StoreError
from qa.store import connect
from qa.store.migrate import newest, present
from qa.store.tables import metadata


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
