"""A real PostgreSQL cluster on a loopback port, for tests and benchmarks."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.rehearsal.site import free_port

#: Where Debian and others put the server's programs, beside PATH.
_PLACES = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/local/pgsql/bin")


@dataclass(frozen=True)
class Cluster:
    """A running server; `url` is its empty database."""

    url: str
    folder: Path
    control: tuple[object, ...]
    user: str | None

    def restart(self) -> None:
        """Stop at once, breaking every connection, and start again."""
        _run([*self.control, "-m", "immediate", "restart"], self.folder, self.user)


@contextmanager
def cluster() -> Iterator[Cluster | None]:
    """A cluster that is gone afterwards; None where PostgreSQL is not installed."""
    programs = _programs()
    if programs is None:
        yield None
        return
    folder = Path(tempfile.mkdtemp(prefix="qa-pg-"))
    user = _server_user()
    try:
        if user is not None:
            folder.chmod(0o755)
            shutil.chown(folder, user=user)
        with _running(programs, folder, user) as made:
            yield made
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _running(programs: Path, folder: Path, user: str | None) -> Iterator[Cluster]:
    data, port = folder / "data", free_port()
    initdb = [programs / "initdb", "-D", data, "-U", "qa", "-A", "trust", "-E", "UTF8", "-N"]
    _run([*initdb, "--locale=C.UTF-8"], folder, user)
    # Durability is for real data; a test cluster lives for minutes.
    fast = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=60"
    serve = f"-p {port} -c listen_addresses=127.0.0.1 -k {folder} {fast}"
    control = (programs / "pg_ctl", "-D", data, "-w", "-t", "60", "-l", folder / "log")
    _run([*control, "-o", serve, "start"], folder, user)
    try:
        url = f"postgresql+psycopg://qa@127.0.0.1:{port}/postgres"
        yield Cluster(url, folder, control, user)
    finally:
        _run([*control, "-m", "immediate", "stop"], folder, user)


def _run(command: list[object], folder: Path, user: str | None) -> None:
    # No pipes: the server would inherit them and keep the reader waiting for its end.
    quiet = subprocess.DEVNULL
    subprocess.run(command, cwd=folder, user=user, check=True, stdout=quiet, stderr=quiet)


def _programs() -> Path | None:
    found = [path for pattern in _PLACES for path in Path("/").glob(pattern[1:])]
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
