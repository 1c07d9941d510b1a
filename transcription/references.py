"""References to judge speech against: a TSV of texts, or a folder of sound with RTTM or JSON."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from qa.calls import Role
from qa.errors import SourceError
from qa.intervals import Range
from qa.transcript import Turn
from transcription.languages import primary

#: Files taken for recordings in a folder.
SOUND = frozenset(
    f".{ending}"
    for ending in (
        *("wav", "flac", "mp3", "m4a", "aac", "ogg", "opus", "amr"),
        *("g722", "sph", "au", "wma", "webm", "mp4", "gsm"),
    )
)
_ROLES = {
    "agent": Role.AGENT,
    "customer": Role.CUSTOMER,
    "caller": Role.CUSTOMER,
    "system": Role.SYSTEM,
    "ivr": Role.SYSTEM,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """What is known to be true of one recording; parts that are not known are empty.

    Attributes:
        text: Everything said, in order.
        spoken: Who said what when, where known; `speaker` is the reference's own label.
        scored: Ranges within which speaker separation is judged (UEM); empty means all.
    """

    audio: Path
    language: str = ""
    text: str = ""
    spoken: tuple[Turn, ...] = ()
    scored: tuple[Range, ...] = ()

    @property
    def roles(self) -> Mapping[Role, list[Range]]:
        """Role → ranges, where the reference's labels are roles."""
        found: dict[Role, list[Range]] = {}
        for turn in self.spoken:
            if turn.role in (Role.AGENT, Role.CUSTOMER):
                found.setdefault(turn.role, []).append((turn.start_ms, turn.end_ms))
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class References:
    """What could be read, and file → reason for what could not."""

    found: tuple[Reference, ...]
    problems: Mapping[str, str] = field(default_factory=dict)


def read_references(place: Path) -> References:
    """Read a TSV (`file, language, text`) or a folder (`X.wav` with `X.rttm` and/or `X.json`).

    Raises:
        SourceError: There is no such file or folder, or nothing in it to judge against.
    """
    if place.is_dir():
        read = _folder(place)
    elif place.is_file():
        read = _table(place)
    else:
        raise SourceError("no such file or folder", str(place), "name a TSV or a folder")
    if not read.found and not read.problems:
        raise SourceError(
            "nothing to judge against",
            str(place),
            "a TSV needs file, language, text; a folder X.wav with X.rttm or X.json",
        )
    return read


def _table(place: Path) -> References:
    found: list[Reference] = []
    problems: dict[str, str] = {}
    with place.open(encoding="utf-8-sig", newline="") as stream:
        rows = csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE)
        missing = {"file", "text"} - set(rows.fieldnames or ())
        if missing:
            raise SourceError(
                f"columns missing: {', '.join(sorted(missing))}",
                f"{place}:1",
                "the header is file, language, text, separated by tabs",
            )
        for number, row in enumerate(rows, start=2):
            name, text = (row.get("file") or "").strip(), (row.get("text") or "").strip()
            audio = place.parent / name
            if not name or not text:
                problems[f"{place.name}:{number}"] = "file or text is empty"
            elif not audio.is_file():
                problems[name] = "no such file"
            else:
                language = primary(row.get("language") or "")
                found.append(Reference(audio=audio, language=language, text=text))
    return References(found=tuple(found), problems=problems)


def _folder(place: Path) -> References:
    spans, scored = _rttm_of(place), _uem_of(place)
    found: list[Reference] = []
    problems: dict[str, str] = {}
    truths = {path.stem: path for path in sorted(place.glob("*.json"))}
    for audio in sorted(path for path in place.iterdir() if path.suffix.lower() in SOUND):
        reference = Reference(audio=audio)
        try:
            if truth := _best_match(audio.stem, list(truths)):
                reference = read_truth(truths[truth], audio)
        except (ValueError, KeyError, TypeError) as error:
            problems[audio.name] = f"{truths[truth].name}: {error}"
            continue
        if (uri := _best_match(audio.stem, list(spans))) and not _timed(reference):
            reference = replace(reference, spoken=spans[uri])
        if uem := _best_match(audio.stem, list(scored)):
            reference = replace(reference, scored=scored[uem])
        if reference.spoken or reference.text:
            found.append(reference)
        else:
            problems[audio.name] = "no RTTM, JSON or text for it"
    return References(found=tuple(found), problems=problems)


