"""Scoring transcripts that come as text: no audio, no models, no store."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from qa import codec
from qa.errors import QaError
from qa.settings import load_settings
from scoring.engine import load_scorecard, score
from scoring.imports import analysis_from_plain
from scoring.matching import load_matcher


def score_file(path: Path, scorecard: str) -> Iterator[dict[str, Any]]:
    """One evaluation per transcript of a JSON or JSONL file, in order; bad ones as errors."""
    settings = load_settings()
    card = load_scorecard(scorecard)
    matcher = load_matcher(company_names=tuple(settings.roles.company_names))
    for place, item in read_items(path):
        try:
            analysis = analysis_from_plain(item, place)
            yield codec.to_plain(score(analysis, card, matcher=matcher))
        except QaError as error:
            call_id = item.get("call_id", "") if isinstance(item, dict) else ""
            yield {"call_id": call_id, **error_plain(error)}


def error_plain(error: QaError) -> dict[str, str]:
    """An error as the JSON that commands print."""
    return {"error": error.message, "place": error.place, "remedy": error.remedy}


def read_items(path: Path) -> Iterator[tuple[str, Any]]:
    """Items of a JSON object or list, or of JSON lines, each with its place for messages.

    Raises:
        QaError: The file cannot be read. A line that is not JSON is passed on as its text, so that
            the reader's own check reports it.
    """
    text = _read(path)
    try:
        whole = json.loads(text)
    except json.JSONDecodeError:
        for number, line in enumerate(text.splitlines(), start=1):
            if line.strip():
                yield f"{path}:{number}", _parsed(line)
        return
    items = whole if isinstance(whole, list) else [whole]
    for number, item in enumerate(items, start=1):
        yield (f"{path}:{number}" if isinstance(whole, list) else str(path)), item


def _read(path: Path) -> str:
    try:
        raw = sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
    except OSError as error:
        raise QaError(
            f"cannot be read ({error.strerror})", str(path), "check the path and its rights"
        ) from error
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise QaError(
            f"byte {error.start} is not UTF-8", str(path), "save the file as UTF-8"
        ) from error


def _parsed(line: str) -> Any:
    try:
        return json.loads(line)
    except json.JSONDecodeError:
        return line
