"""The whole chain beside the reference chain: stage by stage, on the same files, in one run.

    python tests/benchmarks/pipeline.py run [--sets calls,samples] [--chains ours,reference]
    python tests/benchmarks/pipeline.py table
    python tests/benchmarks/pipeline.py memory --layout stereo --minutes 60

`run` appends one JSON line per recording and chain and leaves out what is there already, so it may
be stopped (or stop itself: `--budget SECONDS`) and continued. The chains take turns file by file,
so that a busy machine is busy for all of them. `table` prints what was gathered.

On a graphics card (`--device cuda --out gpu.jsonl`) wall seconds are the measure. On a processor,
processor seconds ÷ cores is what a chain needs on an idle machine; wall seconds and the machine's
load are kept beside it. Data: `samples/calls`, and `../shared/data` or `$QA_EVAL_DATA` where there.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from qa import runtime

ROOT = Path(__file__).parents[2]
#: Clips of one corpus taken from the read-speech list: errors settle long before its end.
_READ_CLIPS = 30
#: The stock diarizer takes a quarter of real time on two cores: longer mono is left to `ours`.
_LONGEST_STOCK_S = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A recording, its set, and its truth (a `transcription.references.Reference`)."""

    group: str
    truth: Any

    @property
    def name(self) -> str:
        return self.truth.audio.name


def items(data: Path) -> Iterator[Item]:
    """Every recording, set by set; those without any truth are there for their time."""
    from transcription.references import Reference, read_references, read_truth

    for audio in sorted((ROOT / "samples" / "calls").iterdir()):
        truth = ROOT / "samples" / "truth" / f"{audio.stem}.json"
        if truth.is_file():
            yield Item(group="samples", truth=read_truth(truth, audio))
    if not data.is_dir():
        return
    known = {ref.audio: ref for ref in read_references(data / "calls").found}
    for audio in sorted((data / "calls").glob("*.wav")):
        given = "zh" if audio.name.startswith("zh") else "en"
        truth = known.get(audio) or Reference(audio=audio)
        yield Item(group="calls", truth=Reference(**{**_fields(truth), "language": given}))
    for group in ("", "zh", "ami"):
        for ref in read_references(data / "diarization" / group).found:
            language = "zh" if group == "zh" else "en"
            yield Item(
                group=f"diarization {group}".strip(),
                truth=Reference(**{**_fields(ref), "language": language}),
            )
    clips = list(read_references(data / "asr" / "references.tsv").found)
    other = [ref for ref in clips if ref.audio.parent.name != "zh"]
    for ref in [*other, *[r for r in clips if r not in other][:_READ_CLIPS]]:
        yield Item(group=f"read {ref.audio.parent.name}", truth=ref)


def _fields(reference: Any) -> dict[str, Any]:
    return {name: getattr(reference, name) for name in reference.__dataclass_fields__}


def run(asked: argparse.Namespace) -> None:
    """Every chain over every recording, one line each."""
    from qa.settings import load_settings
    from transcription.audio import probe

    done = {(row["group"], row["file"], row["chain"]) for row in _read(asked.out)}
    wanted = asked.chains.split(",")
    chains: dict[str, Any] = {}
    chosen = {"device": asked.device}
    settings = load_settings()
    settings = settings.model_copy(
        update={
            "asr": settings.asr.model_copy(update=chosen),
            "diarization": settings.diarization.model_copy(update=chosen),
        }
    )
    begun = time.monotonic()
    for item in items(asked.data):
        if asked.sets and item.group not in asked.sets.split(","):
            continue
        for name in wanted:
            if (item.group, item.name, name) in done:
                continue
            if time.monotonic() - begun > asked.budget:
                print("the budget is spent; run again to go on", file=sys.stderr)
                return
            sound = probe(item.truth.audio)
            long = sound.channels == 1 and sound.duration_ms > _LONGEST_STOCK_S * 1000
            if (name == "reference" and long) or (name == "mixed" and sound.channels == 1):
                continue
            chain = chains[name] = chains.get(name) or _chain(name, settings)
            chain.warm_up(sound.channels)
            row = _row(item, name, chain)
            with asked.out.open("a", encoding="utf-8") as stream:
                stream.write(json.dumps(row, ensure_ascii=False) + "\n")
            print(f"{name:10} {item.name:40} cpu {sum(row['cpu'].values()) / 1000:.1f} s of "
                  f"{row['seconds']:.0f} s, error {row['rate']}, der {row['der']}", flush=True)  # fmt: skip


def _chain(name: str, settings: Any) -> Any:
    from chains import Ours, Reference

    if name == "ours":
        return Ours(settings)
    return Reference(settings, batched=name == "batched", mixed=name == "mixed")


