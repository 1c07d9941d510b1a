"""Audit events: appended for good, in one chain, and every later change is found."""

from __future__ import annotations

import random
import sqlite3
import threading

import pytest
import sqlalchemy as sa

from qa.audit import AuditAction
from qa.errors import QaError
from qa.store.audit import AuditFilter
from qa.store.tables import audit_events


def fill(store, n):
    for number in range(n):
        store.audit.record(
            f"user-{number % 3}",
            AuditAction.PLAYBACK,
            kind="call",
            subject=f"C-{number}",
            reason="抽检 spot check",
            detail={"session": "abcdef", "n": number},
        )


def test_events_come_newest_first_and_filtered(store):
    fill(store, 7)
    assert [event.sequence for event in store.audit.find(limit=2)] == [7, 6]
    mine = AuditFilter(user_ids=("user-1",), actions=("playback",), subject_kind="call")
    assert [event.subject_id for event in store.audit.find(mine)] == ["C-4", "C-1"]
    assert store.audit.count(mine) == 2
    assert store.audit.find(AuditFilter(subject_id="C-3"))[0].user_id == "user-0"
    assert store.audit.frame()["sequence"].tolist() == list(range(1, 8))
    assert store.audit.users() == ["user-0", "user-1", "user-2"]


def test_an_event_shares_the_fate_of_its_transaction(store):
    def lose():
        with store.transaction():
            store.audit.record("a", "export", kind="report", subject="r")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        lose()
    assert store.audit.count() == 0
    assert store.audit.verify() == []


@pytest.mark.parametrize(
    "statement", ["UPDATE audit_events SET user_id = 'x'", "DELETE FROM audit_events"]
)
def test_the_database_refuses_to_change_events(store, statement):
    fill(store, 2)
    with pytest.raises(QaError, match="append-only"), store.database.writing() as connection:
        connection.execute(sa.text(statement))
    assert store.audit.verify() == []


@pytest.mark.database
def test_postgresql_refuses_to_empty_the_table(postgres_url):
    from qa.store import connect

    with connect(postgres_url) as store:
        fill(store, 1)
        with pytest.raises(QaError, match="append-only"), store.database.writing() as connection:
            connection.execute(sa.text("TRUNCATE audit_events"))


def test_writers_at_once_make_one_chain(open_store):
    failures = []

    def write():
        try:
            fill(open_store(), 10)
        except Exception as error:  # noqa: BLE001 - any failure of a thread counts
            failures.append(error)

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    store = open_store()
    assert store.audit.count() == 40
    assert store.audit.verify() == []


def tamper(store, sequence, column, value):
    """Change a row behind the triggers' back, as who owns the file can."""
    off = (
        "DROP TRIGGER IF EXISTS audit_events_no_update"
        if store.database.is_sqlite
        else "SET LOCAL session_replication_role = replica"
    )
    with store.database.writing() as connection:
        connection.execute(sa.text(off))
        row = audit_events.c.sequence == sequence
        connection.execute(sa.update(audit_events).where(row), {column: value})


def test_one_flipped_byte_is_found_in_each_of_100_rows(store):
    fill(store, 100)
    assert store.audit.verify() == []
    chance = random.Random(6)
    columns = [column.name for column in audit_events.c if column.name != "sequence"]
    originals = {event.sequence: event for event in store.audit.find(limit=100)}
    for sequence in range(1, 101):
        column = columns[sequence % len(columns)]
        text = getattr(originals[sequence], column)
        at = chance.randrange(len(text))
        flipped = text[:at] + chr(ord(text[at]) ^ 1) + text[at + 1 :]
        tamper(store, sequence, column, flipped)
        assert sequence in {one.sequence for one in store.audit.verify()}, (sequence, column)
        tamper(store, sequence, column, text)
    assert store.audit.verify() == []


def test_bytes_that_are_no_text_any_more_are_found(sqlite_url, sqlite_template):
    import shutil

    from qa.store import connect

    path = sqlite_url.removeprefix("sqlite:///")
    shutil.copy(sqlite_template, path)
    with connect(sqlite_url) as store:
        fill(store, 5)
    with sqlite3.connect(path) as raw:
        raw.execute("DROP TRIGGER audit_events_no_update")
        raw.execute("UPDATE audit_events SET reason = CAST(x'ff41' AS TEXT) WHERE sequence = 3")
    with connect(sqlite_url) as store:
        assert 3 in {one.sequence for one in store.audit.verify()}


def test_a_cut_off_end_is_found_by_the_head(store):
    fill(store, 5)
    noted = store.audit.head()
    with store.database.writing() as connection:
        connection.execute(
            sa.text(
                "DROP TRIGGER audit_events_no_delete"
                if store.database.is_sqlite
                else "SET LOCAL session_replication_role = replica"
            )
        )
        connection.execute(sa.delete(audit_events).where(audit_events.c.sequence > 3))
    assert [one.sequence for one in store.audit.verify()] == [5]
    store.audit.record("later", "sign_in")  # does not heal it
    assert [one.sequence for one in store.audit.verify()] == [6]
    store.settings.set("audit.head", {"sequence": 3, "hash": store.audit.find()[1].hash})
    assert 5 in {one.sequence for one in store.audit.verify(noted)}


def test_names_from_outside_may_be_anything(store):
    event = store.audit.record("a\0b\ud800" * 200, "sign_in_failed", subject="<script>" * 60)
    assert len(event.user_id) == 200
    assert store.audit.verify() == []
