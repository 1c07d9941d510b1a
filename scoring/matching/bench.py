"""The phrase bench: lines of JSON in, every bank hit out (`qa phrases match`)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from qa.calls import Role
from qa.errors import QaError
from scoring.matching.matcher import PhraseMatcher
from scoring.matching.values import EXACT, REGEX, Hit

_FIELDS = ("id", "language", "side", "text")


def match_lines(
    lines: Iterable[str], matcher: PhraseMatcher, *, place: str = "input"
) -> Iterator[dict[str, Any]]:
    """Match each JSON line `{"id", "language", "side", "text"}`; blank lines are skipped.

    Yields:
        `{"id": …, "hits": [{"bank", "match", "similarity", "start", "end", "effect"}]}`, where a
        find by frame or regular expression is reported as `exact`.

    Raises:
        QaError: A line is not JSON or lacks a field; the error names line and field.
    """
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        entry = _entry(line.lstrip("\ufeff"), f"{place}:{number}")
        side = None if entry["side"] is None else Role(entry["side"])
        hits = matcher.hits(entry["text"], language=entry["language"], side=side)
        yield {"id": entry["id"], "hits": [_plain(hit) for hit in hits]}


def _plain(hit: Hit) -> dict[str, Any]:
    return {
        "bank": hit.bank,
        "match": EXACT if hit.match == REGEX else hit.match,
        "similarity": hit.similarity,
        "start": hit.start,
        "end": hit.end,
        "effect": hit.effect,
    }


def _entry(line: str, place: str) -> Mapping[str, Any]:
    try:
        entry = json.loads(line)
    except (json.JSONDecodeError, RecursionError) as error:
        raise QaError(f"not JSON: {error}", place, "write one JSON object per line") from error
    if not isinstance(entry, dict):
        raise QaError("not a JSON object", place, "write one JSON object per line")
    remedy = 'a line is {"id", "language", "side", "text"}'
    for name in _FIELDS:
        if name not in entry and name != "side":
            raise QaError(f"field {name!r} is missing", place, remedy)
    entry.setdefault("side", None)
    for name in ("language", "text"):
        if not isinstance(entry[name], str):
            raise QaError(f"field {name!r} is not text", place, remedy)
    if entry["side"] == "":
        entry["side"] = None
    if entry["side"] is not None and entry["side"] not in [role.value for role in Role]:
        allowed = ", ".join(role.value for role in Role)
        raise QaError(f"field 'side' is {entry['side']!r}", place, f"one of {allowed}")
    return entry
