"""The roster: who was in which team when, from a CSV that people keep in a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

from charset_normalizer import from_bytes

from qa.errors import SourceError
from qa.store import Agent

_DATES = ("valid_from", "valid_to", "hired_on")


def read_roster(path: Path) -> tuple[list[Agent], list[SourceError]]:
    """Read a roster; rows with mistakes come back as errors beside the good ones.

    Columns: agent_id and valid_from (required), valid_to, name, team, hired_on; others are ignored.
    Dates are ISO; ranges are half-open. UTF-8 (with or without BOM), GBK and the like are told
    apart.

    Raises:
        SourceError: The file cannot be read, or lacks a required column.
    """
    agents: list[Agent] = []
    errors: list[SourceError] = []
    seen: set[tuple[str, date]] = set()
    for line, row in _rows(path):
        place = f"{path}:{line}"
        try:
            agent = _agent(row, place)
        except SourceError as error:
            errors.append(error)
            continue
        if (agent.agent_id, agent.valid_from) in seen:
            twice = f"{agent.agent_id} from {agent.valid_from} stands twice"
            errors.append(SourceError(twice, place, "remove one of the rows"))
            continue
        seen.add((agent.agent_id, agent.valid_from))
        agents.append(agent)
    return agents, errors


def _rows(path: Path) -> Iterator[tuple[int, Mapping[str, str]]]:
    reader = csv.DictReader(io.StringIO(_text(path)))
    missing = {"agent_id", "valid_from"} - set(reader.fieldnames or ())
    if missing:
        raise SourceError(
            f"column {', '.join(sorted(missing))} is missing",
            str(path),
            "the first row names the columns: agent_id, valid_from, name, team …",
        )
    for row in reader:
        yield reader.line_num, {key: (value or "").strip() for key, value in row.items() if key}


def _text(path: Path) -> str:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise SourceError(
            f"cannot be read ({error.strerror})", str(path), "check the path and its rights"
        ) from error
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return str(from_bytes(raw, cp_isolation=["gb18030", "big5"]).best() or "")


def _agent(row: Mapping[str, str], place: str) -> Agent:
    if not row["agent_id"]:
        raise SourceError("agent_id is empty", place, "name the agent, or remove the row")
    dates = {name: _date(row.get(name, ""), name, place) for name in _DATES}
    if dates["valid_from"] is None:
        raise SourceError("valid_from is empty", place, "write the first day as YYYY-MM-DD")
    if dates["valid_to"] is not None and dates["valid_to"] <= dates["valid_from"]:
        raise SourceError("valid_to is not after valid_from", place, "correct one of them")
    return Agent(
        agent_id=row["agent_id"],
        valid_from=dates["valid_from"],
        valid_to=dates["valid_to"],
        name=row.get("name", ""),
        team=row.get("team", ""),
        hired_on=dates["hired_on"],
    )


def _date(text: str, name: str, place: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text.replace("/", "-"))
    except ValueError as error:
        raise SourceError(f"{name} {text!r} is no date", place, "write it as YYYY-MM-DD") from error
