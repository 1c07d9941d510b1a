"""Our chain beside the reference chain, on the same files in the same run.

Ours: decode → channels → speech → language → (mono: speakers) → recognition → clean-up → turns.
Reference: decode → faster-whisper with its defaults, sequential, word times, channel by channel
→ (mono: pyannote's stock pipeline). Same model, same threads, models loaded before the clock.

    python tests/benchmarks/recognition.py REFERENCES.tsv|FOLDER [--only NAME] [--limit N] [--json]

Wall time is what counts on an idle machine; CPU time is printed beside it, because on a busy one
only that is comparable.
"""

from __future__ import annotations

import argparse
import json
import platform
import time
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, Self

from qa import runtime


class Clock:
    """Wall and CPU seconds of a piece of work."""

    def __enter__(self) -> Self:
        self.wall, self.cpu = time.monotonic(), time.process_time()
        return self

    def __exit__(self, *_: object) -> None:
        self.wall = time.monotonic() - self.wall
        self.cpu = time.process_time() - self.cpu


def ours(engines: Any) -> Callable[[Any, str], dict[str, Any]]:
    """The product's chain."""
    from qa.calls import Call
    from transcription.audio import decode
    from transcription.pipeline import transcribe_call

    def run(path: Path, language: str) -> dict[str, Any]:
        if decode(path).channels == 1:
            engines.diarizer.load()
        with Clock() as clock:
            audio = decode(path)
            call = Call(id=path.name, recording_id=path.name, language=language)
            heard = transcribe_call(audio, call, engines)
        return {
            "text": " ".join(turn.text for turn in heard.transcript.turns),
            "language": heard.transcript.language,
            "spans": [(s.start_ms, s.end_ms, s.speaker) for s in heard.separation.spans],
            "seconds": audio.duration_ms / 1000,
            "clock": clock,
            "stages": dict(heard.timings_ms),
        }

    return run


def reference(model: Any, settings: Any) -> Callable[[Any, str], dict[str, Any]]:
    """faster-whisper's defaults and pyannote's own pipeline."""
    from transcription.audio import decode
    from transcription.diarizers.pyannote import PyannoteDiarizer

    loaded: list[Any] = []

    def run(path: Path, language: str) -> dict[str, Any]:
        if not loaded and decode(path).channels == 1:
            loaded.append(PyannoteDiarizer(settings.diarization))
        with Clock() as clock:
            audio = decode(path)
            segments, known = [], language
            for channel in audio.samples:
                found, info = model.transcribe(
                    channel, language=language or None, word_timestamps=True
                )
                segments += [(segment.start, segment.text) for segment in found]
                known = known or info.language
            spans = []
            if audio.channels == 1:
                spans = loaded[0].separate(audio.samples[0], max_speakers=3).spans
        return {
            "text": " ".join(text for _, text in sorted(segments)),
            "language": known,
            "spans": [(s.start_ms, s.end_ms, s.speaker) for s in spans],
            "seconds": audio.duration_ms / 1000,
            "clock": clock,
            "stages": {},
        }

    return run


def judged(truth: Any, heard: dict[str, Any]) -> dict[str, Any]:
    """Error rates and factors of one run over one file."""
    from transcription.errorrates import compare, tokens
    from transcription.separation_error import separation_errors

    language = truth.language or heard["language"]
    row: dict[str, Any] = {
        "rtf": heard["clock"].wall / heard["seconds"],
        "cpu": heard["clock"].cpu / heard["seconds"],
        "seconds": heard["seconds"],
        "stages": heard["stages"],
        "errors": None,
        "der": None,
    }
    if truth.text:
        row["errors"] = compare(tokens(truth.text, language), tokens(heard["text"], language))
    spans = [(t.start_ms, t.end_ms, t.speaker) for t in truth.spoken if t.end_ms > t.start_ms]
    if spans and heard["spans"]:
        whole = ((0, round(heard["seconds"] * 1000)),)
        row["der"] = separation_errors(spans, heard["spans"], scored=truth.scored or whole)
    return row


def summary(rows: Sequence[dict[str, Any]]) -> dict[str, float | None]:
    """Pooled over files."""
    from transcription.errorrates import total

    seconds = sum(row["seconds"] for row in rows)
    der = [row["der"] for row in rows if row["der"]]
    speech = sum(part.speech_s for part in der)
    wrong = sum(part.missed_s + part.false_alarm_s + part.confusion_s for part in der)
    return {
        "error": total(row["errors"] for row in rows if row["errors"]).rate,
        "der": wrong / speech if speech else None,
        "rtf": sum(row["rtf"] * row["seconds"] for row in rows) / seconds,
        "cpu": sum(row["cpu"] * row["seconds"] for row in rows) / seconds,
        "seconds": seconds,
    }


def show(name: str, row: dict[str, Any]) -> None:
    figures = [
        f"{key} {value:.3f}" for key in ("error", "der", "rtf", "cpu") if (value := row.get(key))
    ]
    print(f"  {name:10}", "  ".join(figures), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("references", type=Path)
    parser.add_argument("--only", default="", help="files whose name holds this")
    parser.add_argument("--limit", type=int, default=0)
    parser.add_argument("--ours-only", action="store_true")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    runtime.prepare()
    runtime.guard_torchaudio()
    from faster_whisper import WhisperModel

    from qa.modelpacks import locate
    from qa.settings import load_settings
    from transcription.engines.bundle import load_engines
    from transcription.references import read_references

    settings = load_settings()
    threads = runtime.thread_count()
    runs = {"ours": ours(load_engines(settings))}
    if not asked.ours_only:
        model = WhisperModel(
            str(locate("whisper-base")), device="cpu", compute_type="int8", cpu_threads=threads
        )
        runs["reference"] = reference(model, settings)
    truths = [t for t in read_references(asked.references).found if asked.only in t.audio.name]
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in runs}
    for truth in truths[: asked.limit or None]:
        print(truth.audio.name)
        for name, run in runs.items():
            row = judged(truth, run(truth.audio, truth.language))
            rows[name].append(row)
            error = row["errors"].rate if row["errors"] else None
            der = row["der"].rate if row["der"] else None
            show(name, {**row, "error": error, "der": der})
            if row["stages"]:
                print("            ", row["stages"])
    print(
        f"{platform.processor() or platform.machine()}, {threads} threads, faster-whisper "
        f"{version('faster-whisper')}, ctranslate2 {version('ctranslate2')}"
    )
    for name, found in rows.items():
        show(name, summary(found))
    if asked.json:
        print(json.dumps({name: summary(found) for name, found in rows.items()}))


if __name__ == "__main__":
    main()
