"""Backup, restore, moving up, and upgrades of stores with data in them."""

from __future__ import annotations

import json
import tarfile

import pytest

from flows import backup
from qa.errors import StoreError
from qa.store import connect
from qa.store.copying import copy_store, digests
from qa.store.migrate import newest
from tests import builders
from tests.rehearsal.site import RehearsalSite


def filled(store):
    """A store with a little of everything a night writes."""
    for name in "abc":
        call = builders.add_call(store, name)
        transcript = builders.make_transcript(call.id)
        store.transcripts.save(transcript, "t1")
        store.analyses.save(builders.make_analysis(call, transcript), "a1")
        store.evaluations.save(builders.make_evaluation(call.id))
    store.operations.urge(["call-a"], asked_by="somebody", reason="投诉")
    store.settings.set("night.paused", {"by": "somebody"})
    return store


def test_a_copy_holds_the_same_rows(store, tmp_path):
    filled(store)
    with connect(f"sqlite:///{tmp_path / 'copy.db'}", upgrade=True) as copy:
        tables = copy_store(store, copy)
        assert {table.table: table.rows for table in tables if table.rows}["calls"] == 3
        assert digests(copy) == digests(store)
        assert copy.evaluations.load("call-a") == store.evaluations.load("call-a")


@pytest.mark.database
def test_a_site_moves_up_to_postgresql_and_goes_on_there(sqlite_template, tmp_path, postgres_url):
    path = tmp_path / "old.db"
    path.write_bytes(sqlite_template.read_bytes())
    with connect(f"sqlite:///{path}") as old:
        filled(old)
    backup.copy_between(f"sqlite:///{path}", postgres_url)
    with connect(postgres_url) as new, connect(f"sqlite:///{path}") as old:
        assert digests(new) == digests(old)
        new.evaluations.save(builders.make_evaluation("call-a", 60.0))  # numbers go on
        assert len(new.evaluations.ids_of("call-a")) == 2


def test_a_store_that_holds_something_is_never_copied_over(store, tmp_path):
    filled(store)
    with connect(f"sqlite:///{tmp_path / 'copy.db'}", upgrade=True) as copy:
        builders.add_call(copy, "z")
        with pytest.raises(StoreError, match="not empty"):
            copy_store(store, copy)
        assert copy.calls.count() == 1


def test_a_damaged_archive_is_refused_before_anything_is_written(sqlite_url, tmp_path):
    with connect(sqlite_url, upgrade=True) as store:
        filled(store)
    archive = tmp_path / "site.tar"
    backup.back_up(archive, store=sqlite_url)
    assert backup.verify(archive)["revision"] == newest()
    assert archive.stat().st_mode & 0o077 == 0
    body = bytearray(archive.read_bytes())
    middle = body.index(b"SQLite format 3") + 5_000
    body[middle] ^= 0xFF
    broken = tmp_path / "broken.tar"
    broken.write_bytes(bytes(body))
    for action in (
        lambda: backup.verify(broken),
        lambda: backup.restore(broken, store=f"sqlite:///{tmp_path / 'new.db'}"),
    ):
        with pytest.raises(StoreError, match="damaged"):
            action()
    assert not (tmp_path / "new.db").exists()


def test_an_archive_is_never_overwritten(sqlite_url, tmp_path):
    with connect(sqlite_url, upgrade=True):
        pass
    archive = tmp_path / "site.tar"
    archive.write_text("precious", encoding="utf-8")
    with pytest.raises(StoreError, match="exists"):
        backup.back_up(archive, store=sqlite_url)
    assert archive.read_text(encoding="utf-8") == "precious"


@pytest.mark.flow
@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.database)])
def test_a_restored_site_has_no_work_to_do(kind, tmp_path, request):
    url = request.getfixturevalue("postgres_url") if kind == "postgresql" else ""
    site = RehearsalSite(tmp_path / "old", url)
    site.record(3)
    assert site.run()["evaluated"] == 3
    (site.home / "qa.toml").write_text('language = "en"\n', encoding="utf-8")
    archive = tmp_path / "site.tar"
    site.qa("backup", archive)
    site.qa("restore", "--verify", archive)
    with tarfile.open(archive) as opened:
        assert {"site/customer.key", "site/qa.toml", "store.sqlite"} <= set(opened.getnames())
    fresh = RehearsalSite(tmp_path / "new")
    if kind == "postgresql":
        request.getfixturevalue("postgres_cluster")
    fresh.source = site.source
    done = json.loads(fresh.qa("restore", archive, "--json").stdout)
    assert {row["table"]: row["rows"] for row in done["tables"]}["evaluations"] == 3
    assert (fresh.home / "qa.toml").read_text(encoding="utf-8") == 'language = "en"\n'
    summary = fresh.run()
    assert (summary["listed"], summary["new"], summary["evaluated"]) == (3, 0, 0)
    assert not fresh.log.exists()  # no stage was begun
