"""Lines in, lines without personal data out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from qa.errors import SettingsError
from qa.privacy import Numbering, detect, redact


def redact_lines(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    """One result per line of input.

    Args:
        lines: Plain text, or JSON objects with `text` and optionally `language` and `question`
            (what the other side asked before).

    Yields:
        `text` (redacted) and `spans` (`type`, `start`, `end`, `score`); offsets refer to the
        given text. Placeholders are numbered through all lines, so one value keeps one name.
    """
    numberings: dict[str, Numbering] = {}
    for number, line in enumerate(lines, start=1):
        given = _given(line.rstrip("\r\n"), number)
        text, language = given["text"], given["language"] or _language_of(given["text"])
        found = detect(text, language=language, question=given["question"])
        numbering = numberings.setdefault(language[:2], Numbering(language))
        yield {
            "text": redact(text, found, numbering),
            "spans": [
                {
                    "type": one.type,
                    "start": one.start,
                    "end": one.end,
                    "score": round(one.score, 3),
                }
                for one in found
            ],
        }


def _given(line: str, number: int) -> dict[str, str]:
    if line.lstrip().startswith("{"):
        try:
            row = json.loads(line)
        except json.JSONDecodeError:
            row = None  # a line of text that happens to begin with a brace
        if isinstance(row, dict):
            if not isinstance(row.get("text"), str):
                raise SettingsError(
                    'the JSON object has no string "text"',
                    f"line {number}",
                    'Write {"text": "…"} or plain text, one per line.',
                )
            return {key: str(row.get(key) or "") for key in ("text", "language", "question")}
    return {"text": line, "language": "", "question": ""}


def _language_of(text: str) -> str:
    from qa.characters import has_han  # noqa: PLC0415 - keeps `qa --help` quick

    return "zh" if has_han(text) else "en"