def _row(item: Item, name: str, chain: Any) -> dict[str, Any]:
    from chains import Stages

    from transcription.evaluate import judge

    stages = Stages()
    begun = time.perf_counter()
    heard = chain.hear(item.truth.audio, item.truth.language, stages)
    wall = time.perf_counter() - begun
    found = judge(item.truth, item.name, heard, wall_s=wall)
    parts = found.separation
    separates = name != "batched" or bool(heard.separation.spans)
    return {
        "group": item.group,
        "file": item.name,
        "chain": name,
        "language": found.language,
        "seconds": found.seconds,
        "layout": "stereo" if heard.transcript.true_overlap or _two(heard) else "mono",
        "wall_s": round(wall, 3),
        "wall": stages.wall,
        "cpu": stages.cpu,
        "load": round(os.getloadavg()[0], 1),
        "errors": asdict(found.errors) if found.errors else None,
        "rate": round(found.errors.rate or 0, 4) if found.errors else None,
        "attributed": asdict(found.attributed) if found.attributed and separates else None,
        "separation": asdict(parts) if parts and separates else None,
        "der": round(parts.rate or 0, 4) if parts and separates else None,
        "role_right": found.role_right if name == "ours" else None,
        "role_confidence": found.role_confidence if name == "ours" else None,
        "grade": found.grade if name == "ours" else "",
        "flags": list(found.flags),
        "confidences": [[round(c, 3), int(ok)] for c, ok in found.confidences],
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "heard": found.heard,
    }


def _two(heard: Any) -> bool:
    return any(span.speaker in ("left", "right") for span in heard.separation.spans)


def _read(path: Path) -> list[dict[str, Any]]:
    if not path.is_file():
        return []
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]


def table(asked: argparse.Namespace) -> None:
    """What was gathered, as Markdown."""
    from pipeline_table import show

    threads = runtime.thread_count()
    names = ("faster-whisper", "ctranslate2", "torch", "pyannote.audio")
    print(f"{threads} threads; " + ", ".join(f"{name} {version(name)}" for name in names) + "\n")
    show(_read(asked.out), cores=threads)


def memory(asked: argparse.Namespace) -> None:
    """Peak resident memory of our chain over one long recording of sample speech."""
    import numpy as np
    import soundfile
    from chains import Ours, Stages

    from qa.settings import load_settings
    from transcription.audio import decode

    channels = 2 if asked.layout == "stereo" else 1
    stems = ("zh-01", "en-01", "zh-02", "en-03", "zh-08", "en-10")
    calls = [next((ROOT / "samples" / "calls").glob(f"{stem}-*")) for stem in stems]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "long.wav"
        frames = 0
        with soundfile.SoundFile(path, "w", 16_000, channels, "PCM_16") as stream:
            for turn in range(10_000):
                sound = decode(calls[turn % len(calls)]).samples
                stream.write(sound[:channels].T if channels == 2 else sound.mean(axis=0))
                frames += sound.shape[1]
                if frames >= asked.minutes * 60 * 16_000:
                    break
        del sound
        chain, stages = Ours(load_settings()), Stages()
        chain.warm_up(channels)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        heard = chain.hear(path, "", stages)
    seconds = frames / 16_000
    print(json.dumps({
        "layout": asked.layout,
        "minutes": round(seconds / 60, 1),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "models_mb": before,
        "cpu_rtf": round(sum(stages.cpu.values()) / 1000 / seconds, 4),
        "cpu": stages.cpu,
        "turns": len(heard.transcript.turns),
        "speakers": len({t.speaker for t in heard.transcript.turns}),
        "numpy": np.__version__,
    }))  # fmt: skip


def main() -> None:
    """Parse the arguments and do one of the three."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=("run", "table", "memory"))
    parser.add_argument("--data", type=Path, default=_default_data())
    parser.add_argument("--out", type=Path, default=Path(tempfile.gettempdir()) / "pipeline.jsonl")
    parser.add_argument("--sets", default="")
    parser.add_argument("--chains", default="ours,reference,mixed,batched")
    parser.add_argument("--budget", type=float, default=float("inf"), metavar="SECONDS")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--layout", choices=("stereo", "mono"), default="stereo")
    parser.add_argument("--minutes", type=float, default=60)
    asked = parser.parse_args()
    runtime.prepare()
    runtime.guard_torchaudio()
    {"run": run, "table": table, "memory": memory}[asked.what](asked)


def _default_data() -> Path:
    given = os.environ.get("QA_EVAL_DATA", "")
    return Path(given) if given else ROOT.parent / "shared" / "data"


if __name__ == "__main__":
    main()