def _timed(reference: Reference) -> bool:
    return any(turn.end_ms > turn.start_ms for turn in reference.spoken)


def _best_match(stem: str, names: Sequence[str]) -> str:
    """The name equal to the stem, else the longest that begins it (`call_1` for `call_1_8k`)."""
    fitting = [
        name
        for name in names
        if stem.lower() == name.lower()
        or stem.lower().startswith((f"{name}_".lower(), f"{name}.".lower()))
    ]
    return max(fitting, key=len, default="")


def _rttm_of(place: Path) -> dict[str, tuple[Turn, ...]]:
    """Recording → spans, under the names inside the RTTM files and under the files' own names."""
    found: dict[str, list[Turn]] = {}
    for path in sorted(place.glob("*.rttm")):
        inside: dict[str, list[Turn]] = {}
        for line in path.read_text(encoding="utf-8").splitlines():
            parts = line.split()
            if len(parts) >= 8 and parts[0] == "SPEAKER":
                start = round(float(parts[3]) * 1000)
                end = start + round(float(parts[4]) * 1000)
                inside.setdefault(parts[1], []).append(_turn(parts[7], start, end))
        found.update(inside)
        if len(inside) == 1:
            found[path.name.partition(".")[0]] = next(iter(inside.values()))
    return {name: tuple(spans) for name, spans in found.items()}


def _uem_of(place: Path) -> dict[str, tuple[Range, ...]]:
    found: dict[str, list[Range]] = {}
    for path in sorted(place.glob("*.uem")):
        for line in path.read_text(encoding="utf-8").splitlines():
            parts = line.split()
            if len(parts) >= 4:
                scored = (round(float(parts[2]) * 1000), round(float(parts[3]) * 1000))
                found.setdefault(parts[0], []).append(scored)
    return {name: tuple(ranges) for name, ranges in found.items()}


def _turn(speaker: str, start_ms: int, end_ms: int, text: str = "") -> Turn:
    return Turn(
        index=0,
        role=_ROLES.get(speaker.lower(), Role.UNKNOWN),
        start_ms=start_ms,
        end_ms=end_ms,
        text=text,
        speaker=speaker,
    )


def read_truth(path: Path, audio: Path) -> Reference:
    """The truth of one recording: a list of turns, or an object with `turns` or with `text`.

    Raises:
        ValueError, KeyError, TypeError: It is none of these.
    """
    data = json.loads(path.read_text(encoding="utf-8"))
    if isinstance(data, list):
        data = {"turns": data}
    turns = tuple(_from_row(row) for row in data.get("turns") or _nested(data))
    text = data.get("text") or data.get("Content") or " ".join(t.text for t in turns if t.text)
    language = primary(str(data.get("language") or data.get("Locale") or ""))
    return Reference(audio=audio, language=language, text=str(text), spoken=turns)


def _nested(data: Any) -> list[dict[str, Any]]:
    """The first list of speaker segments anywhere inside (corpora differ in their wrapping)."""
    if isinstance(data, list):
        if data and all(isinstance(row, dict) and "start_sec" in row for row in data):
            return data
        return next((found for item in data if (found := _nested(item))), [])
    if isinstance(data, dict):
        return next((found for item in data.values() if (found := _nested(item))), [])
    return []


def _from_row(row: Mapping[str, Any]) -> Turn:
    speaker = str(row.get("speaker") or row.get("role") or row.get("speaker_tag") or "")
    turn = _turn(speaker, _ms(row, "start"), _ms(row, "end"), str(row.get("text") or ""))
    role = _ROLES.get(str(row.get("role") or "").lower(), turn.role)
    return replace(turn, role=role)


def _ms(row: Mapping[str, Any], name: str) -> int:
    if f"{name}_ms" in row:
        return int(row[f"{name}_ms"])
    seconds = row.get(f"{name}_sec", row.get(name))
    if seconds is None:
        raise ValueError(f"a turn without {name}_ms or {name}")
    return round(float(seconds) * 1000)
