"""`qa check speech`: recognition, separation and roles against references, with a progress bar."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flows.output import print_table
from flows.progress import progress_bars
from qa import runtime
from qa.settings import load_settings
from transcription.evaluate import check_speech
from transcription.speech_summary import summarise

_RATES = ("cer", "wer", "attributed_error", "der", "jer", "role_accuracy", "rtf")
_COLUMNS = ("file", "language", "cer", "wer", "der", "role_accuracy", "rtf", "grade")


def run_check(references: Path) -> dict[str, Any]:
    """The documented JSON of the check: rates over all recordings, a row per file."""
    runtime.guard_torchaudio()
    with progress_bars() as progress:
        report = check_speech(
            references,
            settings=load_settings(),
            progress=lambda done, total, _: progress("checking", done, total),
        )
    return summarise(report)


def show_check(summary: dict[str, Any]) -> None:
    """Tables for a person: rates, files, and what was left out."""
    print_table("All recordings", _RATES, [[summary[name] for name in _RATES]])
    rows = [[row[name] for name in _COLUMNS] for row in summary["files"]]
    print_table("By recording", _COLUMNS, rows)
    if summary["skipped"]:
        left = [[row["file"], row["reason"]] for row in summary["skipped"]]
        print_table("Left out", ["file", "reason"], left)
