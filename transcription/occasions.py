"""What the words of a call betray: menus and announcements, transfers to a colleague."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from qa.acoustics import CallEvent, EventKind
from qa.calls import Role
from qa.text import to_simplified
from qa.transcript import Turn
from transcription.protocols import HeardSegment
from transcription.role_cues import CUES, PERSON, SIGNS, count
from transcription.roles import is_recorded_voice

#: Appended to a speaker's label for announcements heard on the same channel.
RECORDED = "-recorded"
#: A new colleague introduces themselves within this time after being announced.
TRANSFER_MS = 180_000
#: Sentences of one announcement follow each other this closely.
_HALVES_MS = 2_000
_TRANSFER = re.compile(
    r"(?:帮|给|为)您转(?:接|到)?|转接(?:到|给|至)?|转(?:到|给).{0,6}(?:部门|同事|专员|客服|坐席)"
    r"|\b(?:transfer(?:ring)?|put(?:ting)?|connect(?:ing)?) you (?:over |on )?(?:to|with)\b"
    r"|\btransfer you\b|\bget you over to\b",
    re.IGNORECASE,
)
_INTRODUCTION = tuple(cue for cue in CUES if cue.name in ("greeting", "self_id"))


def split_recorded(
    heard: Mapping[str, Sequence[HeardSegment]],
) -> dict[str, tuple[HeardSegment, ...]]:
    """Announcements of each channel under a label of their own, before pauses join them to people.

    Args:
        heard: Label → segments of that channel, in order.
    """
    split: dict[str, tuple[HeardSegment, ...]] = {}
    for label, segments in heard.items():
        recorded = _recorded(segments)
        people = tuple(
            s for s, is_recorded in zip(segments, recorded, strict=True) if not is_recorded
        )
        voices = tuple(s for s, is_recorded in zip(segments, recorded, strict=True) if is_recorded)
        split[label] = people
        if people and voices:
            split[label + RECORDED] = voices
        elif voices:
            split[label] = voices
    return split


def _recorded(segments: Sequence[HeardSegment]) -> list[bool]:
    """Which segments are announcements; two halves of one are recognised together."""
    found = [is_recorded_voice(segment.text) for segment in segments]
    for i, (one, other) in enumerate(pairwise(segments)):
        halves = all(_half(to_simplified(segment.text).lower()) for segment in (one, other))
        if halves and other.start_ms - one.end_ms < _HALVES_MS:
            found[i] = found[i + 1] = True
    return found


def _half(text: str) -> bool:
    return bool(SIGNS.search(text)) and not PERSON.search(text)


def with_recorded_voices(turns: Sequence[Turn]) -> tuple[Turn, ...]:
    """Announcements get a speaker of their own, so that nobody is credited with them.

    Only where the same speaker also says other things; a voice that only announces is a system
    speaker already.
    """
    human = {turn.speaker for turn in turns if turn.text and not is_recorded_voice(turn.text)}
    return tuple(
        replace(turn, speaker=turn.speaker + RECORDED)
        if turn.speaker in human and is_recorded_voice(turn.text)
        else turn
        for turn in turns
    )


def spoken_events(turns: Sequence[Turn]) -> tuple[CallEvent, ...]:
    """Menu and announcement times, and transfers that were announced and then happened."""
    menus = [
        CallEvent(kind=EventKind.IVR, start_ms=turn.start_ms, end_ms=turn.end_ms, confidence=0.8)
        for turn in turns
        if turn.role == Role.SYSTEM
    ]
    return tuple(sorted([*menus, *_transfers(turns)], key=lambda event: event.start_ms))


def _transfers(turns: Sequence[Turn]) -> list[CallEvent]:
    events = []
    announced: Turn | None = None
    for turn in turns:
        if turn.role != Role.AGENT:
            continue
        text = to_simplified(turn.text).lower()
        introduced = sum(count(cue, text) for cue in _INTRODUCTION) > 0
        if announced and introduced and 0 < turn.start_ms - announced.end_ms <= TRANSFER_MS:
            events.append(
                CallEvent(
                    kind=EventKind.TRANSFER,
                    start_ms=announced.end_ms,
                    end_ms=turn.start_ms,
                    confidence=0.6,
                    note="announced and answered by a new greeting",
                )
            )
            announced = None
        if _TRANSFER.search(text):
            announced = turn
    return events
