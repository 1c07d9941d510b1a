"""Holds that no telephone system reported: announced, then quiet, then the agent is back."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from qa.acoustics import CallEvent, EventKind
from qa.calls import Role
from qa.intervals import intersect
from qa.transcript import Transcript, Turn

#: A request to wait starts a hold only when at least this much silence or music follows (§2.1).
MINIMUM_HOLD_MS = 8_000
#: The quiet must begin this soon after the request, while both sides may still say "好的".
STARTS_WITHIN_MS = 6_000


def detect_holds(
    transcript: Transcript, events: Sequence[CallEvent], asked: Collection[int]
) -> tuple[CallEvent, ...]:
    """Holds between a request to wait and the agent's next words (dossier §2.1, "Hold").

    Args:
        transcript: Timed turns.
        events: What is known already; a hold that is there is not found again.
        asked: Indices of agent turns that ask the customer to wait (bank H1).
    """
    turns = sorted(transcript.turns, key=lambda turn: turn.start_ms)
    known = [(event.start_ms, event.end_ms) for event in events if event.kind == EventKind.HOLD]
    found = []
    for turn in turns:
        if turn.index not in asked:
            continue
        hold = _quiet_after(turn, turns)
        if hold and not intersect([hold], known):
            known.append(hold)
            found.append(
                CallEvent(
                    kind=EventKind.HOLD,
                    start_ms=hold[0],
                    end_ms=hold[1],
                    confidence=0.8,
                    note=f"asked in turn {turn.index}",
                )
            )
    return tuple(found)


def _quiet_after(request: Turn, turns: Sequence[Turn]) -> tuple[int, int] | None:
    """The first long quiet after a request, when it ends with the agent speaking."""
    start = request.end_ms
    for turn in turns:
        if turn.start_ms < request.start_ms or turn.index == request.index:
            continue
        if turn.start_ms - start >= MINIMUM_HOLD_MS:
            return (start, turn.start_ms) if turn.role == Role.AGENT else None
        start = max(start, turn.end_ms)
        if start - request.end_ms > STARTS_WITHIN_MS:
            return None
    return None
