"""A site for tests of the machinery: invented recordings, rehearsed stages, a real `qa` command."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections import Counter
from pathlib import Path

from qa.store import connect

ROOT = Path(__file__).parents[2]
#: No encoder, no head: what the site knows must not depend on the packs of this machine.
PLAIN = {
    "QA_SENTIMENT__ENGINE": "lexicon",
    "QA_INSIGHT__ENCODER": "",
    "QA_RUN__SETTLE_SECONDS": "0",
    "QA_RUN__RETRY_SECONDS": "0.1",
    "QA_RUN__RUNNER": "plain",
    "QA_RUN__START_SECONDS": "60",
    "QA_RUN__STAGE_TIMEOUT_SECONDS": "3",
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "600",
}


class RehearsalSite:
    """A folder of recordings, a data home, and commands that run in them."""

    def __init__(self, folder: Path, store: str = "", **settings: str) -> None:
        self.folder, self.home = folder / "in", folder / "home"
        for made in (self.folder, self.home):
            made.mkdir(parents=True, exist_ok=True)
        self.source: Path | str = self.folder
        self.log = folder / "log"
        self.store_url = store or f"sqlite:///{self.home / 'store.db'}"
        self.settings = settings

    def record(self, count: int, begins: str = "", name: str = "call") -> None:
        """Invent recordings whose bytes begin with a word."""
        for number in range(count):
            path = self.folder / f"{name}-{number:03}.wav"
            path.write_bytes(f"{begins} {name} {number}".encode())

    @property
    def recorded(self) -> int:
        """How many recordings were invented."""
        return len(list(self.folder.iterdir()))

    def environment(self, **more: str) -> dict[str, str]:
        """For a process of this site."""
        place = {"QA_HOME": str(self.home), "QA_SETTINGS": str(self.home / "qa.toml")}
        path = os.pathsep.join((str(ROOT / "tests" / "rehearsal" / "path"), str(ROOT)))
        rehearsal = {"PYTHONPATH": path, "QA_REHEARSAL_LOG": str(self.log)}
        store = {"QA_STORE": self.store_url}
        return os.environ | PLAIN | place | rehearsal | store | self.settings | more

    def start(self, *arguments: object, **more: str) -> subprocess.Popen:
        """Begin a command in a process group of its own."""
        command = [sys.executable, "-m", "flows.cli", *map(str, arguments)]
        quiet = subprocess.DEVNULL
        return subprocess.Popen(
            command,
            env=self.environment(**more),
            stdout=quiet,
            stderr=quiet,
            start_new_session=True,
            cwd=ROOT,
        )

    def qa(
        self, *arguments: object, check: bool = True, **more: str
    ) -> subprocess.CompletedProcess:
        """Run a command to its end."""
        command = [sys.executable, "-m", "flows.cli", *map(str, arguments)]
        done = subprocess.run(
            command,
            env=self.environment(**more),
            capture_output=True,
            text=True,
            timeout=900,
            check=False,
            cwd=ROOT,
        )
        assert not check or done.returncode == 0, done.stderr[-3000:]
        return done

    def run(self, **more: str) -> dict:
        """`qa run` over the source; its summary."""
        return json.loads(self.qa("run", self.source, "--json", **more).stdout)

    def open(self):
        """The store, for looking at it."""
        return connect(self.store_url, read_only=True)

    def states(self) -> dict[str, str]:
        """Call id → `scored`, or where it stands: `STAGE STATE`."""
        with self.open() as store:
            return {row.call_id: _standing(store, row) for row in store.calls.find(limit=100_000)}

    def counts(self) -> Counter:
        """How many calls stand where."""
        return Counter(self.states().values())

    def duplicates(self) -> list[str]:
        """Calls with more than one transcript, analysis or evaluation."""
        with self.open() as store:
            ids = [row.call_id for row in store.calls.find(limit=100_000)]
            return [name for name in ids if len(store.evaluations.ids_of(name)) > 1]

    def started(self) -> list[list[str]]:
        """Every stage that was begun: stage, recording, process, threads."""
        if not self.log.exists():
            return []
        return [line.split() for line in self.log.read_text().splitlines()]


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _standing(store, row) -> str:
    if row.evaluation_id is not None:
        return "scored"
    work = store.stages.of_recording(row.sha256)
    return f"{work[-1].key.stage} {work[-1].state.value}" if work else "new"
