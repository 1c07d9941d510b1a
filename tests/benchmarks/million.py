"""What finding a million finished recordings finished costs. `python tests/benchmarks/million.py [N]`

The store is filled as a site of N scored calls has it; then a night over all of them is begun and
settled in this process. Listing itself is timed apart, over a folder of real files (N/50, at most
20,000), and scaled. CPU seconds beside wall seconds: this machine may be busy with other things.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import sqlalchemy as sa

sys.path.insert(0, str(Path(__file__).parents[2]))
os.environ.setdefault("QA_SENTIMENT__ENGINE", "lexicon")
os.environ.setdefault("QA_INSIGHT__ENCODER", "")

from flows import night as nights
from flows.site import open_site, site_ref
from flows.stages import Stage, stage_digest
from qa import runtime
from qa.sources import SourceItem, SourceOptions, list_source
from qa.store.tables import calls, recordings, source_files, stage_runs

WHEN = datetime(2026, 3, 2, tzinfo=UTC)
_CHUNK = 20_000


def uri_of(number: int) -> str:
    """Where a recording lies."""
    return f"/in/{number // 1000:04}/call-{number:07}.wav"


def fill(site, count: int) -> None:
    """A site whose calls are all scored."""
    digests = {stage.value: stage_digest(site, stage) for stage in Stage}
    for start in range(0, count, _CHUNK):
        hashes = {
            n: sha256(str(n).encode()).hexdigest() for n in range(start, min(count, start + _CHUNK))
        }
        rows = {table: [] for table in (recordings, calls, source_files, stage_runs)}
        for number, digest in hashes.items():
            key, uri = digest[:16], uri_of(number)
            rows[recordings].append(
                {"id": key, "uri": uri, "sha256": digest, "size_bytes": 1, "codec": "", "channels": 2,
                 "sample_rate_hz": 8000, "duration_ms": 240_000, "received_at": WHEN}
            )  # fmt: skip
            rows[calls].append(
                {"id": f"c-{number}", "recording_id": key, "happened_at": WHEN, "direction": "inbound",
                 "layout": "stereo", "agent_id": f"A{number % 500}"}
            )  # fmt: skip
            rows[source_files].append(
                {"uri": uri, "size_bytes": 1, "version": "1", "recording_id": key, "seen_at": WHEN}
            )
            rows[stage_runs] += [
                {"sha256": digest, "stage": stage, "digest": own, "state": "done", "attempts": 1,
                 "finished_at": WHEN, "audio_ms": 240_000}
                for stage, own in digests.items()
            ]  # fmt: skip
        with site.store.database.writing() as connection:
            for table, some in rows.items():
                connection.execute(sa.insert(table), some)


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
        site = open_site(site_ref())
        fill(site, count)
        items = [
            SourceItem(uri=uri_of(number), size_bytes=1, version="1") for number in range(count)
        ]
        nights.list_source = lambda *_args, **_more: iter(items)
        wall, cpu, night = timed(lambda: nights.begin(site, home, SourceOptions(), lambda *_: None))
        assert not night.due, "everything was done"
        settled_wall, settled_cpu, counts = timed(lambda: nights.settle(site, night))
        assert (counts.listed, counts.skipped, counts.new) == (count, count, 0)
        files = min(20_000, max(1, count // 50))
        folder = Path(home) / "files"
        for number in range(files):
            path = folder / f"{number // 1000:04}" / f"call-{number:07}.wav"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"x")
        options = SourceOptions(settle_seconds=0)
        list_wall, list_cpu, found = timed(
            lambda: sum(1 for _ in list_source(str(folder), options))
        )
        assert found == files
        scale = count / files
        print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores\n")
        print("| part | recordings | wall s | CPU s |\n|---|--:|--:|--:|")
        print(f"| found done | {count:,} | {wall + settled_wall:.1f} | {cpu + settled_cpu:.1f} |")
        print(f"| listed (of {files:,} files, scaled) | {count:,} | {list_wall * scale:.1f} "
              f"| {list_cpu * scale:.1f} |")  # fmt: skip


if __name__ == "__main__":
    main()
