"""Who was talking when, seen from a transcript: the ranges every speech statistic starts from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from qa.analysis import CallEvent, EventKind
from qa.calls import Role
from qa.intervals import Range, intersect, subtract, total, union
from qa.transcript import Transcript, Turn

#: Same-speaker speech closer than this is one stretch (dossier §2.1, "Turn").
STRETCH_GAP_MS = 800
#: Inner pauses of this length are not speaking time (dossier §2.1, "Speech rate").
PAUSE_MS = 2_000

_NOT_TALK = (EventKind.HOLD, EventKind.MUSIC, EventKind.IVR, EventKind.RINGBACK)


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """Ranges of one call, sorted and disjoint.

    Attributes:
        speech: Fine speech ranges of agent and customer, inner pauses left out.
        stretches: The same with pauses under `STRETCH_GAP_MS` filled.
        occupied: Anybody's sound, recorded voices and non-conversation included.
        excluded: Hold, music, IVR and ringing.
    """

    speech: Mapping[Role, Sequence[Range]]
    stretches: Mapping[Role, Sequence[Range]]
    occupied: Sequence[Range]
    excluded: Sequence[Range]

    @property
    def limits(self) -> Range:
        """t0 (first agent speech, else anybody's) and tEnd (last speech of either party)."""
        both = [*self.speech[Role.AGENT], *self.speech[Role.CUSTOMER]]
        if not both:
            return (0, 0)
        first = self.speech[Role.AGENT] or both
        start = min(r[0] for r in first)
        return (start, max(r[1] for r in both))


def measure_activity(
    transcript: Transcript,
    events: Sequence[CallEvent] = (),
    speech: Mapping[Role, Sequence[Range]] | None = None,
) -> Activity:
    """Collect the ranges of a call.

    Args:
        transcript: Timed turns with roles.
        events: What is not conversation; speech inside it counts for nobody.
        speech: Measured speech per role (from separate channels) where it is known; it is finer
            than word times and replaces them for that role.
    """
    excluded = union((e.start_ms, e.end_ms) for e in events if e.kind in _NOT_TALK)
    fine: dict[Role, Sequence[Range]] = {}
    for role in (Role.AGENT, Role.CUSTOMER):
        given = (speech or {}).get(role)
        ranges = union(given) if given else union(spoken(transcript.turns_of(role)))
        fine[role] = subtract(ranges, excluded)
    heard = union(spoken(transcript.turns))
    return Activity(
        speech=fine,
        stretches={role: union(r, bridge_ms=STRETCH_GAP_MS) for role, r in fine.items()},
        occupied=union([*heard, *fine[Role.AGENT], *fine[Role.CUSTOMER], *excluded]),
        excluded=excluded,
    )


def conversation_turns(transcript: Transcript, excluded: Sequence[Range]) -> tuple[Turn, ...]:
    """Agent and customer turns that lie mostly outside hold, music, IVR and ringing."""
    return tuple(
        turn
        for turn in transcript.turns
        if turn.role in (Role.AGENT, Role.CUSTOMER)
        and 2 * total(intersect([(turn.start_ms, turn.end_ms)], excluded)) <= turn.duration_ms
    )


def spoken(turns: Iterable[Turn]) -> list[Range]:
    """Ranges of the turns, split where the words of a turn leave a pause of a stretch or more."""
    return [r for turn in turns for r in turn_speech(turn, pause_ms=STRETCH_GAP_MS)]


def turn_speech(turn: Turn, *, pause_ms: int) -> list[Range]:
    """One turn without its inner pauses of at least `pause_ms`; the whole turn without words."""
    words = [(w.start_ms, w.end_ms) for w in turn.words]
    if not words:
        return [(turn.start_ms, turn.end_ms)]
    return union(words, bridge_ms=pause_ms)
