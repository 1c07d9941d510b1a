"""What is true of a sample call: written beside the audio, used by tests and benchmarks."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from samples.encode import LABEL, suffix
from samples.script import Script, ScriptError
from samples.timeline import Placed

GAP_MS = 3_000  # notable silence (dossier §2.1)
OVERLAP_MS = 200


def truth_of(
    call_id: str, script: Script, placed: list[Placed], duration_ms: int
) -> dict[str, Any]:
    """The truth as plain JSON data. Times are milliseconds from the start of the file."""
    speech = sorted((item for item in placed if item.kind == "speech"), key=lambda i: i.start_ms)
    turns = [
        {
            "index": index,
            "role": item.who,
            "text": item.text,
            "start_ms": item.start_ms,
            "end_ms": item.end_ms,
        }
        for index, item in enumerate(speech)
    ]
    return {
        "call_id": call_id,
        "synthetic": LABEL,
        "title": script.title,
        "note": script.note,
        "file": call_id + suffix(script.line.codec),
        "language": script.language,
        "layout": script.line.layout.value,
        "call_type": script.call_type,
        "direction": script.call.direction.value,
        "ended_by": script.call.ended_by,
        "duration_ms": duration_ms,
        "snr_db": script.line.snr_db,
        "voices": {role: voice.voice for role, voice in sorted(script.voices.items())},
        "turns": turns,
        "events": events_of(placed),
        "overlaps": overlaps_of(turns),
        "gaps": gaps_of(placed),
        "personal": personal_of(script, turns),
        "expected": {name: outcome.value for name, outcome in script.expected.items()},
    }


def events_of(placed: list[Placed]) -> list[dict[str, Any]]:
    """Music, ringing and recorded voices, named as in `qa.analysis.EventKind`."""
    names = {"music": "music", "ringback": "ringback"}
    found = [
        {"kind": names[item.kind], "start_ms": item.start_ms, "end_ms": item.end_ms}
        for item in placed
        if item.kind in names
    ]
    found += [
        {"kind": "ivr", "start_ms": item.start_ms, "end_ms": item.end_ms}
        for item in placed
        if item.who == "system"
    ]
    return sorted(found, key=lambda event: event["start_ms"])


def overlaps_of(turns: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Stretches where both sides talk, with who came in second."""
    found = []
    for position, later in enumerate(turns):
        for earlier in turns[:position]:
            end = min(earlier["end_ms"], later["end_ms"])
            if earlier["role"] != later["role"] and end - later["start_ms"] >= OVERLAP_MS:
                found.append(
                    {
                        "by": later["role"],
                        "turn_index": later["index"],
                        "over_turn_index": earlier["index"],
                        "start_ms": later["start_ms"],
                        "end_ms": end,
                    }
                )
    return found


def gaps_of(placed: list[Placed]) -> list[dict[str, int]]:
    """Silences of at least `GAP_MS` in which nothing at all is heard."""
    heard = sorted((item.start_ms, item.end_ms) for item in placed if item.kind != "silence")
    latest, found = heard[0][1], []
    for _, (start, end) in pairwise(heard):
        if start - latest >= GAP_MS:
            found.append({"start_ms": latest, "end_ms": start})
        latest = max(latest, end)
    return found


def personal_of(script: Script, turns: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Where personal data is spoken: turn and character range.

    Raises:
        ScriptError: The words stand in no utterance.
    """
    found = []
    for item in script.personal:
        places = [
            (turn["index"], turn["text"].find(item.say))
            for turn in turns
            if item.say in turn["text"]
        ]
        if not places:
            raise ScriptError(f"nobody says {item.say!r}", script.title, "copy it from the text")
        found += [
            {
                "kind": item.kind,
                "turn_index": index,
                "start": start,
                "end": start + len(item.say),
                "text": item.say,
            }
            for index, start in places
        ]
    return sorted(found, key=lambda span: (span["turn_index"], span["start"]))
