"""Make the sample calls: scripts in, audio + truth + manifest out.

    python -m samples.build            # every script
    python -m samples.build zh-01 en-  # those whose name starts so

Needs the `samples` dependency group and the `kokoro` model pack (`qa models pull kokoro`). The same
script, model and library versions give the same sound; spoken sentences are cached.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
from pathlib import Path

import platformdirs

from qa import modelpacks, runtime
from samples.encode import encode, suffix
from samples.ground_truth import truth_of
from samples.measure import rates_of
from samples.script import Script, ScriptError, load_script
from samples.speech import Speaker, phonemes_of
from samples.telephone import LINE_HZ
from samples.timeline import mix, place

HERE = Path(__file__).parent
COLUMNS = (
    "file", "call_id", "agent_id", "team", "queue", "started_at", "direction", "layout",
    "language", "customer", "ended_by", "recording_notice",
    "synthetic",
)  # fmt: skip


def kokoro() -> Speaker:
    """The voice model of the `kokoro` pack.

    Raises:
        ModelError: The pack is not there.
    """
    folder = modelpacks.locate("kokoro")
    return Speaker(
        model=folder / "kokoro-v1.0.int8.onnx",
        vocabulary=folder / "vocab.json",
        voices=folder / "voices",
        cache=Path(platformdirs.user_cache_dir("call-quality", appauthor=False)) / "spoken",
        threads=runtime.thread_count(),
    )


def check_pronunciations(paths: list[Path]) -> None:
    """Raise for words that cannot be spoken, before anything slow starts.

    Raises:
        ScriptError: Every such word of every script.
    """
    found = []
    for path in paths:
        script = load_script(path)
        for step in script.timeline:
            name = next(iter(step.model_fields_set))
            said = getattr(step, name)
            if isinstance(said, int):
                continue
            try:
                phonemes_of(said.say, script.voices[name].voice)  # type: ignore[index]
            except ScriptError as error:
                found.append(f"{path.name}: {error.message}")
    if found:
        raise ScriptError("; ".join(found), "samples/scripts", "see NAMES in samples/english.py")


def build(path: Path, speaker: Speaker, *, into: Path = HERE) -> dict[str, object]:
    """Build one script: audio into `into/calls`, truth into `into/truth`. Returns the truth."""
    script = load_script(path)
    placed = place(script, speaker)
    channels = mix(script, placed)
    duration_ms = channels.shape[1] * 1000 // LINE_HZ
    truth = truth_of(path.stem, script, placed, duration_ms)
    for folder in ("calls", "truth"):
        (into / folder).mkdir(parents=True, exist_ok=True)
    encode(
        channels,
        into / "calls" / f"{path.stem}{suffix(script.line.codec)}",
        codec=script.line.codec,
        rate_hz=LINE_HZ,
    )
    text = json.dumps(truth, ensure_ascii=False, indent=1)
    (into / "truth" / f"{path.stem}.json").write_text(text + "\n", encoding="utf-8")
    return truth


def write_manifest(scripts: dict[str, Script], path: Path) -> None:
    """One row per call, as a recorder would list them."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        for call_id, script in sorted(scripts.items(), key=lambda item: item[1].call.started_at):
            writer.writerow(
                {
                    "file": call_id + suffix(script.line.codec),
                    "call_id": call_id,
                    **script.call.model_dump(mode="json"),
                    "layout": script.line.layout.value,
                    "language": script.language,
                    "synthetic": "yes",
                    **script.manifest,
                }
            )


def scripts_built(paths: list[Path]) -> dict[str, Script]:
    """The scripts that have been built, by call id: a build may be stopped and taken up again."""
    built = {file.stem for file in (HERE / "truth").glob("*.json")}
    return {path.stem: load_script(path) for path in paths if path.stem in built}


def main(arguments: list[str] | None = None) -> int:
    """Build the scripts whose names start with an argument (all without) and list them."""
    parser = argparse.ArgumentParser(description="Make the sample calls.")
    parser.add_argument("names", nargs="*", help="beginnings of script names; all when left out")
    chosen = tuple(parser.parse_args(arguments).names) or ("",)
    runtime.prepare()
    speaker = kokoro()
    paths = sorted((HERE / "scripts").glob("*.yaml"))
    check_pronunciations(paths)
    for path in paths:
        if path.stem.startswith(chosen):
            truth = build(path, speaker)
            write_manifest(scripts_built(paths), HERE / "calls" / "manifest.csv")
            seconds = int(str(truth["duration_ms"])) / 1000
            print(f"{path.stem:34} {seconds:5.1f} s  {rates_of(truth)}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
