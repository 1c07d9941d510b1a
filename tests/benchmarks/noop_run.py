"""What finding 1,000 finished recordings finished costs. `python tests/benchmarks/noop_run.py [N]`

Files of a second each are entered for real; their stages are marked done in the store as a night
would have left them; then `qa run` is timed as a whole process, and the cost per call printed.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import soundfile

from flows.night import begin
from flows.site import open_site, site_ref
from flows.stages import Stage, stage_digest
from qa import runtime
from qa.sources import source_options
from qa.store import StageDone, StageKey, owner_id


def make_recordings(folder: Path, count: int) -> None:
    """Different bytes in every file, so that each is a recording of its own."""
    rng = np.random.default_rng(1)
    for number in range(count):
        samples = rng.normal(0, 0.05, 8000).astype("float32")
        soundfile.write(folder / f"call-{number:05}.wav", samples, 8000, subtype="ULAW")


def finish_all(folder: Path) -> None:
    """Enter every file and mark its stages done under this site's digests."""
    site = open_site(site_ref())
    night = begin(site, str(folder), source_options(site.settings), lambda *_: None)
    owner = owner_id()
    for stage in Stage:
        digest = stage_digest(site, stage)
        for sha256 in night.due:
            key = StageKey(sha256=sha256, stage=stage.value, digest=digest)
            with site.store.transaction():
                site.store.stages.claim(key, owner)
                site.store.stages.finish(StageDone(key=key, owner=owner))
    site.store.runs.finish(night.run_id, {})


def timed_run(folder: Path) -> tuple[float, dict]:
    """Wall seconds of a whole `qa run`, and its summary."""
    begun = time.perf_counter()
    command = [sys.executable, "-m", "flows.cli", "run", str(folder), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return time.perf_counter() - begun, json.loads(done.stdout)


def main() -> None:
    """Print the table."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    with tempfile.TemporaryDirectory() as home:
        os.environ["QA_HOME"] = home
        os.environ["QA_RUN__SETTLE_SECONDS"] = "0"
        runtime.prepare()
        folder, empty = Path(home) / "in", Path(home) / "none"
        folder.mkdir()
        empty.mkdir()
        make_recordings(folder, count)
        finish_all(folder)
        make_recordings(empty, 1)
        finish_all(empty)
        base = min(timed_run(empty)[0] for _ in range(3))
        runs = [timed_run(folder) for _ in range(3)]
        assert all(summary["evaluated"] == 0 for _, summary in runs), "the run was no no-op"
        best = min(seconds for seconds, _ in runs)
        print("| recordings | whole process | one recording | per recording |\n|--:|--:|--:|--:|")
        per_call = 1000 * (best - base) / max(1, count - 1)
        print(f"| {count} | {best:.2f} s | {base:.2f} s | {per_call:.2f} ms |")


if __name__ == "__main__":
    main()
