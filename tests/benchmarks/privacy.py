"""Spoken numbers end to end: audio through the recogniser, then what stays readable and audible.

    .venv/bin/python tests/benchmarks/privacy.py [--folder ../shared/data/pii] [--skip N] [--limit N] [--json]

Needs the packs (`make models`) and `zh_spoken_numbers/` (`text.tsv`: utt_id, ref, …, arabic). A clip
passes when no more than three consecutive true digits remain: `readable` in the redacted text,
`audible` to the same recogniser in the playback copy, in which the hidden words are silent.
`heard` is how many digits the recogniser got at all: what it misses cannot be found in text, and is
silenced only where a neighbouring digit was heard.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
from dataclasses import replace
from difflib import SequenceMatcher
from pathlib import Path

from qa import runtime
from qa.calls import Call
from qa.privacy.check import READABLE_DIGITS, check_privacy, load_labelled
from qa.privacy.digits import digit_groups
from qa.privacy.transcripts import Policy, redact_transcript
from qa.privacy.view import fold
from qa.settings import load_settings
from qa.transcript import Transcript
from transcription.audio import decode
from transcription.engines.bundle import Engines, load_engines
from transcription.pipeline import transcribe_call
from transcription.playback import playback_copy

_DEFAULT = os.environ.get("QA_EVAL_DATA", "../shared/data")


def longest_left(truth: str, text: str) -> int:
    """The most consecutive true digits that a text still tells."""
    told = "".join(group.digits for group in digit_groups(fold(text)))
    match = SequenceMatcher(None, truth, told, autojunk=False)
    return match.find_longest_match(0, len(truth), 0, len(told)).size


def clips(folder: Path, skip: int, limit: int) -> list[tuple[Path, str]]:
    """Recordings with the digits spoken in them."""
    rows = csv.DictReader((folder / "text.tsv").open(encoding="utf-8"), delimiter="\t")
    found = [(folder / f"{row['utt_id']}.wav", _digits(row)) for row in rows]
    return [(path, digits) for path, digits in found if path.exists()][skip : skip + limit]


def _digits(row: dict[str, str]) -> str:
    given = row.get("arabic") or ""
    runs = ["".join(filter(str.isdigit, part)) for part in given.split()]
    return max(runs, key=len, default="")


def said(transcript: Transcript) -> str:
    """Everything in one line."""
    return " ".join(turn.text for turn in transcript.turns)


def measure(path: Path, truth: str, engines: Engines) -> dict[str, object]:
    """One clip: digits heard, left in text, left in sound."""
    call = Call(id=path.stem, recording_id=path.stem, language="zh")
    audio = decode(path)
    heard = transcribe_call(audio, call, engines).transcript
    redacted = redact_transcript(heard, Policy(keep_agent_names=False))
    muted = playback_copy(audio.samples, redacted.sound, mode="silence")
    again = transcribe_call(replace(audio, samples=muted), call, engines).transcript
    return {
        "clip": path.stem,
        "true": len(truth),
        "heard": longest_left(truth, said(heard)),
        "readable": longest_left(truth, said(redacted.transcript)),
        "audible": longest_left(truth, said(again)),
        "said": said(heard),
        "redacted": said(redacted.transcript),
    }


def spoken(folder: Path, skip: int, limit: int) -> dict[str, object]:
    """All clips; shares of those with at most three consecutive true digits left."""
    runtime.prepare()
    engines = load_engines(load_settings())
    rows = [measure(path, truth, engines) for path, truth in clips(folder, skip, limit) if truth]
    shares = {
        name: sum(int(str(row[name])) <= READABLE_DIGITS for row in rows) / max(1, len(rows))
        for name in ("readable", "audible")
    }
    heard = sum(int(str(row["heard"])) for row in rows) / max(
        1, sum(int(str(row["true"])) for row in rows)
    )
    return {"clips": len(rows), "heard_share": heard, **shares, "rows": rows}


def main() -> None:
    """Print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path(_DEFAULT) / "pii")
    parser.add_argument("--skip", type=int, default=0)
    parser.add_argument("--limit", type=int, default=1_000)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    report = {
        "spoken": spoken(given.folder / "zh_spoken_numbers", given.skip, given.limit),
        **{
            name: check_privacy(load_labelled(given.folder / file))
            for name, file in (("english", "en_sentences.json"), ("chinese", "zh_cases.jsonl"))
        },
    }
    if given.json:
        print(json.dumps(report, ensure_ascii=False, indent=2))
        return
    for row in report["spoken"]["rows"]:  # type: ignore[index]
        print(row)
    print({name: value for name, value in report["spoken"].items() if name != "rows"})  # type: ignore[attr-defined]
    print(report["english"], report["chinese"])


if __name__ == "__main__":
    main()
