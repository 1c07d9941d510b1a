"""Speaker separation: the call-optimised path beside the stock pyannote pipeline, in one run.

Prints a table, one row per set of `../shared/data/diarization` (or `QA_EVAL_DATA`): diarization
error rate with its three parts (pyannote.metrics, collar 0.25 s, overlap scored), Jaccard error
rate, speakers found, real-time factor, and how many times faster than stock.

    python tests/benchmarks/diarization.py [--sets phone_sample,zh_16k] [--engines call] [--json]
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from qa import runtime

runtime.prepare()

from pyannote.core import Annotation, Segment, Timeline  # noqa: E402
from pyannote.metrics.diarization import (  # noqa: E402
    DiarizationErrorRate,
    JaccardErrorRate,
)

from qa.settings import DiarizationSettings  # noqa: E402
from transcription.audio import decode  # noqa: E402
from transcription.diarizers import create_diarizer  # noqa: E402
from transcription.protocols import SAMPLE_RATE_HZ, Samples, Span  # noqa: E402

COLLAR_SECONDS = 0.25
ENGINES = ("pyannote", "call")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Case:
    """One recording with its truth."""

    group: str
    name: str
    samples: Samples
    truth: Annotation
    scored: Timeline
    max_speakers: int = 3


@dataclass(slots=True, kw_only=True)
class Tally:
    """Sums over the recordings of a set."""

    der: DiarizationErrorRate = field(
        default_factory=lambda: DiarizationErrorRate(collar=COLLAR_SECONDS)
    )
    jer: JaccardErrorRate = field(default_factory=lambda: JaccardErrorRate(collar=COLLAR_SECONDS))
    wall: float = 0.0
    cpu: float = 0.0
    sound: float = 0.0
    counts: list[str] = field(default_factory=list)

    def row(self, group: str, engine: str) -> dict[str, object]:
        """The figures of a set."""
        total = max(float(self.der["total"]), 1e-9)
        return {
            "set": group,
            "engine": engine,
            "der": round(abs(self.der), 4),
            "missed": round(self.der["missed detection"] / total, 4),
            "false_alarm": round(self.der["false alarm"] / total, 4),
            "confusion": round(self.der["confusion"] / total, 4),
            "jer": round(abs(self.jer), 4),
            "speakers": " ".join(self.counts),
            "rtf": round(self.wall / self.sound, 4),
            "cpu_rtf": round(self.cpu / self.sound, 4),
        }


def cases(root: Path) -> Iterator[Case]:
    """Every recording of the evaluation folder that has a truth for its mono mix."""
    folder = root / "diarization"
    yield from _rttm_case("phone_sample", folder / "phone_sample.wav", folder / "phone_sample.rttm")
    yield from _falcon(folder)
    yield from _meetings(folder / "ami")
    for number in (1, 2):
        stem = f"zh_2spk_{number}"
        truth = folder / "zh" / f"{stem}.rttm"
        yield from _rttm_case("zh_16k", folder / "zh" / f"{stem}_mono16k.wav", truth)
        yield from _rttm_case("zh_8k_mix", folder / "zh" / f"{stem}_stereo8k_mulaw.wav", truth)
    for number in (40, 49):
        stem = root / "calls" / f"auto_repairs_{number}"
        yield from _rttm_case("calls_mix", stem.with_suffix(".wav"), Path(f"{stem}.silver.rttm"))


def _rttm_case(group: str, sound: Path, truth: Path) -> Iterator[Case]:
    if sound.is_file() and truth.is_file():
        samples = _mono(sound)
        annotation = next(iter(_read_rttm(truth).values()))
        yield Case(
            group=group, name=sound.stem, samples=samples, truth=annotation, scored=_all(samples)
        )


def _falcon(folder: Path) -> Iterator[Case]:
    listing = folder / "three_speakers.json"
    if not listing.is_file():
        return
    truth = Annotation()
    test = json.loads(listing.read_text("utf-8"))["tests"]["diarization_tests"][0]
    for turn in test["segments"]:
        truth[Segment(turn["start_sec"], turn["end_sec"])] = str(turn["speaker_tag"])
    samples = _mono(folder / "three_speakers.wav")
    yield Case(
        group="three_speakers", name="falcon", samples=samples, truth=truth, scored=_all(samples)
    )


def _meetings(folder: Path) -> Iterator[Case]:
    if not (folder / "ami.rttm").is_file():
        return
    scored: dict[str, Timeline] = {}
    for line in (folder / "ami.uem").read_text("utf-8").splitlines():
        name, _, start, end = line.split()
        scored.setdefault(name, Timeline()).add(Segment(float(start), float(end)))
    for name, truth in sorted(_read_rttm(folder / "ami.rttm").items()):
        sound = folder / f"{name}.wav"
        if sound.is_file():
            yield Case(
                group="ami",
                name=name,
                samples=_mono(sound),
                truth=truth,
                scored=scored[name],
                max_speakers=4,
            )


def _read_rttm(path: Path) -> dict[str, Annotation]:
    found: dict[str, Annotation] = {}
    for number, line in enumerate(path.read_text("utf-8").splitlines()):
        parts = line.split()
        if parts and parts[0] == "SPEAKER":
            annotation = found.setdefault(parts[1], Annotation(uri=parts[1]))
            start, length = float(parts[3]), float(parts[4])
            annotation[Segment(start, start + length), number] = parts[7]
    return found


def _mono(path: Path) -> Samples:
    return np.ascontiguousarray(decode(path).samples.mean(axis=0), dtype=np.float32)


def _all(samples: Samples) -> Timeline:
    return Timeline([Segment(0, len(samples) / SAMPLE_RATE_HZ)])


def _annotation(spans: tuple[Span, ...]) -> Annotation:
    found = Annotation()
    for number, span in enumerate(spans):
        found[Segment(span.start_ms / 1000, span.end_ms / 1000), number] = span.speaker
    return found


def measure(engine: str, chosen: list[Case]) -> dict[str, Tally]:
    """Run one engine over all cases; models are loaded and warmed up before the clock starts."""
    diarizer = create_diarizer(DiarizationSettings(engine=engine, device="cpu"))
    diarizer.separate(chosen[0].samples[: 12 * SAMPLE_RATE_HZ])
    tallies: dict[str, Tally] = {}
    for case in chosen:
        tally = tallies.setdefault(case.group, Tally())
        wall, cpu = time.perf_counter(), time.process_time()
        separation = diarizer.separate(case.samples, max_speakers=case.max_speakers)
        tally.wall += time.perf_counter() - wall
        tally.cpu += time.process_time() - cpu
        tally.sound += len(case.samples) / SAMPLE_RATE_HZ
        found = _annotation(separation.spans)
        tally.der(case.truth, found, uem=case.scored)
        tally.jer(case.truth, found, uem=case.scored)
        tally.counts.append(f"{len(found.labels())}/{len(case.truth.labels())}")
        print(f"{engine} {case.name} done", file=sys.stderr)
    return tallies


def show(rows: list[dict[str, object]]) -> None:
    """The table, with the speed of `call` relative to `pyannote` where both ran."""
    stock = {row["set"]: float(str(row["cpu_rtf"])) for row in rows if row["engine"] == "pyannote"}
    print(f"{platform.processor() or platform.machine()}, {runtime.thread_count()} threads")
    titles = ("set", "engine", "der", "missed", "false_alarm", "confusion", "jer", "rtf", "cpu_rtf")
    print("  ".join(f"{title:>11}" for title in (*titles, "faster")), " speakers")
    for row in rows:
        faster = stock.get(row["set"], 0.0) / max(float(str(row["cpu_rtf"])), 1e-9)
        cells = [f"{row[title]!s:>11}" for title in titles]
        print("  ".join([*cells, f"{faster:>11.1f}"]), f" {row['speakers']}")


def main() -> None:
    """Parse the arguments, run, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=_default_root())
    parser.add_argument("--sets", default="")
    parser.add_argument("--engines", default=",".join(ENGINES))
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    wanted = set(options.sets.split(",")) - {""}
    chosen = [case for case in cases(options.data) if not wanted or case.group in wanted]
    if not chosen:
        sys.exit(f"no recordings with truth under {options.data}; set QA_EVAL_DATA")
    rows = [
        tally.row(group, engine)
        for engine in options.engines.split(",")
        for group, tally in measure(engine, chosen).items()
    ]
    rows.sort(key=lambda row: (str(row["set"]), str(row["engine"])))
    print(json.dumps(rows, indent=1)) if options.json else show(rows)


def _default_root() -> Path:
    given = os.environ.get("QA_EVAL_DATA", "")
    return Path(given) if given else Path(__file__).parents[3] / "shared" / "data"


if __name__ == "__main__":
    main()
