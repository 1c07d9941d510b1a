"""The library of clips: moments done well, by criterion, that others may learn from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from qa.calls import Role
from qa.transcript import Turn

#: Length of a clip around its evidence, and what is heard before that begins.
LENGTH_MS, LEAD_MS = 20_000, 3_000
LONGEST_MS = 90_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """One moment.

    Attributes:
        start_ms: In the recording; [start_ms, end_ms).
        why: What is good about it, in the proposer's words.
        lines: What is said, redacted: (role, text) per turn.
        consented: The agent's answer; None while she has not given one. She may change it.
    """

    id: int
    call_id: str
    agent_id: str
    criterion_id: str
    start_ms: int
    end_ms: int
    why: str
    lines: tuple[tuple[Role, str], ...]
    language: str
    proposed_by: str
    proposed_at: datetime
    consented: bool | None = None
    answered_at: datetime | None = None


def around(start_ms: int, end_ms: int, duration_ms: int) -> tuple[int, int]:
    """The clip of an evidence: some seconds before it, twenty at least, and inside the call."""
    first = max(0, start_ms - LEAD_MS)
    last = max(first + LENGTH_MS, end_ms + LEAD_MS)
    return first, min(last, duration_ms, first + LONGEST_MS)


def lines_of(turns: tuple[Turn, ...], start_ms: int, end_ms: int) -> tuple[tuple[Role, str], ...]:
    """What is said inside a clip; a turn of which less than half lies inside is left out."""
    found = []
    for turn in turns:
        inside = min(turn.end_ms, end_ms) - max(turn.start_ms, start_ms)
        if 2 * inside >= turn.end_ms - turn.start_ms and turn.text.strip():
            found.append((turn.role, turn.text.strip()))
    return tuple(found)
