"""Fixtures for every tier: an isolated environment, and a store on SQLite and on PostgreSQL."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from qa import runtime
from qa.store import Store, connect
from qa.store.migrate import newest
from qa.store.tables import metadata
from tests import postgres

#: The batch over all samples: begun last, it would keep one of two processes waiting for minutes.
_FIRST = "tests/test_readme.py"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest file first."""
    items.sort(key=lambda item: not item.nodeid.startswith(_FIRST))


@pytest.fixture(autouse=True)
def isolated(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """No test reads this machine's settings, writes into its data home, or asks a hub."""
    runtime.prepare()
    keep = {"QA_THREADS", "QA_EVAL_DATA", "QA_MODELS_DIR"}
    for name in [name for name in os.environ if name.startswith("QA_") and name not in keep]:
        monkeypatch.delenv(name)
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("QA_HOME", str(home))
    monkeypatch.setenv("QA_SETTINGS", str(home / "qa.toml"))


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[str]:
    """URL of a real, empty PostgreSQL cluster on a loopback port, gone with the session."""
    with postgres.cluster() as made:
        if made is None:
            pytest.skip(
                "PostgreSQL's initdb and postgres are not installed: its half is NOT TESTED"
            )
        yield made.url


@pytest.fixture(scope="session")
def postgres_store(postgres_cluster: str) -> str:
    """URL of the one PostgreSQL store of the session, with all tables."""
    _on_server(postgres_cluster, "CREATE DATABASE qa_tests")
    url = f"{postgres_cluster.rpartition('/')[0]}/qa_tests"
    connect(url, upgrade=True).close()
    return url


@pytest.fixture
def postgres_url(postgres_store: str) -> str:
    """URL of an empty PostgreSQL store: emptying takes a tenth of the time of making a new one."""
    tables = ", ".join(metadata.tables)
    # As a replica: the triggers that keep audit events append-only do not fire then.
    emptied = f"TRUNCATE {tables} RESTART IDENTITY CASCADE"
    _on_server(postgres_store, f"SET session_replication_role = replica; {emptied}")
    _on_server(postgres_store, f"UPDATE alembic_version SET version_num = '{newest()}'")
    return postgres_store


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with all tables; migrating once and copying saves a second a test."""
    path = tmp_path_factory.mktemp("template") / "store.db"
    connect(f"sqlite:///{path}", upgrade=True).close()
    return path


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """URL of a fresh SQLite store, still without tables."""
    return f"sqlite:///{tmp_path / 'store.db'}"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.database)])
def store_url(request: pytest.FixtureRequest) -> str:
    """URL of a fresh store with all tables; every test that asks for it runs on both databases."""
    if request.param == "postgresql":
        return request.getfixturevalue("postgres_url")
    url = request.getfixturevalue("sqlite_url")
    shutil.copy(request.getfixturevalue("sqlite_template"), url.removeprefix("sqlite:///"))
    return url


@pytest.fixture
def open_store(store_url: str) -> Iterator[Callable[..., Store]]:
    """Opens the test's store, as often as wanted (`now=`, `read_only=`), and closes all of them."""
    opened: list[Store] = []

    def open_(**options: object) -> Store:
        opened.append(connect(store_url, **options))
        return opened[-1]

    yield open_
    for store in opened:
        store.close()


@pytest.fixture
def store(open_store: Callable[..., Store]) -> Store:
    """A fresh store with all tables, on SQLite and on PostgreSQL."""
    return open_store()


def _on_server(url: str, statement: str) -> None:
    import psycopg

    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(statement)
