"""What finding a million finished recordings finished costs. `python tests/benchmarks/million.py [N]`

A folder of N real names (hard links: agent and time in the name, a thousand a folder) and a store
in which each of them is scored; then a night over all of them is begun and settled in this process:
listing, reading names, looking up, nothing due. The store is SQLite; `bench_store.py` has both.
CPU seconds beside wall seconds: this machine may be busy with other things.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from hashlib import sha256
from itertools import islice
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))
os.environ |= {"QA_SENTIMENT__ENGINE": "lexicon", "QA_INSIGHT__ENCODER": ""}

from flows.night import begin, settle
from flows.site import open_site, site_ref
from flows.stages import Stage, stage_digest
from qa import runtime
from qa.ingest import details_digest
from qa.sources import SourceItem, SourceOptions, list_source

_CHUNK = 20_000
_MOMENT = "2026-03-02 00:00:00.000000"
_RECORDING = (
    "INSERT INTO recordings (id, sha256, uri, size_bytes, received_at, channels, duration_ms)"
    f" VALUES (?, ?, ?, 1, '{_MOMENT}', 2, 240000)"
)
_FILE = (
    "INSERT INTO source_files (recording_id, uri, size_bytes, version, details_digest, seen_at)"
    f" VALUES (?, ?, ?, ?, ?, '{_MOMENT}')"
)
_CALLS = (
    "INSERT INTO calls (id, recording_id, happened_at, agent_id, team, queue, direction, layout,"
    f" language, customer_ref, tags) SELECT 'c-' || id, id, '{_MOMENT}', '', '', '', 'inbound',"
    " 'stereo', 'zh', '', '{}' FROM recordings"
)
_STAGE = (
    "INSERT INTO stage_runs (sha256, stage, digest, state, attempts, owner, finished_at, audio_ms,"
    " error_code, error_message, error_remedy, timings_ms, engine)"
    f" SELECT sha256, ?, ?, 'done', 1, '', '{_MOMENT}', 240000, '', '', '', '{{}}', ''"
    " FROM recordings"
)


def make_names(folder: Path, count: int) -> None:
    """Names of one byte in all; a file system allows some ten thousand names a file."""
    for number in range(count):
        day = folder / f"{number // 1000:04}"
        if number % 1000 == 0:
            day.mkdir(parents=True)
        if number % 30_000 == 0:
            content = folder / f".content-{number}"
            content.write_bytes(b"x")
            os.utime(content, (1_700_000_000, 1_700_000_000))
        os.link(
            content, day / f"{1000 + number % 1000}_20260302_{number % 86_400 // 3600:02}1500.wav"
        )


def fill(site, source: Path) -> None:
    """A site whose calls are all scored."""
    items = (item for item in list_source(str(source)) if isinstance(item, SourceItem))
    database = site.store.database
    while chunk := list(islice(items, _CHUNK)):
        hashes = [sha256(item.uri.encode()).hexdigest() for item in chunk]
        with database.writing() as connection:
            connection.exec_driver_sql(
                _RECORDING,
                [(key[:16], key, item.uri) for key, item in zip(hashes, chunk, strict=True)],
            )
            files = [
                (key[:16], item.uri, item.size_bytes, item.version, details_digest(item.details))
                for key, item in zip(hashes, chunk, strict=True)
            ]
            connection.exec_driver_sql(_FILE, files)
    with database.writing() as connection:
        connection.exec_driver_sql(_CALLS)
        for stage in Stage:
            connection.exec_driver_sql(_STAGE, (stage.value, stage_digest(site, stage)))


def timed(what):
    """Wall and CPU seconds, and the result."""
    wall, cpu = time.perf_counter(), time.process_time()
    result = what()
    return time.perf_counter() - wall, time.process_time() - cpu, result


def main() -> None:
    """Print the table."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as home:
        os.environ["QA_HOME"] = home
        runtime.prepare()
        site, source = open_site(site_ref()), Path(home) / "in"
        make_names(source, count)
        fill(site, source)
        wall, cpu, listed = timed(lambda: sum(1 for _ in list_source(str(source))))
        assert listed == count
        print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores\n")
        print("| part | recordings | wall s | CPU s |\n|---|--:|--:|--:|")
        print(f"| of it, listing alone | {count:,} | {wall:.1f} | {cpu:.1f} |")
        wall, cpu, night = timed(lambda: begin(site, str(source), SourceOptions(), lambda *_: None))
        assert not night.due, "everything was done"
        settled_wall, settled_cpu, counts = timed(lambda: settle(site, night))
        assert (counts.listed, counts.skipped, counts.new) == (count, count, 0)
        print(f"| listed and found done | {count:,} | {wall + settled_wall:.1f} "
              f"| {cpu + settled_cpu:.1f} |")  # fmt: skip


if __name__ == "__main__":
    main()
