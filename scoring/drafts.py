"""Drafts of scorecards: files beside the active ones, edited by people, never scored with.

A draft lives in `drafts` under the site's scorecard folder as `ID@VERSION.yaml`. Two people may
open the same draft; who saves second is told so instead of overwriting the first.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qa.errors import ScorecardError
from scoring.loader import check_scorecard
from scoring.loader_yaml import Problem
from scoring.scorecard import Scorecard
from scoring.writer import to_yaml

FOLDER = "drafts"
_NAME = re.compile(r"^[A-Za-z][A-Za-z0-9._-]{0,39}@[0-9A-Za-z][0-9A-Za-z._-]{0,19}$")
_NUMBER = re.compile(r"\d+(?!.*\d)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A draft as read: its name `ID@VERSION`, where it lives, and its YAML text."""

    name: str
    path: Path
    text: str


def list_drafts(folder: str | Path) -> list[str]:
    """Names of the drafts of a site, in alphabetical order."""
    return sorted(path.stem for path in (Path(folder) / FOLDER).glob("*@*.yaml"))


def read_draft(folder: str | Path, name: str) -> Draft:
    """A draft by name.

    Raises:
        ScorecardError: No such draft.
    """
    path = _path(folder, name)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ScorecardError("the draft cannot be read", name, "choose another one") from error
    return Draft(name=name, path=path, text=text)


def start_draft(card: Scorecard, folder: str | Path, *, version: str = "") -> Draft:
    """Copy a scorecard into a new draft with the next free version.

    Args:
        card: The scorecard to start from.
        folder: The site's scorecard folder.
        version: Version of the draft; the next number when empty.

    Raises:
        ScorecardError: There is a draft, or an active scorecard, of this version.
    """
    version = version or _next_version(card, Path(folder))
    name = f"{card.id}@{version}"
    path = _path(folder, name)
    if path.exists() or (Path(folder) / f"{name}.yaml").exists():
        raise ScorecardError(f"{name} exists", "version", "choose another version")
    text = to_yaml(card.model_copy(update={"version": version}))
    _write(path, text)
    return Draft(name=name, path=path, text=text)


def save_draft(draft: Draft, card: Scorecard) -> Draft:
    """Write a draft; returns it as it now is.

    Raises:
        ScorecardError: Somebody else saved it since it was read, or its name would change.
    """
    if f"{card.id}@{card.version}" != draft.name:
        raise ScorecardError(
            "id and version of a draft stay", draft.name, "start another draft for another version"
        )
    now = draft.path.read_text(encoding="utf-8-sig") if draft.path.exists() else draft.text
    text = to_yaml(card)
    if now not in (draft.text, text):
        raise ScorecardError(
            "somebody else has saved this draft meanwhile", draft.name, "load it again first"
        )
    _write(draft.path, text)
    return Draft(name=draft.name, path=draft.path, text=text)


def drop_draft(draft: Draft) -> None:
    """Remove a draft; active scorecards are not touched."""
    draft.path.unlink(missing_ok=True)


def plain_of(card: Scorecard) -> dict[str, Any]:
    """A scorecard as the plain data that a form edits: no defaults, names as in the file."""
    plain: dict[str, Any] = card.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return {**plain, "id": card.id, "version": card.version}


def card_of(plain: dict[str, Any]) -> tuple[Scorecard | None, list[Problem]]:
    """The scorecard that edited data describes, and everything that is wrong with it, by field."""
    # JSON is YAML: edited data passes the same checks, with the same suggestions, as a file
    text = json.dumps(plain, ensure_ascii=False, indent=1)
    return check_scorecard(text, file=f"{plain.get('id')}@{plain.get('version')}")


def _path(folder: str | Path, name: str) -> Path:
    if not _NAME.match(name):
        raise ScorecardError(f"{name!r} is not ID@VERSION", "draft", "use letters, digits, . _ -")
    return Path(folder) / FOLDER / f"{name}.yaml"


def _next_version(card: Scorecard, folder: Path) -> str:
    taken = {
        path.stem.partition("@")[2]
        for path in (*folder.glob(f"{card.id}@*.yaml"), *folder.glob(f"{FOLDER}/{card.id}@*.yaml"))
    } | {card.version}
    version = card.version
    while version in taken:
        found = _NUMBER.search(version)
        version = (
            f"{version[: found.start()]}{int(found.group()) + 1}{version[found.end() :]}"
            if found
            else f"{version}.1"
        )
    return version


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    Path(name).replace(path)
