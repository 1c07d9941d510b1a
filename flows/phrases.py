"""The phrase bench: which bank hits which line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from flows.textscore import given
from qa.errors import QaError
from qa.settings import load_settings
from scoring.matching import load_matcher
from scoring.matching.bench import match_lines


def match_file(path: Path) -> Iterator[dict[str, Any]]:
    """Bank hits of each line of a JSONL file (`id`, `language`, `side`, `text`), in order."""
    matcher = load_matcher(company_names=tuple(load_settings().roles.company_names))
    try:
        with given(path).open(encoding="utf-8-sig") as lines:
            yield from match_lines(lines, matcher, place=str(path))
    except OSError as error:
        raise QaError(
            f"cannot be read ({error.strerror})", str(path), "check the path and its rights"
        ) from error
