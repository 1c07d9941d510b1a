"""Fixtures for every tier: an isolated environment, and a store on SQLite and on PostgreSQL."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from qa import runtime
from qa.store import Store, connect
from qa.store.migrate import newest
from qa.store.tables import metadata

#: Where Debian and others put the server's programs, beside PATH.
_POSTGRES_PLACES = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/local/pgsql/bin")


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
    programs = _postgres_programs()
    if programs is None:
        pytest.skip("PostgreSQL's initdb and postgres are not installed: its half is NOT TESTED")
    folder = Path(tempfile.mkdtemp(prefix="qa-pg-"))
    user = _server_user()
    try:
        if user is not None:
            folder.chmod(0o755)
            shutil.chown(folder, user=user)
        yield from _cluster(programs, folder, user)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _cluster(programs: Path, folder: Path, user: str | None) -> Iterator[str]:
    data, port = folder / "data", _free_port()
    initdb = [programs / "initdb", "-D", data, "-U", "qa", "-A", "trust", "-E", "UTF8", "-N"]
    _run([*initdb, "--locale=C.UTF-8"], folder, user)
    # Durability is for real data; a test cluster lives for minutes.
    fast = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=60"
    serve = f"-p {port} -c listen_addresses=127.0.0.1 -k {folder} {fast}"
    control = [programs / "pg_ctl", "-D", data, "-w", "-t", "60"]
    _run([*control, "-l", folder / "log", "-o", serve, "start"], folder, user)
    try:
        yield f"postgresql+psycopg://qa@127.0.0.1:{port}/postgres"
    finally:
        _run([*control, "-m", "immediate", "stop"], folder, user)


def _run(command: list[object], folder: Path, user: str | None) -> None:
    # No pipes: the server would inherit them and keep the reader waiting for its end.
    quiet = subprocess.DEVNULL
    subprocess.run(command, cwd=folder, user=user, check=True, stdout=quiet, stderr=quiet)


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


def _postgres_programs() -> Path | None:
    found = [path for pattern in _POSTGRES_PLACES for path in Path("/").glob(pattern[1:])]
    on_path = shutil.which("initdb")
    candidates = [*sorted(found, reverse=True), *([Path(on_path).parent] if on_path else [])]
    wanted = ("initdb", "pg_ctl", "postgres")
    return next(
        (place for place in candidates if all((place / name).is_file() for name in wanted)), None
    )


def _server_user() -> str | None:
    """PostgreSQL refuses to run as root: then it runs as its own user, or as nobody."""
    if os.geteuid() != 0:
        return None
    import pwd

    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _on_server(url: str, statement: str) -> None:
    import psycopg

    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(statement)
